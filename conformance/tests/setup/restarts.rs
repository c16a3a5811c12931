//! What Docker needs to take its configuration up: a signal, a restart, or more than we can give; and what a restart means for
//! containers that run.

use crate::docker::PROGRAMS;
use crate::ran::same;
use crate::stage::Stage;
use crate::{Case, Release};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;

/// Nobody has the programs by which dockerd knows that `--gpus` is served.
pub(crate) const NO_HOOK: &str = "
for name in nvidia-container-runtime-hook nvidia-cdi-hook; do
  umount /usr/bin/$name
  rm /usr/bin/$name
done
";

/// They come.
pub(crate) const INSTALL_HOOK: &str = "ln -s liftgate-rt /usr/bin/nvidia-container-runtime-hook";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for release in Release::BOTH {
        let case = |label, test| Case::new(label, release, PROGRAMS, test);
        cases.extend([
            case("restarts::hook-came-later", hook_came_later).changed_by(NO_HOOK),
            case("restarts::no-hook", no_hook).changed_by(NO_HOOK),
            case("restarts::live-restore", live_restore).changed_by(NO_HOOK),
        ]);
    }
    let case = |label, test| Case::new(label, Release::Distribution, PROGRAMS, test);
    cases.push(case("restarts::left-to-the-caller", left_to_the_caller).changed_by(NO_HOOK));
    cases
}

pub(crate) const WAITS: &str = "docker run --detach --network none mini sleep 600";

/// dockerd looks for the hook at its start alone. Whoever has a container running is told what the restart does to it.
fn hook_came_later(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let process = stage.process("docker")?;
    let container = stage.told(WAITS)?;
    stage.told(INSTALL_HOOK)?;
    stage.refuses("docker", "--gpus all")?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says("restart it (it looks for what serves --gpus at start only): /etc/init.d/docker restart")?
        .says("the restart stops 1 running container; with \"live-restore\": true in daemon.json they would go on")?
        .says("a container got 4 GPUs: docker run --gpus all")?;
    if process == stage.process("docker")? {
        return Err(fail("the daemon was not restarted"));
    }
    is_running(stage, &container, "false")?;
    stage.container_has("docker", "--gpus all", Some(&[0, 1, 2, 3]))?;
    // Now the daemon is younger than the hook, and configured.
    let process = stage.process("docker")?;
    stage.set_up_again("docker --yes --no-proof")?;
    same("the daemon", &process, &stage.process("docker")?)?;
    stage.undo(&first)
}

pub(crate) fn is_running(stage: &Stage, container: &str, wanted: &str) -> Result<(), Failed> {
    let container = container.trim();
    let told = stage.told(&format!(
        "docker inspect --format '{{{{.State.Running}}}}' {container}"
    ))?;
    same("the container runs", wanted, told.trim())
}

/// Without the hook on the daemon's `PATH` there is no `--gpus`, which is said before and after; the runtime serves.
fn no_hook(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says("`docker run --gpus` will not work: dockerd looks for nvidia-container-runtime-hook on its PATH")?
        .says("a container got 4 GPUs: docker run --runtime=nvidia")?
        .says("docker run --gpus was not tried")?;
    let by_runtime = "--runtime=nvidia --env NVIDIA_VISIBLE_DEVICES=1";
    stage.container_has("docker", by_runtime, Some(&[1]))?;
    stage.refuses("docker", "--gpus all")?;
    stage.undo(&first)
}

/// Containers outlive the daemon, and nobody is warned.
fn live_restore(stage: &Stage) -> Result<(), Failed> {
    stage.write("/etc/docker/daemon.json", "{\"live-restore\": true}\n")?;
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let container = stage.told(WAITS)?;
    stage.told(INSTALL_HOOK)?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says("restart it")?
        .says("a container got 4 GPUs: docker run --gpus all")?
        .does_not_say("the restart stops")?;
    is_running(stage, &container, "true")?;
    stage.undo(&first)?;
    is_running(stage, &container, "true")?;
    stage
        .told(&format!("docker rm --force {container}"))
        .map(drop)
}

/// `--no-restart` writes, proves nothing and touches no process; without a way to restart, nothing is written.
fn left_to_the_caller(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    let first = stage.files()?;
    let process = stage.process("docker")?;
    stage.told(INSTALL_HOOK)?;
    stage.told("mv /etc/init.d/docker /etc/init.d/other")?;
    let ran = stage.setup("docker --yes")?;
    ran.refused_with("engine-not-restarted")?
        .says("--restart-command")?;
    same("after a refusal", &first, &stage.files()?)?;
    let ran = stage.setup("docker --yes --no-restart")?.succeeded()?;
    ran.does_not_say("a container got")?;
    same("the daemon", &process, &stage.process("docker")?)?;
    stage.told("grep -q /usr/bin/nvidia-container-runtime /etc/docker/daemon.json")?;
    stage
        .setup("--undo --yes --restart-command '/etc/init.d/other restart'")?
        .succeeded()?;
    same("after --undo", &first, &stage.files()?)
}
