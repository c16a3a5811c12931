//! The rpm package, by `rpmbuild`. What its fields say and why is in `packaging/rpm/liftgate.spec`.

use super::{Material, VERSION, architecture, filled, stage};
use crate::Failure;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Directories that some package has on every machine. The others go with the last package that has them.
const EVERYWHERE: [&str; 7] = [
    "usr",
    "usr/bin",
    "usr/lib",
    "usr/share",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/man/man1",
];

/// Makes it; its name is returned.
pub(super) fn make(material: &Material) -> Result<String, Failure> {
    let files = material.work.join("rpm-files");
    fs::write(&files, list(&material.stage)?)?;
    let specification = material.work.join("liftgate.spec");
    let text = filled(
        "rpm/liftgate.spec",
        &[
            ("@VERSION@", VERSION),
            ("@STAGE@", &material.stage.display().to_string()),
            ("@FILES@", &files.display().to_string()),
        ],
    )?;
    fs::write(&specification, text)?;
    let top = material.work.join("rpm");
    let define = |text: String| ["--define".to_owned(), text];
    let mut command = Command::new("rpmbuild");
    command
        .args(["-bb", "--quiet", "--target", architecture(false)])
        .args(define(format!("_topdir {}", top.display())))
        // Of the machine and the time, nothing is in the package.
        .args(define("_buildhost localhost".to_owned()))
        .args(define("use_source_date_epoch_as_buildtime 1".to_owned()))
        .args(define("clamp_mtime_to_source_date_epoch 1".to_owned()))
        .arg(&specification)
        .env("SOURCE_DATE_EPOCH", &material.epoch)
        .env("LC_ALL", "C");
    let output = command.output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("rpmbuild: {}\n{words}", output.status).into());
    }
    let file = format!("liftgate-{VERSION}-1.{}.rpm", architecture(false));
    let made: PathBuf = top.join("RPMS").join(architecture(false)).join(&file);
    fs::copy(made, material.place.join(&file))?;
    Ok(file)
}

/// The files, and the directories that are the package's.
fn list(stage: &Path) -> Result<String, Failure> {
    let mut list = String::from("%defattr(-,root,root,-)\n");
    for path in stage::paths(stage)? {
        let is_directory = stage.join(&path).symlink_metadata()?.is_dir();
        if is_directory && EVERYWHERE.iter().any(|known| path == Path::new(known)) {
            continue;
        }
        let path = path.display();
        let kind = if is_directory {
            "%dir "
        } else if path.to_string().ends_with("/LICENSE") {
            "%license "
        } else {
            ""
        };
        writeln!(list, "{kind}/{path}")?;
    }
    Ok(list)
}
