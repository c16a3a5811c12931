//! What somebody who reads an explanation can do next.

use super::explain::Arguments;
use super::explanation::Outcome;
use crate::shell;
use liftgate_driver::Capability;

/// The next steps, as lines.
pub(super) fn after(arguments: &Arguments, outcome: &Outcome) -> Vec<String> {
    match outcome {
        // A refusal has a hint of its own.
        Outcome::Refused { .. } => Vec::new(),
        Outcome::Granted { plan, .. } => {
            let has_smi = plan.as_ref().is_none_or(|plan| {
                plan.capabilities.contains(Capability::Utility)
            });
            let program = if has_smi {
                "nvidia-smi -L"
            } else {
                "ls /dev"
            };
            if let Some(bundle) = &arguments.bundle {
                return vec![format!(
                    "nothing was changed; to start it: nvidia-container-runtime run --bundle {} NAME",
                    shell::word(bundle)
                )];
            }
            let mut steps = vec![format!(
                "nothing was changed; to try it: {} {program}",
                docker_run(arguments)
            )];
            if plan.as_ref().is_none_or(|plan| !plan.gpus.is_empty()) {
                steps.push("if that container has no GPU, Docker has not started this runtime: `docker info` must list nvidia among its runtimes".to_owned());
            }
            steps
        }
        Outcome::NothingAsked {
            is_ignored_request: true,
            ..
        } => vec![
            "to have the request heeded: set accept-nvidia-visible-devices-envvar-when-unprivileged = true in config.toml, or start the container with --privileged".to_owned(),
        ],
        Outcome::NothingAsked { .. } if arguments.bundle.is_some() => vec![
            "to ask for GPUs: set NVIDIA_VISIBLE_DEVICES=all in process.env of config.json".to_owned(),
        ],
        Outcome::NothingAsked { .. } => vec![
            "to ask for GPUs: docker run --runtime=nvidia --gpus all, or -e NVIDIA_VISIBLE_DEVICES=all; `liftgate explain --gpus all` says what that gives".to_owned(),
        ],
    }
}

/// The command that the arguments describe. What the image sets, the image has to bring along.
fn docker_run(arguments: &Arguments) -> String {
    let mut words = vec!["docker run --rm --runtime=nvidia".to_owned()];
    if arguments.privileged {
        words.push("--privileged".to_owned());
    }
    for entry in &arguments.env {
        words.push(format!("-e {}", shell::word(entry)));
    }
    if let Some(gpus) = &arguments.gpus {
        words.push(format!("--gpus {}", shell::word(gpus)));
    }
    words.push("IMAGE".to_owned());
    words.join(" ")
}
