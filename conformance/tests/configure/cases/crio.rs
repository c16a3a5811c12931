//! CRI-O's `crio.conf`, and its drop-ins.

use super::{Case, Engine, Expected, Lie};

const fn case(file: &'static str, seen: &'static str) -> Case {
    Case::of(Engine::Crio, file, seen)
}

const fn none() -> Case {
    Case {
        file: None,
        ..case("none", OURS)
    }
}

/// Not seen anywhere, but a trap.
const OURS: &str = "a trap";

const DEFAULT: &[&str] = &["--set-as-default"];
const COMMAND: &[&str] = &[
    "--config-source=command",
    "--executable-path=@ROOT@/bin/crio",
];

/// CRI-O reads its drop-ins after the main file; recent packages ship nothing else.
const DROP_INS: &str = "the reference does not see that a drop-in sets the default runtime, and takes nothing over from it";

/// The table of runtimes is merged by name.
const OTHERS: &str = "the reference drops the other runtimes of the file";

/// What is called as runc is, is to be like runc.
const KATA: &str = "the reference takes over the settings of a runtime for virtual machines";

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    none(),
    none().with("default", DEFAULT),
    none().with("cdi", &["--cdi.enabled"]),
    none().with("names", &["--nvidia-runtime-name=gpu", "--nvidia-runtime-path=/opt/toolkit/nvidia-container-runtime"]),
    case("empty", OURS),
    case("runc", "cri-o/cri-o#5104"),
    case("runc", "cri-o/cri-o#5104").with("default", DEFAULT),
    case("crun", "NVIDIA/k8s-device-plugin#475"),
    case("crun", "NVIDIA/k8s-device-plugin#475").with("default", DEFAULT),
    case("package", "NVIDIA/k8s-device-plugin#475").but(DROP_INS, r#"{"etc/crio/crio.conf.d/99-nvidia.toml": {"crio": {"runtime": {"runtimes": {"nvidia": {"runtime_root": "/run/crun", "monitor_path": "/usr/libexec/crio/conmon", "allowed_annotations": ["io.containers.trace-syscall"]}}}}}}"#),
    case("both", OURS).but(DROP_INS, r#"{"etc/crio/crio.conf.d/99-nvidia.toml": {"crio": {"runtime": {"runtimes": {"nvidia": {"runtime_root": "/run/crun", "monitor_path": "/usr/bin/conmon"}}}}}}"#),
    case("nvidia-old", "tests of the reference"),
    case("nvidia-old", "tests of the reference").with("default", DEFAULT),
    case("nvidia-default", "tests of the reference"),
    case("configured", "the reference's output"),
    case("configured", "the reference's output").with("default", DEFAULT),
    case("gpu-operator", "NVIDIA/nvidia-container-toolkit#1829").but(OTHERS, r#"{"etc/crio/crio.conf.d/99-nvidia.toml": {"crio": {"runtime": {"runtimes": {"nvidia-cdi": {"runtime_path": "/usr/local/nvidia/toolkit/nvidia-container-runtime.cdi", "runtime_type": "oci", "runtime_root": "/run/crun"}, "nvidia-legacy": {"runtime_path": "/usr/local/nvidia/toolkit/nvidia-container-runtime.legacy", "runtime_type": "oci", "runtime_root": "/run/crun"}}}}}}"#),
    case("hooks-dir", "NVIDIA/gpu-operator#172"),
    case("paths", "cri-o/cri-o#6252"),
    case("kata", "kata-containers/packaging#782").but(KATA, r#"{"etc/crio/crio.conf.d/99-nvidia.toml": {"crio": {"runtime": {"runtimes": {"nvidia": {"runtime_root": null, "runtime_config_path": null, "privileged_without_host_devices": null}}}}}}"#),
    case("inline", OURS).with("default", DEFAULT),
    case("crlf", OURS),
    case("value-missing", OURS).refused("", (4, 16), (4, 19)),
    case("runtimes-list", OURS).refused("", (2, 1), (2, 12)),
    case("status", "NVIDIA/k8s-device-plugin#475").with("command", COMMAND),
    Case { lie: Lie::Foreign, ..case("runc", OURS).with("owner", DEFAULT) },
    Case { expected: Expected::Fails { words: &["crio"] }, ..case("runc", OURS).with("command-missing", COMMAND) },
];
