//! The words by which people know these failures: those that the reference's `nvidia-container-cli` ends with.
//!
//! They stand before ours, as they do in every search result and in the scripts that look for them.

use liftgate_plan::{Code, Refusal};

/// A refusal as it is printed: the reference's words where it has some, then ours.
pub(crate) fn lines(refusal: &Refusal) -> String {
    let ours = refusal.one_line();
    match of(refusal) {
        Some(words) => format!("nvidia-container-cli: {words}\n{ours}\n"),
        None => format!("nvidia-container-cli: {ours}\n"),
    }
}

fn of(refusal: &Refusal) -> Option<String> {
    let subject = refusal.subject.as_deref();
    Some(match refusal.code {
        Code::DriverNotLoaded => "initialization error: nvml error: driver not loaded".to_owned(),
        Code::DriverFilesMissing => "initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory".to_owned(),
        Code::DriverVersionMismatch => {
            "initialization error: nvml error: driver/library version mismatch".to_owned()
        }
        Code::DeviceUnknown | Code::DeviceAmbiguous => {
            format!("device error: {}: unknown device", subject?)
        }
        Code::RequirementNotMet | Code::RequirementMalformed => {
            format!("requirement error: {}", subject?)
        }
        Code::ImexChannelMalformed => {
            format!("error parsing IMEX info: unsupported IMEX channel value: {}", subject?)
        }
        Code::NotCarriedOut | Code::MigControlNotAllowed => subject?.to_owned(),
        _ => return None,
    })
}
