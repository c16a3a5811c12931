//! Asking: the engine's program, and this machine for what the engine does not say of itself.
//!
//! What comes back was written by others, an image among them: it is read up to a limit of bytes and of time.

use super::engine::{Facts, Kind, Presence};
use super::flags::Flags;
use crate::error::CliError;
use crate::ui::Ui;
use liftgate_cdi::{DEFAULT_DIRECTORIES, Registry};
use liftgate_engines::running::Process;
use liftgate_plan::shortened;
use liftgate_sys::process::{USUAL_PATH, find_executable, installed};
use serde_json::Value;
use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// An image's configuration may have 4 MiB in registries.
const MOST_BYTES: u64 = 8 << 20;
const MOST_WORDS: u64 = 64 << 10;

/// Docker's daemon.
const DAEMON: &str = "dockerd";

/// A daemon behind a slow line answers within seconds; one that hangs does not answer at all.
const LIMIT: Duration = Duration::from_secs(60);

/// The program of an engine, with the words that come before a subcommand.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    program: PathBuf,
    pub(crate) words: Vec<OsString>,
}

/// What a program answered.
struct Answer {
    output: Vec<u8>,
    words: String,
    is_success: bool,
}

impl Engine {
    /// The program by this name on `PATH`, or at this path.
    pub(crate) fn find(words: Vec<OsString>) -> Option<Self> {
        let program = on_path(words.first()?)?;
        Some(Self { program, words })
    }

    /// The engine's facts, or why it does not answer.
    pub(crate) fn facts(&self) -> Result<Facts, String> {
        let answer = self.ask(["info", "--format", "{{json .}}"])?;
        let info: Value = serde_json::from_slice(&answer.output).unwrap_or_default();
        let Some(mut facts) = Facts::of_info(&info) else {
            let errors = info["ServerErrors"].as_array().into_iter().flatten();
            let mut errors: Vec<&str> = errors.filter_map(Value::as_str).collect();
            errors.push(answer.words.trim());
            errors.retain(|error| !error.is_empty());
            let lines = errors
                .first()
                .copied()
                .unwrap_or("it says nothing of itself");
            return Err(shortened(lines.lines().next().unwrap_or_default()));
        };
        self.complete(&mut facts);
        Ok(facts)
    }

    /// Adds what the engine does not say, where it runs on this machine.
    fn complete(&self, facts: &mut Facts) {
        if !is_here(facts) {
            return;
        }
        facts.labels = facts.labels && is_enforcing();
        let directories = match facts.kind {
            Kind::Docker => {
                let path = self.daemons_path();
                facts.hook = presence("nvidia-container-runtime-hook", path.as_deref());
                facts.cdi_hook = presence("nvidia-cdi-hook", path.as_deref());
                std::mem::take(&mut facts.unlisted)
            }
            Kind::Podman => {
                facts.runtime_program = installed("nvidia-container-runtime");
                DEFAULT_DIRECTORIES.map(PathBuf::from).to_vec()
            }
        };
        if !directories.is_empty() {
            let registry = Registry::load(&directories);
            let gpus = registry
                .devices()
                .filter(|name| name.kind() == "nvidia.com/gpu");
            facts.specified = gpus.map(|name| name.name.clone()).collect();
        }
    }

    /// The `PATH` of Docker's daemon; none, where it may not be read.
    fn daemons_path(&self) -> Option<OsString> {
        let endpoint = self
            .ask([
                "context",
                "inspect",
                "--format",
                "{{.Endpoints.docker.Host}}",
            ])
            .ok()?;
        let endpoint = String::from_utf8(endpoint.output).ok()?;
        let socket = Path::new(endpoint.trim().strip_prefix("unix://")?);
        Process::at(socket, DAEMON)?.path
    }

    /// The options that `run --help` has; none, if it is not understood.
    pub(crate) fn options_of_run(&self) -> Flags {
        let answer = self.ask(["run", "--help"]).map(|answer| answer.output);
        Flags::of_help(&String::from_utf8_lossy(&answer.unwrap_or_default()))
    }

    /// What `image inspect` says; none, if there is no such image here.
    pub(crate) fn image(&self, name: &OsStr) -> Result<Option<Value>, String> {
        let arguments = [
            OsStr::new("image"),
            OsStr::new("inspect"),
            OsStr::new("--"),
            name,
        ];
        let answer = self.ask(arguments)?;
        if !answer.is_success {
            return Ok(None);
        }
        let images: Value = serde_json::from_slice(&answer.output)
            .map_err(|error| shortened(&error.to_string()))?;
        Ok(images.get(0).cloned())
    }

    fn ask<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Answer, String> {
        let mut command = Command::new(&self.program);
        command.args(self.words.iter().skip(1)).args(arguments);
        ask(&mut command, LIMIT)
    }

    /// Becomes the engine. What the user is to know has been said.
    pub(crate) fn become_it(
        &self,
        words: &[OsString],
        ui: &mut Ui,
    ) -> Result<Infallible, CliError> {
        ui.flush()?;
        liftgate_sys::process::exec(&self.program, words).map_err(|error| CliError::Failed {
            sentence: format!("cannot start `{}`: {error}", self.program.display()),
            hint: "see whether the file is a program of this machine".to_owned(),
        })
    }
}

/// Runs a program to its end.
fn ask(command: &mut Command, limit: Duration) -> Result<Answer, String> {
    let program = command.get_program().display().to_string();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("execve(`{program}`): {error}"))?;
    let (sender, receiver) = mpsc::channel();
    let (output, words) = (child.stdout.take(), child.stderr.take());
    let words = std::thread::spawn(move || read(words, MOST_WORDS));
    std::thread::spawn(move || {
        // Nobody listens any more if it came too late.
        sender.send(read(output, MOST_BYTES)).ok();
    });
    let output = receiver.recv_timeout(limit);
    let reason = match &output {
        Ok(output) if output.len() as u64 <= MOST_BYTES => None,
        Ok(_) => Some(format!("`{program}` answers more than {MOST_BYTES} bytes")),
        Err(_) => Some(format!(
            "`{program}` gives no answer within {} seconds",
            limit.as_secs()
        )),
    };
    if reason.is_some() {
        child.kill().ok();
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if let Some(reason) = reason {
        return Err(reason);
    }
    let words = words.join().unwrap_or_default();
    Ok(Answer {
        output: output.unwrap_or_default(),
        words: String::from_utf8_lossy(&words).into_owned(),
        is_success: status.success(),
    })
}

/// What comes, up to one byte more than the limit.
fn read(source: Option<impl Read>, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(source) = source {
        source.take(limit + 1).read_to_end(&mut bytes).ok();
    }
    bytes
}

/// The program by this name on our `PATH`, or at this path: as a shell finds it.
fn on_path(name: &OsStr) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(PathBuf::from(name));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
    find_executable(name, directories.iter().map(PathBuf::as_path))
}

/// Whether the daemon finds the program. Without its `PATH` that of systemd's services is looked through, and what is not
/// there may be elsewhere.
fn presence(name: &str, path: Option<&OsStr>) -> Presence {
    let name = OsStr::new(name);
    let is_found = match path {
        Some(path) => {
            let directories: Vec<PathBuf> = std::env::split_paths(path).collect();
            find_executable(name, directories.iter().map(PathBuf::as_path)).is_some()
        }
        None => find_executable(name, USUAL_PATH.iter().map(Path::new)).is_some(),
    };
    match (is_found, path) {
        (true, _) => Presence::Yes,
        (false, Some(_)) => Presence::No,
        (false, None) => Presence::Unknown,
    }
}

/// Whether the engine runs on this machine: then what is known here of GPUs holds for it.
pub(crate) fn is_here(facts: &Facts) -> bool {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    facts.host_name == name.trim() && facts.kernel == liftgate_sys::process::kernel_release()
}

fn is_enforcing() -> bool {
    fs::read_to_string("/sys/fs/selinux/enforce").is_ok_and(|text| text.trim() == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Result<(usize, String, bool), String> {
        let answer = ask(Command::new("sh").args(["-c", script]), limit)?;
        Ok((answer.output.len(), answer.words, answer.is_success))
    }

    #[test]
    fn answers_are_bounded() {
        let limit = Duration::from_secs(30);
        assert_eq!(
            shell("echo x; echo y >&2; exit 3", limit),
            Ok((2, "y\n".into(), false))
        );
        let most = format!("head -c {MOST_BYTES} /dev/zero");
        assert_eq!(shell(&most, limit).unwrap().0 as u64, MOST_BYTES);
        assert!(
            shell("cat /dev/zero", limit)
                .unwrap_err()
                .contains("more than")
        );
        assert!(
            shell("exec sleep 60", Duration::from_millis(50))
                .unwrap_err()
                .contains("no answer")
        );
        assert_eq!(
            shell("cat /dev/zero | head -c 300000 >&2", limit)
                .unwrap()
                .1
                .len() as u64,
            MOST_WORDS + 1
        );
    }

    #[test]
    fn a_program_that_the_daemon_may_have_elsewhere_is_not_called_absent() {
        assert_eq!(
            presence("sh", Some(OsStr::new("/nowhere:/bin"))),
            Presence::Yes
        );
        assert_eq!(presence("sh", Some(OsStr::new("/nowhere"))), Presence::No);
        assert_eq!(presence("sh", None), Presence::Yes);
        assert_eq!(presence("no-such-program", None), Presence::Unknown);
    }
}
