//! What a command installs with pip, or with uv as pip.

use super::environment::Certainty;
use liftgate_dockerfile::Span;
use liftgate_dockerfile::shell::{ShellCommand, ShellWord};

/// A command that installs Python packages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PipInstall {
    /// Where the command stands.
    pub span: Option<Span>,
    /// What is installed, by name.
    pub requirements: Vec<Requirement>,
    /// `--index-url`.
    pub index: Option<Url>,
    /// `--extra-index-url`.
    pub extra_indices: Vec<Url>,
    /// `--find-links`.
    pub find_links: Vec<Url>,
    /// `-r`: files that are not seen.
    pub files: Vec<Url>,
    /// `-c`.
    pub constraints: Vec<Url>,
    /// Directories, archives and repositories that are built.
    pub sources: Vec<Url>,
    /// `--no-build-isolation`.
    pub no_build_isolation: bool,
    /// `--no-deps`.
    pub no_dependencies: bool,
    /// `--pre`.
    pub prereleases: bool,
    /// `--torch-backend` of uv.
    pub torch_backend: Option<Url>,
    /// Whether it is uv, which takes a package from the first index that has it, the extra ones before PyPI.
    pub is_uv: bool,
    /// `--index-strategy unsafe-best-match` of uv: as pip does.
    pub best_match: bool,
    /// `--no-index`
    pub no_index: bool,
    /// `--upgrade`, `--force-reinstall`: what is installed already is not good enough.
    pub upgrades: bool,
    /// `--dry-run`, `--target`, `--prefix`: it does not go where the rest is.
    pub is_elsewhere: bool,
}

/// An address or a path, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Where.
    pub span: Span,
    /// The text, expanded.
    pub text: String,
    /// How sure it is.
    pub certainty: Certainty,
}

/// A package that is asked for by name: `torch[extra]==2.4.0+cu118`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Where it is named.
    pub span: Span,
    /// Its name, as PEP 503 normalises it: lower case, with dashes.
    pub name: String,
    /// Its extras, in lower case.
    pub extras: Vec<String>,
    /// What is asked of its version, `==2.4.0+cu118`, `>=2,<3`; empty: nothing.
    pub specifier: String,
    /// The address behind ` @ `.
    pub url: Option<String>,
    /// How sure all of this is.
    pub certainty: Certainty,
}

impl Requirement {
    /// Reads a requirement as PEP 508 has it, without its marker.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.split(';').next()?.trim();
        let (text, url) = match text.split_once('@') {
            Some((name, url)) if !url.is_empty() => (name.trim(), Some(url.trim().to_owned())),
            _ => (text, None),
        };
        let end = text
            .find(|character: char| {
                !(character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.'))
            })
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if !name.starts_with(|character: char| character.is_ascii_alphanumeric()) {
            return None;
        }
        let rest = rest.trim_start();
        let (extras, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((extras, rest)) => (extras, rest),
            None => ("", rest),
        };
        let specifier: String = rest
            .chars()
            .filter(|character| !character.is_whitespace())
            .collect();
        if !(specifier.is_empty() || specifier.starts_with(['=', '<', '>', '!', '~', '('])) {
            return None;
        }
        Some(Self {
            span: Span::at(0),
            name: normalised(name),
            extras: extras
                .split(',')
                .map(|extra| extra.trim().to_lowercase())
                .filter(|extra| !extra.is_empty())
                .collect(),
            specifier: specifier.trim_matches(['(', ')']).to_owned(),
            url,
            certainty: Certainty::Written,
        })
    }

    /// The version, if exactly one is asked for: `2.4.0+cu118`.
    pub fn version(&self) -> Option<&str> {
        let version = self
            .specifier
            .strip_prefix("===")
            .or_else(|| self.specifier.strip_prefix("=="))?;
        (!version.contains([',', '*'])).then_some(version)
    }

    /// The part of the version behind `+`: `cu118`, `cpu`.
    pub fn local(&self) -> Option<&str> {
        self.version()?.split_once('+').map(|(_, local)| local)
    }

    /// The version without what is behind `+`.
    pub fn public(&self) -> Option<&str> {
        let version = self.version()?;
        Some(version.split('+').next().unwrap_or(version))
    }
}

/// A package's name, as PEP 503 normalises it.
fn normalised(name: &str) -> String {
    let mut normalised = String::with_capacity(name.len());
    for character in name.chars() {
        if matches!(character, '-' | '_' | '.') {
            if !normalised.ends_with('-') {
                normalised.push('-');
            }
        } else {
            normalised.push(character.to_ascii_lowercase());
        }
    }
    normalised
}

/// Options of `pip install` that take the next word and are of no interest.
const WITH_VALUE: &[&str] = &[
    "--src",
    "--python",
    "-p",
    "--python-version",
    "--platform",
    "--abi",
    "--implementation",
    "--only-binary",
    "--no-binary",
    "--cache-dir",
    "--timeout",
    "--retries",
    "--trusted-host",
    "--proxy",
    "--log",
    "--progress-bar",
    "--upgrade-strategy",
    "--config-settings",
    "-C",
    "--global-option",
    "--report",
    "--cert",
    "--client-cert",
    "--exists-action",
    "--use-feature",
    "--use-deprecated",
    "--no-build-isolation-package",
    "--link-mode",
    "--resolution",
    "--prerelease",
    "--override",
    "--build-constraint",
    "--keyring-provider",
];

/// Options of pip itself, and of uv, that take the next word and stand before the verb.
const BEFORE_VERB: &[&str] = &[
    "--timeout",
    "--default-timeout",
    "--retries",
    "--proxy",
    "--cache-dir",
    "--log",
    "--cert",
    "--trusted-host",
    "--python",
    "--directory",
    "--project",
];

/// What a command installs, if it is one of pip.
pub(crate) fn read(
    command: &ShellCommand,
    expand: impl Fn(&ShellWord) -> (String, Certainty),
) -> Option<PipInstall> {
    // `uv pip`, `python3 -m uv pip`; what `uv run` runs is pip itself.
    let has = |name: &str| {
        command
            .words
            .iter()
            .any(|word| word.value.rsplit('/').next() == Some(name))
    };
    let is_uv = has("uv") && !has("run");
    let mut words = pip_words(command.program()?, command.arguments())?.iter();
    // Options may stand before the verb.
    loop {
        let word = words.next()?;
        if word.value == "install" {
            break;
        }
        if !word.value.starts_with('-') {
            return None;
        }
        if BEFORE_VERB.contains(&word.value.as_str()) {
            words.next();
        }
    }
    let mut install = PipInstall {
        span: Some(command.span),
        is_uv,
        ..PipInstall::default()
    };
    while let Some(word) = words.next() {
        let (text, certainty) = expand(word);
        let (option, joined) = match text.split_once('=') {
            Some((option, value)) if option.starts_with("--") => {
                (option.to_owned(), Some(value.to_owned()))
            }
            // `-rrequirements.txt`
            _ if text.len() > 2
                && ["-r", "-c", "-e", "-f", "-i"]
                    .iter()
                    .any(|short| text.starts_with(short)) =>
            {
                (text[..2].to_owned(), Some(text[2..].to_owned()))
            }
            _ => (text.clone(), None),
        };
        let mut value = |joined: Option<String>| {
            let (span, (text, certainty)) = if let Some(text) = joined {
                (word.span, (text, certainty))
            } else {
                let next = words.next()?;
                (next.span, expand(next))
            };
            Some(Url {
                span,
                text,
                certainty,
            })
        };
        match option.as_str() {
            "-i" | "--index-url" | "--default-index" | "--pypi-url" => {
                install.index = value(joined);
            }
            "--extra-index-url" | "--index" => install.extra_indices.extend(value(joined)),
            "-f" | "--find-links" => install.find_links.extend(value(joined)),
            "-r" | "--requirement" | "--requirements" => install.files.extend(value(joined)),
            "-c" | "--constraint" | "--constraints" => install.constraints.extend(value(joined)),
            "-e" | "--editable" => install.sources.extend(value(joined)),
            "--torch-backend" => install.torch_backend = value(joined),
            "--no-build-isolation" => install.no_build_isolation = true,
            "--no-deps" | "--no-dependencies" => install.no_dependencies = true,
            "--pre" => install.prereleases = true,
            "--no-index" => install.no_index = true,
            "-U" | "--upgrade" | "--force-reinstall" | "--reinstall" | "-I"
            | "--ignore-installed" => install.upgrades = true,
            "--dry-run" => install.is_elsewhere = true,
            "-t" | "--target" | "--prefix" | "--root" => {
                install.is_elsewhere = true;
                value(joined);
            }
            "--index-strategy" => {
                install.best_match =
                    value(joined).is_some_and(|strategy| strategy.text == "unsafe-best-match");
            }
            option if option.starts_with('-') && option.len() > 1 => {
                if joined.is_none() && WITH_VALUE.contains(&option) {
                    words.next();
                }
            }
            _ => named(&mut install, word.span, &text, certainty),
        }
    }
    Some(install)
}

/// What stands behind `pip`, however it is called: `pip3`, `python3 -u -m pip`, `uv pip`, `conda run -n x pip`.
fn pip_words<'a>(program: &str, arguments: &'a [ShellWord]) -> Option<&'a [ShellWord]> {
    let is_versioned = |start: &str| {
        program.strip_prefix(start).is_some_and(|rest| {
            rest.chars()
                .all(|character| character.is_ascii_digit() || matches!(character, '.' | 't'))
        })
    };
    let behind = |place: usize| arguments.get(place + 1..);
    if is_versioned("pip") {
        return Some(arguments);
    }
    if is_versioned("python") || is_versioned("pypy") {
        // Its own options do not take words, but for these; the first that is none is a script.
        let module = arguments.iter().position(|word| {
            !word.value.starts_with('-') || word.value == "-m" || word.value == "-c"
        })?;
        if arguments[module].value != "-m" {
            return None;
        }
        let name = arguments.get(module + 1)?;
        return match name.value.as_str() {
            "pip" => behind(module + 1),
            "uv" => pip_words("uv", behind(module + 1)?),
            _ => None,
        };
    }
    match program {
        "uv" => {
            let verb = arguments
                .iter()
                .position(|word| matches!(word.value.as_str(), "pip" | "run"))?;
            // `uv run pip install`
            match arguments[verb].value.as_str() {
                "pip" => behind(verb),
                _ => run(behind(verb)?),
            }
        }
        "conda" | "mamba" | "micromamba" if arguments.first()?.value == "run" => run(behind(0)?),
        "poetry" | "pipenv" | "hatch" | "pdm" if arguments.first()?.value == "run" => {
            run(behind(0)?)
        }
        _ => None,
    }
}

/// What stands behind `pip` in a command that another program runs, which has options of its own before it.
fn run(words: &[ShellWord]) -> Option<&[ShellWord]> {
    let mut place = 0;
    while let Some(word) = words.get(place).filter(|word| word.value.starts_with('-')) {
        let takes_word = matches!(
            word.value.as_str(),
            "-n" | "--name" | "-p" | "--prefix" | "--cwd" | "--with" | "--python"
        );
        place += 1 + usize::from(takes_word);
    }
    let program = words.get(place)?.value.as_str();
    let name = program.rsplit('/').next()?;
    // No further round: what runs what runs pip is not looked through.
    let is_known = name.starts_with("pip") || name.starts_with("python");
    is_known
        .then(|| pip_words(name, words.get(place + 1..)?))
        .flatten()
}

/// Takes what is no option: a requirement, or what is built.
fn named(install: &mut PipInstall, span: Span, text: &str, certainty: Certainty) {
    let is_source = |text: &str| {
        // `name @ https://…`, `name@git+https://…` name a package; `git+ssh://git@host/…` and `https://user@host/…` do not.
        let is_named = text
            .split_once('@')
            .is_some_and(|(name, url)| !name.contains(['/', ':', '+']) && url.contains("://"));
        text.starts_with(['.', '/', '~', '$', '`'])
            || !is_named
                && (text.contains("://")
                    || text.starts_with("git+")
                    || text.ends_with(".whl")
                    || text.ends_with(".tar.gz")
                    || text.ends_with(".zip")
                    || text.contains('/'))
    };
    // What is not known stays whole, and so does what has blanks within a requirement; a variable may hold several.
    let is_one = certainty == Certainty::Unknown
        || text.contains('@')
        || text.contains(['<', '>', ';', '[']) && text.contains(' ');
    let parts: Vec<&str> = if is_one {
        vec![text]
    } else {
        text.split_whitespace().collect()
    };
    for part in parts {
        if is_source(part) {
            install.sources.push(Url {
                span,
                text: part.to_owned(),
                certainty,
            });
        } else if let Some(requirement) = Requirement::parse(part) {
            install.requirements.push(Requirement {
                span,
                certainty,
                ..requirement
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PipInstall, Requirement, Url, read};
    use crate::model::Certainty;
    use liftgate_dockerfile::shell::{self, ShellWord};

    fn install(line: &str) -> Option<PipInstall> {
        let script = shell::parse(line);
        let command = script.commands.first().expect("a command");
        read(command, |word: &ShellWord| match word.value.as_str() {
            "torch==${TORCH}" => ("torch==2.4.0".to_owned(), Certainty::Default),
            "$PACKAGES" => ("numpy scipy==1.0".to_owned(), Certainty::Default),
            _ if word.literal => (word.value.clone(), Certainty::Written),
            _ => (word.value.clone(), Certainty::Unknown),
        })
    }

    /// Requirements, with what is asked of their versions.
    fn names(line: &str) -> Vec<String> {
        let install = install(line).unwrap_or_else(|| panic!("{line}"));
        let shown = install.requirements.into_iter();
        shown
            .map(|one| format!("{}{}", one.name, one.specifier))
            .collect()
    }

    fn texts(urls: &[Url]) -> Vec<&str> {
        urls.iter().map(|url| url.text.as_str()).collect()
    }

    #[test]
    fn requirements_are_read() {
        for (line, expected) in [
            ("pip install numpy", &["numpy"][..]),
            (
                "pip3.11 --no-cache-dir install Flash_Attn==2.7.4",
                &["flash-attn==2.7.4"],
            ),
            ("pip --default-timeout 100 install numpy", &["numpy"]),
            ("python3 -u -m pip install --upgrade pip", &["pip"]),
            ("python -m uv pip install --system torch", &["torch"]),
            (
                "/opt/venv/bin/pip install torch torchvision",
                &["torch", "torchvision"],
            ),
            ("uv pip install --system --python 3.12 torch", &["torch"]),
            ("uv run pip install torch", &["torch"]),
            (
                "conda run -n env --no-capture-output pip install torch",
                &["torch"],
            ),
            (
                "micromamba run -n env python -m pip install torch",
                &["torch"],
            ),
            ("sudo -H pip install 'torch>=2, <3'", &["torch>=2,<3"]),
            (
                "pip install torch==${TORCH} $PACKAGES",
                &["torch==2.4.0", "numpy", "scipy==1.0"],
            ),
            (
                "pip install 'jax[cuda12]==0.4.30; python_version > \"3.8\"'",
                &["jax==0.4.30"],
            ),
            (
                "pip install --target /x -C a=b --config-settings c=d numpy",
                &["numpy"],
            ),
            (
                "pip install \"mmcv @ https://example.org/mmcv.whl\" apex@git+https://example.org/apex",
                &["mmcv", "apex"],
            ),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
    }

    #[test]
    fn what_is_built_and_where_it_comes_from() {
        let line = "pip install -rreq.txt --requirement=more.txt -e . git+ssh://git@example.org/a.git https://u@example.org/b.whl ./c $(cat d) \
                    --index-url=https://one --extra-index-url https://two -f https://three --no-build-isolation --no-deps --pre";
        let install = install(line).expect("an installation");
        assert_eq!(texts(&install.files), ["req.txt", "more.txt"]);
        assert_eq!(
            texts(&install.sources),
            [
                ".",
                "git+ssh://git@example.org/a.git",
                "https://u@example.org/b.whl",
                "./c",
                "$(cat d)"
            ]
        );
        assert_eq!(
            install.index.as_ref().map(|url| url.text.as_str()),
            Some("https://one")
        );
        assert_eq!(texts(&install.extra_indices), ["https://two"]);
        assert_eq!(texts(&install.find_links), ["https://three"]);
        assert!(install.no_build_isolation && install.no_dependencies && install.prereleases);
        assert_eq!(install.requirements, []);
    }

    #[test]
    fn other_commands_install_nothing() {
        for line in [
            "pip --version",
            "pip download torch",
            "python3 setup.py install",
            "python3 -c 'import pip' install",
            "python3 script.py -m pip install x",
            "uv sync",
            "conda install pip",
            "conda run -n env make install",
            "pipx install x",
            "pip",
        ] {
            assert_eq!(install(line), None, "{line}");
        }
    }

    #[test]
    fn versions_of_requirements() {
        for (text, version, local, public) in [
            (
                "torch==2.4.0+cu118",
                Some("2.4.0+cu118"),
                Some("cu118"),
                Some("2.4.0"),
            ),
            ("torch===2.4.0", Some("2.4.0"), None, Some("2.4.0")),
            ("torch==2.*", None, None, None),
            ("torch>=2", None, None, None),
            ("torch==2.0,!=2.1", None, None, None),
            ("torch", None, None, None),
        ] {
            let requirement = Requirement::parse(text).expect("a requirement");
            assert_eq!(
                (
                    requirement.version(),
                    requirement.local(),
                    requirement.public()
                ),
                (version, local, public),
                "{text}"
            );
        }
        for text in ["", "-r", "==2", "a b", "./x", "@"] {
            assert_eq!(Requirement::parse(text), None, "{text}");
        }
    }

    #[test]
    fn extras_and_addresses() {
        let requirement = Requirement::parse("JAX[Cuda12, k8s] @ https://example.org/jax.whl")
            .expect("a requirement");
        assert_eq!(requirement.name, "jax");
        assert_eq!(requirement.extras, ["cuda12", "k8s"]);
        assert_eq!(
            requirement.url.as_deref(),
            Some("https://example.org/jax.whl")
        );
    }
}
