//! A service.

use super::Reader;
use super::devices::{Gpus, Requests};
use super::environment::{Assignment, assignments};
use super::misplaced::{self, Misplaced};
use crate::sources::yaml::{Entry, Shape, Value};

/// A service.
#[derive(Debug, Clone)]
pub struct Service<'t> {
    /// Its name.
    pub name: &'t str,
    /// Its name and all of it.
    pub entry: Entry<'t>,
    /// `image`.
    pub image: Option<Entry<'t>>,
    /// `build`.
    pub build: Option<Build<'t>>,
    /// `runtime`.
    pub runtime: Option<Entry<'t>>,
    /// `gpus`.
    pub gpus: Option<Gpus<'t>>,
    /// `deploy`.
    pub deploy: Option<Entry<'t>>,
    /// `deploy.resources.reservations.devices`.
    pub reservations: Option<Requests<'t>>,
    /// `deploy.resources.reservations.generic_resources`, which only a swarm has.
    pub generic_resources: Option<Entry<'t>>,
    /// What asks for GPUs where nobody looks for it.
    pub misplaced: Vec<Misplaced<'t>>,
    /// `devices`: nodes and CDI names.
    pub devices: Vec<Device<'t>>,
    /// `environment`.
    pub environment: Vec<Assignment<'t>>,
    /// `env_file`: the paths.
    pub env_files: Vec<Value<'t>>,
    /// `shm_size`.
    pub shm_size: Option<Entry<'t>>,
    /// `ipc`.
    pub ipc: Option<Entry<'t>>,
    /// `ulimits`.
    pub ulimits: Vec<Ulimit<'t>>,
    /// `privileged`.
    pub privileged: Option<Entry<'t>>,
    /// `command`: a text or a list. A text is taken apart as a shell would, but no shell runs it.
    pub command: Option<Entry<'t>>,
    /// `entrypoint`, likewise.
    pub entrypoint: Option<Entry<'t>>,
    /// `platform`.
    pub platform: Option<Entry<'t>>,
    /// `user`.
    pub user: Option<Entry<'t>>,
    /// `pid`.
    pub pid: Option<Entry<'t>>,
    /// `network_mode`.
    pub network_mode: Option<Entry<'t>>,
    /// `extends`.
    pub extends: Option<Extends<'t>>,
    /// `profiles`.
    pub profiles: Vec<Value<'t>>,
    /// `cap_add`.
    pub cap_add: Vec<Value<'t>>,
    /// `security_opt`.
    pub security_opt: Vec<Value<'t>>,
    /// `group_add`.
    pub group_add: Vec<Value<'t>>,
    /// `volumes`.
    pub volumes: Vec<Volume<'t>>,
    /// Keys that no service has, with their ways from the service (`deploy.resources.limit`); what is misplaced is not among
    /// them.
    pub unknown: Vec<(String, Entry<'t>)>,
}

/// `build`.
#[derive(Debug, Clone)]
pub struct Build<'t> {
    /// The key and all of it.
    pub entry: Entry<'t>,
    /// `context`, or the text in place of a mapping.
    pub context: Option<Value<'t>>,
    /// `dockerfile`.
    pub dockerfile: Option<Entry<'t>>,
    /// `dockerfile_inline`.
    pub dockerfile_inline: Option<Entry<'t>>,
    /// `target`.
    pub target: Option<Entry<'t>>,
    /// `args`.
    pub args: Vec<Assignment<'t>>,
    /// `platforms`.
    pub platforms: Vec<Value<'t>>,
    /// `shm_size`: of the build alone, not of the container.
    pub shm_size: Option<Entry<'t>>,
    /// `entitlements`.
    pub entitlements: Vec<Value<'t>>,
}

/// `extends`.
#[derive(Debug, Clone, Copy)]
pub struct Extends<'t> {
    /// The key and all of it.
    pub entry: Entry<'t>,
    /// The service that is extended.
    pub service: Option<Value<'t>>,
    /// The file that it is in.
    pub file: Option<Value<'t>>,
}

/// An item of `devices`.
#[derive(Debug, Clone, Copy)]
pub struct Device<'t> {
    /// All of it.
    pub value: Value<'t>,
    /// The path on the host, or the name of a CDI device.
    pub source: &'t str,
    /// The path in the container.
    pub target: Option<&'t str>,
    /// `rwm`.
    pub permissions: Option<&'t str>,
}

impl Device<'_> {
    /// Whether it is the name of a CDI device (`nvidia.com/gpu=all`). Docker compose knows them since 2.30.0; before, the
    /// daemon is asked for a device node by that name (`stat nvidia.com/gpu=all: no such file or directory`).
    pub fn is_cdi(&self) -> bool {
        let kind = self.source.split_once('=').map_or("", |(kind, _)| kind);
        !self.source.starts_with(['/', '.']) && kind.contains('/')
    }
}

/// An item of `ulimits`.
#[derive(Debug, Clone, Copy)]
pub struct Ulimit<'t> {
    /// Its name.
    pub name: &'t str,
    /// The key and all of it.
    pub entry: Entry<'t>,
    /// The soft limit.
    pub soft: Option<i64>,
    /// The hard limit.
    pub hard: Option<i64>,
}

/// An item of `volumes`.
#[derive(Debug, Clone, Copy)]
pub struct Volume<'t> {
    /// All of it.
    pub value: Value<'t>,
    /// A path on the host, or the name of a volume.
    pub source: Option<&'t str>,
    /// The path in the container.
    pub target: Option<&'t str>,
    /// `ro`, `z` and so on.
    pub options: Option<&'t str>,
}

impl<'t> Service<'t> {
    pub(super) fn of(entry: Entry<'t>, reader: &mut Reader<'t>) -> Option<Self> {
        let name = entry.key.text()?;
        let value = entry.value;
        if value.shape() != Shape::Mapping {
            if !value.is_null() {
                reader.error(value, "a service is a mapping");
            }
            return None;
        }
        let field = |name: &str| value.entry(name);
        let below = |path: &[&str], name: &str| value.get_path(path)?.entry(name);
        let reservations = &["deploy", "resources", "reservations"];
        let misplaced = misplaced::of(value, reader);
        let mut unknown = unknown(value, reader);
        unknown.retain(|(path, _)| misplaced.iter().all(|it| it.path != *path));
        Some(Self {
            name,
            entry,
            image: field("image"),
            build: field("build").map(|entry| Build::of(entry, reader)),
            runtime: field("runtime"),
            gpus: field("gpus").map(|entry| Gpus::of(entry, reader)),
            deploy: field("deploy"),
            reservations: below(reservations, "devices").map(|entry| Requests::of(entry, reader)),
            generic_resources: below(reservations, "generic_resources"),
            misplaced,
            devices: devices(field("devices"), reader),
            environment: assignments(value.get("environment"), reader),
            env_files: env_files(field("env_file"), reader),
            shm_size: field("shm_size"),
            ipc: field("ipc"),
            ulimits: ulimits(value.get("ulimits"), reader),
            privileged: field("privileged"),
            command: field("command"),
            entrypoint: field("entrypoint"),
            platform: field("platform"),
            user: field("user"),
            pid: field("pid"),
            network_mode: field("network_mode"),
            extends: field("extends").map(Extends::of),
            profiles: reader.list(field("profiles")),
            cap_add: reader.list(field("cap_add")),
            security_opt: reader.list(field("security_opt")),
            group_add: reader.list(field("group_add")),
            volumes: volumes(field("volumes"), reader),
            unknown,
        })
    }

    /// Whether all of it is in this file: it extends no other service, and nothing of it is `!reset` or `!override`, which says
    /// that another file is merged with this one.
    pub fn is_whole(&self) -> bool {
        let is_changed =
            |entry: Entry<'_>| matches!(entry.value.tag(), Some("!reset" | "!override"));
        self.extends.is_none() && !self.entry.value.entries().any(is_changed)
    }

    /// The value of a variable that is set here. The last one counts.
    pub fn variable(&self, name: &str) -> Option<&Assignment<'t>> {
        self.environment.iter().rfind(|it| it.name == name)
    }
}

impl<'t> Build<'t> {
    fn of(entry: Entry<'t>, reader: &mut Reader<'t>) -> Self {
        let value = entry.value;
        let context = match value.shape() {
            Shape::Scalar => Some(value).filter(|value| !value.is_null()),
            _ => value.get("context"),
        };
        Self {
            entry,
            context,
            dockerfile: value.entry("dockerfile"),
            dockerfile_inline: value.entry("dockerfile_inline"),
            target: value.entry("target"),
            args: assignments(value.get("args"), reader),
            platforms: reader.list(value.entry("platforms")),
            shm_size: value.entry("shm_size"),
            entitlements: reader.list(value.entry("entitlements")),
        }
    }
}

impl<'t> Extends<'t> {
    fn of(entry: Entry<'t>) -> Self {
        let value = entry.value;
        let is_name = value.shape() == Shape::Scalar;
        Self {
            entry,
            service: if is_name {
                Some(value)
            } else {
                value.get("service")
            },
            file: value.get("file"),
        }
    }
}

/// `HOST:CONTAINER:PERMISSIONS`, or a mapping.
fn devices<'t>(entry: Option<Entry<'t>>, reader: &mut Reader<'t>) -> Vec<Device<'t>> {
    let items = reader.list(entry);
    let found = items.into_iter().filter_map(|value| {
        let Some(text) = value.text() else {
            let part = |key: &str| value.get(key)?.text();
            return Some(Device {
                value,
                source: part("source")?,
                target: part("target"),
                permissions: part("permissions"),
            });
        };
        let mut parts = split(text).into_iter();
        Some(Device {
            value,
            source: parts.next()?,
            target: parts.next(),
            permissions: parts.next(),
        })
    });
    found.collect()
}

/// `SOURCE:TARGET:OPTIONS`, `TARGET`, or a mapping.
fn volumes<'t>(entry: Option<Entry<'t>>, reader: &mut Reader<'t>) -> Vec<Volume<'t>> {
    let items = reader.list(entry);
    let found = items.into_iter().map(|value| {
        let Some(text) = value.text() else {
            let part = |key: &str| value.get(key)?.text();
            return Volume {
                value,
                source: part("source"),
                target: part("target"),
                options: None,
            };
        };
        let parts = split(text);
        let (source, target) = match parts.as_slice() {
            [target] => (None, Some(*target)),
            [source, target, ..] => (Some(*source), Some(*target)),
            [] => (None, None),
        };
        Volume {
            value,
            source,
            target,
            options: parts.get(2).copied(),
        }
    });
    found.collect()
}

/// At colons that are not in a variable (`${DATA:-/data}:/data`), and not behind a drive's letter (`C:\data:/data`).
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, sign) in text.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => {
                let is_drive = at == 1 && text[at..].starts_with(":\\");
                if !is_drive {
                    parts.push(&text[start..at]);
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn env_files<'t>(entry: Option<Entry<'t>>, reader: &mut Reader<'t>) -> Vec<Value<'t>> {
    let items = reader.list(entry).into_iter();
    let path = |item: Value<'t>| match item.shape() {
        Shape::Mapping => item.get("path"),
        _ => Some(item),
    };
    items.filter_map(path).collect()
}

fn ulimits<'t>(value: Option<Value<'t>>, reader: &mut Reader<'t>) -> Vec<Ulimit<'t>> {
    let pairs = value.map_or_else(Vec::new, |value| reader.pairs(value));
    let number = |value: Value<'_>| value.as_int().or_else(|| value.text()?.parse().ok());
    let found = pairs.into_iter().filter_map(|entry| {
        let value = entry.value;
        let (soft, hard) = match value.shape() {
            Shape::Scalar => (number(value), number(value)),
            _ => (
                value.get("soft").and_then(number),
                value.get("hard").and_then(number),
            ),
        };
        Some(Ulimit {
            name: entry.key.text()?,
            entry,
            soft,
            hard,
        })
    });
    found.collect()
}

/// The keys of a service (schema, `service`), and of what is below `deploy`.
#[rustfmt::skip]
const KNOWN: &[(&[&str], &[&str])] = &[
    (&[], &[
        "annotations", "attach", "blkio_config", "build", "cap_add", "cap_drop", "cgroup", "cgroup_parent", "command", "configs",
        "container_name", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares",
        "cpus", "cpuset", "credential_spec", "depends_on", "deploy", "develop", "device_cgroup_rules", "devices", "dns", "dns_opt",
        "dns_search", "domainname", "entrypoint", "env_file", "environment", "expose", "extends", "external_links", "extra_hosts",
        "gpus", "group_add", "healthcheck", "hostname", "image", "init", "ipc", "isolation", "label_file", "labels", "links",
        "logging", "mac_address", "mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "models", "network_mode",
        "networks", "oom_kill_disable", "oom_score_adj", "pid", "pids_limit", "platform", "ports", "post_start", "pre_start",
        "pre_stop", "privileged", "profiles", "provider", "pull_policy", "pull_refresh_after", "read_only", "restart", "runtime",
        "scale", "secrets", "security_opt", "shm_size", "stdin_open", "stop_grace_period", "stop_signal", "storage_opt", "sysctls",
        "tmpfs", "tty", "ulimits", "use_api_socket", "user", "userns_mode", "uts", "volumes", "volumes_from", "working_dir",
    ]),
    (&["deploy"], &[
        "endpoint_mode", "labels", "mode", "placement", "replicas", "resources", "restart_policy", "rollback_config", "update_config",
    ]),
    (&["deploy", "resources"], &["limits", "reservations"]),
    (&["deploy", "resources", "limits"], &["cpus", "memory", "pids"]),
    (&["deploy", "resources", "reservations"], &["cpus", "devices", "generic_resources", "memory"]),
];

fn unknown<'t>(service: Value<'t>, reader: &mut Reader<'t>) -> Vec<(String, Entry<'t>)> {
    let mut found = Vec::new();
    for (path, known) in KNOWN {
        let Some(value) = service.get_path(path) else {
            continue;
        };
        for entry in reader.pairs(value) {
            let Some(key) = entry.key.text() else {
                continue;
            };
            if !known.contains(&key) && !key.starts_with("x-") {
                let way: Vec<&str> = path.iter().copied().chain([key]).collect();
                found.push((way.join("."), entry));
            }
        }
    }
    found
}
