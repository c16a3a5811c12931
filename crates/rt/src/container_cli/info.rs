//! `nvidia-container-cli info`: the driver, and the GPUs that it manages.
//!
//! Brand, compute capability and CUDA version are NVML's to tell, so NVML is asked, by `liftgate inventory`.

use super::arguments::Given;
use super::{Context, Outcome};
use crate::{host, kernel_modules};
use liftgate_driver::Host;
use liftgate_plan::{Code, Devices, Policy, Refusal, Request, Source};
use std::fmt::Write as _;

pub(super) fn run(given: &Given, context: &mut Context) -> Result<Outcome, Refusal> {
    kernel_modules::make_ready(&context.config, &mut context.journal)?;
    let host = host::with_nvml(&context.config, &mut context.journal)?;
    // Nothing is asked for: only whether there is a driver that works.
    let nothing = Request::of(
        Source::Options,
        Devices::None,
        liftgate_driver::Capabilities::NONE,
        "info",
    );
    liftgate_plan::plan(&nothing, &host, &Policy::default())?;
    if let Some(reason) = host.nvml.as_ref().and_then(|nvml| nvml.unknown.as_ref()) {
        if host.nvml.as_ref().is_some_and(|nvml| nvml.gpus.is_empty()) {
            return Err(no_answer(reason));
        }
        warn(reason);
    }
    for bus in &host.unreadable_gpus {
        warn(&format!(
            "the kernel lists GPU {bus} and does not describe it; `dmesg | grep -e NVRM -e Xid` says why"
        ));
    }
    Ok(Outcome::Text(text(&host, given.has("csv"))))
}

fn warn(sentence: &str) {
    crate::output::error(&format!("{}: warning: {sentence}\n", super::NAME));
}

fn no_answer(reason: &str) -> Refusal {
    Refusal::new(
        Code::GpuNotReadable,
        "NVML does not answer",
        "`nvidia-smi` and `dmesg | grep -e NVRM -e Xid` on the host say why",
    )
    .because(reason)
}

fn text(host: &Host, is_csv: bool) -> String {
    let unknown = || "Unknown".to_owned();
    let pair = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    let version = host
        .kernel_module
        .as_ref()
        .map_or_else(unknown, |module| module.version.clone());
    let nvml = host.nvml.as_ref();
    let cuda = nvml
        .and_then(|nvml| nvml.cuda)
        .or_else(|| liftgate_plan::cuda_of_driver(&version))
        .map_or_else(unknown, pair);
    let mut text = String::new();
    if is_csv {
        text.push_str("NVRM version,CUDA version\n");
        writeln!(text, "{version},{cuda}\n").ok();
        text.push_str("Device Index,Device Minor,Model,Brand,GPU UUID,Bus Location,Architecture\n");
    } else {
        writeln!(text, "NVRM version:   {version}\nCUDA version:   {cuda}").ok();
    }
    for gpu in &host.gpus {
        let kind = nvml.and_then(|nvml| nvml.of(gpu.bus));
        let brand = kind.map_or_else(unknown, |kind| kind.brand.clone());
        let architecture = kind.map_or_else(unknown, |kind| pair(kind.architecture));
        let uuid = gpu.uuid.clone().unwrap_or_else(unknown);
        let (index, minor, model, bus) = (gpu.index, gpu.minor, &gpu.model, gpu.bus.long());
        if is_csv {
            writeln!(
                text,
                "{index},{minor},{model},{brand},{uuid},{bus},{architecture}"
            )
        } else {
            writeln!(
                text,
                "\nDevice Index:   {index}\nDevice Minor:   {minor}\nModel:          {model}\nBrand:          {brand}\nGPU UUID:       {uuid}\nBus Location:   {bus}\nArchitecture:   {architecture}"
            )
        }
        .ok();
    }
    text
}
