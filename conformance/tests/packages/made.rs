//! The packages under test, and the root that they are tried in.

use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use std::path::{Path, PathBuf};

/// Where `cargo xtask dist` has put them.
const PACKAGES: &str = "LIFTGATE_PACKAGES";
/// Where `cargo xtask roots` has put roots.
const ROOTS: &str = "LIFTGATE_ROOTS";
const ROOT: &str = "bookworm";

#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) packages: PathBuf,
    pub(crate) root: PathBuf,
    pub(crate) version: &'static str,
}

impl Made {
    /// Finds them, or says what is missing.
    pub(crate) fn find() -> Result<Self, String> {
        if !liftgate_sys::namespace::is_real_root() {
            return Err("needs root".to_owned());
        }
        let directory = |variable: &str, command: &str| {
            std::env::var_os(variable)
                .map(PathBuf::from)
                .ok_or_else(|| format!("needs {variable}, which `{command}` makes"))
        };
        let packages = directory(PACKAGES, "cargo xtask dist")?;
        let root = directory(ROOTS, "cargo xtask roots")?.join(ROOT);
        if !root.join("usr/bin/dpkg").exists() {
            return Err(format!("needs the root {ROOT}"));
        }
        Ok(Self {
            packages,
            root,
            version: env!("CARGO_PKG_VERSION"),
        })
    }

    /// The one package whose name ends so.
    pub(crate) fn package(&self, suffix: &str) -> Result<PathBuf, Failed> {
        let entries = std::fs::read_dir(&self.packages)?;
        let mut found: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| is_named(path, suffix))
            .collect();
        match (found.pop(), found.pop()) {
            (Some(path), None) => Ok(path),
            _ => Err(fail(format!(
                "not one `*{suffix}` in `{}`",
                self.packages.display()
            ))),
        }
    }
}

fn is_named(path: &Path, suffix: &str) -> bool {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .ends_with(suffix)
}
