//! Packages: a tarball, a .deb and an .rpm of the same files, and their checksums.
//!
//! The files are those that `liftgate install --destdir` puts in place: no second list of them exists. What a package
//! manager does itself (the manifest) or a script does (`config.toml`, see `packaging/debian/README.md`) is left out.
//!
//! Two builds of a commit give the same bytes: time stamps are the commit's, entries are sorted, nobody's name and no
//! path of the machine is in them. The Debian archive is made with `tar` and thirty lines for `ar`, so it takes no
//! Debian to make one; the other is `rpmbuild`'s, whose dependency generator finds what the C library must have. No
//! crate for either: xtask is built by everybody who types `cargo xtask`.

mod archive;
mod debian;
mod floor;
mod red_hat;
mod stage;

use crate::{Failure, packages, say, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that packages have.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the packages are made of.
struct Material {
    /// The directory that they are put into.
    place: PathBuf,
    /// The two executables.
    programs: PathBuf,
    /// The files as they lie on a machine.
    stage: PathBuf,
    /// A directory for everything between.
    work: PathBuf,
    /// The time that every file has, in seconds.
    epoch: String,
}

/// Makes them, and says in which directory.
pub(crate) fn run() -> Result<PathBuf, Failure> {
    match missing().as_slice() {
        [] => make(),
        missing => Err(format!("packages are made with {}", missing.join(", ")).into()),
    }
}

/// As [`run`]; `None` where this machine lacks what they are made with.
pub(crate) fn ensure() -> Result<Option<PathBuf>, Failure> {
    let missing = missing();
    if missing.is_empty() {
        return make().map(Some);
    }
    say::progress(&format!("no packages: needs {}", missing.join(", ")));
    Ok(None)
}

fn missing() -> Vec<&'static str> {
    let mut missing = packages::ensure(packages::PACKAGING);
    if missing.is_empty() && !floor::is_there() {
        missing.push(floor::NEEDS);
    }
    missing
}

fn make() -> Result<PathBuf, Failure> {
    let place = workspace::target().join("packages");
    let work = place.join("work");
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir_all(&work)?;
    let programs = work.join("programs");
    fs::create_dir_all(&programs)?;
    say::progress("liftgate-rt");
    fs::copy(
        crate::build::static_runtime()?,
        programs.join("liftgate-rt"),
    )?;
    say::progress(&format!("liftgate, for glibc {}", floor::GLIBC));
    fs::copy(floor::build()?, programs.join("liftgate"))?;
    crate::build::check_sizes(&programs)?;

    let material = Material {
        stage: stage::make(&programs, &work)?,
        epoch: epoch()?,
        place: place.clone(),
        programs,
        work: work.clone(),
    };
    say::progress("packages");
    let made = [
        archive::tarball(&material)?,
        debian::make(&material)?,
        red_hat::make(&material)?,
    ];
    let sums = sums("sha256sum", &place, &made)?;
    fs::write(place.join("SHA256SUMS"), sums)?;
    fs::remove_dir_all(&work)?;
    for name in made {
        let path = place.join(&name);
        let size = fs::metadata(&path)?.len();
        say::words(&format!("   {} ({size} bytes)\n", path.display()));
    }
    Ok(place)
}

/// The time of the commit, or of `SOURCE_DATE_EPOCH`.
fn epoch() -> Result<String, Failure> {
    if let Ok(given) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(given);
    }
    let output = Command::new("git")
        .args(["log", "-1", "--format=%ct"])
        .current_dir(workspace::root())
        .output()?;
    let text = String::from_utf8(output.stdout)?.trim().to_owned();
    if text.is_empty() {
        Err("no commit says which time the packages have; set SOURCE_DATE_EPOCH".into())
    } else {
        Ok(text)
    }
}

/// The checksums of files, as the program `tool` writes them.
fn sums(tool: &str, directory: &Path, names: &[String]) -> Result<String, Failure> {
    let output = Command::new(tool)
        .args(names)
        .current_dir(directory)
        .output()?;
    if !output.status.success() {
        return Err(format!("{tool}: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The architecture in the words of Debian, or of everybody else.
const fn architecture(is_debian: bool) -> &'static str {
    match (std::env::consts::ARCH.as_bytes(), is_debian) {
        (b"x86_64", true) => "amd64",
        (b"aarch64", true) => "arm64",
        _ => std::env::consts::ARCH,
    }
}

/// A text of `packaging/`, with its marks filled in.
fn filled(name: &str, marks: &[(&str, &str)]) -> Result<String, Failure> {
    let path = workspace::root().join("packaging").join(name);
    let text =
        fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let text = marks
        .iter()
        .fold(text, |text, (mark, value)| text.replace(mark, value));
    Ok(text)
}
