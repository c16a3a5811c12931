//! Where things are, and cargo.

use crate::Failure;
use liftgate_testhost::{Options, enter_command};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where the executables lie as they are shipped.
pub(crate) fn dist() -> PathBuf {
    target().join("dist-files")
}

/// `cargo ARGUMENTS`, in the workspace.
pub(crate) fn cargo(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    // Cargo tells its children about the package that it runs; other packages are none of its business.
    for variable in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(variable);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn succeed(command: &mut Command) -> Result<(), Failure> {
    let status = command
        .status()
        .map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?}: {status}").into())
    }
}

/// Builds `testhost`, and says where it is.
pub(crate) fn testhost() -> Result<PathBuf, Failure> {
    succeed(&mut cargo([
        "build",
        "--quiet",
        "--package",
        "liftgate-testhost",
    ]))?;
    Ok(target().join("debug/testhost"))
}

/// Where the trees of simulated machines are kept.
pub(crate) fn machines() -> PathBuf {
    std::env::temp_dir().join("liftgate-testhost")
}

/// A shell, or a command, on a simulated machine.
pub(crate) fn machine(arguments: &[OsString]) -> Result<(), Failure> {
    let Some(name) = arguments.first().and_then(|name| name.to_str()) else {
        return Err("say which machine: `cargo xtask machine h200-580`".into());
    };
    let command: Vec<&OsString> = arguments
        .iter()
        .skip(1)
        .skip_while(|argument| *argument == "--")
        .collect();
    let options = Options {
        state: Some(machines()),
        writable: vec![target()],
    };
    let shell = OsString::from("/bin/sh");
    let program = command.first().copied().unwrap_or(&shell);
    succeed(enter_command(&testhost()?, name, &options, program).args(command.iter().skip(1)))
}
