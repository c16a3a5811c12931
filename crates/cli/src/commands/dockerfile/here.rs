//! The driver and the GPUs of this machine.

use crate::nvml_names;
use liftgate_cuda::gpu::{Capability, Gpu};
use liftgate_cuda::{Cuda, Driver};
use liftgate_driver::{Host, Places};

/// What this machine has; `None`: no driver.
///
/// A machine that cannot be read is one without: whoever wants a Dockerfile for another machine is not kept from it.
pub(super) fn driver_and_gpus() -> Option<(Option<Driver>, Vec<Gpu>)> {
    let (_, host) = nvml_names::make_record_asking(&Places::host(None), true).ok()?;
    let version = host.kernel_module.as_ref().map(|module| module.version.as_str());
    let reported = host.nvml.as_ref().and_then(|answer| answer.cuda).and_then(cuda);
    let driver = match (version.and_then(Driver::parse), reported) {
        (Some(driver), Some(cuda)) => Some(driver.reporting(cuda)),
        (Some(driver), None) => Some(driver),
        (None, Some(cuda)) => Some(Driver::of_cuda(cuda)),
        (None, None) => None,
    };
    let gpus = gpus(&host);
    (driver.is_some() || !gpus.is_empty()).then_some((driver, gpus))
}

/// Each kind of GPU once: by its model, else by what NVML says of it.
fn gpus(host: &Host) -> Vec<Gpu> {
    let mut gpus: Vec<Gpu> = Vec::new();
    for gpu in &host.gpus {
        let asked = || {
            let kinds = &host.nvml.as_ref()?.gpus;
            let (major, minor) = kinds.iter().find(|kind| kind.bus == gpu.bus)?.architecture;
            let capability = Capability::new(major.try_into().ok()?, minor.try_into().ok()?);
            Some(Gpu::of_capability(capability))
        };
        let found = Gpu::parse(&gpu.model).ok().or_else(asked);
        if let Some(found) = found.filter(|found| !gpus.contains(found)) {
            gpus.push(found);
        }
    }
    gpus
}

fn cuda((major, minor): (u32, u32)) -> Option<Cuda> {
    Some(Cuda::new(major.try_into().ok()?, minor.try_into().ok()?))
}
