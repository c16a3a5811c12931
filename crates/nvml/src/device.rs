//! A GPU.

use crate::abi::{self, AddressingModeInfo, DeviceHandle, FabricInfo, MemoryInfo, PciInfo};
use crate::error::{NvmlError, ReturnCode};
use crate::mig::MigDevice;
use crate::nvml::Nvml;
use crate::symbols::{Get, GetPair, GetText, Symbol};
use std::fmt;

/// A GPU, for as long as NVML stays initialised.
#[derive(Debug, Clone)]
pub struct Device<'nvml> {
    nvml: &'nvml Nvml,
    handle: DeviceHandle,
    /// What errors call it.
    subject: String,
}

/// Where a GPU sits on the PCI bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusId {
    /// The PCI domain: 32 bits, though it is 0 on most machines.
    pub domain: u32,
    /// The bus.
    pub bus: u32,
    /// The device on the bus. The function is 0 for every GPU.
    pub device: u32,
}

/// The address in the kernel's form, such as `0000:17:00.0`: as in `/proc/driver/nvidia/gpus` and in
/// `/sys/bus/pci/devices`, where NVML itself writes `00000000:17:00.0`.
impl fmt::Display for BusId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:04x}:{:02x}:{:02x}.0",
            self.domain, self.bus, self.device
        )
    }
}

/// Memory in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// All of it.
    pub total: u64,
    /// What is free.
    pub free: u64,
    /// What is in use, what the driver keeps for itself included.
    pub used: u64,
}

/// Whether a GPU is divided into MIG devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigMode {
    /// It is.
    pub enabled: bool,
    /// It will be after the next reset.
    pub pending: bool,
}

/// How a GPU addresses the memory of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressingMode {
    /// It does not.
    None,
    /// By mirroring the page tables in software.
    Hmm,
    /// By the page tables of the processor: the GPU is coherent, as on Grace.
    Ats,
    /// In a way that this version does not know.
    Other(u32),
}

/// How far a GPU has come with joining its `NVLink` fabric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FabricState {
    /// It has no fabric to join.
    NotSupported,
    /// It has not begun, which is how a GPU looks whose fabric manager does not run.
    NotStarted,
    /// It is joining.
    InProgress,
    /// It has joined or failed, see [`Fabric::failure`].
    Completed,
    /// Something that this version does not know.
    Other(u8),
}

/// The `NVLink` fabric of a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fabric {
    /// How far it has come.
    pub state: FabricState,
    /// Why it could not join; known once the state is [`FabricState::Completed`].
    pub failure: Option<ReturnCode>,
    /// The cluster it belongs to; zeros in a fabric of one node.
    pub cluster: [u8; 16],
    /// The clique within the cluster.
    pub clique: u32,
}

impl<'nvml> Device<'nvml> {
    pub(crate) fn new(nvml: &'nvml Nvml, handle: DeviceHandle, subject: String) -> Self {
        Self {
            nvml,
            handle,
            subject,
        }
    }

    /// `GPU-…`.
    pub fn uuid(&self) -> Result<String, NvmlError> {
        self.text(&self.nvml.symbols().uuid)
    }

    /// The N of `/dev/nvidiaN`, which is not the index. Not supported where there are no such nodes, as
    /// under WSL.
    pub fn minor(&self) -> Result<u32, NvmlError> {
        self.get(&self.nvml.symbols().minor, 0)
    }

    /// NVML's index, by which `nvidia-smi` and `NVIDIA_VISIBLE_DEVICES` name a GPU.
    pub fn index(&self) -> Result<u32, NvmlError> {
        self.get(&self.nvml.symbols().index, 0)
    }

    /// The board, such as `NVIDIA H200`.
    pub fn name(&self) -> Result<String, NvmlError> {
        self.text(&self.nvml.symbols().name)
    }

    /// The PCI address. Not supported for a GPU on no PCI bus, as an integrated one.
    pub fn bus_id(&self) -> Result<BusId, NvmlError> {
        let info = self.get(&self.nvml.symbols().pci, PciInfo::EMPTY)?;
        Ok(BusId {
            domain: info.domain,
            bus: info.bus,
            device: info.device,
        })
    }

    /// Its memory. In MIG mode this takes privilege; not supported where the GPU has none of its own.
    pub fn memory(&self) -> Result<Memory, NvmlError> {
        let info = self.get(&self.nvml.symbols().memory, MemoryInfo::default())?;
        Ok(Memory {
            total: info.total,
            free: info.free,
            used: info.used,
        })
    }

    /// The CUDA compute capability, such as `(9, 0)`.
    pub fn compute_capability(&self) -> Result<(u32, u32), NvmlError> {
        let function = &self.nvml.symbols().compute_capability;
        let (major, minor) = self.pair(function, 0)?;
        match (u32::try_from(major), u32::try_from(minor)) {
            (Ok(major), Ok(minor)) => Ok((major, minor)),
            _ => Err(NvmlError::Nonsense {
                operation: format!("{}({})", function.name, self.subject),
                reason: "the capability is negative",
            }),
        }
    }

    /// The brand's number, `NVML_BRAND_*`: 14 is NVIDIA, 5 `GeForce`, 2 Tesla (drivers before 450).
    pub fn brand(&self) -> Result<u32, NvmlError> {
        self.get(&self.nvml.symbols().brand, 0)
    }

    /// How it addresses the memory of processes. Libraries have this since CUDA 13.0 (driver 580).
    pub fn addressing_mode(&self) -> Result<AddressingMode, NvmlError> {
        let function = &self.nvml.symbols().addressing_mode;
        let info = self.get(function, AddressingModeInfo::EMPTY)?;
        Ok(match info.value {
            abi::ADDRESSING_NONE => AddressingMode::None,
            abi::ADDRESSING_HMM => AddressingMode::Hmm,
            abi::ADDRESSING_ATS => AddressingMode::Ats,
            other => AddressingMode::Other(other),
        })
    }

    /// Its `NVLink` fabric.
    pub fn fabric(&self) -> Result<Fabric, NvmlError> {
        let info = self.get(&self.nvml.symbols().fabric, FabricInfo::EMPTY)?;
        let state = match info.state {
            abi::FABRIC_NOT_SUPPORTED => FabricState::NotSupported,
            abi::FABRIC_NOT_STARTED => FabricState::NotStarted,
            abi::FABRIC_IN_PROGRESS => FabricState::InProgress,
            abi::FABRIC_COMPLETED => FabricState::Completed,
            other => FabricState::Other(other),
        };
        let failed = state == FabricState::Completed && info.status != abi::SUCCESS;
        Ok(Fabric {
            state,
            failure: failed.then_some(ReturnCode(info.status)),
            cluster: info.cluster_uuid,
            clique: info.clique,
        })
    }

    /// Whether it is divided into MIG devices. Not supported by a GPU that cannot be.
    pub fn mig_mode(&self) -> Result<MigMode, NvmlError> {
        let (current, pending) = self.pair(&self.nvml.symbols().mig_mode, 0)?;
        Ok(MigMode {
            enabled: current == abi::MIG_ENABLED,
            pending: pending == abi::MIG_ENABLED,
        })
    }

    /// How many MIG devices it can have at most: indices below this may lead to one.
    pub fn max_mig_devices(&self) -> Result<u32, NvmlError> {
        self.get(&self.nvml.symbols().max_mig, 0)
    }

    /// The MIG device of an index, if there is one: indices have holes.
    pub fn mig_device(&self, index: u32) -> Result<Option<MigDevice<'nvml>>, NvmlError> {
        let function = &self.nvml.symbols().mig_by_index;
        match function.call(self.handle, index, DeviceHandle::NULL) {
            Ok(handle) => Ok(Some(MigDevice::new(
                self.nvml,
                handle,
                format!("{}, MIG device {index}", self.subject),
            ))),
            Err(refusal) => {
                let subject = format!("{}, {index}", self.subject);
                let error = self.nvml.error(function.name, &subject, refusal);
                // Both are said of a hole, by libraries of different age.
                if error.is(ReturnCode::NOT_FOUND) || error.is(ReturnCode::INVALID_ARGUMENT) {
                    Ok(None)
                } else {
                    Err(error)
                }
            }
        }
    }

    /// Whether GPU instances of this profile id (an id of this board, not NVML's number of a profile) can do
    /// graphics.
    pub(crate) fn has_graphics_profile(&self, profile_id: u32) -> Result<bool, NvmlError> {
        let function = &self.nvml.symbols().gpu_instance_profile;
        for profile in abi::GRAPHICS_PROFILES {
            match function.call(self.handle, profile, abi::GpuInstanceProfileInfo::default()) {
                Ok(info) if info.id == profile_id => return Ok(true),
                Ok(_) => {}
                Err(refusal) => {
                    let subject = format!("{}, {profile:#x}", self.subject);
                    let error = self.nvml.error(function.name, &subject, refusal);
                    // The board does not have the profile, or the library does not know of it.
                    let absent = error.is(ReturnCode::NOT_SUPPORTED)
                        || error.is(ReturnCode::INVALID_ARGUMENT);
                    if !absent {
                        return Err(error);
                    }
                }
            }
        }
        Ok(false)
    }

    pub(crate) fn handle(&self) -> DeviceHandle {
        self.handle
    }

    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    fn get<T>(&self, function: &Symbol<Get<DeviceHandle, T>>, initial: T) -> Result<T, NvmlError> {
        function
            .call(self.handle, initial)
            .map_err(|refusal| self.nvml.error(function.name, &self.subject, refusal))
    }

    fn pair<T: Copy>(
        &self,
        function: &Symbol<GetPair<DeviceHandle, T>>,
        initial: T,
    ) -> Result<(T, T), NvmlError> {
        function
            .call(self.handle, initial)
            .map_err(|refusal| self.nvml.error(function.name, &self.subject, refusal))
    }

    fn text(&self, function: &Symbol<GetText<DeviceHandle>>) -> Result<String, NvmlError> {
        function
            .call(self.handle)
            .map_err(|refusal| self.nvml.error(function.name, &self.subject, refusal))
    }
}

#[cfg(test)]
mod tests {
    use super::BusId;

    #[test]
    fn a_bus_id_is_written_as_the_kernel_writes_it() {
        let id = |domain, bus, device| {
            BusId {
                domain,
                bus,
                device,
            }
            .to_string()
        };
        assert_eq!(id(0, 0xca, 0x1f), "0000:ca:1f.0");
        assert_eq!(id(0x10000, 1, 0), "10000:01:00.0", "behind Intel VMD");
    }
}
