//! Files that are made from code, so that they cannot say something else than the code does.

use crate::{Failure, workspace};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A schema, and the command that it describes.
const SCHEMAS: &[&str] = &[
    "explain",
    "inventory",
    "cdi-list",
    "cdi-refresh",
    "setup",
    "dockerfile-new",
    "compat",
    "lint",
    "lint-configuration",
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
    rule_pages(&liftgate, is_check)?;
    for subject in SCHEMAS {
        let output = Command::new(&liftgate).args(["schema", subject]).output()?;
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

/// The pages of the linter's rules. A page of a rule that is gone goes, too.
fn rule_pages(liftgate: &Path, is_check: bool) -> Result<(), Failure> {
    let pages = workspace::root().join("docs/rules");
    let made = workspace::target().join("tmp/rules");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    workspace::succeed(Command::new(liftgate).arg("rule").arg("--pages").arg(&made))?;
    let read = |directory: &Path| -> Result<BTreeMap<OsString, Vec<u8>>, Failure> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let entry = entry?;
            files.insert(entry.file_name(), fs::read(entry.path())?);
        }
        Ok(files)
    };
    let (now, before) = (read(&made)?, read(&pages)?);
    if is_check {
        return if now == before {
            Ok(())
        } else {
            Err("`docs/rules` is out of date: run `cargo xtask gen`".into())
        };
    }
    fs::create_dir_all(&pages)?;
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        fs::remove_file(pages.join(name))?;
    }
    for (name, content) in &now {
        fs::write(pages.join(name), content)?;
    }
    Ok(())
}
