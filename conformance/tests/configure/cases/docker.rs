//! Docker's `daemon.json`.

use super::{Case, Engine, Expected, Lie};

const fn case(file: &'static str, seen: &'static str) -> Case {
    Case::of(Engine::Docker, file, seen)
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

/// dockerd reads an empty file as one without settings (since 23; before it refuses it).
const EMPTY: &str = "the reference refuses an empty file, which dockerd starts with";

/// dockerd refuses comments, keys that it does not know, and labels without `=`.
const DOCKERD: &[&str] = &["dockerd-current"];

/// Quirk 25 of the reference: it writes `features` anew.
const FEATURES: &str = "the reference loses the other features";

/// Quirk 25 of the reference: numbers go through a double.
const NUMBERS: &str = "the reference rounds numbers";

/// Quirk 25 of the reference: the entry is written anew.
const ENTRY: &str = "the reference loses what else the runtime's entry says";

/// Quirk 25 of the reference: it ends in a panic.
const PANIC: &str = "the reference panics";

/// As dockerd does since 23.
const REST: &str = "the reference drops what follows the first value";

/// dockerd does not start with them, configured or not; who has a program that takes them out keeps them.
const COMMENTS: &str = "the reference refuses comments; they are kept, with a warning";

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    none(),
    none().with("default", DEFAULT),
    none().with("cdi", CDI),
    none().with("everything", EVERYTHING),
    none().with("hook", &["--config-mode=oci-hook", "--oci-hook-path=@ROOT@/etc/containers/oci/hooks.d/oci-nvidia-hook.json"]),
    none().with("hook-shown", &["--config-mode=oci-hook", "--nvidia-runtime-hook-path=/opt/bin/nvidia-container-runtime-hook"]),
    case("empty", "moby/moby#41268").meant(EMPTY, r#"{"etc/docker/daemon.json": {"runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}}"#),
    case("blank", OURS).meant(EMPTY, r#"{"etc/docker/daemon.json": {"runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}}"#),
    case("braces", "tests of the reference"),
    case("braces", OURS).with("everything", EVERYTHING),
    case("braces-apart", OURS),
    case("null", OURS).refused(PANIC, (1, 1), (1, 5)),
    case("array", OURS).refused("", (1, 1), (1, 2)),
    case("bom", "moby/moby#44770").meant("dockerd reads over a byte order mark since 23; the reference refuses it", r#"{"etc/docker/daemon.json": {"log-level": "info", "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}}"#),
    case("crlf", OURS),
    case("crlf", OURS).with("everything", EVERYTHING),
    case("tabs", "NVIDIA/nvidia-docker#490"),
    case("no-newline", "NVIDIA/nvidia-docker#1651"),
    case("one-line", "NVIDIA/k8s-device-plugin#53"),
    case("one-line", "NVIDIA/k8s-device-plugin#53").with("cdi", CDI),
    case("narrow", OURS).with("default", DEFAULT),
    case("line-comment", OURS).meant(COMMENTS, r#"{"etc/docker/daemon.json": {"insecure-registries": ["10.0.0.5:5000"], "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}}"#).unread(DOCKERD),
    case("block-comment", OURS).meant(COMMENTS, r#"{"etc/docker/daemon.json": {"debug": true, "log-level": "debug", "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}}"#).unread(DOCKERD),
    case("hash-comment", OURS).refused("", (1, 1), (1, 2)),
    case("trailing-comma", "bottlerocket-os/bottlerocket#3349").refused("", (6, 26), (6, 27)),
    case("trailing-comma-list", "docker/docs#19612").refused("", (4, 15), (5, 4)),
    case("missing-comma", "NVIDIA/NemoClaw#1875").refused("", (2, 31), (3, 6)),
    case("brace-too-many", "NVIDIA/nvidia-docker#542").refused(REST, (3, 54), (3, 55)),
    case("unterminated", OURS).refused("", (2, 17), (3, 4)),
    case("bad-escape", OURS).refused("", (2, 16), (2, 19)),
    case("two-documents", OURS).refused(REST, (2, 1), (2, 2)),
    case("not-utf-8", OURS).fails(&["daemon.json", "UTF-8"]),
    case("markup", "rnanosaur/nanosaur#47").refused("", (1, 1), (1, 2)),
    case("duplicate-key", OURS),
    case("duplicate-runtimes", OURS).refused("dockerd takes the runtimes of both, the reference those of the last alone: nobody can mean this", (4, 3), (4, 13)),
    case("big-integers", OURS).but(NUMBERS, r#"{"etc/docker/daemon.json": {"max-concurrent-downloads": 12345678901234567890, "max-download-attempts": 1.0, "mtu": -0, "metrics": [1e2, 0.10, 9007199254740993]}}"#).unread(DOCKERD),
    case("huge-number", OURS).meant("the reference refuses a number that no double holds; it is no business of ours", r#"{"etc/docker/daemon.json": {"shutdown-timeout": 1e400, "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}}"#).unread(DOCKERD),
    case("escapes", OURS).with("default", DEFAULT).unread(DOCKERD),
    case("deep", OURS).unread(DOCKERD),
    case("runtimes-list", "the reference's quirk 25").refused(PANIC, (3, 3), (3, 16)),
    case("runtimes-text", OURS).refused(PANIC, (2, 3), (2, 16)),
    case("runtimes-null", OURS).meant("dockerd reads null as nothing; the reference panics", r#"{"etc/docker/daemon.json": {"debug": true, "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}}}}"#),
    case("nvidia-text", OURS).refused("the reference overwrites what is no runtime; dockerd does not start with it", (3, 5), (3, 16)),
    case("features", "Docker's documentation").with("cdi", CDI).but(FEATURES, r#"{"etc/docker/daemon.json": {"features": {"buildkit": true, "containerd-snapshotter": true}}}"#),
    case("features", "Docker's documentation"),
    case("features-cdi-off", OURS).with("cdi", CDI).but(FEATURES, r#"{"etc/docker/daemon.json": {"features": {"containerd-snapshotter": false}}}"#),
    case("features-list", OURS).with("cdi", CDI).refused("the reference overwrites what is no object; dockerd does not start with it", (2, 3), (2, 16)),
    case("features-null", OURS).with("cdi", CDI),
    case("nvidia-arguments", "the reference's quirk 25").but(ENTRY, r#"{"etc/docker/daemon.json": {"runtimes": {"nvidia": {"runtimeArgs": ["--debug", "--log=/var/log/nv.log"], "x-note": "set by ansible"}}}}"#),
    case("nvidia-type", "moby/moby#45032"),
    case("nvidia-elsewhere", "the reference's toolkit container"),
    case("nvidia-elsewhere", "the reference's toolkit container").with("path", &["--nvidia-runtime-path=/usr/bin/nvidia-container-runtime", "--set-as-default"]),
    case("default-other", "moby/moby#45032"),
    case("default-other", "moby/moby#45032").with("default", DEFAULT),
    case("default-number", OURS).with("default", DEFAULT).refused("the reference overwrites what is no name; dockerd does not start with it", (2, 3), (2, 23)),
    case("log-options", "NVIDIA/gpu-operator#182"),
    case("log-options", "NVIDIA/gpu-operator#182").with("everything", EVERYTHING),
    case("log-options", "NVIDIA/gpu-operator#182").with("command", &["--config-source=command", "--executable-path=/usr/bin/dockerd"]),
    case("proxies", "docker/docs#19450"),
    case("jetson", "guides for Jetson"),
    case("jetson", "guides for Jetson").with("cdi", CDI),
    case("configured", "the reference's output"),
    case("configured", "the reference's output").with("default", DEFAULT),
    case("swarm", "guides for Swarm").with("default", DEFAULT),
    case("names-elsewhere", OURS).with("everything", EVERYTHING).unread(DOCKERD),
    case("comma-first", OURS).with("cdi", CDI),
    case("odd-indent", OURS).with("default", DEFAULT),
    Case { lie: Lie::Link, ..case("log-options", OURS).with("link", DEFAULT) },
    Case { lie: Lie::Mode(0o600), ..case("log-options", OURS).with("mode", CDI) },
    Case { lie: Lie::Foreign, ..case("log-options", OURS).with("owner", DEFAULT) },
    Case { lie: Lie::ReadOnly, expected: Expected::Fails { words: &["daemon.json"] }, ..case("log-options", OURS).with("read-only", DEFAULT) },
    Case { expected: Expected::Fails { words: &["docker"] }, ..none().with("drop-in", &["--drop-in-config=@ROOT@/etc/docker/conf.d/99-nvidia.json"]) },
];
