//! Docker: set up, used, set up again and taken back, with whatever was configured before.

use crate::ran::{Ran, same};
use crate::stage::{Stage, eventually};
use crate::{Case, Release};
use libtest_mimic::Failed;

pub(crate) const PROGRAMS: &[&str] = &["dockerd", "docker", "containerd", "runc"];
const CONFIGURATION: &str = "/etc/docker/daemon.json";

/// What people have: tabs, another runtime, features, a default that has to be said.
const EXISTING: &str = "{
\t\"log-driver\": \"json-file\",
\t\"log-opts\": {\"max-size\": \"10m\", \"max-file\": \"3\"},
\t\"features\": {\"buildkit\": true},
\t\"runtimes\": {
\t\t\"other\": {\"path\": \"/usr/bin/other-runtime\", \"runtimeArgs\": [\"--debug\"]}
\t},
\t\"default-runtime\": \"runc\",   \"max-concurrent-downloads\": 3
}
";

/// The other runtime is runc by another name.
const OTHER: &str = "ln -s $(command -v runc) /usr/bin/other-runtime";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for release in Release::BOTH {
        let case = |label, test| Case::new(label, release, PROGRAMS, test);
        cases.extend([
            case("docker::unconfigured", unconfigured),
            case("docker::configured", configured).changed_by(OTHER),
            case("docker::by-nvidia-ctk", by_nvidia_ctk).changed_by(OTHER),
            case("docker::default", by_default),
            case("docker::not-running", not_running),
        ]);
    }
    cases.push(Case::new("docker::cdi", Release::Current, PROGRAMS, cdi));
    let case = |label, test| Case::new(label, Release::Distribution, PROGRAMS, test);
    cases.extend([
        case("docker::edited-since", edited_since),
        case("docker::no-driver", no_driver).changed_by(NO_DRIVER),
        case("docker::upgraded", upgraded).on("ubuntu-570+ubuntu-550"),
        case("docker::wsl", unlisted).on("wsl2"),
        case("docker::jetson", unlisted).on("orin-csv"),
        case("docker::driver-container", |stage| listed(stage, 2)).on("driver-container"),
        case("docker::mig", |stage| listed(stage, 2)).on("a100-mig"),
    ]);
    cases
}

/// A driver that was never installed: neither its files nor its nodes, and no module.
pub(crate) const NO_DRIVER: &str = "
mount -t tmpfs tmpfs /proc/driver
rm -rf /dev/nvidia* /run/nvidia* /usr/bin/nvidia-smi /lib/firmware/nvidia
find /usr/lib/x86_64-linux-gnu \\( -name 'libcuda*' -o -name 'libnvidia*' \\) -delete
ldconfig
";

/// Every way in which people ask Docker for GPUs.
fn serves(stage: &Stage) -> Result<(), Failed> {
    let by_runtime = "--runtime=nvidia --env NVIDIA_VISIBLE_DEVICES";
    stage.container_has("docker", "--gpus all", Some(&[0, 1, 2, 3]))?;
    stage.container_has("docker", "--gpus '\"device=1,3\"'", Some(&[1, 3]))?;
    stage.container_has("docker", &format!("{by_runtime}=2"), Some(&[2]))?;
    stage.container_has("docker", "", None)
}

/// Docker knows what it knew at first.
fn forgot(stage: &Stage) -> Result<(), Failed> {
    let info = stage.run("docker info --format '{{json .Runtimes}} {{.DefaultRuntime}}'")?;
    info.succeeded()?.does_not_say("nvidia")?;
    stage.refuses("docker", "--runtime=nvidia")?;
    stage.container_has("docker", "", None)
}

fn is_proven(ran: Ran) -> Result<(), Failed> {
    ran.succeeded()?
        .says("a container got 4 GPUs: docker run --runtime=nvidia")?
        .says("a container got 4 GPUs: docker run --gpus all")
        .map(drop)
}

fn unconfigured(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let process = stage.process("docker")?;
    let dry = stage.setup("docker --dry-run")?.succeeded()?;
    dry.says("+            \"path\": \"/usr/bin/nvidia-container-runtime\"")?;
    same("after --dry-run", &first, &stage.files()?)?;
    forgot(stage)?;
    let images = stage.told("docker images --all --quiet")?;

    let ran = stage.setup("docker --yes")?;
    is_proven(ran.clone())?;
    // The hook was there before the daemon.
    ran.says("reload it: kill -HUP")?;
    same("the daemon", &process, &stage.process("docker")?)?;
    same(
        "images",
        &images,
        &stage.told("docker images --all --quiet")?,
    )?;
    let left = stage.told("ls -A $TMPDIR; find /var/lib/liftgate -name 'proof*'")?;
    same("what is left of the proof", "", &left)?;
    serves(stage)?;
    stage.set_up_again("docker --yes")?;
    stage.undo(&first)?;
    forgot(stage)
}

fn configured(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, EXISTING)?;
    stage.told(&format!("chmod 600 {CONFIGURATION}"))?;
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let others = |stage: &Stage| -> Result<(), Failed> {
        stage.container_has("docker", "--runtime=other", None)?;
        let format = "{{.LoggingDriver}} {{.DefaultRuntime}}";
        let told = stage.told(&format!("docker info --format '{format}'"))?;
        same("what else is configured", "json-file runc\n", &told)
    };
    others(stage)?;
    is_proven(stage.setup("docker --yes")?)?;
    serves(stage)?;
    others(stage)?;
    // So does a daemon that is started with it.
    stage.service("docker", "restart")?;
    stage.container_has("docker", "--gpus all", Some(&[0, 1, 2, 3]))?;
    others(stage)?;
    stage.undo(&first)?;
    forgot(stage)?;
    others(stage)
}

/// The reference's command, and the restart that its documentation tells people to do.
fn by_nvidia_ctk(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, EXISTING)?;
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let configure = "nvidia-ctk runtime configure --runtime=docker";
    stage.run(configure)?.succeeded()?;
    stage.service("docker", "restart")?;
    serves(stage)?;
    stage.container_has("docker", "--runtime=other", None)?;
    let times = stage.times()?;
    stage.run(configure)?.succeeded()?;
    same("a second call has written", &times, &stage.times()?)?;
    stage.undo(&first)?;
    forgot(stage)
}

fn by_default(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let environment = "--env NVIDIA_VISIBLE_DEVICES=all";
    stage.container_has("docker", environment, None)?;
    is_proven(stage.setup("docker --yes --set-as-default")?)?;
    stage.container_has("docker", environment, Some(&[0, 1, 2, 3]))?;
    stage.container_has("docker", "", None)?;
    stage.undo(&first)?;
    stage.container_has("docker", environment, None)?;
    forgot(stage)
}

/// The configuration is written, and nothing is said to be proven; the daemon that is started later serves.
fn not_running(stage: &Stage) -> Result<(), Failed> {
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says("not running")?
        .says("Docker does not run: nothing was proven")?
        .does_not_say("a container got")?;
    stage.service("docker", "start")?;
    stage.import("docker")?;
    serves(stage)?;
    stage.service("docker", "stop")?;
    eventually("the daemon ends", || {
        Ok(stage.run("docker version")?.status != Some(0))
    })?;
    stage.undo(&first)?;
    stage.service("docker", "start")?;
    forgot(stage)
}

/// The engine knows the runtime; there is nothing that a container could be given, and that is said.
fn no_driver(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says("knows the runtime")?
        .says("no container was started: ")?
        .does_not_say("a container got")?;
    stage.container_has("docker", "--runtime=nvidia", None)?;
    stage.undo(&first)?;
    forgot(stage)
}

/// Between the upgrade of a driver and a boot no container gets a GPU; that is not the setup's failure.
fn upgraded(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says("knows the runtime")?
        .says("no container was started: [driver-version-mismatch]")?
        .does_not_say("a container got")?;
    stage.undo(&first)?;
    forgot(stage)
}

/// A current Docker takes devices of specifications, of which the setup makes one, and takes it back.
fn cdi(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    stage.import("docker")?;
    let first = stage.files()?;
    stage.refuses("docker", "--device nvidia.com/gpu=2")?;
    is_proven(stage.setup("docker --yes --cdi")?)?;
    stage.container_has("docker", "--device nvidia.com/gpu=2", Some(&[2]))?;
    stage.container_has("docker", "--device nvidia.com/gpu=all", Some(&[0, 1, 2, 3]))?;
    stage.undo(&first)?;
    stage.refuses("docker", "--device nvidia.com/gpu=2")?;
    forgot(stage)
}

/// What somebody has written since the setup outlives its undoing.
fn edited_since(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, "{\"debug\": false}\n")?;
    stage.service("docker", "start")?;
    stage.import("docker")?;
    is_proven(stage.setup("docker --yes")?)?;
    stage.told(&format!("sed -i 's/false/true/' {CONFIGURATION}"))?;
    let ran = stage.setup("--undo --yes")?.succeeded()?;
    ran.says(&format!("`{CONFIGURATION}` was edited since"))?;
    let text = stage.told(&format!("tr -d ' \\n' <{CONFIGURATION}"))?;
    same("what is left", "{\"debug\":true}", &text)?;
    let debug = stage.told("docker info --format '{{.Debug}}'")?;
    same("what the daemon has read", "true\n", &debug)?;
    forgot(stage)
}

/// Where the kernel lists no GPU, a container is asked for the driver.
fn unlisted(stage: &Stage) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says("a container got the driver: docker run --runtime=nvidia")?
        .says("a container got the driver: docker run --gpus all")?;
    stage.undo(&first)
}

/// Wherever the driver is, and whatever its GPUs are divided into.
fn listed(stage: &Stage, gpus: usize) -> Result<(), Failed> {
    stage.service("docker", "start")?;
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    let got = format!("a container got {gpus} GPUs: docker run");
    ran.says(&format!("{got} --runtime=nvidia"))?
        .says(&format!("{got} --gpus all"))?;
    stage.undo(&first)
}
