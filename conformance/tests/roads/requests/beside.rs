//! Who asks, and for what beside GPUs.

use super::{DGX, H200, MIG, UBUNTU, gpu, gpus};
use crate::request::Request;
use crate::road::Road;
use crate::wanted::Wanted;

const FORBIDDEN: &str = "accept-nvidia-visible-devices-envvar-when-unprivileged = false";
const BY_MOUNT: &str = "accept-nvidia-visible-devices-as-volume-mounts = true";
const BOTH: &str = "accept-nvidia-visible-devices-envvar-when-unprivileged = false
accept-nvidia-visible-devices-as-volume-mounts = true";
const SWARM: &str = "swarm-resource = \"DOCKER_RESOURCE_GPU\"";

pub(super) fn requests() -> Vec<Request> {
    let mut requests = by_whom();
    requests.extend(channels());
    requests.extend(mig_control());
    requests.extend(other_devices());
    requests.extend(around());
    requests
}

fn by_whom() -> Vec<Request> {
    let ask = |name, ids, wanted| Request::of(UBUNTU, name, ids, wanted);
    vec![
        ask("privileged", "1", gpu(1)).privileged(),
        ask("forbidden", "1", Wanted::Nothing).configured(FORBIDDEN, ""),
        ask("forbidden-and-privileged", "1", gpu(1))
            .configured(FORBIDDEN, "")
            .privileged()
            .who_asks(),
        ask("forbidden-and-unknown", "17", Wanted::Nothing).configured(FORBIDDEN, ""),
        ask("forbidden-and-required", "1", Wanted::Nothing)
            .configured(FORBIDDEN, "")
            .requires("CUDA=cuda>=99"),
        ask("mounts", "all", gpus(&[0, 2]))
            .mounts(&["0", "2"])
            .configured(BY_MOUNT, ""),
        ask("mounts-of-a-uuid", "void", gpu(0))
            .mounts(&["GPU-6d3c1a55-0f0e-4d7a-9c1e-8a4b2f7e1101"])
            .configured(BY_MOUNT, ""),
        ask(
            "mounts-of-an-unknown",
            "all",
            Wanted::Refused("device-unknown"),
        )
        .mounts(&["9"])
        .configured(BY_MOUNT, ""),
        ask("mounts-where-variables-are-forbidden", "all", gpu(3))
            .mounts(&["3"])
            .configured(BOTH, ""),
        ask("swarm", "all", gpu(2))
            .variable("DOCKER_RESOURCE_GPU=2")
            .configured(SWARM, "")
            .who_asks(),
        ask("swarm-without-the-variable", "1", gpu(1)).configured(SWARM, ""),
        Request::unset(UBUNTU, "image-of-the-first-generation")
            .variable("CUDA_VERSION=8.0.61")
            .wanting(Wanted::Gpus((0..4).collect())),
        Request::unset(UBUNTU, "first-generation-of-a-later-cuda")
            .variable("CUDA_VERSION=13.0.1")
            .wanting(Wanted::Refused("requirement-not-met")),
    ]
}

fn channels() -> Vec<Request> {
    const NUMBERS: &str = "has numbers alone as names";
    const NAMES_NONE: &str = "who wants no channel names none";
    let ask = |name, channels, wanted| Request::of(DGX, name, "0", wanted).channels(channels);
    vec![
        ask("channel", "0", gpu(0)),
        ask("channels", "0,2047", gpu(0)),
        ask("channel-twice", "1,1", gpu(0)),
        Request::of(DGX, "channel-without-gpus", "none", gpus(&[])).channels("1"),
        ask(
            "channel-malformed",
            "x",
            Wanted::Refused("imex-channel-malformed"),
        )
        .not(&[Road::Specification], NUMBERS),
        ask(
            "channel-negative",
            "-1",
            Wanted::Refused("imex-channel-malformed"),
        )
        .not(&[Road::Specification], NUMBERS),
        ask("channel-by-its-name", "channel1", gpu(0)).not(&[Road::Specification], NUMBERS),
        ask("no-channel", "none", gpu(0)).not(&[Road::Options, Road::Specification], NAMES_NONE),
        ask("every-channel", "all", gpu(0)).not(&[Road::Options, Road::Specification], NAMES_NONE),
        ask(
            "channel-unknown",
            "99",
            Wanted::Refused("imex-channel-unknown"),
        ),
        ask("channel-of-the-forbidden", "0", Wanted::Nothing).configured(FORBIDDEN, ""),
    ]
}

fn mig_control() -> Vec<Request> {
    const CONFIG: &str = "NVIDIA_MIG_CONFIG_DEVICES=all";
    const MONITOR: &str = "NVIDIA_MIG_MONITOR_DEVICES=all";
    let ask = |name, wanted| Request::of(MIG, name, "all", wanted);
    let refused = Wanted::Refused("mig-control-not-allowed");
    vec![
        ask("mig-config", Wanted::Everything)
            .controls(CONFIG, "--mig-config=all")
            .privileged(),
        ask("mig-monitor", Wanted::Everything)
            .controls(MONITOR, "--mig-monitor=all")
            .privileged(),
        ask("mig-config-and-monitor", Wanted::Everything)
            .controls(CONFIG, "--mig-config=all")
            .controls(MONITOR, "--mig-monitor=all")
            .privileged(),
        Request::of(
            MIG,
            "mig-config-of-a-part",
            "0:0",
            Wanted::Migs(vec![(0, 0)]),
        )
        .controls(CONFIG, "--mig-config=all")
        .privileged(),
        ask("mig-config-of-anybody", refused.clone())
            .variable(CONFIG)
            .who_asks(),
        ask("mig-monitor-of-anybody", refused)
            .variable(MONITOR)
            .who_asks(),
    ]
}

fn other_devices() -> Vec<Request> {
    let ask = |name, variable| Request::of(DGX, name, "0", gpu(0)).beside(variable);
    vec![
        ask("storage", "NVIDIA_GDS=enabled"),
        ask("copying", "NVIDIA_GDRCOPY=enabled"),
        ask("network", "NVIDIA_MOFED=enabled"),
        ask("switches", "NVIDIA_NVSWITCH=enabled"),
        ask("not-switched-on", "NVIDIA_GDS=yes"),
        Request::of(H200, "storage-that-is-not-there", "0", gpu(0)).beside("NVIDIA_GDS=enabled"),
    ]
}

/// Containers that are not as others are.
fn around() -> Vec<Request> {
    vec![
        Request::of(UBUNTU, "read-only", "0", gpu(0)).read_only(),
        Request::of(H200, "read-only", "all", gpu(0))
            .read_only()
            .capabilities("all"),
        Request::of(
            UBUNTU,
            "read-only-and-unmet",
            "0",
            Wanted::Refused("requirement-not-met"),
        )
        .read_only()
        .requires("CUDA=cuda>=13.0"),
        Request::of(UBUNTU, "mount-of-the-user", "0", gpu(0))
            .mounted_by_the_user("/usr/bin/nvidia-debugdump"),
        Request::of(H200, "file-of-the-image", "0", gpu(0))
            .with_a_file_of_the_image("/usr/local/nvidia/bin/nvidia-debugdump"),
        Request::of(UBUNTU, "file-of-the-image", "0", gpu(0))
            .with_a_file_of_the_image("/usr/bin/nvidia-debugdump"),
        Request::of(UBUNTU, "nodes-of-a-group", "1", gpu(1))
            .capabilities("graphics,utility")
            .on_a_machine_where("chgrp 44 /dev/dri/*"),
    ]
}
