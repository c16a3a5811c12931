//! What an engine can do, as it says itself: `docker info` and `podman info`, as JSON.
//!
//! Docker tells its runtimes, and from 28.2 on the devices of CDI specifications. Whether it serves `--gpus` it does not tell:
//! that hangs on a program that the daemon found on its own `PATH` when it started.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Docker,
    Podman,
}

impl Kind {
    /// The name of its program.
    pub(crate) const fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Presence {
    Yes,
    No,
    /// It cannot be seen from here.
    #[default]
    Unknown,
}

/// An engine's version: major and minor.
pub(crate) type Version = (u32, u32);

/// What is known of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) kind: Kind,
    /// None, where it says none that can be read: it is then taken for a new one.
    pub(crate) version: Option<Version>,
    /// Docker's runtimes, by name.
    pub(crate) runtimes: BTreeSet<String>,
    /// The devices of kind `nvidia.com/gpu` that it resolves, by name.
    pub(crate) specified: BTreeSet<String>,
    /// Where it looks for CDI specifications, where it tells that and not what it found.
    pub(crate) unlisted: Vec<PathBuf>,
    /// Whether Docker's daemon finds `nvidia-container-runtime-hook`.
    pub(crate) hook: Presence,
    /// Whether Docker's daemon finds `nvidia-cdi-hook`.
    pub(crate) cdi_hook: Presence,
    /// Podman: the program `nvidia-container-runtime`.
    pub(crate) runtime_program: Option<PathBuf>,
    pub(crate) is_rootless: bool,
    /// Whether it labels containers, for `SELinux`.
    pub(crate) labels: bool,
    /// As images name it: `amd64`.
    pub(crate) architecture: String,
    /// The machine that it runs on.
    pub(crate) host_name: String,
    pub(crate) kernel: String,
    /// Docker Desktop, but for Windows: a virtual machine, which has no GPU.
    pub(crate) is_desktop: bool,
}

/// The kind of GPUs in CDI specifications, with what comes before a name.
pub(crate) const KIND: &str = "nvidia.com/gpu=";

impl Facts {
    /// Reads what `info` printed as JSON; `docker` may be Podman under another name. None, where no engine answered.
    pub(crate) fn of_info(info: &Value) -> Option<Self> {
        if info.get("host").is_some() {
            Some(Self::of_podman(info))
        } else if text(info, &["ServerVersion"]).is_empty() {
            None
        } else {
            Some(Self::of_docker(info))
        }
    }

    /// A docker that says nothing: it may be any.
    pub(crate) fn of_silent_docker() -> Self {
        Self::of_docker(&Value::Null)
    }

    fn of_docker(info: &Value) -> Self {
        let options = texts(&info["SecurityOptions"]);
        let has = |name: &str| {
            options
                .iter()
                .any(|option| option.split(',').any(|part| part == name))
        };
        let runtimes = info["Runtimes"].as_object().into_iter().flatten();
        let listed = info["DiscoveredDevices"].as_array();
        let ids = listed
            .into_iter()
            .flatten()
            .filter_map(|device| device["ID"].as_str());
        let is_at_wsl = text(info, &["KernelVersion"]).contains("microsoft");
        let version = parse_version(text(info, &["ServerVersion"]));
        let lists = listed.is_some() || version.is_none_or(|version| version >= (28, 2));
        Self {
            kind: Kind::Docker,
            version,
            runtimes: runtimes.map(|(name, _)| name.clone()).collect(),
            specified: ids
                .filter_map(|id| id.strip_prefix(KIND))
                .map(str::to_owned)
                .collect(),
            unlisted: if lists {
                Vec::new()
            } else {
                let directories = texts(&info["CDISpecDirs"]).into_iter();
                directories
                    .filter(|path| !path.is_empty())
                    .map(PathBuf::from)
                    .collect()
            },
            hook: Presence::Unknown,
            cdi_hook: Presence::Unknown,
            runtime_program: None,
            is_rootless: has("name=rootless"),
            labels: has("name=selinux"),
            architecture: architecture(text(info, &["Architecture"])),
            host_name: text(info, &["Name"]).to_owned(),
            kernel: text(info, &["KernelVersion"]).to_owned(),
            is_desktop: text(info, &["OperatingSystem"]).contains("Docker Desktop") && !is_at_wsl,
        }
    }

    fn of_podman(info: &Value) -> Self {
        let is_on = |path: &[&str]| {
            path.iter().fold(info, |value, key| &value[*key]).as_bool() == Some(true)
        };
        Self {
            kind: Kind::Podman,
            version: parse_version(text(info, &["version", "Version"])),
            runtimes: BTreeSet::new(),
            specified: BTreeSet::new(),
            unlisted: Vec::new(),
            hook: Presence::No,
            cdi_hook: Presence::No,
            runtime_program: None,
            is_rootless: is_on(&["host", "security", "rootless"]),
            labels: is_on(&["host", "security", "selinuxEnabled"]),
            architecture: architecture(text(info, &["host", "arch"])),
            host_name: text(info, &["host", "hostname"]).to_owned(),
            kernel: text(info, &["host", "kernel"]).to_owned(),
            is_desktop: false,
        }
    }

    /// Whether the version is this one or a later one.
    pub(crate) fn is_from(&self, version: Version) -> bool {
        self.version.is_none_or(|own| own >= version)
    }
}

/// `28.5.2+dfsg4`, `17.03.0-ce`, `29.2.0-rc.1`.
pub(crate) fn parse_version(text: &str) -> Option<Version> {
    let mut numbers = text.split(|character: char| !character.is_ascii_digit());
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

/// As images name it, whatever the kernel calls it.
pub(crate) fn architecture(name: &str) -> String {
    match name {
        "x86_64" => "amd64",
        "aarch64" | "arm64v8" => "arm64",
        other => other,
    }
    .to_owned()
}

fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    let found = path.iter().fold(value, |value, key| &value[*key]);
    found.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn versions() {
        for (text, version) in [
            ("28.5.2+dfsg4", Some((28, 5))),
            ("20.10.24+dfsg1", Some((20, 10))),
            ("17.03.0-ce", Some((17, 3))),
            ("29.2.0-rc.1", Some((29, 2))),
            ("dev", None),
            ("", None),
        ] {
            assert_eq!(parse_version(text), version, "{text}");
        }
    }

    #[test]
    fn docker_says() {
        let facts = |info: &Value| Facts::of_info(info).unwrap();
        let info = json!({
            "ServerVersion": "28.5.2", "Runtimes": {"runc": {}, "nvidia": {"path": "x"}}, "Architecture": "aarch64",
            "DiscoveredDevices": [{"Source": "cdi", "ID": "nvidia.com/gpu=0"}, {"ID": "x.com/y=1"}, {"ID": 1}],
            "SecurityOptions": ["name=seccomp,profile=builtin", "name=selinux"], "CDISpecDirs": ["/etc/cdi"],
            "OperatingSystem": "Docker Desktop", "KernelVersion": "6.10-linuxkit", "Name": "docker-desktop"
        });
        let found = facts(&info);
        assert_eq!(found.version, Some((28, 5)));
        assert_eq!(found.specified, BTreeSet::from(["0".to_owned()]));
        assert!(
            found.runtimes.contains("nvidia")
                && found.labels
                && !found.is_rootless
                && found.is_desktop
        );
        assert_eq!((&*found.architecture, found.unlisted.len()), ("arm64", 0));
        // 25 tells where it looks, and not what is there.
        let found = facts(&json!({"ServerVersion": "25.0.3", "CDISpecDirs": ["/etc/cdi", ""]}));
        assert_eq!(found.unlisted, [PathBuf::from("/etc/cdi")]);
        assert!(
            facts(&json!({"ServerVersion": "28.2.0", "CDISpecDirs": ["/etc/cdi"]}))
                .unlisted
                .is_empty()
        );
        assert!(
            facts(&json!({"ServerVersion": "26.1.0", "CDISpecDirs": null}))
                .unlisted
                .is_empty()
        );
        let wsl = json!({"ServerVersion": "28.0.0", "OperatingSystem": "Docker Desktop", "KernelVersion": "5.15-microsoft-standard-WSL2"});
        assert!(!facts(&wsl).is_desktop);
    }

    #[test]
    fn podman_says_and_nobody_does() {
        let info = json!({"host": {"arch": "amd64", "security": {"rootless": true, "selinuxEnabled": true}}, "version": {"Version": "4.3.1"}});
        let found = Facts::of_info(&info).unwrap();
        assert_eq!((found.kind, found.version), (Kind::Podman, Some((4, 3))));
        assert!(
            found.is_rootless && found.labels && found.is_from((4, 1)) && !found.is_from((5, 0))
        );
        for nothing in [
            json!({}),
            json!([]),
            json!(null),
            json!({"ServerErrors": ["x"], "ServerVersion": ""}),
        ] {
            assert_eq!(Facts::of_info(&nothing), None);
        }
    }
}
