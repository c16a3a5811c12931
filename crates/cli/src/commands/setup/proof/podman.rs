//! The proof by Podman, which needs no image: it takes a directory for one.

use super::command::output;
use super::image::{Image, PROGRAM, WORD};
use super::{Proven, container, given, gpus, needed};
use crate::commands::setup::target::{PODMAN_WITH_CDI, Target};
use liftgate_engines::Wish;
use std::process::Command;

/// Starts a container by the runtime, one by CDI, and one by the hook, as far as Podman has them.
pub(super) fn by_podman(target: &Target, wish: &Wish, proven: &mut Proven) -> Result<(), String> {
    let Some(podman) = needed(proven, target.program("podman")) else {
        return Ok(());
    };
    let release = target.configuration.release;
    let Some(gpus) = needed(proven, gpus()) else {
        return Ok(());
    };
    let image = Image::make()?;
    let run = |words: &[&str]| {
        let root = image.directory.path().display().to_string();
        let program = format!("/{PROGRAM}");
        let mut command = Command::new(podman);
        command
            .args(["run", "--rm", "--network", "none"])
            // SELinux has no label for a container's files here.
            .args(["--security-opt", "label=disable"])
            .args(words);
        command.args(["--rootfs", &root, &program, WORD]);
        let text = output(&mut command)?;
        given(&text, gpus, &words.join(" "))
    };
    let all = "NVIDIA_VISIBLE_DEVICES=all";
    run(&["--runtime", &wish.name, "--env", all])?;
    proven.push(container(
        gpus,
        &format!("podman --runtime {} run", wish.name),
    ));
    if release.is_some_and(|release| release >= PODMAN_WITH_CDI) {
        let words = ["--device", "nvidia.com/gpu=all"];
        run(&words)?;
        proven.push(container(gpus, "podman run --device nvidia.com/gpu=all"));
    }
    if target.configuration.hook.is_some() {
        run(&["--env", all])?;
        proven.push(container(
            gpus,
            &format!("podman run --env {all}, by the hook"),
        ));
    }
    Ok(())
}
