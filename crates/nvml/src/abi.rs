//! The C types and constants of NVML, as its header gives them.
//!
//! The values are those of `nvml.h` of API version 13; NVML never changes one, it adds `_v2` functions and
//! versioned structs. Order and width of the fields is all that counts.

use std::ffi::{c_char, c_int, c_uint, c_ulonglong, c_void};

/// `nvmlReturn_t`.
pub(crate) type Code = c_int;

/// `nvmlDevice_t`: a GPU or a MIG device. Only NVML makes one that is not null.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct DeviceHandle(*mut c_void);

/// `nvmlGpuInstance_t`.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct GpuInstanceHandle(*mut c_void);

impl DeviceHandle {
    pub(crate) const NULL: Self = Self(std::ptr::null_mut());
}

impl GpuInstanceHandle {
    pub(crate) const NULL: Self = Self(std::ptr::null_mut());
}

pub(crate) const SUCCESS: Code = 0;
pub(crate) const INVALID_ARGUMENT: Code = 2;
pub(crate) const NOT_SUPPORTED: Code = 3;
pub(crate) const NO_PERMISSION: Code = 4;
pub(crate) const NOT_FOUND: Code = 6;
pub(crate) const DRIVER_NOT_LOADED: Code = 9;
pub(crate) const GPU_IS_LOST: Code = 15;

/// `NVML_DEVICE_MIG_ENABLE`.
pub(crate) const MIG_ENABLED: c_uint = 1;

/// The largest of `NVML_DEVICE_UUID_V2_BUFFER_SIZE`, `NVML_DEVICE_NAME_V2_BUFFER_SIZE` (96 each) and
/// `NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE` (80).
pub(crate) const TEXT: usize = 96;

/// `NVML_GPU_INSTANCE_PROFILE_{1,2,4,3}_SLICE_GFX`: profiles that can do graphics.
pub(crate) const GRAPHICS_PROFILES: [c_uint; 4] = [0x0a, 0x0b, 0x0c, 0x11];

/// `NVML_DEVICE_ADDRESSING_MODE_*`.
pub(crate) const ADDRESSING_NONE: c_uint = 0;
pub(crate) const ADDRESSING_HMM: c_uint = 1;
pub(crate) const ADDRESSING_ATS: c_uint = 2;

/// `NVML_GPU_FABRIC_STATE_*`.
pub(crate) const FABRIC_NOT_SUPPORTED: u8 = 0;
pub(crate) const FABRIC_NOT_STARTED: u8 = 1;
pub(crate) const FABRIC_IN_PROGRESS: u8 = 2;
pub(crate) const FABRIC_COMPLETED: u8 = 3;

/// `nvmlPciInfo_t`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct PciInfo {
    pub(crate) bus_id_legacy: [c_char; 16],
    pub(crate) domain: c_uint,
    pub(crate) bus: c_uint,
    pub(crate) device: c_uint,
    pub(crate) pci_device_id: c_uint,
    pub(crate) pci_subsystem_id: c_uint,
    pub(crate) bus_id: [c_char; 32],
}

impl PciInfo {
    pub(crate) const EMPTY: Self = Self {
        bus_id_legacy: [0; 16],
        domain: 0,
        bus: 0,
        device: 0,
        pci_device_id: 0,
        pci_subsystem_id: 0,
        bus_id: [0; 32],
    };
}

/// `nvmlMemory_t`, in bytes.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct MemoryInfo {
    pub(crate) total: c_ulonglong,
    pub(crate) free: c_ulonglong,
    pub(crate) used: c_ulonglong,
}

/// `nvmlDeviceAttributes_t` as `nvmlDeviceGetAttributes_v2` fills it.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct Attributes {
    pub(crate) multiprocessors: c_uint,
    pub(crate) copy_engines: c_uint,
    pub(crate) decoders: c_uint,
    pub(crate) encoders: c_uint,
    pub(crate) jpeg_engines: c_uint,
    pub(crate) ofa_engines: c_uint,
    pub(crate) gpu_slices: c_uint,
    pub(crate) compute_slices: c_uint,
    pub(crate) memory_mib: c_ulonglong,
}

/// `nvmlGpuInstanceInfo_t`, with its `nvmlGpuInstancePlacement_t`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct GpuInstanceInfo {
    pub(crate) device: DeviceHandle,
    pub(crate) id: c_uint,
    pub(crate) profile_id: c_uint,
    pub(crate) placement_start: c_uint,
    pub(crate) placement_size: c_uint,
}

impl GpuInstanceInfo {
    pub(crate) const EMPTY: Self = Self {
        device: DeviceHandle::NULL,
        id: 0,
        profile_id: 0,
        placement_start: 0,
        placement_size: 0,
    };
}

/// `nvmlGpuInstanceProfileInfo_t`.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct GpuInstanceProfileInfo {
    pub(crate) id: c_uint,
    pub(crate) is_p2p_supported: c_uint,
    pub(crate) slices: c_uint,
    pub(crate) instances: c_uint,
    pub(crate) multiprocessors: c_uint,
    pub(crate) copy_engines: c_uint,
    pub(crate) decoders: c_uint,
    pub(crate) encoders: c_uint,
    pub(crate) jpeg_engines: c_uint,
    pub(crate) ofa_engines: c_uint,
    pub(crate) memory_mib: c_ulonglong,
}

/// `nvmlDeviceAddressingMode_v1_t`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct AddressingModeInfo {
    pub(crate) version: c_uint,
    pub(crate) value: c_uint,
}

impl AddressingModeInfo {
    /// With the version that the caller has to set: size of the struct and version 1,
    /// `NVML_STRUCT_VERSION(DeviceAddressingMode, 1)`.
    pub(crate) const EMPTY: Self = Self {
        version: 0x0100_0008,
        value: 0,
    };
}

/// `nvmlGpuFabricInfo_t`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct FabricInfo {
    pub(crate) cluster_uuid: [u8; 16],
    pub(crate) status: Code,
    pub(crate) clique: c_uint,
    pub(crate) state: u8,
}

impl FabricInfo {
    pub(crate) const EMPTY: Self = Self {
        cluster_uuid: [0; 16],
        status: 0,
        clique: 0,
        state: 0,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    /// What `sizeof` and `offsetof` say of the header's structs, compiled by a C compiler for x86-64.
    #[test]
    fn the_layouts_are_those_of_the_header() {
        assert_eq!(size_of::<PciInfo>(), 68);
        assert_eq!(offset_of!(PciInfo, domain), 16);
        assert_eq!(offset_of!(PciInfo, bus_id), 36);
        assert_eq!(size_of::<MemoryInfo>(), 24);
        assert_eq!(size_of::<Attributes>(), 40);
        assert_eq!(offset_of!(Attributes, memory_mib), 32);
        assert_eq!(size_of::<GpuInstanceInfo>(), 24);
        assert_eq!(offset_of!(GpuInstanceInfo, profile_id), 12);
        assert_eq!(size_of::<GpuInstanceProfileInfo>(), 48);
        assert_eq!(offset_of!(GpuInstanceProfileInfo, memory_mib), 40);
        assert_eq!(size_of::<AddressingModeInfo>(), 8);
        assert_eq!(size_of::<FabricInfo>(), 28);
    }
}
