//! Request: what a container asks for, and who asks.
//!
//! Read from the environment (the last entry of a name wins, as it does for the process), or, where the
//! administrator accepts them, from mounts of `/dev/null` below `/var/run/nvidia-container-devices`, which
//! an image cannot fake.

use crate::beside::Beside;
use crate::names::Names;
use crate::policy::Policy;
use crate::refusal::{Code, Refusal};
use crate::requirements::{self, Requirement};
use liftgate_config::Mode;
use liftgate_driver::{Capabilities, Capability, Extra};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// What a container's configuration says that matters to us.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerFacts {
    /// The environment, in order.
    pub environment: Vec<(String, String)>,
    /// Mounts: destination and source.
    pub mounts: Vec<(PathBuf, PathBuf)>,
    /// Annotations, by key.
    pub annotations: Vec<(String, String)>,
    /// Whether the bounding set holds `CAP_SYS_ADMIN`.
    pub is_privileged: bool,
}

impl ContainerFacts {
    /// The value of a variable: that of its last entry.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Source {
    /// Environment variables, by name.
    Environment {
        /// The variables.
        variables: Vec<String>,
    },
    /// Options on a command line.
    Options,
    /// Mounts below `/var/run/nvidia-container-devices`.
    VolumeMounts,
    /// Annotations of the container, by key: whoever writes them rules the engine.
    Annotations {
        /// The keys.
        keys: Vec<String>,
    },
    /// The image: made for the first generation of the runtime, it sets `CUDA_VERSION` and no
    /// `NVIDIA_VISIBLE_DEVICES`.
    LegacyImage,
}

/// Which GPUs are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "which", content = "ids")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Devices {
    /// All of the machine.
    All,
    /// None; but the driver's files.
    None,
    /// These, in this order, each once.
    Ids(Vec<String>),
    /// Neither GPUs nor the driver: only devices of CDI specifications.
    Unasked,
}

/// A request for the driver, and perhaps for GPUs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Request {
    /// Where it comes from.
    pub source: Source,
    /// Which GPUs.
    pub devices: Devices,
    /// Which part of the driver.
    pub capabilities: Capabilities,
    /// Why these capabilities.
    pub capabilities_reason: String,
    /// Devices of CDI specifications, by their qualified names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub specified: Vec<String>,
    /// Kinds of devices beside GPUs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<Extra>,
    /// Channels of IMEX, by number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imex_channels: Vec<u32>,
    /// Whether the node that configures MIG devices is asked for.
    #[serde(skip_serializing_if = "is_false")]
    pub mig_config: bool,
    /// Whether the node that watches MIG devices is asked for.
    #[serde(skip_serializing_if = "is_false")]
    pub mig_monitor: bool,
    /// What is required of driver and GPUs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// What the container asks for and does not get, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unheeded: Vec<String>,
}

impl Request {
    /// A request for GPUs and the driver, and for nothing beside them.
    pub fn of(source: Source, devices: Devices, capabilities: Capabilities, reason: &str) -> Self {
        Self {
            source,
            devices,
            capabilities,
            capabilities_reason: reason.to_owned(),
            specified: Vec::new(),
            extras: Vec::new(),
            imex_channels: Vec::new(),
            mig_config: false,
            mig_monitor: false,
            requirements: Vec::new(),
            unheeded: Vec::new(),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Whether a container asks for the driver at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It asks.
    For(Request),
    /// It does not, for this reason.
    Nothing {
        /// Why not.
        reason: String,
        /// Whether somebody may wonder: a request was there and was not heeded.
        is_ignored_request: bool,
    },
}

/// The variable that names the GPUs.
pub(crate) const VISIBLE_DEVICES: &str = "NVIDIA_VISIBLE_DEVICES";
const DRIVER_CAPABILITIES: &str = "NVIDIA_DRIVER_CAPABILITIES";
const VOLUME_MOUNT_ROOT: &str = "/var/run/nvidia-container-devices";

/// What an image gets that does not say: CUDA, and `nvidia-smi` to look at it.
const DEFAULT_CAPABILITIES: Capabilities =
    Capabilities::of(&[Capability::Compute, Capability::Utility]);

impl Asked {
    /// Reads what a container asks for.
    pub fn by(container: &ContainerFacts, policy: &Policy) -> Result<Self, Refusal> {
        if let Some((keys, ids)) = annotated(container, policy) {
            return select(&ids, Source::Annotations { keys }, container, policy, &[]);
        }
        let mounted = if policy.accept_volume_mounts {
            volume_mounts(container)
        } else {
            VolumeMounts::default()
        };
        if !mounted.ids.is_empty() {
            return select(
                &mounted.ids,
                Source::VolumeMounts,
                container,
                policy,
                &mounted.channels,
            );
        }
        let (source, ids) = match environment_ids(container, policy) {
            Ok(found) => found,
            Err(reason) => {
                return Ok(Self::Nothing {
                    reason,
                    is_ignored_request: false,
                });
            }
        };
        if !container.is_privileged && !policy.accept_environment_when_unprivileged {
            return Ok(Self::Nothing {
                reason: format!(
                    "the request by environment is ignored: the container is not privileged, and config.toml says accept-nvidia-visible-devices-envvar-when-unprivileged = false (asked for: {})",
                    shortened(&ids.join(","))
                ),
                is_ignored_request: true,
            });
        }
        select(&ids, source, container, policy, &mounted.channels)
    }
}

/// CDI devices that annotations name, where the mode heeds them: mode `cdi`, and `auto` if every name there
/// is one of a CDI device. Engines that know CDI serve the same annotations themselves; what is there
/// already is not added twice.
fn annotated(container: &ContainerFacts, policy: &Policy) -> Option<(Vec<String>, Vec<String>)> {
    if !matches!(policy.mode, Mode::Auto | Mode::Cdi) {
        return None;
    }
    let mut heeded: Vec<(&String, &String)> = container
        .annotations
        .iter()
        .filter(|(key, _)| {
            policy
                .annotation_prefixes
                .iter()
                .any(|prefix| !prefix.is_empty() && key.starts_with(prefix.as_str()))
        })
        .map(|(key, value)| (key, value))
        .collect();
    heeded.sort();
    let ids: Vec<String> = heeded
        .iter()
        .flat_map(|(_, value)| value.split(','))
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    let is_meant = policy.mode == Mode::Cdi || ids.iter().all(|id| id.contains('='));
    if ids.is_empty() || !is_meant {
        return None;
    }
    Some((
        heeded.into_iter().map(|(key, _)| key.clone()).collect(),
        ids,
    ))
}

/// The ids that the environment names, or why it asks for nothing.
fn environment_ids(
    container: &ContainerFacts,
    policy: &Policy,
) -> Result<(Source, Vec<String>), String> {
    let swarm: Vec<&String> = policy
        .swarm_resources
        .iter()
        .filter(|name| container.variable(name).is_some())
        .collect();
    let (variables, text) = if swarm.is_empty() {
        let Some(text) = container.variable(VISIBLE_DEVICES) else {
            return if is_legacy_image(container) {
                Ok((Source::LegacyImage, vec!["all".to_owned()]))
            } else {
                Err(format!("{VISIBLE_DEVICES} is not set"))
            };
        };
        (vec![VISIBLE_DEVICES.to_owned()], text.to_owned())
    } else {
        let values: Vec<&str> = swarm
            .iter()
            .filter_map(|name| container.variable(name))
            .collect();
        (swarm.into_iter().cloned().collect(), values.join(","))
    };
    let ids: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    if ids.is_empty() {
        return Err(format!("{} is empty", variables.join(", ")));
    }
    if ids.iter().any(|id| id.eq_ignore_ascii_case("void")) {
        return Err(format!(
            "{} says void: whoever set it has seen to the GPUs, or wants none",
            variables.join(", ")
        ));
    }
    Ok((Source::Environment { variables }, ids))
}

/// Images of before 2018 set `CUDA_VERSION` and relied on the runtime to give them every GPU.
fn is_legacy_image(container: &ContainerFacts) -> bool {
    let is_set = |name| {
        container
            .variable(name)
            .is_some_and(|value| !value.is_empty())
    };
    is_set("CUDA_VERSION") && !is_set("NVIDIA_REQUIRE_CUDA")
}

/// What is asked for by mounts.
#[derive(Debug, Default)]
struct VolumeMounts {
    ids: Vec<String>,
    channels: Vec<String>,
}

/// Requests by mounts of `/dev/null`. The directory is compared component by component: as a prefix of the
/// text it would also match `/var/run/nvidia-container-devices-1`.
///
/// Below the directory stand ids; `imex/<channel>`; and `cdi/<vendor>/<class>/<device>`, or the same with `=`
/// before the device.
fn volume_mounts(container: &ContainerFacts) -> VolumeMounts {
    let mut asked = VolumeMounts::default();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (destination, source) in &container.mounts {
        if !is_clean(destination) || source != Path::new("/dev/null") {
            continue;
        }
        let Some(id) = destination
            .strip_prefix(VOLUME_MOUNT_ROOT)
            .ok()
            .and_then(Path::to_str)
            .filter(|id| !id.is_empty())
        else {
            continue;
        };
        if !known.insert(id) {
            continue;
        }
        if let Some(channel) = id.strip_prefix("imex/") {
            asked.channels.push(channel.to_owned());
        } else if let Some(device) = id.strip_prefix("cdi/") {
            let name = match device.rsplit_once('/') {
                Some((kind, name)) if !device.contains('=') => format!("{kind}={name}"),
                _ => device.to_owned(),
            };
            asked.ids.push(name);
        } else {
            asked.ids.push(id.to_owned());
        }
    }
    asked
}

fn is_clean(path: &Path) -> bool {
    path.components()
        .all(|component| matches!(component, Component::RootDir | Component::Normal(_)))
}

/// Turns a list of ids into a request.
fn select(
    ids: &[String],
    source: Source,
    container: &ContainerFacts,
    policy: &Policy,
    channels: &[String],
) -> Result<Asked, Refusal> {
    let Names::These { devices, specified } = Names::sort(ids, policy.mode, &policy.default_kind)?
    else {
        return Ok(Asked::Nothing {
            reason: "the request says void".to_owned(),
            is_ignored_request: false,
        });
    };
    let beside = if devices == Devices::Unasked {
        Beside::default()
    } else {
        Beside::read(container, policy, channels)?
    };
    let (capabilities, capabilities_reason) = capabilities(container, policy, &source)?;
    let requirements =
        requirements::of_container(container, policy, source == Source::LegacyImage)?;
    Ok(Asked::For(Request {
        source,
        devices,
        capabilities,
        capabilities_reason,
        specified,
        extras: beside.extras,
        imex_channels: beside.imex_channels,
        mig_config: beside.mig_config,
        mig_monitor: beside.mig_monitor,
        requirements,
        unheeded: beside.unheeded,
    }))
}

fn capabilities(
    container: &ContainerFacts,
    policy: &Policy,
    source: &Source,
) -> Result<(Capabilities, String), Refusal> {
    let supported = policy.supported_capabilities;
    let names: Vec<&str> = container
        .variable(DRIVER_CAPABILITIES)
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return Ok(if *source == Source::LegacyImage {
            (
                supported,
                format!(
                    "{DRIVER_CAPABILITIES} is not set, and the image is of the first generation, which gets all"
                ),
            )
        } else {
            (
                DEFAULT_CAPABILITIES.intersection(supported),
                format!("{DRIVER_CAPABILITIES} is not set; {DEFAULT_CAPABILITIES} is the default"),
            )
        });
    }
    let reason = format!("{DRIVER_CAPABILITIES}={}", names.join(","));
    if names.contains(&"all") {
        return Ok((supported, shortened(&reason)));
    }
    let mut asked = Capabilities::NONE;
    for name in names {
        let capability: Capability = name.parse().map_err(|_| {
            Refusal::new(
                Code::CapabilityUnknown,
                format!("there is no driver capability `{}`", shortened(name)),
                format!(
                    "set {DRIVER_CAPABILITIES} to some of {}, or to all",
                    Capabilities::all()
                ),
            )
            .because(format!(
                "the container's environment has {}",
                shortened(&reason)
            ))
        })?;
        if !supported.contains(capability) {
            return Err(Refusal::new(
                Code::CapabilityNotAllowed,
                format!("the driver capability `{capability}` is not allowed on this machine"),
                format!("ask for some of {supported}, or have the administrator add it to supported-driver-capabilities"),
            )
            .because(format!("config.toml says supported-driver-capabilities = \"{supported}\""))
            .because(format!("the container's environment has {}", shortened(&reason))));
        }
        asked.insert(capability);
    }
    Ok((asked, reason))
}

/// A text of the container's, fit to be shown: a message must not become as long as a hostile image likes,
/// nor move the cursor, nor turn the direction of what follows.
pub fn shortened(text: &str) -> String {
    shortened_to(text, 120)
}

/// As [`shortened`], to at most `longest` characters.
pub(crate) fn shortened_to(text: &str, longest: usize) -> String {
    let mut shown: String = text
        .chars()
        .take(longest)
        .map(|character| {
            if is_unruly(character) {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect();
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

/// Characters that act on what is around them rather than show themselves.
fn is_unruly(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(environment: &[(&str, &str)]) -> ContainerFacts {
        ContainerFacts {
            environment: environment
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..ContainerFacts::default()
        }
    }

    fn devices(environment: &[(&str, &str)]) -> Option<Devices> {
        match Asked::by(&container(environment), &Policy::default()).unwrap() {
            Asked::For(request) => Some(request.devices),
            Asked::Nothing { .. } => None,
        }
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "it is compared with what `devices` returns"
    )]
    fn ids(ids: &[&str]) -> Option<Devices> {
        Some(Devices::Ids(
            ids.iter().map(|id| (*id).to_owned()).collect(),
        ))
    }

    #[test]
    fn values_of_the_variable() {
        let visible = |value| devices(&[(VISIBLE_DEVICES, value)]);
        assert_eq!(visible("all"), Some(Devices::All));
        assert_eq!(visible("none"), Some(Devices::None));
        assert_eq!(visible("void"), None);
        assert_eq!(visible(""), None);
        assert_eq!(visible(" , ,"), None);
        assert_eq!(visible("0"), ids(&["0"]));
        assert_eq!(visible(" 1 , GPU-x,"), ids(&["1", "GPU-x"]));
        assert_eq!(visible("0,0,1,0"), ids(&["0", "1"]));
        assert_eq!(visible("0,all"), Some(Devices::All));
        assert_eq!(visible("0,none"), Some(Devices::None));
        assert_eq!(visible("none,all"), Some(Devices::None));
        assert_eq!(visible("0,void"), None);
        assert_eq!(devices(&[]), None);
    }

    #[test]
    fn the_last_entry_of_a_name_wins() {
        assert_eq!(
            devices(&[(VISIBLE_DEVICES, "all"), (VISIBLE_DEVICES, "void")]),
            None
        );
        assert_eq!(
            devices(&[(VISIBLE_DEVICES, "void"), (VISIBLE_DEVICES, "0")]),
            ids(&["0"])
        );
    }

    #[test]
    fn images_of_the_first_generation_get_everything() {
        let Asked::For(request) = Asked::by(
            &container(&[("CUDA_VERSION", "8.0.61")]),
            &Policy::default(),
        )
        .unwrap() else {
            panic!("asked for nothing");
        };
        assert_eq!(request.devices, Devices::All);
        assert_eq!(request.capabilities, Capabilities::all());
        assert_eq!(devices(&[("CUDA_VERSION", "")]), None);
        assert_eq!(
            devices(&[
                ("CUDA_VERSION", "12.4.1"),
                ("NVIDIA_REQUIRE_CUDA", "cuda>=12.4")
            ]),
            None
        );
        assert_eq!(
            devices(&[("CUDA_VERSION", "8.0"), (VISIBLE_DEVICES, "")]),
            None
        );
    }

    #[test]
    fn an_unprivileged_container_may_be_kept_from_asking_by_environment() {
        let strict = Policy {
            accept_environment_when_unprivileged: false,
            ..Policy::default()
        };
        let mut facts = container(&[(VISIBLE_DEVICES, "all")]);
        assert!(matches!(
            Asked::by(&facts, &strict).unwrap(),
            Asked::Nothing {
                is_ignored_request: true,
                ..
            }
        ));
        facts.is_privileged = true;
        assert!(matches!(Asked::by(&facts, &strict).unwrap(), Asked::For(_)));
    }

    #[test]
    fn volume_mounts_ask_only_where_they_are_accepted_and_only_below_the_directory() {
        let null = PathBuf::from("/dev/null");
        let mut facts = container(&[(VISIBLE_DEVICES, VOLUME_MOUNT_ROOT)]);
        for path in [
            "/var/run/nvidia-container-devices/1",
            "/var/run/nvidia-container-devices/1",
            "/var/run/nvidia-container-devices/GPU-x",
            "/var/run/nvidia-container-devices-1",
            "/var/run/nvidia-container-devices/../0",
            "/var/run/nvidia-container-devices",
        ] {
            facts.mounts.push((PathBuf::from(path), null.clone()));
        }
        facts.mounts.push((
            PathBuf::from("/var/run/nvidia-container-devices/0"),
            PathBuf::from("/etc"),
        ));
        let accepting = Policy {
            accept_volume_mounts: true,
            ..Policy::default()
        };
        let Asked::For(request) = Asked::by(&facts, &accepting).unwrap() else {
            panic!("asked for nothing");
        };
        assert_eq!(request.source, Source::VolumeMounts);
        assert_eq!(Some(request.devices), ids(&["1", "GPU-x"]));
        let Asked::For(request) = Asked::by(&facts, &Policy::default()).unwrap() else {
            panic!("asked for nothing");
        };
        assert_eq!(Some(request.devices), ids(&[VOLUME_MOUNT_ROOT]));
    }

    #[test]
    fn swarm_resources_come_first() {
        let policy = Policy {
            swarm_resources: vec!["DOCKER_RESOURCE_A".into(), "DOCKER_RESOURCE_B".into()],
            ..Policy::default()
        };
        let facts = container(&[
            (VISIBLE_DEVICES, "all"),
            ("DOCKER_RESOURCE_B", "2"),
            ("DOCKER_RESOURCE_A", "0,1"),
        ]);
        let Asked::For(request) = Asked::by(&facts, &policy).unwrap() else {
            panic!("asked for nothing");
        };
        assert_eq!(Some(request.devices), ids(&["0", "1", "2"]));
    }

    #[test]
    fn capabilities_are_a_list_or_all() {
        let of = |value, supported| {
            let facts = container(&[(VISIBLE_DEVICES, "all"), (DRIVER_CAPABILITIES, value)]);
            let policy = Policy {
                supported_capabilities: supported,
                ..Policy::default()
            };
            Asked::by(&facts, &policy).map(|asked| match asked {
                Asked::For(request) => request.capabilities.to_string(),
                Asked::Nothing { reason, .. } => panic!("{reason}"),
            })
        };
        let everything = Capabilities::all();
        let compute = Capabilities::of(&[Capability::Compute]);
        assert_eq!(of("", everything).unwrap(), "compute,utility");
        assert_eq!(of("utility", everything).unwrap(), "utility");
        assert_eq!(of("video, compute", everything).unwrap(), "compute,video");
        assert_eq!(
            of("utility,all", everything).unwrap(),
            everything.to_string()
        );
        assert_eq!(of("all", compute).unwrap(), "compute");
        assert_eq!(of("", compute).unwrap(), "compute");
        assert_eq!(
            of("utility", compute).unwrap_err().code,
            Code::CapabilityNotAllowed
        );
        assert_eq!(
            of("Utility", everything).unwrap_err().code,
            Code::CapabilityUnknown
        );
    }

    #[test]
    fn annotations_name_cdi_devices_where_the_mode_heeds_them() {
        let annotated = |mode, value: &str| {
            let mut facts = container(&[(VISIBLE_DEVICES, "0")]);
            facts.annotations = vec![
                ("cdi.k8s.io/plugin_1".to_owned(), value.to_owned()),
                ("other/cdi.k8s.io/".to_owned(), "x.com/net=9".to_owned()),
            ];
            let policy = Policy {
                mode,
                ..Policy::default()
            };
            let Asked::For(request) = Asked::by(&facts, &policy).unwrap() else {
                panic!("asked for nothing");
            };
            (request.devices, request.specified)
        };
        let both = ["x.com/net=1".to_owned(), "x.com/net=2".to_owned()];
        for mode in [Mode::Auto, Mode::Cdi] {
            let (devices, specified) = annotated(mode, "x.com/net=1, x.com/net=2");
            assert_eq!(
                (devices, specified.as_slice()),
                (Devices::Unasked, &both[..])
            );
        }
        for mode in [Mode::JitCdi, Mode::Legacy, Mode::Csv] {
            assert_eq!(Some(annotated(mode, "x.com/net=1").0), ids(&["0"]));
        }
        // A bare name in an annotation is a CDI device in mode `cdi`, and in `auto` it is not ours to read.
        assert_eq!(annotated(Mode::Cdi, "3").1, ["nvidia.com/gpu=3"]);
        assert_eq!(Some(annotated(Mode::Auto, "3").0), ids(&["0"]));
    }

    #[test]
    fn mounts_name_cdi_devices_and_channels_too() {
        let mut facts = container(&[]);
        for path in [
            "/var/run/nvidia-container-devices/cdi/nvidia.com/gpu/0",
            "/var/run/nvidia-container-devices/cdi/nvidia.com/gpu=1",
            "/var/run/nvidia-container-devices/imex/7",
            "/var/run/nvidia-container-devices/2",
        ] {
            facts.mounts.push((path.into(), "/dev/null".into()));
        }
        let accepting = Policy {
            accept_volume_mounts: true,
            ..Policy::default()
        };
        let Asked::For(request) = Asked::by(&facts, &accepting).unwrap() else {
            panic!("asked for nothing");
        };
        assert_eq!(request.specified, ["nvidia.com/gpu=0", "nvidia.com/gpu=1"]);
        assert_eq!(Some(request.devices), ids(&["2"]));
        assert_eq!(request.imex_channels, [7]);
    }

    #[test]
    fn what_a_container_says_is_shown_short_and_tame() {
        let hostile = format!("\u{1b}[2J{}", "x".repeat(10_000));
        let shown = shortened(&hostile);
        assert!(!shown.contains('\u{1b}') && shown.chars().count() < 130);
    }
}
