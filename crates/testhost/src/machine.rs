//! A simulated machine: a manifest that has been read and checked, and the questions a test asks of it.
//!
//! Refused: a manifest with an unknown key, a path that is relative or holds `..`, a device node or a
//! library name that cannot be read, a GPU of an unknown model.

use crate::device::{
    Gpu, Node, character_major, gpu_nodes, mig_nodes, read_gpus, read_node, version_numbers,
};
use crate::library::{Library, class_and_mode, read_library};
use crate::manifest::Manifest;
use crate::mig::Mig;
use crate::variant;
use std::fmt::Write as _;

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
    /// The machine whose kernel this one runs, if that is another.
    kernel: Option<Box<Self>>,
}

impl Machine {
    /// Reads a manifest.
    pub fn from_manifest(text: &str) -> Result<Self, MachineError> {
        let (manifest, source) = variant::read(text)?;
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
        if manifest.smi.is_empty() {
            return Err(bad("smi = []", "a command"));
        }
        version_numbers(&manifest.cuda)
            .ok_or_else(|| bad(&manifest.cuda, "a version as `12.4`"))?;
        let gpus = read_gpus(&manifest)?;
        let mut nodes = Vec::new();
        for text in &manifest.nodes {
            nodes
                .push(read_node(text).ok_or_else(|| bad(text, "a node as `/dev/x 195:255 0666`"))?);
        }
        let caps_major = character_major(&manifest.proc.devices, "nvidia-caps");
        let gate = manifest.gate.as_deref();
        if gate.is_none() {
            nodes.extend(gpus.iter().flat_map(gpu_nodes));
        } else if !nodes.iter().any(|node| gate == Some(&node.path)) {
            return Err(bad(gate.unwrap_or_default(), "one of the nodes"));
        }
        for gpu in &gpus {
            match caps_major {
                Some(major) => nodes.extend(mig_nodes(gpu, major)),
                None if gpu.mig.is_empty() => {}
                None => return Err(bad(&gpu.uuid, "on a kernel with `nvidia-caps` devices")),
            }
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
            source,
            manifest,
            kernel: None,
        })
    }

    /// The files of this machine under the kernel of another.
    pub(crate) fn under_kernel_of(mut self, other: Self) -> Self {
        let manifest = &mut self.manifest;
        manifest.name = format!("{}+{}", manifest.name, other.name());
        manifest.description = format!(
            "{}; the kernel is that of {}",
            manifest.description,
            other.name()
        );
        self.source = format!("{}\0{}", self.source, other.source);
        self.kernel = Some(Box::new(other));
        self
    }

    /// The name, such as `ubuntu-550`.
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// One line on what the machine is.
    pub fn description(&self) -> &str {
        &self.manifest.description
    }

    /// The version of the driver's libraries.
    pub fn driver_version(&self) -> &str {
        &self.manifest.driver
    }

    /// The machine that `/proc`, `/sys` and `/dev` tell of: this one, but between an upgrade and a boot.
    pub(crate) fn kernel(&self) -> &Self {
        self.kernel.as_deref().unwrap_or(self)
    }

    /// The version of the kernel module that runs.
    pub fn module_version(&self) -> &str {
        self.kernel().driver_version()
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
        &self.kernel().nodes
    }

    /// Every driver library, stubs and stand-ins.
    pub fn libraries(&self) -> &[Library] {
        &self.libraries
    }

    /// What `nvidia-smi -L` prints where exactly the GPUs of these indices are granted, and no MIG device:
    /// numbered anew from 0, in the order of their bus ids whatever order they were asked in.
    pub fn smi_list(&self, granted: &[usize]) -> String {
        self.list(|gpu, mig| mig.is_none() && granted.contains(&gpu.index))
    }

    /// What `nvidia-smi -L` prints where exactly these MIG devices are granted, each named by the index of
    /// its GPU and its own: the GPUs they are parts of, and of each no other MIG device, numbered anew.
    pub fn smi_list_mig(&self, granted: &[(usize, usize)]) -> String {
        self.list(|gpu, mig| {
            granted.iter().any(|(parent, device)| {
                *parent == gpu.index && mig.is_none_or(|mig| mig.index == *device)
            })
        })
    }

    /// What `nvidia-smi -L` prints on the machine itself: every GPU and every MIG device.
    pub fn smi_list_host(&self) -> String {
        self.list(|_, _| true)
    }

    /// The listing of what `granted` says yes to: of a GPU by itself, and of its MIG devices.
    fn list(&self, granted: impl Fn(&Gpu, Option<&Mig>) -> bool) -> String {
        let mut text = String::new();
        let gpus = self.gpus.iter().filter(|gpu| granted(gpu, None));
        for (number, gpu) in gpus.enumerate() {
            // Writing to a string does not fail.
            writeln!(text, "GPU {number}: {} (UUID: {})", gpu.model, gpu.uuid).ok();
            let devices = gpu.mig.iter().filter(|mig| granted(gpu, Some(mig)));
            for (number, mig) in devices.enumerate() {
                let Mig { profile, uuid, .. } = mig;
                writeln!(
                    text,
                    "  MIG {profile:<11} Device {number:>2}: (UUID: {uuid})"
                )
                .ok();
            }
        }
        if text.is_empty() {
            text.push_str("No devices found.\n");
        }
        text
    }

    /// The major number of the nodes in `/dev/nvidia-caps`, if the machine has any.
    pub(crate) fn caps_major(&self) -> Option<u32> {
        character_major(&self.manifest.proc.devices, "nvidia-caps")
    }

    /// Whether the GPUs are PCI devices that this machine's kernel knows, each with a node of its own. Those of
    /// WSL and of a system on a chip are not.
    pub fn has_gpu_nodes(&self) -> bool {
        self.manifest.gate.is_none()
    }

    /// What the configuration of a container tool calls the driver root: `/`, if the driver is the host's.
    pub fn driver_root(&self) -> &str {
        &self.manifest.driver_root
    }

    /// The words by which one runs `nvidia-smi` on such a machine.
    pub fn smi(&self) -> &[String] {
        &self.manifest.smi
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
        .chain(manifest.mirrors.iter().map(|group| &group.directory))
        .chain(
            manifest
                .roots
                .iter()
                .flat_map(|root| [&root.path, &root.c_library]),
        )
        .chain(&manifest.writable)
        .chain(&manifest.driver_stores)
        .chain(&manifest.sockets)
        .chain(manifest.links.keys())
        .chain(manifest.files.keys())
        .map(String::as_str)
}

pub(crate) fn is_clean_absolute(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        !rest.is_empty() && rest.split('/').all(|part| !matches!(part, "" | "." | ".."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::MANIFESTS;

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
    fn a_mig_device_is_listed_below_its_gpu_and_numbered_anew() {
        let machine = Machine::by_name("a100-mig").unwrap();
        let [gpu, whole] = machine.gpus() else {
            panic!("two GPUs");
        };
        assert_eq!(
            machine.smi_list_mig(&[(0, 3), (0, 1)]),
            format!(
                "GPU 0: NVIDIA A100-SXM4-40GB (UUID: {})\n  \
                 MIG 2c.3g.20gb  Device  0: (UUID: {})\n  \
                 MIG 1g.5gb      Device  1: (UUID: {})\n",
                gpu.uuid, gpu.mig[1].uuid, gpu.mig[3].uuid
            )
        );
        let only = |gpu: &Gpu| format!("GPU 0: {} (UUID: {})\n", gpu.model, gpu.uuid);
        assert_eq!(
            machine.smi_list(&[0]),
            only(gpu),
            "the GPU and no MIG device"
        );
        assert_eq!(machine.smi_list(&[1]), only(whole));
        assert_eq!(machine.smi_list_host().lines().count(), 2 + gpu.mig.len());
        assert_eq!(machine.smi_list_mig(&[]), "No devices found.\n");
        assert_eq!(machine.smi_list_mig(&[(1, 0)]), only(whole), "it has none");
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
}
