//! containerd's `config.toml`, and what it imports.

use super::{Case, Engine, Expected, Lie};

const fn case(file: &'static str, seen: &'static str) -> Case {
    Case::of(Engine::Containerd, file, seen)
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
const CDI: &[&str] = &["--cdi.enabled"];
const EVERYTHING: &[&str] = &[
    "--set-as-default",
    "--cdi.enabled",
    "--nvidia-runtime-name=gpu",
    "--nvidia-runtime-path=/opt/toolkit/nvidia-container-runtime",
];
const COMMAND: &[&str] = &[
    "--config-source=command",
    "--executable-path=@ROOT@/bin/containerd",
];

/// Files of the first format are edited in place: the reference copies them into a drop-in that nothing imports.
const IN_PLACE: &str =
    "the reference leaves the file as it is, and the runtime is in no file that containerd reads";

/// containerd 1.6 takes a file of version 3, and none of its plugins' settings.
const OLD: &[&str] = &["containerd"];

/// containerd 2.1 takes a file of version 1, and none of its plugins' settings.
const NEW: &[&str] = &["containerd-current"];

/// 2.1 refuses a version that it does not know.
const ANY: &[&str] = &["containerd", "containerd-current"];

/// Quirk 26 of the reference.
const NO_DROP_IN: &str = "the reference overwrites the runtime with what was there before";

/// Kata's shim starts a guest, and takes no `BinaryName`.
const KATA: &str = "the reference's runtime is Kata's, and never starts the program";

/// Before 2.1 the last file that has the CRI plugin's table has all of it; after, it has the last word.
const LAST: &str =
    "the reference repeats the main file's table, and overrules the import that counted";

/// The pods that name them would no longer start.
const OTHERS: &str = "the reference drops the other runtimes of the file";

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    none(),
    none().with("default", DEFAULT),
    none().with("cdi", CDI),
    none().with("everything", EVERYTHING),
    case("empty", "tests of the reference"),
    case("blank", OURS),
    case("comments-only", OURS),
    case("version-2", "tests of the reference"),
    case("version-2", "tests of the reference").with("everything", EVERYTHING),
    case("version-3", "tests of the reference").unread(OLD),
    case("version-3", "tests of the reference").with("everything", EVERYTHING).unread(OLD),
    case("version-4", "containerd/containerd, docs of 2.3").unread(ANY),
    case("version-text", OURS).refused("", (1, 1), (1, 14)),
    case("version-float", OURS).refused("", (2, 1), (2, 14)),
    case("version-99", OURS).unread(ANY),
    case("package", "NVIDIA/nvidia-container-toolkit#1430").in_main(IN_PLACE).unread(NEW),
    case("kubeadm", "NVIDIA/nvidia-docker#1788"),
    case("kubeadm", "NVIDIA/nvidia-docker#1788").with("everything", EVERYTHING),
    case("kubeadm", "NVIDIA/nvidia-docker#1788").with("top-level", &["--drop-in-config="]).but(NO_DROP_IN, r#"{"etc/containerd/config.toml": {"imports": null, "plugins": {"io.containerd.grpc.v1.cri": {"containerd": {"runtimes": {"nvidia": {"runtime_type": "io.containerd.runc.v2", "options": {"BinaryName": "/usr/bin/nvidia-container-runtime", "SystemdCgroup": true}}}}}}}}"#),
    case("kubeadm", "NVIDIA/nvidia-docker#1788").with("top-level-default", &["--drop-in-config=", "--set-as-default", "--cdi.enabled"]).but(NO_DROP_IN, r#"{"etc/containerd/config.toml": {"imports": null, "plugins": {"io.containerd.grpc.v1.cri": {"enable_cdi": true, "containerd": {"default_runtime_name": "nvidia", "runtimes": {"nvidia": {"runtime_type": "io.containerd.runc.v2", "options": {"BinaryName": "/usr/bin/nvidia-container-runtime", "SystemdCgroup": true}}}}}}}}"#),
    case("kubeadm", "NVIDIA/nvidia-docker#1788").with("drop-in-elsewhere", &["--drop-in-config=@ROOT@/etc/containerd/more/50-gpu.toml"]),
    case("default-1.6", "NVIDIA/k8s-device-plugin#471"),
    case("default-1.6", "NVIDIA/k8s-device-plugin#471").with("default", DEFAULT),
    case("default-2", "containerd/containerd#12323").unread(OLD),
    case("default-2", "containerd/containerd#12323").with("everything", EVERYTHING).unread(OLD),
    case("crun-default", "tests of the reference").unread(OLD),
    case("crun-default", "tests of the reference").with("default", DEFAULT).unread(OLD),
    case("kata-default", "kata-containers/documentation#391").but(KATA, r#"{"etc/containerd/conf.d/99-nvidia.toml": {"plugins": {"io.containerd.grpc.v1.cri": {"containerd": {"runtimes": {"nvidia": {"runtime_type": "io.containerd.runc.v2", "privileged_without_host_devices": null, "pod_annotations": null, "options": {"ConfigPath": null}}}}}}}}"#),
    case("nvidia-default", "k3s-io/k3s#4391"),
    case("nvidia-default", "k3s-io/k3s#4391").with("default", DEFAULT),
    case("type-empty", "tests of the reference"),
    case("imports-elsewhere", "tests of the reference"),
    case("imports-covering", "containerd/containerd#9982"),
    case("imports-lines", OURS),
    case("imports-comma", OURS).unread(OLD),
    case("imports-text", OURS).refused("", (2, 1), (2, 12)),
    case("imports-relative", OURS),
    case("imports-file", OURS).but("the import names the file already", r#"{"etc/containerd/config.toml": {"imports": ["@ROOT@/etc/containerd/conf.d/99-nvidia.toml"]}}"#),
    case("mirrors-imported", "NVIDIA/gpu-operator#301").but(LAST, r#"{"etc/containerd/conf.d/99-nvidia.toml": {"plugins": {"io.containerd.grpc.v1.cri": {"sandbox_image": "registry.example.com/pause:3.9", "registry": {"mirrors": {"registry.example.com": {"endpoint": ["http://registry.example.com"]}}}, "containerd": {"runtimes": {"nvidia": {"options": {"SystemdCgroup": true}}, "runc": {"options": {"SystemdCgroup": true}}}}}}}}"#),
    case("drop-in-of-others", "containerd/containerd#7982").but(LAST, r#"{"etc/containerd/conf.d/99-nvidia.toml": {"plugins": {"io.containerd.cri.v1.runtime": {"containerd": {"default_runtime_name": "crun", "runtimes": {"nvidia": {"options": {"SystemdCgroup": true}}, "crun": {"runtime_type": "io.containerd.runc.v2", "options": {"BinaryName": "/usr/bin/crun", "SystemdCgroup": true}}}}}}}}"#).unread(OLD),
    case("configured", "the reference's output"),
    case("configured", "the reference's output").with("default", DEFAULT),
    Case { is_stale: true, ..case("configured-since-changed", OURS) },
    case("gpu-operator", "the reference's toolkit container").but(OTHERS, r#"{"etc/containerd/conf.d/99-nvidia.toml": {"plugins": {"io.containerd.grpc.v1.cri": {"containerd": {"runtimes": {"nvidia-cdi": {"runtime_type": "io.containerd.runc.v2", "options": {"BinaryName": "/usr/local/nvidia/toolkit/nvidia-container-runtime.cdi", "SystemdCgroup": true}}, "nvidia-legacy": {"runtime_type": "io.containerd.runc.v2", "options": {"BinaryName": "/usr/local/nvidia/toolkit/nvidia-container-runtime.legacy", "SystemdCgroup": true}}}}}}}}"#),
    case("k3s-template", "containerd/containerd#4834").refused("", (6, 20), (6, 21)),
    case("v1-cos", "containerd/containerd#5837").in_main(IN_PLACE).unread(NEW),
    case("v1-cos", "containerd/containerd#5837").with("default", DEFAULT).in_main(IN_PLACE).unread(NEW),
    case("v1-runc", "tests of the reference").in_main(IN_PLACE).unread(NEW),
    case("v1-runc", "tests of the reference").with("everything", EVERYTHING).in_main(IN_PLACE).unread(NEW),
    case("v1-default-runtime", "NVIDIA/k8s-device-plugin#182").in_main(IN_PLACE).unread(NEW),
    case("comments", OURS),
    case("dotted", OURS),
    case("dotted", OURS).with("default", DEFAULT),
    case("inline", OURS),
    case("inline", OURS).with("everything", EVERYTHING),
    case("quotes", OURS),
    case("spaced-names", OURS).fails(&["config.toml"]),
    case("strings", OURS),
    case("crlf", OURS),
    case("no-newline", OURS).with("cdi", CDI).unread(OLD),
    case("tables-first", OURS).in_main(IN_PLACE).unread(NEW),
    case("bom", OURS).fails(&["config.toml"]),
    case("string-open", OURS).refused("", (4, 11), (4, 16)),
    case("key-twice", OURS).refused("", (6, 3), (6, 6)),
    case("table-twice", OURS).refused("", (5, 1), (5, 7)),
    case("bracket-open", OURS).refused("", (2, 37), (2, 38)),
    case("not-utf-8", OURS).fails(&["config.toml", "UTF-8"]),
    case("plugins-number", OURS).refused("", (2, 1), (2, 11)),
    case("runtimes-list", OURS).refused("", (3, 3), (3, 14)),
    case("times", OURS),
    case("dump", "tests of the reference").with("command", COMMAND),
    case("dump", "tests of the reference"),
    Case { expected: Expected::Fails { words: &["containerd"] }, ..case("dump-fails", OURS).with("command", COMMAND) },
    Case { lie: Lie::Link, ..case("kubeadm", OURS).with("link", DEFAULT) },
    Case { lie: Lie::Mode(0o600), ..case("kubeadm", OURS).with("mode", DEFAULT) },
    Case { lie: Lie::Foreign, ..case("kubeadm", OURS).with("owner", DEFAULT) },
    Case { lie: Lie::ReadOnly, expected: Expected::Fails { words: &["containerd"] }, ..case("kubeadm", OURS).with("read-only", DEFAULT) },
    Case { expected: Expected::Fails { words: &["conf.d/99-nvidia.toml"] }, ..case("version-2", OURS).with("relative", &["--drop-in-config=conf.d/99-nvidia.toml"]) },
];
