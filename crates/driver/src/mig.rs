//! MIG devices: parts of a GPU that containers are given one by one.
//!
//! A MIG device is a compute instance of a GPU instance. The kernel lists both below
//! `/proc/driver/nvidia/capabilities/gpu<minor>/mig`, with the minors of the two capability nodes that open
//! it; so who may use which device is known without NVML. What only NVML knows is what a device is called:
//! its index on the GPU (`0:1`) and its UUID. Those names come from the host record, and a device without
//! them cannot be asked for.

use crate::bus::BusId;
use crate::gpu::Gpu;
use crate::host::{directory_names, read_text};
use crate::place::Places;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A MIG device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MigDevice {
    /// The GPU instance's id.
    pub gpu_instance: u32,
    /// The compute instance's id.
    pub compute_instance: u32,
    /// The minor of the GPU instance's capability node.
    pub gpu_instance_minor: Option<u32>,
    /// The minor of the compute instance's capability node.
    pub compute_instance_minor: Option<u32>,
    /// Its index on the GPU, as NVML counts; `None` where NVML was not asked.
    pub index: Option<u32>,
    /// Its UUID, `MIG-…`.
    pub uuid: Option<String>,
    /// Its profile, such as `1g.5gb`.
    pub profile: Option<String>,
    /// Whether it can do graphics, and so has use for the GPU's DRM nodes.
    pub has_graphics: bool,
}

/// What NVML calls a MIG device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigName {
    /// The GPU.
    pub bus: BusId,
    /// The GPU instance's id.
    pub gpu_instance: u32,
    /// The compute instance's id.
    pub compute_instance: u32,
    /// The index on the GPU.
    pub index: u32,
    /// The UUID.
    pub uuid: String,
    /// The profile, such as `1g.5gb`.
    pub profile: Option<String>,
    /// Whether it can do graphics.
    pub has_graphics: bool,
}

fn directory(places: &Places, minor: u32) -> PathBuf {
    places
        .proc
        .join(format!("driver/nvidia/capabilities/gpu{minor}/mig"))
}

/// The numbers `N` of the entries `<prefix>N`, in numerical order.
fn numbered(directory: &Path, prefix: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = directory_names(directory)
        .iter()
        .filter_map(|name| name.strip_prefix(prefix)?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// The instances on the GPU with this minor number, as a fingerprint holds them: `gi1`, `gi1/ci0`.
pub(crate) fn instances(places: &Places, minor: u32) -> Vec<String> {
    let directory = directory(places, minor);
    let mut instances = Vec::new();
    for gpu_instance in numbered(&directory, "gi") {
        let name = format!("gi{gpu_instance}");
        let below = numbered(&directory.join(&name), "ci");
        instances.extend(below.iter().map(|number| format!("{name}/ci{number}")));
        instances.push(name);
    }
    instances
}

/// The MIG devices on the GPU with this minor number. A GPU instance without a compute instance is none.
pub(crate) fn read(places: &Places, minor: u32) -> Vec<MigDevice> {
    let directory = directory(places, minor);
    let instances = numbered(&directory, "gi");
    if instances.is_empty() {
        return Vec::new();
    }
    let table = read_text(&places.proc.join("driver/nvidia-caps/mig-minors"))
        .ok()
        .flatten()
        .unwrap_or_default();
    let minor_of = |access: &Path, name: &str| {
        let text = read_text(access).ok().flatten();
        text.as_deref()
            .and_then(device_file_minor)
            .or_else(|| listed_minor(&table, name))
    };
    let mut devices = Vec::new();
    for gpu_instance in instances {
        let parent = directory.join(format!("gi{gpu_instance}"));
        let parent_name = format!("gpu{minor}/gi{gpu_instance}");
        let parent_minor = minor_of(&parent.join("access"), &format!("{parent_name}/access"));
        for compute_instance in numbered(&parent, "ci") {
            let name = format!("{parent_name}/ci{compute_instance}/access");
            let access = parent.join(format!("ci{compute_instance}/access"));
            devices.push(MigDevice {
                gpu_instance,
                compute_instance,
                gpu_instance_minor: parent_minor,
                compute_instance_minor: minor_of(&access, &name),
                index: None,
                uuid: None,
                profile: None,
                has_graphics: false,
            });
        }
    }
    devices
}

/// The minor that an `access`, `config` or `monitor` file of the kernel states.
pub(crate) fn device_file_minor(text: &str) -> Option<u32> {
    text.lines()
        .find_map(|line| line.strip_prefix("DeviceFileMinor:"))?
        .trim()
        .parse()
        .ok()
}

/// The minor in a line `name minor` of `mig-minors`.
pub(crate) fn listed_minor(table: &str, name: &str) -> Option<u32> {
    table
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?
        .trim()
        .parse()
        .ok()
}

/// Every node of instances that there are or could be, by the names of `mig-minors`, such as
/// `gpu0/gi1/ci0/access`, with its minor, in the order of the file.
pub fn minors(places: &Places) -> Vec<(String, u32)> {
    read_text(&places.proc.join("driver/nvidia-caps/mig-minors"))
        .ok()
        .flatten()
        .as_deref()
        .map(listed_minors)
        .into_iter()
        .flatten()
        .map(|(name, minor)| (name.to_owned(), minor))
        .collect()
}

/// The lines `name minor` of `mig-minors`.
pub(crate) fn listed_minors(table: &str) -> impl Iterator<Item = (&str, u32)> {
    table.lines().filter_map(|line| {
        let (name, minor) = line.split_once(' ')?;
        Some((name, minor.trim().parse().ok()?))
    })
}

/// The minor of the node that configures (`config`) or watches (`monitor`) the MIG devices of the machine.
pub(crate) fn control_minor(places: &Places, name: &str) -> Option<u32> {
    let path = places
        .proc
        .join("driver/nvidia/capabilities/mig")
        .join(name);
    read_text(&path)
        .ok()
        .flatten()
        .as_deref()
        .and_then(device_file_minor)
}

/// Gives the devices of `gpus` the names that NVML has for them.
pub(crate) fn name(gpus: &mut [Gpu], names: &[MigName]) {
    for gpu in gpus {
        for device in &mut gpu.mig {
            let found = names.iter().find(|name| {
                name.bus == gpu.bus
                    && name.gpu_instance == device.gpu_instance
                    && name.compute_instance == device.compute_instance
            });
            if let Some(found) = found {
                device.index = Some(found.index);
                device.uuid = Some(found.uuid.clone());
                device.profile.clone_from(&found.profile);
                device.has_graphics = found.has_graphics;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minors_from_both_texts() {
        let access = "DeviceFileMinor: 12\nDeviceFileMode: 292\nDeviceFileModify: 1\n";
        assert_eq!(device_file_minor(access), Some(12));
        assert_eq!(device_file_minor("DeviceFileMinor: x\n"), None);
        let table = "config 1\nmonitor 2\ngpu0/gi1/access 12\ngpu0/gi1/ci0/access 13\nbroken\n";
        assert_eq!(listed_minor(table, "gpu0/gi1/access"), Some(12));
        assert_eq!(listed_minor(table, "gpu0/gi1/ci0/access"), Some(13));
        assert_eq!(listed_minor(table, "gpu0/gi1"), None);
        assert_eq!(listed_minor(table, "broken"), None);
    }
}
