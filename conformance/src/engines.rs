//! Engines newer than the distribution's, as `cargo xtask test` fetches them.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variable that names the directory of current engines.
const VARIABLE: &str = "LIFTGATE_ENGINES";

/// A directory of current engines.
#[derive(Debug, Clone)]
pub struct Engines {
    directory: PathBuf,
}

impl Engines {
    /// Finds them, with all of `programs`, or says what is missing.
    pub fn find(programs: &[&str]) -> Result<Self, String> {
        let directory = std::env::var_os(VARIABLE)
            .map(PathBuf::from)
            .ok_or_else(|| format!("needs current engines, {VARIABLE}"))?;
        let engines = Self { directory };
        match programs
            .iter()
            .find(|program| !engines.program(program).exists())
        {
            None => Ok(engines),
            Some(program) => Err(format!("needs a current {program}")),
        }
    }

    /// The path of one of their programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join("bin").join(name)
    }

    /// A `PATH` on which they find each other before they find the distribution's.
    pub(crate) fn path(&self) -> OsString {
        let mut path = self.directory.join("bin").into_os_string();
        if let Some(usual) = std::env::var_os("PATH") {
            path.push(":");
            path.push(usual);
        }
        path
    }
}
