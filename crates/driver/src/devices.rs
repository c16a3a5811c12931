//! Device nodes. Never cached: they are read at each container start, because the major of `nvidia-uvm`
//! is given anew whenever the module is loaded.
//!
//! `/proc/devices` is the truth about majors; a node in `/dev` may be left over from before a reload. A
//! node that should be there and is not (nobody ran `nvidia-modprobe` yet) can be named all the same from
//! the major and minor numbers, because the low-level runtime makes the container's nodes itself.

use crate::gpu::Gpu;
use crate::kernel::CharacterMajors;
use crate::mig;
use crate::place::{Places, clean};
use liftgate_sys::{FileKind, Metadata};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Where the numbers of a node come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NodeOrigin {
    /// The node in the host's `/dev`.
    Host,
    /// `/proc/devices`: the host has no such node yet.
    Majors,
    /// `/proc/devices`: the host's node has another major and is left over from an earlier module load.
    StaleNode,
}

/// A device node to give to a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceNode {
    /// Its path, on the host and in a container.
    pub path: PathBuf,
    /// Major number.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
    /// Permission bits.
    pub mode: u32,
    /// Group.
    pub gid: u32,
    /// Where the numbers come from.
    pub origin: NodeOrigin,
    /// The node on the host, where the administrator keeps device nodes elsewhere than in `/dev`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_path: Option<PathBuf>,
}

/// The device nodes of the driver.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Devices {
    /// `/dev/nvidiactl`.
    pub control: Option<DeviceNode>,
    /// `/dev/nvidia-uvm` and `/dev/nvidia-uvm-tools`.
    pub unified_memory: Vec<DeviceNode>,
    /// `/dev/nvidia-modeset`.
    pub modeset: Option<DeviceNode>,
    /// The node that creates and destroys MIG devices. No plan gives it but to a container that may do as
    /// much on the host anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mig_config: Option<DeviceNode>,
    /// The node that watches MIG devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mig_monitor: Option<DeviceNode>,
    /// One entry for each GPU, in the order of the GPUs.
    pub gpus: Vec<GpuNodes>,
}

/// A link of the host's to a device node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceLink {
    /// Its path, on the host and in a container.
    pub path: PathBuf,
    /// Its text.
    pub target: String,
}

/// The device nodes of one GPU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuNodes {
    /// `/dev/nvidia<minor>`; `None` if the kernel has no major for it.
    pub node: Option<DeviceNode>,
    /// `/dev/dri/card…` and `/dev/dri/renderD…`.
    pub drm: Vec<DeviceNode>,
    /// Links to these by the GPU's PCI bus address: `/dev/dri/by-path/pci-…-card` and `-render`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drm_links: Vec<DeviceLink>,
    /// One entry for each MIG device, in the order of the MIG devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mig: Vec<MigNodes>,
}

/// The capability nodes of one MIG device: who can open both may use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MigNodes {
    /// The GPU instance's; `None` if the kernel tells no number for it.
    pub gpu_instance: Option<DeviceNode>,
    /// The compute instance's.
    pub compute_instance: Option<DeviceNode>,
}

/// Minor numbers that the driver fixes.
const CONTROL_MINOR: u32 = 255;
const MODESET_MINOR: u32 = 254;

/// The mode of the driver's nodes unless the administrator changed `NVreg_DeviceFileMode`.
const USUAL_MODE: u32 = 0o666;

/// The mode of a capability node: opening it is all that it is for.
const CAPABILITY_MODE: u32 = 0o444;

impl Devices {
    /// Reads the nodes of the control devices and of `gpus`.
    pub fn read(places: &Places, majors: &CharacterMajors, gpus: &[Gpu]) -> Self {
        let gpu_major = majors.gpu();
        let unified_memory = majors.get("nvidia-uvm").map_or_else(Vec::new, |major| {
            [("nvidia-uvm", 0), ("nvidia-uvm-tools", 1)]
                .into_iter()
                .map(|(name, minor)| node(places, name, major, minor))
                .collect()
        });
        let has_modeset =
            majors.get("nvidia-modeset").is_some() || stat(places, "nvidia-modeset").is_some();
        Self {
            control: gpu_major.map(|major| node(places, "nvidiactl", major, CONTROL_MINOR)),
            unified_memory,
            modeset: gpu_major
                .filter(|_| has_modeset)
                .map(|major| node(places, "nvidia-modeset", major, MODESET_MINOR)),
            gpus: gpus
                .iter()
                .map(|gpu| (gpu, drm_nodes(places, gpu)))
                .map(|(gpu, drm)| GpuNodes {
                    node: gpu_major.map(|major| {
                        node(places, &format!("nvidia{}", gpu.minor), major, gpu.minor)
                    }),
                    drm_links: drm_links(places, gpu, &drm),
                    drm,
                    mig: gpu
                        .mig
                        .iter()
                        .map(|device| MigNodes {
                            gpu_instance: capability(places, majors, device.gpu_instance_minor),
                            compute_instance: capability(
                                places,
                                majors,
                                device.compute_instance_minor,
                            ),
                        })
                        .collect(),
                })
                .collect(),
            mig_config: capability(places, majors, mig::control_minor(places, "config")),
            mig_monitor: capability(places, majors, mig::control_minor(places, "monitor")),
        }
    }
}

/// The node of a capability of the driver.
fn capability(places: &Places, majors: &CharacterMajors, minor: Option<u32>) -> Option<DeviceNode> {
    let (major, minor) = (majors.get("nvidia-caps")?, minor?);
    let mut node = node(
        places,
        &format!("nvidia-caps/nvidia-cap{minor}"),
        major,
        minor,
    );
    if node.origin == NodeOrigin::Majors {
        node.mode = CAPABILITY_MODE;
    }
    Some(node)
}

fn stat(places: &Places, name: &str) -> Option<Metadata> {
    liftgate_sys::file::metadata(&places.dev.join(name))
        .ok()
        .flatten()
        .filter(|metadata| metadata.kind == FileKind::CharacterDevice)
}

/// A node with numbers that are known.
pub(crate) fn node(places: &Places, name: &str, major: u32, minor: u32) -> DeviceNode {
    let host = stat(places, name);
    let (mode, gid) = host.map_or((USUAL_MODE, 0), |host| (host.mode & 0o777, host.gid));
    let origin = match host {
        None => NodeOrigin::Majors,
        Some(host) if host.device == (major, minor) => NodeOrigin::Host,
        Some(_) => NodeOrigin::StaleNode,
    };
    DeviceNode {
        path: Path::new("/dev").join(name),
        major,
        minor,
        mode,
        gid,
        origin,
        host_path: places.node_on_host(name),
    }
}

/// A node whose numbers only the host's own node tells; `None` if there is none.
pub(crate) fn existing(places: &Places, name: &str) -> Option<DeviceNode> {
    let host = stat(places, name)?;
    Some(DeviceNode {
        path: Path::new("/dev").join(name),
        major: host.device.0,
        minor: host.device.1,
        mode: host.mode & 0o777,
        gid: host.gid,
        origin: NodeOrigin::Host,
        host_path: places.node_on_host(name),
    })
}

/// Every node of the driver that the host has, for who manages the machine: those whose names begin with
/// `nvidia`, but for the nodes of storage, switches and links.
pub(crate) fn every(places: &Places) -> Vec<DeviceNode> {
    let top = crate::host::directory_names(&places.dev)
        .into_iter()
        .filter(|name| {
            name.starts_with("nvidia")
                && !["nvidia-fs", "nvidia-nvswitch", "nvidia-nvlink"]
                    .iter()
                    .any(|other| name.starts_with(other))
        });
    let below = ["nvidia-caps", "nvidia-caps-imex-channels"]
        .into_iter()
        .flat_map(|directory| {
            crate::host::directory_names(&places.dev.join(directory))
                .into_iter()
                .map(move |name| format!("{directory}/{name}"))
        });
    top.chain(below)
        .filter_map(|name| existing(places, &name))
        .collect()
}

fn drm_nodes(places: &Places, gpu: &Gpu) -> Vec<DeviceNode> {
    let directory = places
        .sys
        .join("bus/pci/devices")
        .join(gpu.bus.to_string())
        .join("drm");
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut nodes: Vec<DeviceNode> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            existing(places, &format!("dri/{name}"))
        })
        .collect();
    nodes.sort_by(|one, other| one.path.cmp(&other.path));
    nodes
}

/// The links that udev has made, if they lead to one of the nodes: a link left over from another order of the
/// buses may lead to somebody else's.
fn drm_links(places: &Places, gpu: &Gpu, nodes: &[DeviceNode]) -> Vec<DeviceLink> {
    const DIRECTORY: &str = "dri/by-path";
    if nodes.is_empty() {
        return Vec::new();
    }
    ["card", "render"]
        .into_iter()
        .filter_map(|kind| {
            let name = format!("pci-{}-{kind}", gpu.bus);
            let target = std::fs::read_link(places.dev.join(DIRECTORY).join(&name)).ok()?;
            let directory = Path::new("/dev").join(DIRECTORY);
            let leads_to = clean(&directory.join(&target));
            nodes
                .iter()
                .any(|node| node.path == leads_to)
                .then_some(DeviceLink {
                    path: directory.join(name),
                    target: target.into_os_string().into_string().ok()?,
                })
        })
        .collect()
}
