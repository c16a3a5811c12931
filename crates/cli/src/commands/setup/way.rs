//! How an engine is reloaded or restarted: by whoever started it.

use liftgate_engines::running::Unit;
use liftgate_sys::process::{hang_up, installed};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a service manager may take: containers that are to be stopped have ten seconds each.
const LIMIT: Duration = Duration::from_secs(120);
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// How it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// By systemd.
    Unit(Unit),
    /// By its init script.
    InitScript(PathBuf),
    /// By a command that was given.
    Command(String),
    /// By a signal, which is enough to reload.
    Hangup(u32),
    /// By whoever called us.
    ByHand,
    /// Nobody has said, and nobody needs to know yet.
    Unknown,
}

impl Way {
    /// Whether it is not for us to do.
    pub(super) const fn is_nobodys(&self) -> bool {
        matches!(self, Self::ByHand | Self::Unknown)
    }

    /// The command, for people.
    pub(super) fn in_words(&self, is_restart: bool) -> String {
        let verb = if is_restart { "restart" } else { "reload" };
        match self {
            Self::Unit(unit) => {
                let user = if unit.is_of_user { "--user " } else { "" };
                format!("systemctl {user}{verb} {}", unit.name)
            }
            Self::InitScript(script) => format!("{} {verb}", script.display()),
            Self::Command(command) => command.clone(),
            Self::Hangup(id) => format!("kill -HUP {id}"),
            Self::ByHand => "by yourself".to_owned(),
            Self::Unknown => "by a command that --restart-command has to name".to_owned(),
        }
    }

    /// Does it.
    pub(super) fn perform(&self, is_restart: bool) -> Result<(), String> {
        let verb = if is_restart { "restart" } else { "reload" };
        let mut command = match self {
            Self::Unit(unit) => {
                let systemctl = installed("systemctl").ok_or("there is no systemctl")?;
                let call = |verb: &str| {
                    let mut command = Command::new(&systemctl);
                    if unit.is_of_user {
                        command.arg("--user");
                    }
                    command.args(["--no-ask-password", verb, &unit.name]);
                    command
                };
                if is_restart {
                    // Docker's service may be started three times in a minute, of which a setup that is put back needs two; then it
                    // would stay down. What systemd has to say to this, it says to the restart.
                    run(&mut call("reset-failed"), "systemctl reset-failed").ok();
                }
                call(verb)
            }
            Self::InitScript(script) => {
                let mut command = Command::new(script);
                command.arg(verb);
                command
            }
            Self::Command(text) => {
                let mut command = Command::new("/bin/sh");
                command.args(["-c", text]);
                command
            }
            Self::Hangup(id) => return hang_up(*id).map_err(|error| error.to_string()),
            Self::ByHand | Self::Unknown => return Ok(()),
        };
        run(&mut command, &self.in_words(is_restart))
    }
}

/// Runs a command to its end, or for as long as it may take. What it says goes to a file: an engine that it starts would keep a
/// pipe open for ever.
fn run(command: &mut Command, shown: &str) -> Result<(), String> {
    let said = liftgate_sys::file::nameless().map_err(|error| error.to_string())?;
    let clone = || said.try_clone().map_err(|error| error.to_string());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(clone()?)
        .stderr(clone()?)
        .spawn()
        .map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => {
                let mut text = String::new();
                std::io::Seek::rewind(&mut &said).ok();
                std::io::Read::read_to_string(&mut &said, &mut text).ok();
                let text = text.trim();
                let text = if text.is_empty() {
                    "it says nothing"
                } else {
                    text
                };
                return Err(format!("`{shown}`: {status}: {text}"));
            }
            Ok(None) if begun.elapsed() < LIMIT => std::thread::sleep(PAUSE),
            Ok(None) => {
                // Whatever it waits for, it may yet get; we do not.
                return Err(format!(
                    "`{shown}` did not end within {} s",
                    LIMIT.as_secs()
                ));
            }
            Err(error) => return Err(format!("`{shown}`: {error}")),
        }
    }
}
