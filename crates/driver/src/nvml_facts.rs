//! What NVML says of a driver and its GPUs and the kernel does not tell, for the few who ask: requirements of
//! images that name a brand or an architecture, and `nvidia-container-cli info`.
//!
//! Loading NVML initialises every GPU, which takes seconds on a machine without persistence mode. So it is
//! asked only when an answer hangs on it, and the answer is kept in the host record.

use crate::bus::BusId;
use serde::{Deserialize, Serialize};

/// What NVML says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NvmlAnswer {
    /// The newest CUDA version that the driver speaks: major, minor.
    pub cuda: Option<(u32, u32)>,
    /// The GPUs that answered.
    pub gpus: Vec<GpuKind>,
    /// Why it said nothing, or not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// What kind of GPU one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuKind {
    /// Which GPU.
    pub bus: BusId,
    /// The brand, in the words of `nvidia-container-cli info`: `Tesla`, `GeForce`, `Nvidia` …
    pub brand: String,
    /// The CUDA compute capability: major, minor.
    pub architecture: (u32, u32),
}

/// The words for the numbers of `NVML_BRAND_*`, in order.
const BRANDS: [&str; 17] = [
    "Unknown",
    "Quadro",
    "Tesla",
    "NVS",
    "GRID",
    "GeForce",
    "TITAN",
    "VApps",
    "VPC",
    "VCS",
    "VWS",
    "CloudGaming",
    "QuadroRTX",
    "NvidiaRTX",
    "Nvidia",
    "GeForceRTX",
    "TitanRTX",
];

/// The word for a number of `NVML_BRAND_*`.
pub fn brand_name(number: u32) -> &'static str {
    usize::try_from(number)
        .ok()
        .and_then(|number| BRANDS.get(number))
        .unwrap_or(&BRANDS[0])
}

impl NvmlAnswer {
    /// What it says of the GPU at `bus`.
    pub fn of(&self, bus: BusId) -> Option<&GpuKind> {
        self.gpus.iter().find(|gpu| gpu.bus == bus)
    }
}
