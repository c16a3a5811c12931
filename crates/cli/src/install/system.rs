//! What systemd, udev and tmpfiles are told.
//!
//! Only on the machine itself, never for a `--destdir`. Units are enabled where `systemctl` is installed, also in a
//! chroot where an image is being made; the rest needs systemd to run. A command that fails is a warning: the files
//! are in place, and a driver that is half upgraded is no reason to leave without them.

use super::layout::UNITS;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program and its arguments.
pub(crate) type Call = Vec<String>;

/// The programs' directories: `PATH` is not root's to begin with.
const DIRECTORIES: [&str; 4] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/// After files were put in place.
pub(crate) fn after_install(enable: bool, tmpfiles: &Path) -> Vec<Call> {
    let mut calls = Vec::new();
    if is_running() {
        calls.push(call(&["systemctl", "daemon-reload"]));
        calls.push(call(&["udevadm", "control", "--reload"]));
        calls.push(call(&[
            "systemd-tmpfiles",
            "--create",
            &tmpfiles.display().to_string(),
        ]));
    }
    if enable {
        let verb: &[&str] = if is_running() {
            &["systemctl", "enable", "--now"]
        } else {
            &["systemctl", "enable"]
        };
        calls.push(call(&[verb, &UNITS].concat()));
    } else if is_running() {
        // Whatever of it runs is to run as the new files say.
        calls.push(call(&[&["systemctl", "try-restart"], &UNITS[..]].concat()));
    }
    installed(calls)
}

/// Before files are taken away.
pub(crate) fn before_uninstall() -> Vec<Call> {
    let verb: &[&str] = if is_running() {
        &["systemctl", "disable", "--now"]
    } else {
        &["systemctl", "disable"]
    };
    installed(vec![call(&[verb, &UNITS].concat())])
}

/// After files were taken away.
pub(crate) fn after_uninstall() -> Vec<Call> {
    if !is_running() {
        return Vec::new();
    }
    installed(vec![
        call(&["systemctl", "daemon-reload"]),
        call(&["udevadm", "control", "--reload"]),
    ])
}

/// Runs it; what it says is said on.
pub(crate) fn run(call: &Call) -> Result<(), String> {
    let Some((program, arguments)) = call.split_first() else {
        return Ok(());
    };
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let last = words
        .trim()
        .lines()
        .next_back()
        .unwrap_or("it says nothing");
    Err(format!("{}: {last}", output.status))
}

fn is_running() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

fn call(words: &[&str]) -> Call {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The calls whose programs are there, with their paths.
fn installed(calls: Vec<Call>) -> Vec<Call> {
    let found = |mut call: Call| {
        let place = DIRECTORIES
            .iter()
            .map(|directory| format!("{directory}/{}", call[0]))
            .find(|path| Path::new(path).exists())?;
        call[0] = place;
        Some(call)
    };
    calls.into_iter().filter_map(found).collect()
}
