//! What is set up: engines' configurations as they are before, and the commands that set them up.

use crate::tree::{DIRECTORY, Entry, FILE, Rights, Tree};

/// A configuration, and the ways to change it.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// The directory `etc` before the first setup.
    pub(crate) first: fn() -> Tree,
    /// The words after `liftgate` of the first setup; `@` stands for the scene's directory.
    pub(crate) set_up: &'static [&'static str],
    /// Those that say in which way a second setup is another.
    pub(crate) other: &'static [&'static str],
    /// Those that take it back.
    pub(crate) undo: &'static [&'static str],
    /// A main file that has to name the other files' directory for the engine to read them.
    pub(crate) imports: Option<(&'static str, &'static str)>,
}

fn text(text: &str) -> Entry {
    Entry::File(FILE, text.as_bytes().to_owned())
}

const DAEMON_JSON: &str = r#"{
  "log-level": "warn",
  "runtimes": {"crun": {"path": "/usr/bin/crun"}}
}
"#;

const CONTAINERD: &str = r#"# kept by hand
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.example/pause:3.9"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = true
"#;

const CONTAINERD_1: &str = r#"[plugins.cri.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v1"
"#;

const OWN_DROP_IN: &str = r#"version = 2
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"
"#;

const CRIO: &str = "[crio.runtime]\ndefault_runtime = \"crun\"\n[crio.runtime.runtimes.crun]\nruntime_path = \"/usr/bin/crun\"\n";

const DOCKER: &[&str] = &["setup", "docker", "--config", "@/etc/docker/daemon.json"];
const DOCKER_UNDO: &[&str] = &[
    "setup",
    "docker",
    "--undo",
    "--config",
    "@/etc/docker/daemon.json",
];
const OF_CONTAINERD: &[&str] = &[
    "setup",
    "containerd",
    "--config",
    "@/etc/containerd/config.toml",
    "--drop-in-config",
    "@/etc/containerd/conf.d/99-nvidia.toml",
];
const CONTAINERD_UNDO: &[&str] = &[
    "setup",
    "containerd",
    "--undo",
    "--config",
    "@/etc/containerd/config.toml",
    "--drop-in-config",
    "@/etc/containerd/conf.d/99-nvidia.toml",
];
const OF_CRIO: &[&str] = &[
    "setup",
    "crio",
    "--config",
    "@/etc/crio/crio.conf",
    "--drop-in-config",
    "@/etc/crio/crio.conf.d/99-nvidia.conf",
];
const CRIO_UNDO: &[&str] = &[
    "setup",
    "crio",
    "--undo",
    "--config",
    "@/etc/crio/crio.conf",
    "--drop-in-config",
    "@/etc/crio/crio.conf.d/99-nvidia.conf",
];
const OF_PODMAN: &[&str] = &[
    "setup",
    "podman",
    "--config",
    "@/etc/containers/containers.conf.d/99-nvidia.conf",
];
const PODMAN_UNDO: &[&str] = &[
    "setup",
    "podman",
    "--undo",
    "--config",
    "@/etc/containers/containers.conf.d/99-nvidia.conf",
];
const BY_CONTAINERD: (&str, &str) = ("etc/containerd/config.toml", "etc/containerd/conf.d");

/// Every configuration.
pub(crate) const SUBJECTS: &[Subject] = &[
    Subject {
        name: "docker",
        first: || {
            let owned = Rights::new(0o640, 1000);
            Tree::of([(
                "etc/docker/daemon.json",
                Entry::File(owned, DAEMON_JSON.as_bytes().to_owned()),
            )])
        },
        set_up: DOCKER,
        other: &["--set-as-default"],
        undo: DOCKER_UNDO,
        imports: None,
    },
    Subject {
        name: "docker-unconfigured",
        first: || Tree::of([("etc", Entry::Directory(DIRECTORY))]),
        set_up: DOCKER,
        other: &["--set-as-default"],
        undo: DOCKER_UNDO,
        imports: None,
    },
    Subject {
        name: "docker-linked",
        first: || {
            Tree::of([
                (
                    "etc/docker/daemon.json",
                    Entry::Link("../kept/docker.json".into()),
                ),
                ("etc/kept/docker.json", text(DAEMON_JSON)),
            ])
        },
        set_up: DOCKER,
        other: &["--runtime-name", "gpu"],
        undo: DOCKER_UNDO,
        imports: None,
    },
    Subject {
        name: "containerd",
        first: || Tree::of([("etc/containerd/config.toml", text(CONTAINERD))]),
        set_up: OF_CONTAINERD,
        other: &["--set-as-default"],
        undo: CONTAINERD_UNDO,
        imports: Some(BY_CONTAINERD),
    },
    Subject {
        name: "containerd-unconfigured",
        first: || Tree::of([("etc", Entry::Directory(DIRECTORY))]),
        set_up: OF_CONTAINERD,
        other: &["--set-as-default"],
        undo: CONTAINERD_UNDO,
        imports: Some(BY_CONTAINERD),
    },
    Subject {
        name: "containerd-own-drop-in",
        first: || {
            Tree::of([
                ("etc/containerd/config.toml", text(CONTAINERD)),
                ("etc/containerd/conf.d/99-nvidia.toml", text(OWN_DROP_IN)),
            ])
        },
        set_up: OF_CONTAINERD,
        other: &["--set-as-default"],
        undo: CONTAINERD_UNDO,
        imports: Some(BY_CONTAINERD),
    },
    Subject {
        name: "containerd-version-1",
        first: || Tree::of([("etc/containerd/config.toml", text(CONTAINERD_1))]),
        set_up: OF_CONTAINERD,
        other: &["--set-as-default"],
        undo: CONTAINERD_UNDO,
        imports: Some(BY_CONTAINERD),
    },
    Subject {
        name: "crio",
        first: || {
            Tree::of([
                ("etc/crio/crio.conf", text(CRIO)),
                ("etc/crio/crio.conf.d", Entry::Directory(DIRECTORY)),
            ])
        },
        set_up: OF_CRIO,
        other: &["--set-as-default"],
        undo: CRIO_UNDO,
        imports: None,
    },
    Subject {
        name: "podman",
        first: || Tree::of([("etc", Entry::Directory(DIRECTORY))]),
        set_up: OF_PODMAN,
        other: &["--set-as-default"],
        undo: PODMAN_UNDO,
        imports: None,
    },
    Subject {
        name: "nvidia-ctk-docker",
        first: || Tree::of([("etc/docker/daemon.json", text(DAEMON_JSON))]),
        set_up: &[
            "nvidia-ctk",
            "runtime",
            "configure",
            "--runtime",
            "docker",
            "--config",
            "@/etc/docker/daemon.json",
        ],
        other: &["--nvidia-set-as-default"],
        undo: DOCKER_UNDO,
        imports: None,
    },
    Subject {
        name: "nvidia-ctk-containerd",
        first: || Tree::of([("etc/containerd/config.toml", text(CONTAINERD))]),
        set_up: &[
            "nvidia-ctk",
            "runtime",
            "configure",
            "--runtime",
            "containerd",
            "--config",
            "@/etc/containerd/config.toml",
            "--drop-in-config",
            "@/etc/containerd/conf.d/99-nvidia.toml",
        ],
        other: &["--nvidia-set-as-default"],
        undo: CONTAINERD_UNDO,
        imports: Some(BY_CONTAINERD),
    },
    Subject {
        name: "nvidia-ctk-crio",
        first: || Tree::of([("etc/crio/crio.conf", text(CRIO))]),
        set_up: &[
            "nvidia-ctk",
            "runtime",
            "configure",
            "--runtime",
            "crio",
            "--config",
            "@/etc/crio/crio.conf",
            "--drop-in-config",
            "@/etc/crio/crio.conf.d/99-nvidia.conf",
        ],
        other: &["--nvidia-set-as-default"],
        undo: CRIO_UNDO,
        imports: None,
    },
];

/// The one of that name.
///
/// # Panics
/// If there is none: then the tests are wrong.
pub(crate) fn subject(name: &str) -> &'static Subject {
    SUBJECTS
        .iter()
        .find(|subject| subject.name == name)
        .expect("a subject has that name")
}

impl Subject {
    /// What its engine reads of a tree: every file, but for those of a directory that the main file does not name.
    pub(crate) fn meaning(&self, tree: &Tree) -> Tree {
        let tree = tree.within("etc").files();
        let Some((main, directory)) = self.imports else {
            return tree;
        };
        let text = String::from_utf8_lossy(tree.bytes(main).unwrap_or_default()).into_owned();
        let is_read = text.lines().any(|line| {
            line.starts_with("imports") && line.contains(&format!("/{directory}/*.toml"))
        });
        if is_read {
            tree
        } else {
            tree.without(directory)
        }
    }
}
