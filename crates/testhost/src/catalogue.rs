//! The machines that come with the crate, by name.

use crate::machine::{Machine, MachineError};

/// The manifests that come with the crate. A new machine is a new file and a line here.
pub(crate) const MANIFESTS: &[&str] = &[
    include_str!("../machines/ubuntu-550.toml"),
    include_str!("../machines/h200-580.toml"),
    include_str!("../machines/dgx-h100-8.toml"),
    include_str!("../machines/fedora-570.toml"),
    include_str!("../machines/debian-550.toml"),
    include_str!("../machines/driver-container.toml"),
    include_str!("../machines/a100-mig.toml"),
    include_str!("../machines/h100-mig-56.toml"),
    include_str!("../machines/cos.toml"),
    include_str!("../machines/nixos.toml"),
    include_str!("../machines/wsl2.toml"),
    include_str!("../machines/orin-csv.toml"),
    include_str!("../machines/ubuntu-570.toml"),
];

impl Machine {
    /// The machine that comes with the crate under this name.
    ///
    /// `ubuntu-570+ubuntu-550` is the files of the first under the kernel of the second: `/proc`, `/sys` and
    /// `/dev` still tell of the old driver, as after an upgrade until the machine is booted again.
    pub fn by_name(name: &str) -> Result<Self, MachineError> {
        if let Some((files, kernel)) = name.split_once('+') {
            return Ok(Self::by_name(files)?.under_kernel_of(Self::by_name(kernel)?));
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_uuid_and_node_is_there_once() {
        for machine in Machine::all().unwrap() {
            let mut uuids: Vec<_> = machine
                .gpus()
                .iter()
                .flat_map(|gpu| gpu.mig.iter().map(|mig| &mig.uuid).chain([&gpu.uuid]))
                .collect();
            let all = uuids.len();
            uuids.sort();
            uuids.dedup();
            assert_eq!(uuids.len(), all, "{}", machine.name());
            let mut nodes: Vec<_> = machine.nodes().iter().map(|node| &node.path).collect();
            nodes.sort();
            nodes.dedup();
            assert_eq!(nodes.len(), machine.nodes().len(), "{}", machine.name());
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = Machine::by_name("amiga").unwrap_err().to_string();
        let beginning = "no simulated machine is called `amiga`; there are: ubuntu-550, h200-580, ";
        assert!(error.starts_with(beginning), "{error}");
        for machine in Machine::all().unwrap() {
            assert!(error.contains(machine.name()), "{error}");
        }
    }
}
