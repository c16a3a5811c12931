//! The files of a package, put in place by `liftgate install` as on a machine.

use crate::Failure;
use crate::workspace::succeed;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Puts them below `work`, and says where.
pub(super) fn make(programs: &Path, work: &Path) -> Result<PathBuf, Failure> {
    let stage = work.join("stage");
    fs::create_dir_all(&stage)?;
    let mut install = Command::new(programs.join("liftgate"));
    install.args(["install", "--yes", "--destdir"]).arg(&stage);
    let output = install.output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{install:?}: {}\n{words}", output.status).into());
    }
    // The package manager has a manifest of its own, and a script writes the configuration.
    fs::remove_dir_all(stage.join("usr/share/liftgate"))?;
    fs::remove_dir_all(stage.join("etc"))?;
    Ok(stage)
}

/// A copy in which a package's own needs can be met.
pub(super) fn copy(stage: &Path, to: &Path) -> Result<(), Failure> {
    succeed(Command::new("cp").arg("-a").arg(stage).arg(to))
}

/// Every path below a directory, sorted, as seen from it.
pub(super) fn paths(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            }
            paths.push(entry.path().strip_prefix(directory)?.to_owned());
        }
    }
    paths.sort();
    Ok(paths)
}
