//! How a test, or the demo, runs a program inside a machine.

use crate::machine::Machine;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How to enter a machine.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the trees of machines are kept; by default a directory below the one for temporary files.
    pub state: Option<PathBuf>,
    /// Directories of the host that can be written to from inside, beside `/tmp`.
    pub writable: Vec<PathBuf>,
}

impl Options {
    /// Where the tree of this machine is kept. The fingerprint is part of the name, so that two builds of
    /// this crate can run at the same time.
    pub fn tree_directory(&self, machine: &Machine) -> PathBuf {
        let state = self
            .state
            .clone()
            .unwrap_or_else(|| std::env::temp_dir().join("liftgate-testhost"));
        state.join(format!("{}-{}", machine.name(), machine.fingerprint()))
    }
}

/// A command that runs `program` inside `machine` through the program `testhost`, with its exit status.
/// Arguments, environment and working directory are added to it as to any command.
pub fn enter_command(
    testhost: &Path,
    machine: &str,
    options: &Options,
    program: impl AsRef<OsStr>,
) -> Command {
    let mut command = Command::new(testhost);
    command.arg("run").arg(machine);
    if let Some(state) = &options.state {
        command.arg("--state").arg(state);
    }
    for directory in &options.writable {
        command.arg("--writable").arg(directory);
    }
    command.arg("--").arg(program);
    command
}
