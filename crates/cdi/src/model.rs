//! The model: what a CDI specification says, whatever version it declares.
//!
//! Fields are those of CDI 1.1. Each remembers the line it was read from, so that a message about a stale
//! entry can name the place; lines take no part in comparisons.

use std::collections::BTreeMap;

/// The line in a file that something was read from, counted from 1; 0 where it was made, not read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Line(pub u32);

impl PartialEq for Line {
    /// Always: where a thing is written is not part of what it is.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Line {}

/// A specification: what one file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Specification {
    /// `cdiVersion`, as it is written.
    pub version: String,
    /// `kind`, before the `/`.
    pub vendor: String,
    /// `kind`, after the `/`.
    pub class: String,
    /// Annotations of the specification.
    pub annotations: BTreeMap<String, String>,
    /// Its devices, in order.
    pub devices: Vec<Device>,
    /// What every container gets that gets any of the devices.
    pub edits: ContainerEdits,
}

/// A device of a specification.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// Its name: what stands behind the `=` of a qualified name.
    pub name: String,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// What a container gets with it.
    pub edits: ContainerEdits,
    /// Where it is written.
    pub line: Line,
}

/// Edits of a container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerEdits {
    /// Variables, as `NAME=VALUE`.
    pub env: Vec<String>,
    /// Device nodes.
    pub device_nodes: Vec<DeviceNode>,
    /// Network interfaces that are moved into the container.
    pub net_devices: Vec<NetDevice>,
    /// Hooks.
    pub hooks: Vec<Hook>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Resource director technology.
    pub intel_rdt: Option<IntelRdt>,
    /// Supplementary groups of the container's process.
    pub additional_gids: Vec<u32>,
}

impl ContainerEdits {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A device node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceNode {
    /// Where it goes in the container.
    pub path: String,
    /// The node on the host that it is like, if that has another path.
    pub host_path: Option<String>,
    /// `type`: `c`, `b`, `u`, `p`, or empty.
    pub kind: Option<String>,
    /// Major number; absent, and zero, mean the host node's.
    pub major: Option<i64>,
    /// Minor number.
    pub minor: Option<i64>,
    /// Permission bits.
    pub file_mode: Option<u32>,
    /// Access by the device cgroup: letters of `rwm`.
    pub permissions: Option<String>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Where it is written.
    pub line: Line,
}

impl DeviceNode {
    /// The path of the host's node.
    pub fn host_path(&self) -> &str {
        self.host_path.as_deref().unwrap_or(&self.path)
    }
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mount {
    /// What is mounted.
    pub host_path: String,
    /// Where it goes.
    pub container_path: String,
    /// Mount options.
    pub options: Vec<String>,
    /// `type`.
    pub kind: Option<String>,
    /// Where it is written.
    pub line: Line,
}

/// A hook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hook {
    /// The moment: `createContainer` and its kin.
    pub stage: String,
    /// The program.
    pub path: String,
    /// Its arguments, beginning with its own name.
    pub args: Vec<String>,
    /// Its environment.
    pub env: Vec<String>,
    /// Seconds.
    pub timeout: Option<i64>,
    /// Where it is written.
    pub line: Line,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetDevice {
    /// Its name on the host.
    pub host_interface: String,
    /// Its name in the container.
    pub name: String,
}

/// Intel resource director technology.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IntelRdt {
    /// `closID`.
    pub clos_id: Option<String>,
    /// `l3CacheSchema`.
    pub l3_cache_schema: Option<String>,
    /// `memBwSchema`.
    pub mem_bw_schema: Option<String>,
    /// `schemata` (1.1).
    pub schemata: Vec<String>,
    /// `enableMonitoring` (1.1).
    pub enable_monitoring: bool,
    /// `enableCMT` (until 1.0).
    pub enable_cmt: bool,
    /// `enableMBM` (until 1.0).
    pub enable_mbm: bool,
}
