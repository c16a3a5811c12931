//! Podman's drop-in of `containers.conf`. The reference does not configure Podman: what is meant stands here.

use super::{Case, Engine, Lie};

const fn case(file: &'static str, seen: &'static str) -> Case {
    Case::of(Engine::Podman, file, seen)
}

/// Not seen anywhere, but a trap.
const OURS: &str = "a trap";

/// Podman looks a runtime's name up in `engine.runtimes`; every file adds to the table.
const ADDED: &str = "the runtime is added, and nothing else";

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { file: None, ..case("none", OURS) }.meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtimes": {"nvidia": ["@RUNTIME@"]}}}}"#),
    case("empty", OURS).meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtimes": {"nvidia": ["@RUNTIME@"]}}}}"#),
    case("comments", OURS).meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtimes": {"nvidia": ["@RUNTIME@"]}}}}"#),
    case("engine", OURS).meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"events_logger": "file", "cgroup_manager": "cgroupfs", "runtimes": {"nvidia": ["@RUNTIME@"]}}, "containers": {"log_driver": "k8s-file"}}}"#),
    case("crun", "actions/runner-images#14480").meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtime": "crun", "runtimes": {"crun": ["/usr/local/bin/crun"], "nvidia": ["@RUNTIME@"]}}}}"#),
    case("crun-lines", "podman-container-tools/podman#6992").meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtime": "crun", "runtimes": {"crun": ["/usr/bin/crun", "/usr/sbin/crun"], "nvidia": ["@RUNTIME@"]}}, "network": {"network_backend": "netavark"}}}"#).unread(&["podman"]),
    case("nvidia-old", OURS).meant("the runtime is ours now", r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtimes": {"runc": ["/usr/bin/runc"], "nvidia": ["@RUNTIME@"]}}}}"#),
    case("configured", OURS).meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtimes": {"nvidia": ["@RUNTIME@"]}}}}"#),
    case("inline", OURS).meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtimes": {"crun": ["/usr/bin/crun"], "nvidia": ["@RUNTIME@"]}}}}"#),
    case("dotted", OURS).meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtime": "crun", "runtimes": {"crun": ["/usr/bin/crun"], "nvidia": ["@RUNTIME@"]}}}}"#),
    case("crlf", OURS).meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"num_locks": 2048, "runtimes": {"nvidia": ["@RUNTIME@"]}}}}"#),
    case("main-beside", OURS).meant(ADDED, r#"{"etc/containers/containers.conf": {"engine": {"runtime": "runc", "runtimes": {"runc": ["/usr/bin/runc"]}}}, "etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtimes": {"nvidia": ["@RUNTIME@"]}}}}"#),
    Case { lie: Lie::Mode(0o640), ..case("crun", OURS).with("mode", &[]) }.meant(ADDED, r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtime": "crun", "runtimes": {"crun": ["/usr/local/bin/crun"], "nvidia": ["@RUNTIME@"]}}}}"#),
    case("list-open", OURS).refused("", (5, 1), (5, 2)),
    case("nvidia-text", OURS).meant("Podman reads no file that has it, and it is nobody else's", r#"{"etc/containers/containers.conf.d/99-nvidia.conf": {"engine": {"runtimes": {"nvidia": ["@RUNTIME@"]}}}}"#).unread(&["podman"]),
    case("runtimes-list", OURS).refused("", (2, 1), (2, 12)),
];
