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
}

/// A package to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Where it is named.
    pub span: Span,
    /// Its name, expanded, in lower case.
    pub name: String,
    /// Its version: behind `=`, or what conda writes behind the name (`>=12`, `=12.1`).
    pub version: Option<String>,
    /// How sure the name is.
    pub certainty: Certainty,
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
            Self::Apt => &["-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a"],
            Self::Dnf => &["-c", "--config", "-x", "--exclude", "--enablerepo", "--disablerepo", "--repo", "--setopt", "--releasever", "--installroot"],
            Self::Zypper => &["-r", "--repo", "--from", "-t", "--type", "-C", "--capability"],
            Self::Apk => &["-t", "--virtual", "-X", "--repository", "-p", "--root", "--arch", "--keys-dir"],
            Self::Pacman => &["--ignore", "-r", "--root", "-b", "--dbpath"],
            Self::Conda => &["-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--repodata-fn", "--solver", "--platform"],
        }
    }
}

/// What a command installs, if it installs anything.
pub(crate) fn read(command: &ShellCommand, expand: impl Fn(&ShellWord) -> (String, Certainty)) -> Option<Install> {
    let manager = Manager::of(command.program()?)?;
    let mut words = command.arguments().iter();
    let mut verb = false;
    let mut install = Install {
        span: command.span,
        manager,
        packages: Vec::new(),
        channels: Vec::new(),
    };
    while let Some(word) = words.next() {
        let text = word.value.as_str();
        if manager == Manager::Pacman && text.starts_with("-S") {
            verb = true;
            continue;
        }
        if text.starts_with('-') && text.len() > 1 {
            if manager == Manager::Conda && matches!(text, "-c" | "--channel") {
                install.channels.extend(words.next().map(|channel| expand(channel).0));
            } else if manager.with_value().contains(&text) {
                words.next();
            }
            continue;
        }
        if !verb {
            verb = manager.verbs().contains(&text);
            // `conda env create`, `dnf config-manager`: no list of packages follows.
            if !verb && !matches!(text, "group" | "module" | "env") {
                return None;
            }
            continue;
        }
        let (text, certainty) = expand(word);
        // A variable often holds more than one package.
        for part in text.split_whitespace() {
            if let Some((name, version)) = split(manager, part) {
                install.packages.push(Package {
                    span: word.span,
                    name: name.to_lowercase(),
                    version,
                    certainty,
                });
            }
        }
    }
    verb.then_some(install)
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
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start_matches('=').to_owned())),
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
