//! A look before a restart: dockerd is asked whether it would start with the new file.
//!
//! A daemon that does not come back takes every container with it until somebody notices. Since 23.0 `dockerd --validate` reads a
//! configuration with the flags of its command line, as the start would, and does nothing else; what it refuses most is a key that
//! stands both in the file and among the flags, and comments.

use super::target::Target;
use liftgate_engines::change::FileChange;
use liftgate_plan::{Code, Refusal};
use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

const FILE: &str = "--config-file";
const VALIDATE: &str = "--validate";
/// How a daemon says that it does not know the flag.
const UNKNOWN: &str = "unknown flag: --validate";

/// Refuses a change with which the daemon would not start.
pub(super) fn would_start(target: &Target, changes: &[FileChange]) -> Result<(), Refusal> {
    let Some(process) = &target.process else {
        return Ok(());
    };
    let change = changes.iter().find(|change| !change.is_nothing());
    let Some(text) = change.and_then(|change| change.after.as_ref()) else {
        return Ok(());
    };
    // In memory: a configuration may hold a password, and `/tmp` is everybody's.
    let Ok(candidate) = in_memory(text) else {
        // Where nothing can be asked, the proof after the restart has to do.
        return Ok(());
    };
    let path = format!("/proc/{}/fd/{}", std::process::id(), candidate.as_raw_fd());
    let mut command = Command::new(format!("/proc/{}/exe", process.id));
    if let Some(name) = process.arguments.first() {
        // Started by another path than its own, it goes by its own name.
        command.arg0(name);
    }
    let output = command
        .args([VALIDATE, FILE, &path])
        .args(other_flags(&process.arguments))
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else { return Ok(()) };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() || said.contains(UNKNOWN) {
        return Ok(());
    }
    let said = said.replace(&path, "daemon.json");
    Err(Refusal::new(
        Code::EngineConfigurationMalformed,
        format!(
            "dockerd would not start with `{}`; it was not touched",
            target.configuration.main.display()
        ),
        "mend what dockerd names; a key may stand in the file or among its flags, not in both",
    )
    .because(said.trim()))
}

/// The daemon's flags, without the file that it reads.
fn other_flags(arguments: &[OsString]) -> Vec<&OsString> {
    let mut flags = Vec::new();
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        let bytes = argument.as_bytes();
        if bytes == FILE.as_bytes() {
            rest.next();
        } else if !bytes.starts_with(b"--config-file=") {
            flags.push(argument);
        }
    }
    flags
}

/// A file that nobody else can open by a name.
fn in_memory(text: &str) -> std::io::Result<File> {
    let mut file = liftgate_sys::file::nameless().map_err(std::io::Error::other)?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        let words = [
            "dockerd",
            "-H",
            "fd://",
            "--config-file",
            "a",
            "--config-file=b",
            "--debug",
        ];
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        assert_eq!(other_flags(&words), ["-H", "fd://", "--debug"]);
    }
}
