//! The machine that an image is meant for: what rules compare with, instead of guessing.

use liftgate_cuda::Driver;
use liftgate_cuda::gpu::{Gpu, UnknownGpu};

/// A driver and GPUs, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The driver.
    pub driver: Option<Driver>,
    /// The GPUs.
    pub gpus: Vec<Gpu>,
    /// The year and the month that it is there; a text that is looked at does not know.
    pub month: Option<(u16, u8)>,
}

/// Why a machine is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The driver's version is none.
    #[error("`{0}` is no version of a driver")]
    Driver(String),
    /// A GPU is not known.
    #[error(transparent)]
    Gpu(#[from] UnknownGpu),
}

impl Target {
    /// Reads a driver's version (`550.54.14`, `550`) and GPUs (`A100`, `sm_80`, `8.0`).
    pub fn new(driver: Option<&str>, gpus: &[String]) -> Result<Self, TargetError> {
        let driver = driver
            .map(|text| Driver::parse(text).ok_or_else(|| TargetError::Driver(text.chars().take(64).collect())))
            .transpose()?;
        let gpus = gpus.iter().map(|gpu| Gpu::parse(gpu)).collect::<Result<_, _>>()?;
        Ok(Self {
            driver,
            gpus,
            month: None,
        })
    }
}
