//! What a command installs with a distribution's package manager, or with conda.

use super::environment::Certainty;
use liftgate_dockerfile::Span;
use liftgate_dockerfile::shell::{ShellCommand, ShellWord};

/// A package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manager {
    /// apt, apt-get, aptitude: Debian, Ubuntu.
    Apt,
    /// dnf, microdnf, yum, tdnf: RHEL, Rocky, Fedora, Amazon, Azure Linux.
    Dnf,
    /// zypper: `openSUSE`, SLES.
    Zypper,
    /// apk: Alpine.
    Apk,
    /// pacman: Arch.
    Pacman,
    /// conda, mamba, micromamba, pixi.
    Conda,
}

/// A command that installs packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// Where the command stands.
    pub span: Span,
    /// What installs them.
    pub manager: Manager,
    /// The packages.
    pub packages: Vec<Package>,
    /// Conda's channels.
    pub channels: Vec<String>,
    /// Whether packages that others recommend stay away (`--no-install-recommends`).
    pub no_recommends: bool,
}

/// A package to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Where it is named.
    pub span: Span,
    /// Its name, expanded, in lower case; as it is written where it is not known.
    pub name: String,
    /// Its version: behind `=`, or what conda writes behind the name (`>=12`, `=12.1`).
    pub version: Option<String>,
    /// How sure the name is.
    pub certainty: Certainty,
}

impl Package {
    /// The CUDA that it belongs to: `cuda-nvcc-12-8`, `libcublas-12-8`, `libnccl2=2.21.5-1+cuda12.4`; of `libcudnn9-cuda-12` only
    /// the major version is known.
    pub fn cuda(&self) -> Option<(u16, Option<u16>)> {
        let number = |text: &str| text.parse::<u16>().ok().filter(|_| !text.starts_with('+'));
        if let Some((_, behind)) = self
            .version
            .as_deref()
            .and_then(|version| version.split_once("+cuda"))
        {
            let (major, minor) = behind.split_once('.')?;
            let end = minor
                .find(|character: char| !character.is_ascii_digit())
                .unwrap_or(minor.len());
            return Some((number(major)?, number(&minor[..end])));
        }
        let mut parts: Vec<&str> = self.name.split('-').collect();
        let last = number(parts.pop()?)?;
        let before = parts.pop()?;
        if before == "cuda" && !parts.is_empty() {
            return Some((last, None));
        }
        let is_cuda = self.name.starts_with("cuda-")
            || self.name.starts_with("libcu")
            || self.name.starts_with("libnv")
            || self.name.starts_with("libnpp");
        let major = number(before).filter(|major| is_cuda && (7..100).contains(major))?;
        Some((major, Some(last)))
    }
}

impl Manager {
    /// The manager of a program's name.
    pub fn of(program: &str) -> Option<Self> {
        match program {
            "apt" | "apt-get" | "aptitude" | "apt-fast" => Some(Self::Apt),
            "dnf" | "dnf5" | "microdnf" | "yum" | "tdnf" => Some(Self::Dnf),
            "zypper" => Some(Self::Zypper),
            "apk" => Some(Self::Apk),
            "pacman" => Some(Self::Pacman),
            "conda" | "mamba" | "micromamba" | "pixi" => Some(Self::Conda),
            _ => None,
        }
    }

    /// Its command.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Zypper => "zypper",
            Self::Apk => "apk",
            Self::Pacman => "pacman",
            Self::Conda => "conda",
        }
    }

    /// The words by which it installs.
    const fn verbs(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &["install", "reinstall"],
            Self::Dnf => &["install", "reinstall", "groupinstall", "localinstall"],
            Self::Zypper => &["install", "in"],
            Self::Apk => &["add"],
            Self::Pacman => &["-S", "-Sy", "-Syu", "-Syyu"],
            Self::Conda => &["install", "create", "add", "update"],
        }
    }

    /// Options that take the next word.
    const fn with_value(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &[
                "-t",
                "--target-release",
                "--default-release",
                "-o",
                "--option",
                "-c",
                "--config-file",
                "-a",
            ],
            Self::Dnf => &[
                "-c",
                "--config",
                "-x",
                "--exclude",
                "--enablerepo",
                "--disablerepo",
                "--repo",
                "--setopt",
                "--releasever",
                "--installroot",
            ],
            Self::Zypper => &[
                "-r",
                "--repo",
                "--from",
                "-t",
                "--type",
                "-C",
                "--capability",
            ],
            Self::Apk => &[
                "-t",
                "--virtual",
                "-X",
                "--repository",
                "-p",
                "--root",
                "--arch",
                "--keys-dir",
            ],
            Self::Pacman => &["--ignore", "-r", "--root", "-b", "--dbpath"],
            Self::Conda => &[
                "-n",
                "--name",
                "-p",
                "--prefix",
                "-c",
                "--channel",
                "-f",
                "--file",
                "--repodata-fn",
                "--solver",
                "--platform",
            ],
        }
    }
}

/// What a command installs, if it installs anything.
pub(crate) fn read(
    command: &ShellCommand,
    expand: impl Fn(&ShellWord) -> (String, Certainty),
) -> Option<Install> {
    let manager = Manager::of(command.program()?)?;
    let mut words = command.arguments().iter();
    let mut verb = false;
    let mut install = Install {
        span: command.span,
        manager,
        packages: Vec::new(),
        channels: Vec::new(),
        no_recommends: !matches!(manager, Manager::Apt | Manager::Dnf | Manager::Zypper),
    };
    while let Some(word) = words.next() {
        let text = word.value.as_str();
        if manager == Manager::Pacman && text.starts_with("-S") {
            verb = true;
            continue;
        }
        if text.starts_with('-') && text.len() > 1 {
            install.no_recommends |= is_without_recommended(text);
            let joined = text
                .strip_prefix("--channel=")
                .filter(|_| manager == Manager::Conda);
            if let Some(channel) = joined {
                install.channels.push(channel.to_owned());
            } else if manager == Manager::Conda && matches!(text, "-c" | "--channel") {
                install
                    .channels
                    .extend(words.next().map(|channel| expand(channel).0));
            } else if manager.with_value().contains(&text) {
                let value = words.next();
                install.no_recommends |=
                    value.is_some_and(|value| is_without_recommended(&value.value));
            }
            continue;
        }
        if !verb {
            verb = manager.verbs().contains(&text);
            // `conda env create`, `dnf config-manager`: no list of packages follows.
            // `dnf module install`, `dnf group install`; `conda env create` and the others list no packages.
            let is_before_verb = manager == Manager::Dnf && matches!(text, "group" | "module");
            if !verb && !is_before_verb {
                return None;
            }
            continue;
        }
        let (text, certainty) = expand(word);
        // A variable often holds more than one package; what is written has blanks only where they belong to it
        // ("Development Tools", "python >=3.9").
        let parts: Vec<String> = if certainty == Certainty::Unknown {
            vec![text]
        } else if word.literal {
            braces(&text, word.quoted)
        } else {
            text.split_whitespace().map(str::to_owned).collect()
        };
        for part in parts {
            let is_taken_away = manager == Manager::Apt && part.ends_with('-');
            if let Some((name, version)) = split(manager, &part).filter(|_| !is_taken_away) {
                install.packages.push(Package {
                    span: word.span,
                    name: if certainty == Certainty::Unknown {
                        name.to_owned()
                    } else {
                        name.to_lowercase()
                    },
                    version,
                    certainty,
                });
            }
        }
    }
    verb.then_some(install)
}

/// Whether an option, or the value of `-o`, keeps recommended packages away.
fn is_without_recommended(option: &str) -> bool {
    let option = option.to_ascii_lowercase();
    option == "--no-install-recommends"
        || option == "--no-recommends"
        || option.contains("install_weak_deps=false")
        || option.contains("install_weak_deps=0")
        || option.contains("install-recommends=0")
        || option.contains("install-recommends=false")
}

/// What a shell makes of `cuda-{nvcc,cudart}-12-8`, unless it is quoted: bash divides it, and dash has no such package
/// either way. Only one pair of braces is taken apart.
fn braces(text: &str, is_quoted: bool) -> Vec<String> {
    let whole = || vec![text.to_owned()];
    let Some((before, rest)) = text.split_once('{').filter(|_| !is_quoted) else {
        return whole();
    };
    match rest.split_once('}') {
        Some((list, behind)) if list.contains(',') => list
            .split(',')
            .map(|part| format!("{before}{part}{behind}"))
            .collect(),
        _ => whole(),
    }
}

/// A package's name and version; nothing for what is a file.
fn split(manager: Manager, text: &str) -> Option<(&str, Option<String>)> {
    if manager == Manager::Apt && (text.starts_with('/') || text.starts_with("./")) {
        let file = text.rsplit('/').next()?;
        return Some((file.split('_').next()?, None));
    }
    let at = match manager {
        Manager::Apt => text.find(['=', '/']),
        Manager::Dnf | Manager::Pacman => None,
        Manager::Zypper | Manager::Apk => text.find(['=', '<', '>', '~', '@']),
        Manager::Conda => {
            let text = text.rsplit("::").next()?;
            let at = text.find(['=', '<', '>', '!', '~', '[', ' ']);
            return Some(match at {
                Some(at) => (&text[..at], Some(text[at..].to_owned())),
                None => (text, None),
            });
        }
    };
    let name = match at {
        Some(at) => (
            &text[..at],
            Some(text[at + 1..].trim_start_matches('=').to_owned()),
        ),
        None => (text, None),
    };
    // `libfoo:amd64`, `gcc+`, `gcc-`: an architecture, and what aptitude takes.
    let (name, version) = name;
    let name = match manager {
        Manager::Apt => name.split(':').next().unwrap_or(name),
        _ => name,
    };
    (!name.is_empty()).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::{Install, read};
    use crate::model::Certainty;
    use liftgate_dockerfile::shell::{self, ShellWord};

    fn install(line: &str) -> Option<Install> {
        let script = shell::parse(line);
        let command = script.commands.first().expect("a command");
        read(command, |word: &ShellWord| match word.value.as_str() {
            "$TWO" => ("One two=2".to_owned(), Certainty::Default),
            _ if word.literal => (word.value.clone(), Certainty::Written),
            _ => (word.value.clone(), Certainty::Unknown),
        })
    }

    /// Names, with a version behind a colon.
    fn names(line: &str) -> Vec<String> {
        let packages = install(line).unwrap_or_else(|| panic!("{line}")).packages;
        let shown = packages.into_iter().map(|package| match package.version {
            Some(version) => format!("{}:{version}", package.name),
            None => package.name,
        });
        shown.collect()
    }

    #[test]
    fn packages_are_read() {
        for (line, expected) in [
            ("apt-get install -y curl git", &["curl", "git"][..]),
            ("apt-get -qq -y install curl", &["curl"]),
            (
                "apt-get -o Dpkg::Options::=--force-confnew install curl",
                &["curl"],
            ),
            (
                "apt-get install -t bookworm-backports cmake=3.25-1",
                &["cmake:3.25-1"],
            ),
            (
                "sudo -E apt install -y libcudnn8=8.9.7.29-1+cuda12.2",
                &["libcudnn8:8.9.7.29-1+cuda12.2"],
            ),
            (
                "env DEBIAN_FRONTEND=noninteractive apt-get install -y g++ libstdc++6:i386",
                &["g++", "libstdc++6"],
            ),
            ("apt-get install -y nvidia-driver-535- curl", &["curl"]),
            (
                "apt-get install -y cuda-toolkit-12-8/stable",
                &["cuda-toolkit-12-8:stable"],
            ),
            (
                "apt-get install -y ./cuda-keyring_1.1-1_all.deb",
                &["cuda-keyring"],
            ),
            ("apt-get install $TWO", &["one", "two:2"]),
            (
                "apt-get install libnvidia-compute-${V} $(cat packages.txt)",
                &["libnvidia-compute-${V}", "$(cat packages.txt)"],
            ),
            (
                "dnf -y install cuda-{nvcc,cudart-devel}-12-8",
                &["cuda-nvcc-12-8", "cuda-cudart-devel-12-8"],
            ),
            ("dnf module install -y nodejs:18", &["nodejs:18"]),
            (
                "yum groupinstall -y 'Development Tools'",
                &["development tools"],
            ),
            ("microdnf install --nodocs gcc-c++", &["gcc-c++"]),
            (
                "zypper --non-interactive install -r cuda cuda-nvcc-12-8",
                &["cuda-nvcc-12-8"],
            ),
            (
                "apk add --no-cache --virtual .deps gcc 'py3-pip>=23'",
                &["gcc", "py3-pip:23"],
            ),
            ("pacman -Syu --noconfirm cuda", &["cuda"]),
            (
                "conda install -y -n base -c nvidia/label/cuda-12.1.1 cuda",
                &["cuda"],
            ),
            (
                "conda install -c conda-forge 'python >=3.9' nvidia::cuda-nvcc=12.1",
                &["python: >=3.9", "cuda-nvcc:=12.1"],
            ),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
    }

    #[test]
    fn other_commands_install_nothing() {
        for line in [
            "apt-get update",
            "apt-get purge -y cuda-compat-12-8",
            "apt-mark hold libnccl2",
            "conda env create -f environment.yml",
            "dnf config-manager --add-repo x",
            "pip install curl",
            "apt-get",
        ] {
            assert_eq!(install(line), None, "{line}");
        }
    }

    #[test]
    fn recommended_packages() {
        for (line, expected) in [
            ("apt-get install -y --no-install-recommends curl", true),
            (
                "apt-get install -y -o APT::Install-Recommends=false curl",
                true,
            ),
            ("dnf install --setopt=install_weak_deps=False curl", true),
            ("dnf install --setopt install_weak_deps=0 curl", true),
            ("apt-get install -y curl", false),
            ("apk add curl", true),
        ] {
            assert_eq!(
                install(line).map(|install| install.no_recommends),
                Some(expected),
                "{line}"
            );
        }
    }

    #[test]
    fn cuda_of_packages() {
        for (line, expected) in [
            ("apt-get install cuda-nvcc-12-8", Some((12, Some(8)))),
            ("apt-get install cuda-12-8", Some((12, Some(8)))),
            (
                "apt-get install libcublas-dev-11-4=11.6",
                Some((11, Some(4))),
            ),
            ("apt-get install libcudnn9-cuda-12", Some((12, None))),
            (
                "apt-get install libcudnn9-dev-cuda-13=9.13",
                Some((13, None)),
            ),
            (
                "apt-get install libnccl2=2.21.5-1+cuda12.4",
                Some((12, Some(4))),
            ),
            (
                "apt-get install 'libnccl2=2.28.*+cuda13.0'",
                Some((13, Some(0))),
            ),
            ("apt-get install libcublas10", None),
            ("apt-get install libnvidia-compute-535", None),
            ("apt-get install nvidia-driver-535-open", None),
            ("apt-get install libcudnn8=8.9.7.29", None),
            ("apt-get install gcc-12", None),
            ("apt-get install cuda", None),
            ("apt-get install cuda-toolkit-12", None),
        ] {
            let install = install(line).expect("an installation");
            assert_eq!(install.packages[0].cuda(), expected, "{line}");
        }
    }

    #[test]
    fn channels_of_conda() {
        let install = install("mamba create -y -n x -c nvidia --channel=conda-forge python=3.10")
            .expect("an installation");
        assert_eq!(install.channels, ["nvidia", "conda-forge"]);
    }
}
