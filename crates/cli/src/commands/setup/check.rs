//! A look before a restart: dockerd is asked whether it would start with the new file.
//!
//! A daemon that does not come back takes every container with it until somebody notices. Since 23.0 `dockerd --validate` reads a
//! configuration with the flags of its command line, as the start would, and does nothing else; what it refuses most is a key that
//! stands both in the file and among the flags, and comments.

use super::target::Target;
use liftgate_engines::change::FileChange;
use liftgate_plan::{Code, Refusal};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
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
    let candidate = std::env::temp_dir().join(format!("liftgate-candidate-{}", std::process::id()));
    let program = PathBuf::from(format!("/proc/{}/exe", process.id));
    // Where nothing can be asked, the proof after the restart has to do.
    if std::fs::write(&candidate, text).is_err() {
        return Ok(());
    }
    let output = Command::new(program)
        .arg0_of(&process.arguments)
        .arg(VALIDATE)
        .arg(FILE)
        .arg(&candidate)
        .args(other_flags(&process.arguments))
        .stdin(Stdio::null())
        .output();
    // It lies where what does not last does.
    std::fs::remove_file(&candidate).ok();
    let Ok(output) = output else { return Ok(()) };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() || said.contains(UNKNOWN) {
        return Ok(());
    }
    let said = said.replace(&candidate.display().to_string(), "daemon.json");
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

/// A program that is started by another path than its own goes by its own name.
trait Named {
    fn arg0_of(&mut self, arguments: &[OsString]) -> &mut Self;
}

impl Named for Command {
    fn arg0_of(&mut self, arguments: &[OsString]) -> &mut Self {
        use std::os::unix::process::CommandExt as _;
        match arguments.first() {
            Some(name) => self.arg0(name),
            None => self,
        }
    }
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
