//! This machine, as one that images are meant for.

use crate::error::CliError;
use liftgate_cuda::gpu::Gpu;
use liftgate_cuda::Driver;
use liftgate_driver::{Host, Places};
use liftgate_lint::Target;
use liftgate_plan::Refusal;

/// The driver and the GPUs of this machine.
pub(super) fn here() -> Result<Target, CliError> {
    let places = Places::host(None);
    let host = Host::discover(&places).map_err(Refusal::from)?;
    let nothing = || CliError::Failed {
        sentence: "there is no working NVIDIA driver on this machine".to_owned(),
        hint: "say with --driver and --gpu which machine is meant; `liftgate inventory` shows this one".to_owned(),
    };
    let version = host.driver_version().ok_or_else(nothing)?;
    let driver = Driver::parse(version).ok_or_else(nothing)?;
    // A model that is not known leaves the driver to compare with.
    let gpus = host.gpus.iter().filter_map(|gpu| Gpu::parse(&gpu.model).ok());
    Ok(Target {
        driver: Some(driver),
        gpus: gpus.collect(),
    })
}
