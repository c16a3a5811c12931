//! The parts of the runtime specification that we read or write, typed.
//!
//! Reading is tolerant: unknown fields are ignored and `null` counts as absent. None of these types is ever used to write back
//! something that was read.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};

/// `null` as the default, which is what Go programs mean by it.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// One environment variable of the container's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvEntry {
    /// What is before the first `=`.
    pub name: String,
    /// What is after it.
    pub value: String,
}

/// `root`: the container's root file system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Root {
    /// Path of the root file system, relative to the bundle unless absolute. Empty when the document has none.
    #[serde(default, deserialize_with = "or_default")]
    pub path: PathBuf,
    /// Whether the container sees it read-only.
    #[serde(default, deserialize_with = "or_default")]
    pub readonly: bool,
}

/// `process.user`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// User id of the container's process.
    #[serde(default, deserialize_with = "or_default")]
    pub uid: u32,
    /// Group id of the container's process.
    #[serde(default, deserialize_with = "or_default")]
    pub gid: u32,
    /// Its supplementary groups.
    #[serde(default, deserialize_with = "or_default")]
    pub additional_gids: Vec<u32>,
}

/// An element of `mounts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where in the container.
    pub destination: String,
    /// File system type, or `bind`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What is mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Mount options.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub options: Vec<String>,
}

/// An element of one of the lists in `hooks`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// The program, by absolute path.
    pub path: String,
    /// Its arguments, beginning with its own name.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub args: Vec<String>,
    /// Its whole environment. A hook that is added must have one: see [`OciError::HookWithoutEnv`](crate::OciError::HookWithoutEnv).
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub env: Vec<String>,
    /// Seconds after which the runtime gives up on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
}

/// The moment at which a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// `prestart`, deprecated: as [`Stage::CreateRuntime`], and before it.
    Prestart,
    /// `createRuntime`: in the runtime's namespaces, before `pivot_root`.
    CreateRuntime,
    /// `createContainer`: in the container's namespaces, before `pivot_root`.
    CreateContainer,
    /// `startContainer`: in the container, just before its process.
    StartContainer,
    /// `poststart`: in the runtime's namespaces, after the process has started.
    Poststart,
    /// `poststop`: in the runtime's namespaces, after the container is deleted.
    Poststop,
}

impl Stage {
    /// Every stage, in the order in which they run.
    pub const ALL: [Self; 6] = [
        Self::Prestart,
        Self::CreateRuntime,
        Self::CreateContainer,
        Self::StartContainer,
        Self::Poststart,
        Self::Poststop,
    ];

    /// The key in `hooks`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prestart => "prestart",
            Self::CreateRuntime => "createRuntime",
            Self::CreateContainer => "createContainer",
            Self::StartContainer => "startContainer",
            Self::Poststart => "poststart",
            Self::Poststop => "poststop",
        }
    }

    /// The stage of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// What a device node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeviceKind {
    /// `c`: a character device.
    #[serde(rename = "c")]
    Character,
    /// `u`: an unbuffered character device.
    #[serde(rename = "u")]
    Unbuffered,
    /// `b`: a block device.
    #[serde(rename = "b")]
    Block,
    /// `p`: a FIFO, which has no numbers.
    #[serde(rename = "p")]
    Fifo,
}

impl DeviceKind {
    /// The letter in the document.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Character => "c",
            Self::Unbuffered => "u",
            Self::Block => "b",
            Self::Fifo => "p",
        }
    }
}

/// An element of `linux.devices`: a node that the runtime makes in the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Where in the container.
    pub path: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: DeviceKind,
    /// Major number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub major: Option<i64>,
    /// Minor number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minor: Option<i64>,
    /// Permission bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_mode: Option<u32>,
    /// Owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// Group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gid: Option<u32>,
}

/// An element to add to `linux.resources.devices`: what the device cgroup shall allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRule {
    /// What it is.
    pub kind: DeviceKind,
    /// Major number; `None` is every one.
    pub major: Option<i64>,
    /// Minor number; `None` is every one.
    pub minor: Option<i64>,
    /// A combination of the letters `r`, `w`, `m`.
    pub access: String,
}

/// An element of `linux.resources.devices`, as it stands there: an entry of the device cgroup's list, of which the
/// last that fits counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ListedDeviceRule {
    /// Whether it allows.
    pub allow: bool,
    /// `a`, `b` or `c`; without, `a`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Major number; `None` and negative ones are every one.
    pub major: Option<i64>,
    /// Minor number; `None` and negative ones are every one.
    pub minor: Option<i64>,
    /// A combination of the letters `r`, `w`, `m`; without, all three.
    pub access: Option<String>,
}

/// A member of `linux.netDevices`: an interface of the host that the runtime moves into the container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetDevice {
    /// Its name on the host.
    pub host_interface: String,
    /// Its name in the container.
    pub name: String,
}

/// `linux.intelRdt`. The two switches for CMT and MBM are of runtime specifications before 1.3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IntelRdt {
    /// The class of service.
    #[serde(rename = "closID", skip_serializing_if = "Option::is_none")]
    pub clos_id: Option<String>,
    /// Lines of `schemata`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemata: Vec<String>,
    /// Level 3 cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l3_cache_schema: Option<String>,
    /// Memory bandwidth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_bw_schema: Option<String>,
    /// Whether there shall be a monitoring group.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enable_monitoring: bool,
    /// Cache monitoring.
    #[serde(rename = "enableCMT", skip_serializing_if = "std::ops::Not::not")]
    pub enable_cmt: bool,
    /// Bandwidth monitoring.
    #[serde(rename = "enableMBM", skip_serializing_if = "std::ops::Not::not")]
    pub enable_mbm: bool,
}

/// A device rule as the document has it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WrittenRule {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) allow: bool,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) major: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access: Option<String>,
}

/// `process.capabilities`, of which only the bounding set says whether a container is privileged.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Capabilities {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) bounding: Vec<String>,
}
