//! Device nodes. Never cached: they are read at each container start, because the major of `nvidia-uvm`
//! is given anew whenever the module is loaded.
//!
//! `/proc/devices` is the truth about majors; a node in `/dev` may be left over from before a reload. A
//! node that should be there and is not (nobody ran `nvidia-modprobe` yet) can be named all the same from
//! the major and minor numbers, because the low-level runtime makes the container's nodes itself.

use crate::gpu::Gpu;
use crate::kernel::CharacterMajors;
use crate::place::Places;
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
    /// One entry for each GPU, in the order of the GPUs.
    pub gpus: Vec<GpuNodes>,
}

/// The device nodes of one GPU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuNodes {
    /// `/dev/nvidia<minor>`; `None` if the kernel has no major for it.
    pub node: Option<DeviceNode>,
    /// `/dev/dri/card…` and `/dev/dri/renderD…`.
    pub drm: Vec<DeviceNode>,
}

/// Minor numbers that the driver fixes.
const CONTROL_MINOR: u32 = 255;
const MODESET_MINOR: u32 = 254;

/// The mode of the driver's nodes unless the administrator changed `NVreg_DeviceFileMode`.
const USUAL_MODE: u32 = 0o666;

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
                .map(|gpu| GpuNodes {
                    node: gpu_major.map(|major| {
                        node(places, &format!("nvidia{}", gpu.minor), major, gpu.minor)
                    }),
                    drm: drm_nodes(places, gpu),
                })
                .collect(),
        }
    }
}

fn stat(places: &Places, name: &str) -> Option<Metadata> {
    liftgate_sys::file::metadata(&places.dev.join(name))
        .ok()
        .flatten()
        .filter(|metadata| metadata.kind == FileKind::CharacterDevice)
}

fn node(places: &Places, name: &str, major: u32, minor: u32) -> DeviceNode {
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
    }
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
            let name = format!("dri/{name}");
            let host = stat(places, &name)?;
            Some(DeviceNode {
                path: Path::new("/dev").join(&name),
                major: host.device.0,
                minor: host.device.1,
                mode: host.mode & 0o777,
                gid: host.gid,
                origin: NodeOrigin::Host,
            })
        })
        .collect();
    nodes.sort_by(|one, other| one.path.cmp(&other.path));
    nodes
}
