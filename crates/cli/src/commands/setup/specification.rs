//! The CDI specification that engines take devices from: made by a setup where there is none, and gone with it.

use super::target::Target;
use crate::cdi::Recorded;
use crate::ui::Ui;
use liftgate_engines::Engine;
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes the CDI specification, or makes it anew; it says itself why it cannot.
pub(super) fn refresh(ui: &mut Ui) {
    let Ok(own) = std::env::current_exe() else {
        return;
    };
    let output = Command::new(own)
        .args(["cdi", "refresh"])
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => {
            for line in String::from_utf8_lossy(&output.stdout).lines() {
                ui.note(line);
            }
        }
        Ok(output) => {
            ui.warning("there is no CDI specification of this machine's GPUs:");
            for line in String::from_utf8_lossy(&output.stderr).lines() {
                ui.note(line);
            }
        }
        Err(error) => ui.warning(format!("`liftgate cdi refresh`: {error}")),
    }
}

/// Removes a specification, if it is one of ours.
pub(super) fn remove(path: &Path) -> bool {
    let bytes = liftgate_sys::file::read_regular(path, liftgate_cdi::MAX_BYTES as u64);
    let is_ours = matches!(
        bytes.ok().flatten().map(|bytes| Recorded::of(&bytes)),
        Some(Recorded::Ours(_))
    );
    is_ours && std::fs::remove_file(path).is_ok()
}

/// Whether the engine takes devices of CDI specifications.
pub(super) fn is_wanted(target: &Target) -> bool {
    match target.engine() {
        Engine::Docker => target
            .info
            .as_ref()
            .is_some_and(|info| info.release().is_some_and(|release| release >= (25, 0))),
        Engine::Containerd | Engine::Crio | Engine::Podman => true,
    }
}
