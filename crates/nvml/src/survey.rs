//! Everything of every GPU, as plain data that outlives the library.
//!
//! A GPU that cannot be asked stands among the failures and takes no other with it: on a machine of eight,
//! one that fell off the bus is an everyday matter. The same holds for a MIG device among others. What a
//! GPU cannot have (a minor number under WSL, a PCI address when integrated) is absent, not a failure.

use crate::device::{AddressingMode, BusId, Device};
use crate::error::{NvmlError, ReturnCode};
use crate::mig::{MigAttributes, MigDevice};
use crate::nvml::Nvml;

/// All that NVML knows and liftgate needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The version of the kernel driver, such as `580.159.04`.
    pub driver_version: String,
    /// The newest CUDA version that the driver speaks.
    pub cuda_version: (u32, u32),
    /// The GPUs that answered, by index.
    pub gpus: Vec<SurveyedGpu>,
    /// What did not answer, in order.
    pub failures: Vec<SurveyFailure>,
}

/// A GPU, or a MIG device, that could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyFailure {
    /// The index of the GPU.
    pub gpu: u32,
    /// The index of the MIG device, if it is one that failed and not the GPU.
    pub mig: Option<u32>,
    /// Why.
    pub error: NvmlError,
}

/// A GPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedGpu {
    /// NVML's index.
    pub index: u32,
    /// `GPU-…`.
    pub uuid: String,
    /// The N of `/dev/nvidiaN`; absent where there are no such nodes.
    pub minor: Option<u32>,
    /// The PCI address; absent where the GPU is on no PCI bus.
    pub bus: Option<BusId>,
    /// The board.
    pub name: String,
    /// The CUDA compute capability.
    pub compute_capability: (u32, u32),
    /// The brand's number, `NVML_BRAND_*`; 0, "unknown", where the GPU has none.
    pub brand: u32,
    /// Its memory; absent where it has none of its own or we may not know.
    pub memory_mib: Option<u64>,
    /// Whether it shares the processor's page tables, as on Grace; not so where NVML does not know of such.
    pub is_coherent: bool,
    /// Whether it is divided into MIG devices. It may be, and have none.
    pub mig_enabled: bool,
    /// Its MIG devices, by index.
    pub mig_devices: Vec<SurveyedMig>,
}

/// A MIG device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedMig {
    /// Its index among those of the GPU; there may be holes.
    pub index: u32,
    /// `MIG-<uuid>`; before driver 470 `MIG-GPU-<uuid>/<gpu instance>/<compute instance>`.
    pub uuid: String,
    /// The id of the GPU instance.
    pub gpu_instance: u32,
    /// The id of the compute instance.
    pub compute_instance: u32,
    /// The profile, such as `1g.5gb`, `1c.3g.20gb` or `1g.24gb+gfx`.
    pub profile: String,
    /// Slices of the GPU instance.
    pub gpu_slices: u32,
    /// Slices of the compute instance.
    pub compute_slices: u32,
    /// Memory of the GPU instance.
    pub memory_mib: u64,
    /// Whether it can do graphics.
    pub has_graphics: bool,
}

/// Asks for everything. It fails only where NVML says nothing about the machine as a whole.
pub fn survey(nvml: &Nvml) -> Result<Survey, NvmlError> {
    let mut survey = Survey {
        driver_version: nvml.driver_version()?,
        cuda_version: nvml.cuda_version()?,
        gpus: Vec::new(),
        failures: Vec::new(),
    };
    for index in 0..nvml.device_count()? {
        let mut fail = |mig, error| {
            survey.failures.push(SurveyFailure {
                gpu: index,
                mig,
                error,
            });
        };
        match survey_gpu(nvml, index, &mut |mig, error| fail(Some(mig), error)) {
            Ok(gpu) => survey.gpus.push(gpu),
            Err(error) => fail(None, error),
        }
    }
    Ok(survey)
}

fn survey_gpu(
    nvml: &Nvml,
    index: u32,
    fail: &mut dyn FnMut(u32, NvmlError),
) -> Result<SurveyedGpu, NvmlError> {
    let device = nvml.device(index)?;
    let mig_enabled =
        known(device.mig_mode(), NvmlError::is_unsupported)?.is_some_and(|mode| mode.enabled);
    // In MIG mode the sum takes privilege.
    let memory = known(device.memory(), |error| {
        error.is_unsupported() || error.is(ReturnCode::NO_PERMISSION)
    })?;
    let mut gpu = SurveyedGpu {
        index,
        uuid: device.uuid()?,
        minor: known(device.minor(), NvmlError::is_unsupported)?,
        bus: known(device.bus_id(), NvmlError::is_unsupported)?,
        name: device.name()?,
        compute_capability: device.compute_capability()?,
        brand: known(device.brand(), NvmlError::is_unsupported)?.unwrap_or(0),
        memory_mib: memory.map(|memory| memory.total >> 20),
        is_coherent: matches!(device.addressing_mode(), Ok(AddressingMode::Ats)),
        mig_enabled,
        mig_devices: Vec::new(),
    };
    if mig_enabled {
        for mig_index in 0..device.max_mig_devices()? {
            match survey_mig(&device, &gpu, mig_index) {
                Ok(Some(mig)) => gpu.mig_devices.push(mig),
                Ok(None) => {}
                Err(error) => fail(mig_index, error),
            }
        }
    }
    Ok(gpu)
}

fn survey_mig(
    device: &Device<'_>,
    gpu: &SurveyedGpu,
    index: u32,
) -> Result<Option<SurveyedMig>, NvmlError> {
    let Some(mig) = device.mig_device(index)? else {
        return Ok(None);
    };
    let gpu_instance = mig.gpu_instance()?;
    let attributes = mig.attributes()?;
    let named = named_profile(&mig)?;
    let has_graphics = match mig.has_graphics_of(device, gpu_instance) {
        Ok(graphics) => graphics,
        // It takes privilege, and a library that has it; the name says it to anybody.
        Err(_) => named.as_deref().is_some_and(says_graphics),
    };
    let profile = named.unwrap_or_else(|| {
        profile_of(attributes, gpu.memory_mib) + if has_graphics { "+gfx" } else { "" }
    });
    Ok(Some(SurveyedMig {
        index,
        uuid: mig.uuid()?,
        gpu_instance,
        compute_instance: mig.compute_instance()?,
        profile,
        gpu_slices: attributes.gpu_slices,
        compute_slices: attributes.compute_slices,
        memory_mib: attributes.memory_mib,
        has_graphics,
    }))
}

/// The answer, or nothing where the question has none.
fn known<T>(
    answer: Result<T, NvmlError>,
    has_none: impl FnOnce(&NvmlError) -> bool,
) -> Result<Option<T>, NvmlError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if has_none(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The profile as NVML names it: the end of `NVIDIA A100-SXM4-40GB MIG 1g.5gb`.
fn named_profile(mig: &MigDevice<'_>) -> Result<Option<String>, NvmlError> {
    let name = mig.name()?;
    Ok(name
        .rsplit_once(" MIG ")
        .map(|(_, profile)| profile.to_owned()))
}

/// Whether the attributes of a profile, after `+` and between `,`, say graphics.
fn says_graphics(profile: &str) -> bool {
    profile
        .split_once('+')
        .is_some_and(|(_, attributes)| attributes.split(',').any(|word| word == "gfx"))
}

/// The profile's name from what it has: `<compute slices>c.` where they are fewer than the GPU instance's,
/// the GPU instance's slices, and its memory in whole eighths of the GPU's, in GB. NVIDIA's own tools
/// compute it in this way: 4864 MiB of 40960 are one eighth, which is 5gb.
fn profile_of(attributes: MigAttributes, gpu_memory_mib: Option<u64>) -> String {
    let MigAttributes {
        gpu_slices,
        compute_slices,
        memory_mib,
        ..
    } = attributes;
    let gigabytes = match gpu_memory_mib {
        Some(total @ 1..) => {
            let eighths = (memory_mib * 8).div_ceil(total);
            // To the nearest whole: half an eighth more, then cut.
            (eighths * total.div_ceil(1024) + 4) / 8
        }
        _ => memory_mib.div_ceil(1024),
    };
    let compute = if compute_slices == gpu_slices {
        String::new()
    } else {
        format!("{compute_slices}c.")
    };
    format!("{compute}{gpu_slices}g.{gigabytes}gb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(gpu_slices: u32, compute_slices: u32, memory_mib: u64, total: u64) -> String {
        let attributes = MigAttributes {
            gpu_slices,
            compute_slices,
            memory_mib,
            multiprocessors: 0,
            copy_engines: 0,
            decoders: 0,
            encoders: 0,
            jpeg_engines: 0,
            ofa_engines: 0,
        };
        profile_of(attributes, (total != 0).then_some(total))
    }

    /// Memory sizes as the boards' `nvidia-smi mig -lgip` lists them.
    #[test]
    fn profiles_are_named_as_nvidia_names_them() {
        assert_eq!(profile(1, 1, 4864, 40960), "1g.5gb");
        assert_eq!(profile(2, 2, 9856, 40960), "2g.10gb");
        assert_eq!(profile(3, 3, 19968, 40960), "3g.20gb");
        assert_eq!(profile(3, 1, 19968, 40960), "1c.3g.20gb");
        assert_eq!(profile(7, 7, 40192, 40960), "7g.40gb");
        assert_eq!(profile(1, 1, 9984, 81559), "1g.10gb");
        assert_eq!(profile(1, 1, 20096, 81559), "1g.20gb");
        assert_eq!(profile(7, 7, 81152, 81559), "7g.80gb");
        assert_eq!(profile(1, 1, 4864, 0), "1g.5gb", "the sum is not known");
    }

    #[test]
    fn only_the_attribute_says_graphics() {
        assert!(says_graphics("1g.24gb+gfx"));
        assert!(says_graphics("1g.24gb+me,gfx"));
        assert!(!says_graphics("1g.24gb"));
        assert!(!says_graphics("1g.24gb+me.all"));
        assert!(!says_graphics("1g.24gb-gfx"));
    }
}
