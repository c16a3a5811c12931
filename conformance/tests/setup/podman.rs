//! Podman, which has no daemon: it reads its configuration each time.

use crate::ran::same;
use crate::stage::Stage;
use crate::{Case, Release};
use libtest_mimic::Failed;

pub(crate) const PROGRAMS: &[&str] = &["podman", "conmon", "runc"];

/// Podman as root raises limits, which takes a right that not every machine gives; and it has no systemd here, and what it
/// takes for runc's place by itself may be crun, which takes no machine with both kinds of control groups.
pub(crate) const EXISTING: &str = "# Ours.
[containers]
default_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]

[engine]
cgroup_manager = \"cgroupfs\"   # no systemd
events_logger = \"file\"
runtime = \"runc\"

[engine.runtimes]
other = [\"/usr/bin/other-runtime\"]
";

pub(crate) const CONFIGURATION: &str = "/etc/containers/containers.conf";
const OTHER: &str = "ln -s $(command -v runc) /usr/bin/other-runtime";

pub(crate) fn cases() -> Vec<Case> {
    let case = |label, test| Case::new(label, Release::Distribution, PROGRAMS, test);
    vec![
        case("podman::configured", configured).changed_by(OTHER),
        case("podman::default", by_default),
        case("podman::hook", by_hook),
        case("podman::fails", fails),
        case("podman::nothing-runs-in-tmp", nothing_runs_in_tmp).changed_by(NOEXEC),
        case("podman::no-driver", no_driver).changed_by(crate::docker::NO_DRIVER),
    ]
}

fn configured(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, EXISTING)?;
    stage.import("podman")?;
    let first = stage.files()?;
    let plain = |stage: &Stage| {
        stage.refuses("podman", "--runtime nvidia")?;
        stage.refuses("podman", "--device nvidia.com/gpu=all")?;
        stage.container_has("podman", "--runtime other", None)
    };
    plain(stage)?;
    let ran = stage.setup("podman --yes")?.succeeded()?;
    ran.says("a container got 4 GPUs: podman --runtime nvidia run")?
        .says("a container got 4 GPUs: podman run --device nvidia.com/gpu=all")?;
    let environment = "--env NVIDIA_VISIBLE_DEVICES=1";
    let by_runtime = format!("--runtime nvidia {environment}");
    stage.container_has("podman", &by_runtime, Some(&[1]))?;
    let all = "--device nvidia.com/gpu=all";
    stage.container_has("podman", all, Some(&[0, 1, 2, 3]))?;
    stage.container_has("podman", "--device nvidia.com/gpu=2", Some(&[2]))?;
    stage.container_has("podman", environment, None)?;
    stage.container_has("podman", "--runtime other", None)?;
    stage.set_up_again("podman --yes")?;
    stage.undo(&first)?;
    plain(stage)
}

fn by_default(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, EXISTING)?;
    stage.import("podman")?;
    let first = stage.files()?;
    let environment = "--env NVIDIA_VISIBLE_DEVICES=all";
    stage.container_has("podman", environment, None)?;
    stage
        .setup("podman --yes --set-as-default --no-proof")?
        .succeeded()?;
    stage.container_has("podman", environment, Some(&[0, 1, 2, 3]))?;
    stage.container_has("podman", "", None)?;
    stage.undo(&first)?;
    stage.container_has("podman", environment, None)
}

/// A hook that Podman runs for every container, and that looks for a request itself.
fn by_hook(stage: &Stage) -> Result<(), Failed> {
    const FILE: &str = "/usr/share/containers/oci/hooks.d/oci-nvidia-hook.json";
    stage.write(CONFIGURATION, EXISTING)?;
    stage.write(FILE, "{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/bin/true\"}, \"when\": {\"always\": true}, \"stages\": [\"prestart\"]}")?;
    stage.import("podman")?;
    let first = stage.files()?;
    let before = stage.told(&format!("cat {FILE}"))?;
    let environment = "--env NVIDIA_VISIBLE_DEVICES=1,3";
    stage
        .setup("podman --yes --dry-run")?
        .succeeded()?
        .says("remove it unless it is needed")?;
    stage.container_has("podman", environment, None)?;
    let ran = stage.setup("podman --yes --podman-hook")?.succeeded()?;
    ran.says("a container got 4 GPUs: podman run --env NVIDIA_VISIBLE_DEVICES=all, by the hook")?;
    stage.container_has("podman", environment, Some(&[1, 3]))?;
    stage.container_has("podman", "", None)?;
    stage.container_has("podman", "--device nvidia.com/gpu=2", Some(&[2]))?;
    stage.set_up_again("podman --yes --podman-hook")?;
    stage.undo(&first)?;
    same("the hook", &before, &stage.told(&format!("cat {FILE}"))?)?;
    stage.container_has("podman", environment, None)
}

/// A runtime that does not work is not left behind.
fn fails(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, EXISTING)?;
    stage.import("podman")?;
    let first = stage.files()?;
    let ran = stage.setup("podman --yes --runtime-path /bin/false")?;
    ran.refused_with("engine-not-proven")?;
    same("after a failed proof", &first, &stage.files()?)?;
    same("containers", "", &stage.told("podman ps --all --quiet")?)?;
    stage.refuses("podman", "--runtime nvidia")?;
    stage.container_has("podman", "", None)
}

/// Where nothing in the directory for what does not last can be executed.
const NOEXEC: &str = "mount -t tmpfs -o noexec tmpfs $PLACE/tmp";

fn nothing_runs_in_tmp(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, EXISTING)?;
    let first = stage.files()?;
    let ran = stage.setup("podman --yes")?.succeeded()?;
    ran.says("a container got 4 GPUs: podman --runtime nvidia run")?;
    stage.undo(&first)
}

fn no_driver(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, EXISTING)?;
    stage.import("podman")?;
    let first = stage.files()?;
    let ran = stage.setup("podman --yes")?.succeeded()?;
    ran.says("no container was started: ")?
        .says("there is no CDI specification of this machine's GPUs")?
        .does_not_say("a container got")?;
    stage.container_has("podman", "--runtime nvidia", None)?;
    stage.undo(&first)
}
