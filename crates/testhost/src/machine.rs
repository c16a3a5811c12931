//! A simulated machine: a manifest that has been read and checked, and the questions a test asks of it.
//!
//! Refused: a manifest with an unknown key, a path that is relative or holds `..`, a device node or a
//! library name that cannot be read, a GPU of an unknown model.

use crate::elf_stub::Class;
use crate::manifest::{LibraryGroup, LinkStyle, Manifest};
use std::fmt::Write as _;

/// The manifests that come with the crate.
const MANIFESTS: [&str; 3] = [
    include_str!("../machines/ubuntu-550.toml"),
    include_str!("../machines/h200-580.toml"),
    include_str!("../machines/dgx-h100-8.toml"),
];

/// Why there is no such machine.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// No manifest has this name.
    #[error("no simulated machine is called `{name}`; there are: {known}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The manifest is not TOML in the vocabulary of manifests.
    #[error("the manifest cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A value of the manifest means nothing.
    #[error("manifest `{machine}`: `{value}` is not {expected}")]
    Value {
        /// The machine's name.
        machine: String,
        /// The value as it is written.
        value: String,
        /// What should have been there.
        expected: &'static str,
    },
}

/// A simulated machine.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(crate) manifest: Manifest,
    pub(crate) source: String,
    gpus: Vec<Gpu>,
    nodes: Vec<Node>,
    libraries: Vec<Library>,
}

/// A GPU of a simulated machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpu {
    /// Its position in the order of bus ids, which is the management library's index.
    pub index: usize,
    /// The board, such as `NVIDIA A10`.
    pub model: String,
    /// `GPU-…`.
    pub uuid: String,
    /// The N of `/dev/nvidiaN`, which is not the index.
    pub minor: u32,
    /// PCI address in the kernel's form, such as `0000:17:00.0`.
    pub bus: String,
    /// Names below `/dev/dri`.
    pub drm: Vec<String>,
    /// Compute capability, such as `(8, 6)`.
    pub compute: (u32, u32),
    pub(crate) pci_device: u16,
    pub(crate) memory_mib: u64,
    pub(crate) vbios: String,
    pub(crate) mig_capable: bool,
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
}

/// A driver library of a simulated machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// The directory that holds the file.
    pub directory: String,
    /// The file's name, such as `libcuda.so.550.54.15`.
    pub file: String,
    /// Its SONAME, such as `libcuda.so.1`.
    pub soname: String,
    /// 64-bit or 32-bit.
    pub class: Class,
    /// Links beside it: name and target.
    pub links: Vec<(String, String)>,
    /// Whether this is a working stand-in and no stub: the library's stem.
    pub(crate) stand_in: Option<&'static str>,
    pub(crate) mirror: Option<String>,
    pub(crate) mode: u32,
}

impl Machine {
    /// The machine that comes with the crate under this name.
    pub fn by_name(name: &str) -> Result<Self, MachineError> {
        let machines = Self::all()?;
        let known = machines
            .iter()
            .map(Self::name)
            .collect::<Vec<_>>()
            .join(", ");
        machines
            .into_iter()
            .find(|machine| machine.name() == name)
            .ok_or_else(|| MachineError::Unknown {
                name: name.to_owned(),
                known,
            })
    }

    /// Every machine that comes with the crate.
    pub fn all() -> Result<Vec<Self>, MachineError> {
        MANIFESTS
            .iter()
            .map(|text| Self::from_manifest(text))
            .collect()
    }

    /// Reads a manifest.
    pub fn from_manifest(text: &str) -> Result<Self, MachineError> {
        let manifest: Manifest = toml::from_str(text)?;
        let bad = |value: &str, expected| MachineError::Value {
            machine: manifest.name.clone(),
            value: value.to_owned(),
            expected,
        };
        if manifest.name.is_empty() || !manifest.name.chars().all(is_plain) {
            return Err(bad(
                &manifest.name,
                "a name of letters, digits, `-` and `.`",
            ));
        }
        for path in paths(&manifest) {
            if !is_clean_absolute(path) {
                return Err(bad(path, "an absolute path without `.` and `..`"));
            }
        }
        version_numbers(&manifest.cuda)
            .ok_or_else(|| bad(&manifest.cuda, "a version as `12.4`"))?;
        let gpus = read_gpus(&manifest)?;
        let mut nodes = Vec::new();
        for text in &manifest.nodes {
            nodes
                .push(read_node(text).ok_or_else(|| bad(text, "a node as `/dev/x 195:255 0666`"))?);
        }
        for gpu in &gpus {
            nodes.extend(gpu_nodes(gpu));
        }
        let mut libraries = Vec::new();
        for group in &manifest.libraries {
            let (class, mode) = class_and_mode(group).ok_or_else(|| {
                bad(
                    &group.directory,
                    "a group with class 32 or 64 and an octal mode",
                )
            })?;
            for name in &group.names {
                libraries.push(read_library(group, name, class, mode, &manifest.driver));
            }
        }
        Ok(Self {
            gpus,
            nodes,
            libraries,
            source: text.to_owned(),
            manifest,
        })
    }

    /// The name, such as `ubuntu-550`.
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// One line on what the machine is.
    pub fn description(&self) -> &str {
        &self.manifest.description
    }

    /// The driver version.
    pub fn driver_version(&self) -> &str {
        &self.manifest.driver
    }

    /// The CUDA version that the driver speaks, such as `(12, 4)`.
    pub fn cuda_version(&self) -> (u32, u32) {
        version_numbers(&self.manifest.cuda).unwrap_or_default()
    }

    /// The GPUs, in the order of their indices.
    pub fn gpus(&self) -> &[Gpu] {
        &self.gpus
    }

    /// Every device node, those of the GPUs and of `/dev/dri` included.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Every driver library, stubs and stand-ins.
    pub fn libraries(&self) -> &[Library] {
        &self.libraries
    }

    /// What `nvidia-smi -L` prints where exactly the GPUs of these indices are granted: numbered anew
    /// from 0, in the order of their bus ids whatever order they were asked in.
    pub fn smi_list(&self, granted: &[usize]) -> String {
        let mut text = String::new();
        let gpus = self.gpus.iter().filter(|gpu| granted.contains(&gpu.index));
        for (number, gpu) in gpus.enumerate() {
            // Writing to a string does not fail.
            writeln!(text, "GPU {number}: {} (UUID: {})", gpu.model, gpu.uuid).ok();
        }
        if text.is_empty() {
            text.push_str("No devices found.\n");
        }
        text
    }

    /// The text with `$V` replaced by the driver version.
    pub(crate) fn expand(&self, text: &str) -> String {
        text.replace("$V", &self.manifest.driver)
    }
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-.".contains(character)
}

fn paths(manifest: &Manifest) -> impl Iterator<Item = &str> {
    let directories = manifest.libraries.iter().map(|group| &group.directory);
    directories
        .chain(
            manifest
                .libraries
                .iter()
                .filter_map(|group| group.mirror.as_ref()),
        )
        .chain(manifest.tools.iter().map(|group| &group.directory))
        .chain(manifest.wrappers.iter().map(|group| &group.directory))
        .chain(&manifest.sockets)
        .chain(manifest.links.keys())
        .chain(manifest.files.keys())
        .map(String::as_str)
}

fn is_clean_absolute(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        !rest.is_empty() && rest.split('/').all(|part| !matches!(part, "" | "." | ".."))
    })
}

/// `12.4` as two numbers.
fn version_numbers(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn read_gpus(manifest: &Manifest) -> Result<Vec<Gpu>, MachineError> {
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
        bus_numbers(&entry.bus).ok_or_else(|| bad(&entry.bus, "a bus id as `0000:17:00.0`"))?;
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

fn read_node(text: &str) -> Option<Node> {
    let mut words = text.split(' ');
    let path = words.next()?;
    let (major, minor) = words.next()?.split_once(':')?;
    let mode = words.next()?;
    if words.next().is_some() || !path.starts_with("/dev/") || !is_clean_absolute(path) {
        return None;
    }
    Some(Node {
        path: path.to_owned(),
        major: major.parse().ok()?,
        minor: minor.parse().ok()?,
        mode: u32::from_str_radix(mode, 8).ok()?,
    })
}

/// The nodes that follow from a GPU: its own, and those of its display side (`cardN` is 226:N,
/// `renderDN` too).
fn gpu_nodes(gpu: &Gpu) -> impl Iterator<Item = Node> {
    let own = Node {
        path: format!("/dev/nvidia{}", gpu.minor),
        major: 195,
        minor: gpu.minor,
        mode: 0o666,
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
        })
    });
    std::iter::once(own).chain(display)
}

fn class_and_mode(group: &LibraryGroup) -> Option<(Class, u32)> {
    let class = match group.class {
        64 => Class::Elf64,
        32 => Class::Elf32,
        _ => return None,
    };
    let mode = match &group.mode {
        Some(text) => u32::from_str_radix(text, 8).ok()?,
        None => 0o644,
    };
    Some((class, mode))
}

fn read_library(
    group: &LibraryGroup,
    name: &str,
    class: Class,
    mode: u32,
    driver: &str,
) -> Library {
    let (soname, version) = match name.split_once(" @ ") {
        Some((soname, version)) => (soname.to_owned(), Some(version)),
        None => (name.replace("$V", driver), None),
    };
    let stem = soname.split_once(".so.").map(|(stem, _)| stem.to_owned());
    let file = match (&stem, version) {
        (Some(stem), Some(version)) => format!("{stem}.so.{version}"),
        (Some(stem), None) => format!("{stem}.so.{driver}"),
        (None, _) => soname.clone(),
    };
    let mut links = Vec::new();
    if let Some(stem) = &stem {
        let development = (format!("{stem}.so"), soname.clone());
        match (group.links, soname == file) {
            (LinkStyle::None, _) | (LinkStyle::Soname, true) => {}
            (LinkStyle::Every, true) => links.push(development),
            (_, false) => links.extend([(soname.clone(), file.clone()), development]),
        }
    }
    let stand_in = match (&*soname, class, version) {
        ("libnvidia-ml.so.1", Class::Elf64, None) => Some("nvml"),
        ("libcuda.so.1", Class::Elf64, None) => Some("libcuda"),
        _ => None,
    };
    Library {
        directory: group.directory.clone(),
        file,
        soname,
        class,
        links,
        stand_in,
        mirror: group.mirror.clone(),
        mode,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(links: LinkStyle, name: &str) -> Library {
        let group = LibraryGroup {
            directory: "/usr/lib64".to_owned(),
            names: Vec::new(),
            links,
            mirror: None,
            class: 64,
            mode: None,
        };
        read_library(&group, name, Class::Elf64, 0o644, "570.1.2")
    }

    fn shape(library: &Library) -> (&str, &str, String) {
        let links: Vec<String> = library
            .links
            .iter()
            .map(|(name, target)| format!("{name}->{target}"))
            .collect();
        (&library.file, &library.soname, links.join(" "))
    }

    #[test]
    fn a_library_name_says_file_soname_and_links() {
        let versioned = library(LinkStyle::Soname, "libcuda.so.1");
        assert_eq!(
            shape(&versioned),
            (
                "libcuda.so.570.1.2",
                "libcuda.so.1",
                "libcuda.so.1->libcuda.so.570.1.2 libcuda.so->libcuda.so.1".to_owned()
            )
        );
        assert_eq!(versioned.stand_in, Some("libcuda"));

        let same = library(LinkStyle::Soname, "libnvidia-tls.so.$V");
        assert_eq!(
            shape(&same),
            (
                "libnvidia-tls.so.570.1.2",
                "libnvidia-tls.so.570.1.2",
                String::new()
            )
        );
        let same = library(LinkStyle::Every, "libnvidia-tls.so.$V");
        assert_eq!(shape(&same).2, "libnvidia-tls.so->libnvidia-tls.so.570.1.2");

        let old = library(LinkStyle::None, "libcuda.so.1 @ 535.104.05");
        assert_eq!(
            shape(&old),
            ("libcuda.so.535.104.05", "libcuda.so.1", String::new())
        );
        assert_eq!(old.stand_in, None);

        let module = library(LinkStyle::Every, "nvidia_drv.so");
        assert_eq!(
            shape(&module),
            ("nvidia_drv.so", "nvidia_drv.so", String::new())
        );
    }

    #[test]
    fn gpus_are_numbered_by_bus_and_not_by_minor() {
        let machine = Machine::by_name("ubuntu-550").unwrap();
        let minors: Vec<u32> = machine.gpus().iter().map(|gpu| gpu.minor).collect();
        assert_eq!(minors, [0, 1, 3, 2]);
        let list = machine.smi_list(&[3, 1]);
        assert_eq!(
            list,
            format!(
                "GPU 0: NVIDIA A10 (UUID: {})\nGPU 1: NVIDIA A10 (UUID: {})\n",
                machine.gpus()[1].uuid,
                machine.gpus()[3].uuid
            )
        );
        assert_eq!(machine.smi_list(&[]), "No devices found.\n");
    }

    #[test]
    fn every_uuid_and_node_is_there_once() {
        for machine in Machine::all().unwrap() {
            let mut uuids: Vec<_> = machine.gpus().iter().map(|gpu| &gpu.uuid).collect();
            uuids.sort();
            uuids.dedup();
            assert_eq!(uuids.len(), machine.gpus().len(), "{}", machine.name());
            let mut nodes: Vec<_> = machine.nodes().iter().map(|node| &node.path).collect();
            nodes.sort();
            nodes.dedup();
            assert_eq!(nodes.len(), machine.nodes().len(), "{}", machine.name());
        }
    }

    #[test]
    fn refuses_paths_that_leave_the_tree() {
        for path in ["etc/x", "/etc/../x", "/", "/a//b", "/a/./b"] {
            assert!(!is_clean_absolute(path), "{path}");
        }
        let text = MANIFESTS[0].replace("/etc/OpenCL/vendors/nvidia.icd", "/etc/../../nvidia.icd");
        let error = Machine::from_manifest(&text).unwrap_err();
        assert!(matches!(error, MachineError::Value { .. }), "{error}");
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = Machine::by_name("amiga").unwrap_err().to_string();
        assert_eq!(
            error,
            "no simulated machine is called `amiga`; there are: ubuntu-550, h200-580, dgx-h100-8"
        );
    }
}
