//! Where an engine runs: a simulated machine, with a CDI specification of its own or without, and changed by
//! shell text before the engine starts.

use crate::{Programs, context};
use liftgate_testhost::{Options, enter_command};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A simulated machine on which an engine is to run.
#[derive(Debug, Clone)]
pub struct Site {
    programs: Programs,
    machine: String,
    state: PathBuf,
    specification: Option<PathBuf>,
    change: Option<String>,
}

/// The variable that names another program than `liftgate` for `cdi generate --output FILE`: the reference's,
/// or one that spoils what ours has written, to prove the tests before they judge ours.
const OTHER_GENERATOR: &str = "LIFTGATE_OTHER_GENERATOR";

/// The engines keep their defaults, so the specification has to lie where they look by default. Those
/// directories, and the one in which dockerd looks for a containerd that runs already, are covered first:
/// what this host has there is neither seen nor touched.
const PRELUDE: &str = r#"
set -e
for place in /etc/cdi /var/run/cdi /run/containerd; do
  mkdir -p "$place"
  mount -t tmpfs tmpfs "$place"
done
[ -z "$SPECIFICATION" ] || cp "$SPECIFICATION" /etc/cdi/
eval "$CHANGE"
unset SPECIFICATION CHANGE
exec "$@"
"#;

impl Site {
    /// The machine as it is; `state` is where trees of machines are kept.
    pub fn new(programs: &Programs, machine: &str, state: &Path) -> Self {
        Self {
            programs: programs.clone(),
            machine: machine.to_owned(),
            state: state.to_owned(),
            specification: None,
            change: None,
        }
    }

    /// The machine with this specification, and no other, in `/etc/cdi`.
    #[must_use]
    pub fn with_specification(mut self, specification: &Path) -> Self {
        self.specification = Some(specification.to_owned());
        self
    }

    /// The machine without any specification, changed by shell text.
    #[must_use]
    pub fn changed_by(mut self, change: &str) -> Self {
        self.change = Some(change.to_owned());
        self
    }

    /// The programs under test.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// A command that runs `program` there; `writable` is shared with the outside.
    pub fn enter(&self, writable: &Path, program: impl AsRef<OsStr>) -> Command {
        let options = Options {
            state: Some(self.state.clone()),
            writable: vec![writable.to_owned()],
        };
        let enter = |program: &OsStr| {
            enter_command(&self.programs.testhost, &self.machine, &options, program)
        };
        if self.specification.is_none() && self.change.is_none() {
            return enter(program.as_ref());
        }
        let mut command = enter(OsStr::new("/bin/sh"));
        command
            .args(["-c", PRELUDE, "sh"])
            .arg(program)
            .env(
                "SPECIFICATION",
                self.specification.as_deref().unwrap_or(Path::new("")),
            )
            .env("CHANGE", self.change.as_deref().unwrap_or_default());
        command
    }

    /// Writes the machine's specification into `directory`; `arguments` come behind `cdi generate --output
    /// FILE`.
    pub fn generate(&self, directory: &Path, arguments: &[&str]) -> io::Result<PathBuf> {
        context(std::fs::create_dir_all(directory), || {
            format!("mkdir `{}`", directory.display())
        })?;
        let file = directory.join("nvidia.yaml");
        let output = self
            .enter(directory, Self::generator(&self.programs))
            .args(["cdi", "generate", "--output"])
            .arg(&file)
            .args(arguments)
            .output()?;
        if output.status.success() && file.exists() {
            Ok(file)
        } else {
            Err(io::Error::other(format!(
                "no specification of {}: {}\n{}",
                self.machine,
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )))
        }
    }

    /// The program that writes specifications.
    pub fn generator(programs: &Programs) -> PathBuf {
        std::env::var_os(OTHER_GENERATOR).map_or_else(|| programs.liftgate.clone(), PathBuf::from)
    }
}
