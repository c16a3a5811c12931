//! Prints what NVML says of this machine, and how long it took: `survey [LIBRARY]...`.

use liftgate_nvml::{Nvml, NvmlError, survey};
use std::ffi::OsString;
use std::io::Write as _;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut candidates: Vec<OsString> = std::env::args_os().skip(1).collect();
    candidates.push(Nvml::SONAME.into());
    let began = Instant::now();
    let nvml = Nvml::load(&candidates)?;
    let loaded = began.elapsed();
    let began = Instant::now();
    let found = survey(&nvml)?;
    let surveyed = began.elapsed();

    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\n{found:#?}", nvml.library().display())?;
    for gpu in &found.gpus {
        let device = nvml.device(gpu.index)?;
        told(&mut out, "mig mode", device.mig_mode())?;
        told(&mut out, "addressing mode", device.addressing_mode())?;
        told(&mut out, "fabric", device.fabric())?;
        told(&mut out, "brand", device.brand())?;
    }
    writeln!(out, "load and init {loaded:?}, survey {surveyed:?}")?;
    Ok(())
}

fn told<T: std::fmt::Debug>(
    out: &mut impl std::io::Write,
    question: &str,
    answer: Result<T, NvmlError>,
) -> std::io::Result<()> {
    match answer {
        Ok(answer) => writeln!(out, "{question}: {answer:?}"),
        Err(error) => writeln!(out, "{question}: {error}"),
    }
}
