//! Files that are made from code, so that they cannot say something else than the code does.

use crate::{Failure, workspace};
use std::ffi::OsString;
use std::fs;

/// A schema, and the command that it describes.
const SCHEMAS: &[&str] = &[
    "compat",
    "explain",
    "inventory",
    "cdi-list",
    "cdi-refresh",
    "setup",
    "dockerfile-new",
];

/// Writes the files, or with `--check` compares them.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    let is_check = match arguments {
        [] => false,
        [only] if only == "--check" => true,
        _ => return Err("`cargo xtask gen` takes --check or nothing".into()),
    };
    workspace::succeed(&mut workspace::cargo([
        "build",
        "--quiet",
        "--package",
        "liftgate",
    ]))?;
    let liftgate = workspace::target().join("debug/liftgate");
    for subject in SCHEMAS {
        let output = std::process::Command::new(&liftgate)
            .args(["schema", subject])
            .output()?;
        let path = workspace::root().join(format!("docs/schema/{subject}.json"));
        if !is_check {
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            fs::write(&path, &output.stdout)?;
        } else if fs::read(&path).ok().as_ref() != Some(&output.stdout) {
            return Err(
                format!("`{}` is out of date: run `cargo xtask gen`", path.display()).into(),
            );
        }
    }
    Ok(())
}
