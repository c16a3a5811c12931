//! GPUs and device nodes as a manifest names them.

use crate::machine::{MachineError, is_clean_absolute};
use crate::manifest::Manifest;
use crate::mig::{self, BoardProfile, Mig};
use std::collections::BTreeSet;

/// A GPU of a simulated machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpu {
    /// Its position in the order of bus ids, which is the management library's index.
    pub index: usize,
    /// The board, such as `NVIDIA A10`.
    pub model: String,
    /// `GPU-…`.
    pub uuid: String,
    /// The N of `/dev/nvidiaN`, which is not the index; 0 on a machine whose GPUs have no such nodes.
    pub minor: u32,
    /// PCI address in the kernel's form, such as `0000:17:00.0`; empty if it is part of a system on a chip.
    pub bus: String,
    /// Names below `/dev/dri`.
    pub drm: Vec<String>,
    /// Compute capability, such as `(8, 6)`.
    pub compute: (u32, u32),
    /// Whether MIG mode is on.
    pub mig_enabled: bool,
    /// The MIG devices, in the order of their indices.
    pub mig: Vec<Mig>,
    pub(crate) pci_device: u16,
    pub(crate) memory_mib: u64,
    pub(crate) vbios: String,
    pub(crate) mig_capable: bool,
    pub(crate) mig_profiles: Vec<BoardProfile>,
    pub(crate) lost: bool,
}

/// A character device node of a simulated machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it is, below `/dev`.
    pub path: String,
    /// The device's major number.
    pub major: u32,
    /// The device's minor number.
    pub minor: u32,
    /// Permission bits.
    pub mode: u32,
    /// The number of the group that owns it.
    pub group: u32,
}

/// `12.4` as two numbers.
pub(crate) fn version_numbers(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

pub(crate) fn read_gpus(manifest: &Manifest) -> Result<Vec<Gpu>, MachineError> {
    let bad = |value: &str, expected| MachineError::Value {
        machine: manifest.name.clone(),
        value: value.to_owned(),
        expected,
    };
    let mut entries: Vec<_> = manifest.gpus.iter().collect();
    entries.sort_by(|left, right| left.bus.cmp(&right.bus));
    let mut gpus = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let model = manifest
            .models
            .get(&entry.model)
            .ok_or_else(|| bad(&entry.model, "a key of `models`"))?;
        if manifest.gate.is_none() || !entry.bus.is_empty() {
            bus_numbers(&entry.bus).ok_or_else(|| bad(&entry.bus, "a bus id as `0000:17:00.0`"))?;
        }
        gpus.push(Gpu {
            index,
            model: model.name.clone(),
            uuid: entry.uuid.clone(),
            minor: entry.minor,
            bus: entry.bus.clone(),
            drm: entry.drm.clone(),
            compute: version_numbers(&model.compute)
                .ok_or_else(|| bad(&model.compute, "a compute capability as `8.6`"))?,
            pci_device: model.pci_device,
            memory_mib: model.memory_mib,
            vbios: model.vbios.clone(),
            mig_capable: model.mig,
            mig_enabled: entry.mig_enabled,
            mig: mig::read(entry, model).map_err(|(value, expected)| bad(&value, expected))?,
            mig_profiles: mig::board_profiles(model)
                .map_err(|(value, expected)| bad(&value, expected))?,
            lost: entry.lost,
        });
    }
    Ok(gpus)
}

/// `0000:17:00.0` as domain, bus and device.
pub(crate) fn bus_numbers(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.strip_suffix(".0")?.split(':');
    let mut next = |digits| {
        let part = parts.next()?;
        (part.len() == digits).then(|| u32::from_str_radix(part, 16).ok())?
    };
    let numbers = (next(4)?, next(2)?, next(2)?);
    parts.next().is_none().then_some(numbers)
}

pub(crate) fn read_node(text: &str) -> Option<Node> {
    let mut words = text.split(' ');
    let path = words.next()?;
    let (major, minor) = words.next()?.split_once(':')?;
    let mode = words.next()?;
    let group = words.next().unwrap_or("0");
    if words.next().is_some() || !path.starts_with("/dev/") || !is_clean_absolute(path) {
        return None;
    }
    Some(Node {
        path: path.to_owned(),
        major: major.parse().ok()?,
        minor: minor.parse().ok()?,
        mode: u32::from_str_radix(mode, 8).ok()?,
        group: group.parse().ok()?,
    })
}

/// The nodes that follow from a GPU: its own, and those of its display side (`cardN` is 226:N,
/// `renderDN` too).
pub(crate) fn gpu_nodes(gpu: &Gpu) -> impl Iterator<Item = Node> {
    let own = Node {
        path: format!("/dev/nvidia{}", gpu.minor),
        major: 195,
        minor: gpu.minor,
        mode: 0o666,
        group: 0,
    };
    let display = gpu.drm.iter().filter_map(|name| {
        let (minor, mode) = match (name.strip_prefix("card"), name.strip_prefix("renderD")) {
            (Some(number), _) => (number, 0o660),
            (_, Some(number)) => (number, 0o666),
            _ => return None,
        };
        Some(Node {
            path: format!("/dev/dri/{name}"),
            major: 226,
            minor: minor.parse().ok()?,
            mode,
            group: 0,
        })
    });
    std::iter::once(own).chain(display)
}

/// The capability nodes of a GPU's MIG devices. Compute instances of one GPU instance share its node.
pub(crate) fn mig_nodes(gpu: &Gpu, major: u32) -> Vec<Node> {
    let minors: BTreeSet<u32> = gpu
        .mig
        .iter()
        .flat_map(|mig| [mig.gpu_instance_node, mig.compute_instance_node])
        .collect();
    minors
        .into_iter()
        .map(|minor| Node {
            path: format!("/dev/nvidia-caps/nvidia-cap{minor}"),
            major,
            minor,
            mode: 0o444,
            group: 0,
        })
        .collect()
}

/// The major number that `/proc/devices` gives a driver of character devices.
pub(crate) fn character_major(devices: &str, name: &str) -> Option<u32> {
    devices
        .lines()
        .take_while(|line| !line.starts_with("Block"))
        .find_map(|line| {
            line.trim()
                .strip_suffix(name)?
                .strip_suffix(' ')?
                .parse()
                .ok()
        })
}

/// The C library's encoding of a device number: twelve plus twenty bits of major, eight plus twenty-four of
/// minor, interleaved.
pub(crate) fn device_numbers(device: u64) -> (u32, u32) {
    let bits = |value: u64| u32::try_from(value & 0xffff_ffff).unwrap_or(u32::MAX);
    let major = bits((device >> 8) & 0xfff | (device >> 32) & 0xffff_f000);
    let minor = bits(device & 0xff | (device >> 12) & 0xffff_ff00);
    (major, minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_bus_ids_of_function_zero_only() {
        assert_eq!(bus_numbers("0000:ca:00.0"), Some((0, 0xca, 0)));
        for text in [
            "0000:ca:00",
            "0000:ca:00.1",
            "00000000:CA:00.0",
            "0000:ca.0",
            "0000:ca:00:0.0",
        ] {
            assert_eq!(bus_numbers(text), None, "{text}");
        }
    }

    #[test]
    fn a_major_is_that_of_exactly_the_name() {
        let devices = "Character devices:\n  1 mem\n511 nvidia-caps\n510 nvidia-caps-imex-channels\n\n\
                       Block devices:\n  7 loop\n";
        assert_eq!(character_major(devices, "nvidia-caps"), Some(511));
        assert_eq!(character_major(devices, "mem"), Some(1));
        assert_eq!(character_major(devices, "caps"), None);
        assert_eq!(character_major(devices, "loop"), None);
    }

    #[test]
    fn reads_nodes_below_dev_only() {
        let node = read_node("/dev/nvidia-caps/nvidia-cap1 511:1 0400").unwrap();
        assert_eq!((node.major, node.minor, node.mode), (511, 1, 0o400));
        assert_eq!(node.group, 0);
        assert_eq!(read_node("/dev/nvmap 10:58 0660 44").unwrap().group, 44);
        for text in [
            "/dev/x 195:255",
            "/dev/x 195 0666",
            "/dev/x 195:255 0888",
            "/dev/x 195:255 0666 more",
            "/dev/x 195:255 0666 0 more",
            "/etc/x 195:255 0666",
            "/dev/../x 195:255 0666",
        ] {
            assert_eq!(read_node(text), None, "{text}");
        }
    }

    #[test]
    fn reads_the_numbers_of_a_device() {
        assert_eq!(device_numbers(0x0103), (1, 3));
        assert_eq!(device_numbers(195 << 8 | 255), (195, 255));
        // 511:70000 has bits beyond the old eight and eight.
        assert_eq!(device_numbers(0x1111_ff70), (511, 70000));
    }
}
