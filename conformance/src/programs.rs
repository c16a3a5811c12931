//! The programs under test, and those they need.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Where the programs under test are.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `testhost`.
    pub testhost: PathBuf,
    /// `nvidia-container-runtime`: ours, or another's that is to be compared.
    pub runtime: PathBuf,
    /// `liftgate`.
    pub liftgate: PathBuf,
}

/// The variable that names the directory of built programs, as `cargo xtask build` makes it.
const DIST: &str = "LIFTGATE_DIST";

/// The variable that names another `nvidia-container-runtime` to run the same tests on: the reference's,
/// to prove the tests before they judge ours.
const OTHER_RUNTIME: &str = "LIFTGATE_OTHER_RUNTIME";

/// The variable that names another prestart hook to run the same tests on, for the same purpose.
const OTHER_HOOK: &str = "LIFTGATE_OTHER_HOOK";

/// The variable that names another `nvidia-ctk` to run the same tests on, for the same purpose.
const OTHER_CTK: &str = "LIFTGATE_OTHER_CTK";

impl Programs {
    /// Finds them: in `LIFTGATE_DIST`, or beside the test program that asks.
    pub fn find() -> io::Result<Self> {
        let built = built_directory()?;
        let dist = match std::env::var_os(DIST) {
            Some(dist) => PathBuf::from(dist),
            None => link_names(&built)?,
        };
        let runtime = match std::env::var_os(OTHER_RUNTIME) {
            Some(other) => PathBuf::from(other),
            None => existing(dist.join("nvidia-container-runtime"))?,
        };
        Ok(Self {
            testhost: existing(built.join("testhost"))?,
            liftgate: existing(dist.join("liftgate"))?,
            runtime,
        })
    }

    /// The program behind the prestart hook's name.
    pub fn hook(&self) -> PathBuf {
        std::env::var_os(OTHER_HOOK)
            .map_or_else(|| self.runtime.with_file_name("liftgate-rt"), PathBuf::from)
    }

    /// Our program by another of the names that it answers to: the prestart hook's, `nvidia-container-cli`.
    pub fn named(&self, name: &str) -> io::Result<PathBuf> {
        existing(self.liftgate.with_file_name(name))
    }

    /// `nvidia-ctk`: ours, or another's that is to be compared.
    pub fn ctk(&self) -> io::Result<PathBuf> {
        std::env::var_os(OTHER_CTK)
            .map_or_else(|| self.named("nvidia-ctk"), |other| Ok(other.into()))
    }

    /// Whether another `nvidia-ctk` than ours is under test.
    pub fn is_other_ctk() -> bool {
        std::env::var_os(OTHER_CTK).is_some()
    }

    /// Whether another runtime than ours is under test.
    pub fn is_other_runtime() -> bool {
        std::env::var_os(OTHER_RUNTIME).is_some()
    }
}

/// The directory of the programs that cargo built together with this one.
fn built_directory() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let directory = own.parent().unwrap_or(Path::new("/"));
    let directory = if directory.ends_with("deps") {
        directory.parent().unwrap_or(directory)
    } else {
        directory
    };
    Ok(directory.to_owned())
}

/// The names by which engines and scripts call `liftgate-rt`.
const NAMES: [&str; 6] = [
    "nvidia-container-runtime",
    "nvidia-container-runtime-hook",
    "nvidia-container-cli",
    "nvidia-container-toolkit",
    "nvidia-cdi-hook",
    "nvidia-ctk",
];

/// The other name of `liftgate`.
const NAMES_OF_LIFTGATE: [&str; 1] = ["nvidia-docker"];

/// Gives the programs their names, beside what was built.
fn link_names(built: &Path) -> io::Result<PathBuf> {
    let links = NAMES.iter().map(|name| ("liftgate-rt", name));
    let links = links.chain(NAMES_OF_LIFTGATE.iter().map(|name| ("liftgate", name)));
    for (program, name) in links {
        match std::os::unix::fs::symlink(program, built.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(built.to_owned())
}

fn existing(path: PathBuf) -> io::Result<PathBuf> {
    if path.exists() {
        Ok(path)
    } else {
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("`{}` is not built; run `cargo xtask test`", path.display()),
        ))
    }
}

/// The path of a program, on `PATH` or in the usual directories.
pub fn find_program(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(
            [
                "/usr/local/sbin",
                "/usr/sbin",
                "/sbin",
                "/usr/local/bin",
                "/usr/bin",
            ]
            .map(PathBuf::from),
        )
        .map(|directory| directory.join(name.as_ref()))
        .find(|candidate| candidate.is_file())
}
