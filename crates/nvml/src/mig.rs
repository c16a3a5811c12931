//! A MIG device: a compute instance within a GPU instance of a GPU.
//!
//! To NVML it is a device like any other, with a UUID and a name of its own. What opens it is not a node of
//! its own but three: the GPU's, and one capability node each for the GPU instance and the compute instance.

use crate::abi::{Attributes, DeviceHandle, GpuInstanceHandle, GpuInstanceInfo, MemoryInfo};
use crate::device::{Device, Memory};
use crate::error::NvmlError;
use crate::nvml::Nvml;
use crate::symbols::{Get, GetText, Symbol};

/// A MIG device, for as long as NVML stays initialised and nobody destroys the instance.
#[derive(Debug, Clone)]
pub struct MigDevice<'nvml> {
    nvml: &'nvml Nvml,
    handle: DeviceHandle,
    /// What errors call it.
    subject: String,
}

/// What a MIG device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigAttributes {
    /// Slices of the GPU instance: the 3 of `1c.3g.20gb`.
    pub gpu_slices: u32,
    /// Slices of the compute instance: the 1 of `1c.3g.20gb`.
    pub compute_slices: u32,
    /// The memory of the GPU instance, which its compute instances share.
    pub memory_mib: u64,
    /// Streaming multiprocessors.
    pub multiprocessors: u32,
    /// Copy engines.
    pub copy_engines: u32,
    /// Video decoders.
    pub decoders: u32,
    /// Video encoders.
    pub encoders: u32,
    /// JPEG decoders.
    pub jpeg_engines: u32,
    /// Optical flow accelerators.
    pub ofa_engines: u32,
}

/// Which of the GPU's memory slices a GPU instance takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// The first.
    pub start: u32,
    /// How many.
    pub size: u32,
}

impl<'nvml> MigDevice<'nvml> {
    pub(crate) fn new(nvml: &'nvml Nvml, handle: DeviceHandle, subject: String) -> Self {
        Self {
            nvml,
            handle,
            subject,
        }
    }

    /// `MIG-<uuid>`; before driver 470 `MIG-GPU-<uuid>/<gpu instance>/<compute instance>`.
    pub fn uuid(&self) -> Result<String, NvmlError> {
        self.text(&self.nvml.symbols().uuid)
    }

    /// Its index among the MIG devices of its GPU: the 2 of `0:2`.
    pub fn index(&self) -> Result<u32, NvmlError> {
        self.get(&self.nvml.symbols().index, 0)
    }

    /// Board and profile, such as `NVIDIA A100-SXM4-40GB MIG 1g.5gb`.
    pub fn name(&self) -> Result<String, NvmlError> {
        self.text(&self.nvml.symbols().name)
    }

    /// The id of the GPU instance, unique on the GPU.
    pub fn gpu_instance(&self) -> Result<u32, NvmlError> {
        self.get(&self.nvml.symbols().gpu_instance, 0)
    }

    /// The id of the compute instance, unique in the GPU instance.
    pub fn compute_instance(&self) -> Result<u32, NvmlError> {
        self.get(&self.nvml.symbols().compute_instance, 0)
    }

    /// What it has.
    pub fn attributes(&self) -> Result<MigAttributes, NvmlError> {
        let function = &self.nvml.symbols().attributes;
        let attributes = self.get(function, Attributes::default())?;
        Ok(MigAttributes {
            gpu_slices: attributes.gpu_slices,
            compute_slices: attributes.compute_slices,
            memory_mib: attributes.memory_mib,
            multiprocessors: attributes.multiprocessors,
            copy_engines: attributes.copy_engines,
            decoders: attributes.decoders,
            encoders: attributes.encoders,
            jpeg_engines: attributes.jpeg_engines,
            ofa_engines: attributes.ofa_engines,
        })
    }

    /// Its memory.
    pub fn memory(&self) -> Result<Memory, NvmlError> {
        let info = self.get(&self.nvml.symbols().memory, MemoryInfo::default())?;
        Ok(Memory {
            total: info.total,
            free: info.free,
            used: info.used,
        })
    }

    /// The GPU that it is a part of.
    pub fn parent(&self) -> Result<Device<'nvml>, NvmlError> {
        let handle = self.get(&self.nvml.symbols().parent, DeviceHandle::NULL)?;
        let subject = format!("GPU of {}", self.subject);
        Ok(Device::new(self.nvml, handle, subject))
    }

    /// Where its GPU instance lies. It takes privilege.
    pub fn placement(&self) -> Result<Placement, NvmlError> {
        let info = self.gpu_instance_info(&self.parent()?, self.gpu_instance()?)?;
        Ok(Placement {
            start: info.placement_start,
            size: info.placement_size,
        })
    }

    /// Whether it can do graphics, as instances of the profiles with `+gfx` can. It takes privilege.
    pub fn has_graphics(&self) -> Result<bool, NvmlError> {
        self.has_graphics_of(&self.parent()?, self.gpu_instance()?)
    }

    /// The same where GPU and GPU instance are known already.
    pub(crate) fn has_graphics_of(
        &self,
        gpu: &Device<'_>,
        gpu_instance: u32,
    ) -> Result<bool, NvmlError> {
        let info = self.gpu_instance_info(gpu, gpu_instance)?;
        gpu.has_graphics_profile(info.profile_id)
    }

    fn gpu_instance_info(
        &self,
        gpu: &Device<'_>,
        gpu_instance: u32,
    ) -> Result<GpuInstanceInfo, NvmlError> {
        let by_id = &self.nvml.symbols().gpu_instance_by_id;
        let info = &self.nvml.symbols().gpu_instance_info;
        let instance = by_id
            .call(gpu.handle(), gpu_instance, GpuInstanceHandle::NULL)
            .map_err(|refusal| {
                let subject = format!("{}, {gpu_instance}", gpu.subject());
                self.nvml.error(by_id.name, &subject, refusal)
            })?;
        info.call(instance, GpuInstanceInfo::EMPTY)
            .map_err(|refusal| {
                let subject = format!("{}, GPU instance {gpu_instance}", gpu.subject());
                self.nvml.error(info.name, &subject, refusal)
            })
    }

    fn get<T>(&self, function: &Symbol<Get<DeviceHandle, T>>, initial: T) -> Result<T, NvmlError> {
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
