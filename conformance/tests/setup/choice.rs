//! Which engine is meant, and the words of programs for programs.

use crate::json;
use crate::ran::same;
use crate::stage::Stage;
use crate::{Case, Release, docker, podman};
use libtest_mimic::Failed;

const BOTH: &[&str] = &[
    "dockerd",
    "docker",
    "containerd",
    "runc",
    "podman",
    "conmon",
];

/// A machine with one engine.
const DOCKER_ALONE: &str = "rm -f $(command -v podman)";

pub(crate) fn cases() -> Vec<Case> {
    let case = |label, needs, test| Case::new(label, Release::Distribution, needs, test);
    vec![
        case("choice::none-named", BOTH, none_named),
        case("choice::all", BOTH, all),
        case("choice::one-fails", BOTH, one_fails),
        case("choice::only-one", docker::PROGRAMS, only_one).changed_by(DOCKER_ALONE),
        case("choice::json", docker::PROGRAMS, in_json),
    ]
}

fn none_named(stage: &Stage) -> Result<(), Failed> {
    stage.write(podman::CONFIGURATION, podman::EXISTING)?;
    stage.service("docker", "start")?;
    let first = stage.files()?;
    let ran = stage.setup("--yes")?.ended_with(2)?;
    ran.says("there is more than one engine: docker, podman")?
        .says("--all")?;
    same("after a refusal", &first, &stage.files()?)
}

fn all(stage: &Stage) -> Result<(), Failed> {
    stage.write(podman::CONFIGURATION, podman::EXISTING)?;
    stage.service("docker", "start")?;
    stage.import("docker")?;
    stage.import("podman")?;
    let first = stage.files()?;
    let ran = stage.setup("--all --yes")?.succeeded()?;
    ran.says("a container got 4 GPUs: docker run --gpus all")?
        .says("a container got 4 GPUs: podman --runtime nvidia run")?;
    let by_runtime = "--runtime nvidia --env NVIDIA_VISIBLE_DEVICES=1";
    for engine in ["docker", "podman"] {
        stage.container_has(engine, by_runtime, Some(&[1]))?;
    }
    stage.undo(&first)?;
    for engine in ["docker", "podman"] {
        stage.refuses(engine, "--runtime nvidia")?;
    }
    Ok(())
}

/// One that fails keeps none of the others from their GPUs, and is as it was before.
fn one_fails(stage: &Stage) -> Result<(), Failed> {
    const DAEMON: &str = "/etc/docker/daemon.json";
    stage.write(podman::CONFIGURATION, podman::EXISTING)?;
    stage.write(DAEMON, "{}")?;
    stage.told("echo --default-runtime=runc >/run/docker-flags")?;
    stage.service("docker", "start")?;
    stage.import("podman")?;
    // A reload fails over what stands both among the flags and in the file.
    let ran = stage.setup("--all --yes --set-as-default --json")?;
    let ran = ran.refused_with("engine-not-proven")?;
    let report = json::report(&ran)?;
    report.says("/is_done", "false")?;
    report.says("/engines/0/failure/code", "\"engine-not-proven\"")?;
    report.says("/engines/1/engine", "\"podman\"")?;
    report.says("/engines/1/failure", "null")?;
    same(DAEMON, "{}", &stage.told(&format!("cat {DAEMON}"))?)?;
    let by_runtime = "--runtime nvidia --env NVIDIA_VISIBLE_DEVICES=1";
    stage.container_has("podman", by_runtime, Some(&[1]))
}

/// Docker's containerd, whose CRI nobody uses, is no second engine.
fn only_one(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    let first = stage.files()?;
    let ran = stage.setup("--yes")?.succeeded()?;
    ran.says("a container got 4 GPUs: docker run --gpus all")?;
    stage.undo(&first)
}

fn in_json(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    let planned = json::report(&stage.setup("docker --dry-run --json")?.succeeded()?)?;
    planned.says("/is_done", "false")?;
    planned.says("/engines/0/engine", "\"docker\"")?;
    planned.says("/engines/0/files/0/path", "\"/etc/docker/daemon.json\"")?;
    planned.says("/engines/0/proven", "[]")?;
    let done = json::report(&stage.setup("docker --yes --json")?.succeeded()?)?;
    done.says("/is_done", "true")?;
    done.says(
        "/engines/0/proven/2",
        "\"a container got 4 GPUs: docker run --gpus all\"",
    )?;
    let again = json::report(&stage.setup("docker --yes --json")?.succeeded()?)?;
    again.says("/engines/0/files", "[]")?;
    again.says("/engines/0/step", "null")?;
    let undone = json::report(&stage.setup("--undo --yes --json")?.succeeded()?)?;
    undone.says("/is_done", "true")?;
    undone.says("/engines/0/files/0/path", "\"/etc/docker/daemon.json\"")
}
