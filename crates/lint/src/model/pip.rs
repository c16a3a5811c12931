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
            .find(|character: char| !(character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')))
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
        let specifier: String = rest.chars().filter(|character| !character.is_whitespace()).collect();
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
        let version = self.specifier.strip_prefix("===").or_else(|| self.specifier.strip_prefix("=="))?;
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
    "--src", "--python", "-p", "--python-version", "--platform", "--abi",
    "--implementation", "--only-binary", "--no-binary", "--cache-dir", "--timeout", "--retries", "--trusted-host",
    "--proxy", "--log", "--progress-bar", "--upgrade-strategy", "--config-settings", "-C", "--global-option",
    "--report", "--cert", "--client-cert", "--exists-action", "--use-feature", "--use-deprecated", "--no-build-isolation-package",
    "--link-mode", "--resolution", "--prerelease", "--override", "--build-constraint", "--keyring-provider",
];

/// What a command installs, if it is one of pip.
pub(crate) fn read(
    command: &ShellCommand,
    expand: impl Fn(&ShellWord) -> (String, Certainty),
) -> Option<PipInstall> {
    let program = command.program()?;
    let mut words = command.arguments().iter();
    let mut is_uv = false;
    let is_python = |name: &str| {
        name.strip_prefix("python")
            .is_some_and(|rest| rest.chars().all(|character| character.is_ascii_digit() || character == '.'))
    };
    let is_pip = |name: &str| {
        name.strip_prefix("pip")
            .is_some_and(|rest| rest.chars().all(|character| character.is_ascii_digit() || character == '.'))
    };
    if is_python(program) {
        // `python3 -u -m pip`
        words.by_ref().find(|word| word.value == "-m")?;
        match words.next()?.value.as_str() {
            "pip" => {}
            // `python3 -m uv pip`
            "uv" => {
                is_uv = true;
                words.by_ref().find(|word| word.value == "pip")?;
            }
            _ => return None,
        }
    } else if program == "uv" {
        is_uv = true;
        words.by_ref().find(|word| word.value == "pip")?;
    } else if !is_pip(program) {
        return None;
    }
    // Options may stand before the verb.
    let verb = words.by_ref().find(|word| !word.value.starts_with('-'))?;
    if verb.value != "install" {
        return None;
    }
    let mut install = PipInstall {
        span: Some(command.span),
        is_uv,
        ..PipInstall::default()
    };
    while let Some(word) = words.next() {
        let (text, certainty) = expand(word);
        let (option, joined) = match text.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(value.to_owned())),
            _ => (text.clone(), None),
        };
        let mut value = |joined: Option<String>| {
            let (span, (text, certainty)) = match joined {
                Some(text) => (word.span, (text, certainty)),
                None => {
                    let next = words.next()?;
                    (next.span, expand(next))
                }
            };
            Some(Url { span, text, certainty })
        };
        match option.as_str() {
            "-i" | "--index-url" | "--default-index" | "--pypi-url" => install.index = value(joined),
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
            "-U" | "--upgrade" | "--force-reinstall" | "--reinstall" | "-I" | "--ignore-installed" => install.upgrades = true,
            "--dry-run" => install.is_elsewhere = true,
            "-t" | "--target" | "--prefix" | "--root" => {
                install.is_elsewhere = true;
                value(joined);
            }
            "--index-strategy" => {
                install.best_match = value(joined).is_some_and(|strategy| strategy.text == "unsafe-best-match");
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

/// Takes what is no option: a requirement, or what is built.
fn named(install: &mut PipInstall, span: Span, text: &str, certainty: Certainty) {
    let is_source = |text: &str| {
        text.starts_with(['.', '/', '~', '$'])
            || text.contains("://") && !text.contains(" @ ") && !text.contains('@')
            || text.starts_with("git+")
            || text.ends_with(".whl")
            || text.ends_with(".tar.gz")
            || text.ends_with(".zip")
            || text.contains('/') && !text.contains('@')
    };
    // A quoted variable may hold several.
    let parts: Vec<&str> = if text.contains('@') || text.contains(['<', '>', ';']) {
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
