//! Where an image comes from: an engine that has it, an archive, a directory.
//!
//! Nothing is pulled: an image that no engine has is not there. An engine gives it as one stream, which is read and
//! forgotten; nothing is written.
//!
//! Docker is asked at its socket, as its own client asks it; where `DOCKER_HOST` names anything else than a socket of this
//! machine, its client is, which knows how to get there. Podman has no daemon: its program is run.

mod http;
mod program;

use crate::error::CliError;
use http::{Answer, Host};
use liftgate_image::facts::{ImageFacts, Platform};
use liftgate_image::{ImageError, Wanted, read_archive, read_directory};
use liftgate_sys::Root;
use program::Program;
use std::error::Error as _;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// What is at the end of every attempt.
const HINT: &str =
    "pull the image first, or name a file that `docker save` or `podman save` has written";

/// An image that can be read, once.
#[derive(Debug)]
pub(crate) struct Source {
    /// What it is, for a progress line: ``Docker's `app:1` ``.
    pub(crate) words: String,
    wanted: Wanted,
    from: Origin,
}

enum Origin {
    Stream(Box<dyn Read>),
    Program(Program),
    Directory(Root),
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Stream(_) => "Stream",
            Self::Program(_) => "Program",
            Self::Directory(_) => "Directory",
        })
    }
}

/// Finds the image: a name that an engine knows, `-` for standard input, a path, or with a word in front
/// `docker-archive:FILE`, `oci-archive:FILE`, `oci:DIRECTORY`, `docker-daemon:NAME`, `containers-storage:NAME`.
pub(crate) fn open(name: &OsStr) -> Result<Source, CliError> {
    if name == "-" {
        let stream = Box::new(io::stdin());
        return Ok(Source::new(
            "standard input".to_owned(),
            Origin::Stream(stream),
        ));
    }
    let text = name.to_str();
    let prefixed = text.and_then(|text| text.split_once(':'));
    match prefixed {
        Some(("docker-archive" | "oci-archive" | "oci", path)) => of_path(path),
        Some(("docker-daemon", name)) => {
            let found = docker(valid(name)?)?;
            found.ok_or_else(|| failed(format!("Docker has no image `{name}`"), HINT))
        }
        Some(("containers-storage", name)) => {
            let found = podman(valid(name)?)?;
            found.ok_or_else(|| failed(format!("Podman has no image `{name}`"), HINT))
        }
        _ if is_path(name) => of_file(Path::new(name), None),
        _ => of_engine(valid(text.unwrap_or_default())?),
    }
}

impl Source {
    fn new(words: String, from: Origin) -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        let platform = Platform {
            os: "linux".to_owned(),
            architecture: architecture.to_owned(),
            variant: None,
        };
        Self {
            words,
            wanted: Wanted {
                name: None,
                platform,
            },
            from,
        }
    }

    /// Reads it. `progress` is told how many bytes have been read.
    pub(crate) fn facts(self, progress: &mut dyn FnMut(u64)) -> Result<ImageFacts, CliError> {
        let wanted = &self.wanted;
        let facts = match self.from {
            Origin::Stream(stream) => read_archive(stream, wanted, progress),
            Origin::Program(mut program) => {
                let facts = read_archive(program.output(), wanted, progress);
                // Its own words are nearer to the cause than what its output lacks.
                program.end().map_err(|words| {
                    failed(format!("cannot read {}: {words}", self.words), HINT)
                })?;
                facts
            }
            Origin::Directory(root) => {
                let mut open = |path: &str| {
                    let file = root.open_file(Path::new(path)).map_err(io::Error::other)?;
                    Ok(file.map(|file| Box::new(file) as Box<dyn Read>))
                };
                read_directory(&mut open, wanted, progress)
            }
        };
        facts.map_err(|error| unreadable(&self.words, &error))
    }
}

fn unreadable(words: &str, error: &ImageError) -> CliError {
    let mut sentence = format!("cannot look into {words}: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        sentence = format!("{sentence}: {inner}");
        cause = inner.source();
    }
    failed(
        sentence,
        "an image is what `docker save`, `podman save` or `skopeo copy` writes",
    )
}

fn failed(sentence: impl Into<String>, hint: impl Into<String>) -> CliError {
    CliError::Failed {
        sentence: sentence.into(),
        hint: hint.into(),
    }
}

/// A name that may be asked for: what is no reference at all is a mistake, and no request.
fn valid(name: &str) -> Result<&str, CliError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@+".contains(&byte);
    let begins = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && name.len() <= 512 && name.bytes().all(is_plain) {
        Ok(name)
    } else {
        Err(CliError::Usage {
            sentence: format!("`{}` is no name of an image", name.escape_debug()),
            hint: "an image is named as in `docker run`: `registry/name:tag`".to_owned(),
        })
    }
}

/// Whether a word is a path and no name: it says so, or it is there and is an image.
fn is_path(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    let says_so = bytes.starts_with(b"/") || bytes.starts_with(b"./") || bytes.starts_with(b"../");
    let path = Path::new(name);
    says_so || path.is_file() || path.join("index.json").is_file()
}

/// `PATH` or `PATH:NAME`, as skopeo writes it.
fn of_path(text: &str) -> Result<Source, CliError> {
    let path = Path::new(text);
    match text.rsplit_once(':') {
        Some((before, name)) if !path.exists() && Path::new(before).exists() => {
            of_file(Path::new(before), Some(name))
        }
        // `PATH:REGISTRY/NAME:TAG`
        Some((before, _)) if !path.exists() => match before.split_once(':') {
            Some((path, _)) if Path::new(path).exists() => {
                of_file(Path::new(path), Some(&text[path.len() + 1..]))
            }
            _ => of_file(path, None),
        },
        _ => of_file(path, None),
    }
}

fn of_file(path: &Path, name: Option<&str>) -> Result<Source, CliError> {
    let shown = path.display();
    let unopened = |error: &dyn std::fmt::Display| {
        failed(
            format!("cannot open `{shown}`: {error}"),
            "name an archive, a directory that is an OCI layout, or an image that an engine has",
        )
    };
    let metadata = fs::metadata(path).map_err(|error| unopened(&error))?;
    let from = if metadata.is_dir() {
        // Where it lies the user has said, links included; what is in it may be anybody's.
        let real = fs::canonicalize(path).map_err(|error| unopened(&error))?;
        Origin::Directory(Root::open(&real).map_err(|error| unopened(&error))?)
    } else if metadata.is_file() || metadata.file_type().is_fifo() {
        Origin::Stream(Box::new(
            File::open(path).map_err(|error| unopened(&error))?,
        ))
    } else {
        return Err(unopened(&"it is neither a file nor a directory"));
    };
    let mut source = Source::new(format!("`{shown}`"), from);
    source.wanted.name = name.map(str::to_owned);
    Ok(source)
}

/// The first engine that has it.
fn of_engine(name: &str) -> Result<Source, CliError> {
    let mut answers = Vec::new();
    for ask in [docker, podman] {
        match ask(name) {
            Ok(Some(source)) => return Ok(source),
            Ok(None) => {}
            Err(CliError::Failed { sentence, .. }) => answers.push(sentence),
            Err(error) => return Err(error),
        }
    }
    let mut sentence = format!("no engine here has an image `{name}`");
    if !answers.is_empty() {
        sentence = format!("{sentence}: {}", answers.join("; "));
    }
    Err(failed(sentence, HINT))
}

/// Docker's image of this name; none if it has none, or is not here.
fn docker(name: &str) -> Result<Option<Source>, CliError> {
    if let Some(host) = Host::from_environment() {
        return docker_at(host, name);
    }
    let Some(program) = on_path("docker") else {
        return Ok(None);
    };
    let test = ["image", "inspect", "--"];
    let program = Program::start(&program, &test, &["save", "--"], name)?;
    let words = format!("Docker's `{name}`");
    Ok(program.map(|program| Source::new(words, Origin::Program(program))))
}

fn docker_at(host: Host, name: &str) -> Result<Option<Source>, CliError> {
    let words = format!("Docker's `{name}`");
    let Some(socket) = host.socket() else {
        return Ok(None);
    };
    let ask = |path: String| {
        Answer::of(&socket, &path).map_err(|error| {
            failed(
                format!("Docker does not answer at `{}`: {error}", socket.display()),
                "see whether the daemon runs, and whether you may use its socket",
            )
        })
    };
    let known = ask(format!("/images/{name}/json"))?;
    match known.status {
        200 => {}
        404 => return Ok(None),
        _ => return Err(known.refusal()),
    }
    let archive = ask(format!("/images/{name}/get"))?;
    if archive.status != 200 {
        return Err(archive.refusal());
    }
    Ok(Some(Source::new(words, Origin::Stream(archive.body()))))
}

/// Podman's image of this name; none if it has none, or is not here.
fn podman(name: &str) -> Result<Option<Source>, CliError> {
    on_path("podman").map_or(Ok(None), |program| podman_at(&program, name))
}

fn podman_at(program: &Path, name: &str) -> Result<Option<Source>, CliError> {
    let program = Program::start(
        program,
        &["image", "exists", "--"],
        &["save", "--quiet", "--format", "docker-archive", "--"],
        name,
    )?;
    let words = format!("Podman's `{name}`");
    Ok(program.map(|program| Source::new(words, Origin::Program(program))))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let directories = directories.iter().map(PathBuf::as_path);
    liftgate_sys::process::find_executable(OsStr::new(program), directories)
}

/// Where Docker's sockets are, one behind the other: the usual one, and those of a user's own daemon.
fn usual_sockets() -> Vec<PathBuf> {
    let below = |variable: &str, path: &str| {
        let directory = std::env::var_os(variable).filter(|directory| !directory.is_empty());
        directory.map(|directory| Path::new(&directory).join(path))
    };
    let own = [
        below("XDG_RUNTIME_DIR", "docker.sock"),
        below("HOME", ".docker/run/docker.sock"),
    ];
    let usual = PathBuf::from("/var/run/docker.sock");
    std::iter::once(usual)
        .chain(own.into_iter().flatten())
        .collect()
}

#[cfg(test)]
mod tests;
