//! What only NVML knows: how MIG devices are called, and which CUDA version a Jetson's driver has.
//!
//! NVML is asked by a child process. Its library is somebody else's code: on a GPU that has died it waits
//! in the kernel for ever, where no thread can be stopped, and a process does not end before its threads do.
//! A child is given ten seconds and then left behind; a crash of it is an answer too.
//!
//! Nothing fails here. A machine without names is still a machine, and whoever asks for a MIG device of it
//! is told the reason.

use liftgate_driver::{
    BusId, GpuKind, Host, HostError, MigName, NvmlAnswer, NvmlFacts, Places, PlatformKind, Record,
    TegraGpu, brand_name,
};
use liftgate_nvml::{Nvml, SurveyFailure, survey};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The verb by which the child is asked.
pub(crate) const VERB: &str = "nvml-names";

/// Seven MIG devices on each of eight GPUs take NVML about two seconds, a first initialisation as long.
const LIMIT: Duration = Duration::from_secs(10);

/// What NVML calls the GPU of an Orin, among other words.
const ORIN: &str = "Orin (nvgpu)";

/// What NVML answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    facts: NvmlFacts,
    /// PCI bus addresses of the GPUs that share the processor's page tables.
    coherent: Vec<BusId>,
    /// What it could not tell, in words.
    failures: Vec<String>,
}

/// Discovers the host, with the names that NVML has.
pub(crate) fn make_record(places: &Places) -> Result<(Record, Host), HostError> {
    make_record_asking(places, false)
}

/// As [`make_record`]; with `always`, NVML is asked on any machine.
pub(crate) fn make_record_asking(
    places: &Places,
    always: bool,
) -> Result<(Record, Host), HostError> {
    let failures = RefCell::new(Vec::new());
    let nvml = |host: &Host| {
        let answer = ask(host)?;
        let mut facts = answer.facts;
        if host.platform.kind() != PlatformKind::Tegra {
            facts.tegra = None;
        }
        let said_nothing = facts.mig.is_empty() && facts.tegra.is_none();
        if said_nothing && facts.answer.gpus.is_empty() && !answer.failures.is_empty() {
            return Err(answer.failures.join("; "));
        }
        failures.replace(answer.failures);
        Ok(facts)
    };
    let (record, mut host) = Record::make_asking(places, &nvml, always)?;
    let failures = failures.take();
    let mut devices = host.gpus.iter().flat_map(|gpu| &gpu.mig);
    if !failures.is_empty() && devices.any(|device| device.index.is_none()) {
        host.mig_unnamed = Some(failures.join("; "));
    }
    Ok((record, host))
}

/// The GPUs that share the processor's page tables, by PCI bus address.
pub(crate) fn coherent_gpus(host: &Host) -> Result<Vec<BusId>, String> {
    Ok(ask(host)?.coherent)
}

/// What NVML says of the host, or why it says nothing.
fn ask(host: &Host) -> Result<Answer, String> {
    let mut child = Command::new("/proc/self/exe")
        .arg0("liftgate")
        .arg(VERB)
        .args(candidates(host))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("NVML could not be asked: execve(`/proc/self/exe`): {error}"))?;
    let Some(answer) = answer_within(&mut child, LIMIT) else {
        // It may be waiting in the kernel, and then takes no notice: nobody waits for it.
        child.kill().ok();
        return Err(format!(
            "NVML gave no answer within {} seconds, as it does on a GPU that does not respond",
            LIMIT.as_secs()
        ));
    };
    let status = child.wait().map_err(|error| error.to_string())?;
    serde_json::from_slice(&answer)
        .unwrap_or_else(|_| Err(format!("the process that asked NVML ended with {status}")))
}

/// What the child writes until it closes its output; `None` if that takes longer than `limit`.
fn answer_within(child: &mut Child, limit: Duration) -> Option<Vec<u8>> {
    let mut output = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut answer = Vec::new();
        if output.read_to_end(&mut answer).is_ok() {
            // Nobody listens any more if it came too late.
            sender.send(answer).ok();
        }
    });
    receiver.recv_timeout(limit).ok()
}

/// Where NVML may be: among the driver's files, then wherever the loader finds it.
fn candidates(host: &Host) -> Vec<OsString> {
    let libraries = host.installation.iter().flat_map(|files| &files.libraries);
    let own = libraries
        .filter(|library| library.soname == Nvml::SONAME && !library.is_32_bit)
        .map(|library| library.host_path.clone());
    own.chain([PathBuf::from(Nvml::SONAME)])
        .map(PathBuf::into_os_string)
        .collect()
}

/// The child's part: asks NVML.
pub(crate) fn answer(candidates: &[OsString]) -> Result<Answer, String> {
    let nvml = Nvml::load(candidates).map_err(|error| error.to_string())?;
    let survey = survey(&nvml).map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    let mut coherent = Vec::new();
    let mut kinds = Vec::new();
    for gpu in &survey.gpus {
        // A GPU that is on no bus has no MIG devices either.
        let Some(bus) = gpu.bus.and_then(|bus| bus.to_string().parse().ok()) else {
            continue;
        };
        if gpu.is_coherent {
            coherent.push(bus);
        }
        kinds.push(GpuKind {
            bus,
            brand: brand_name(gpu.brand).to_owned(),
            architecture: gpu.compute_capability,
        });
        names.extend(gpu.mig_devices.iter().map(|device| MigName {
            bus,
            gpu_instance: device.gpu_instance,
            compute_instance: device.compute_instance,
            index: device.index,
            uuid: device.uuid.clone(),
            profile: Some(device.profile.clone()),
            has_graphics: device.has_graphics,
        }));
    }
    let (major, minor) = survey.cuda_version;
    // Whether this is a Jetson, whoever asks knows. A GPU that does not say its name may be an Orin or not, and
    // libraries for the wrong one would be worse than none.
    let tegra = (!survey.gpus.is_empty()).then(|| TegraGpu {
        cuda: format!("{major}.{minor}"),
        is_orin: survey.gpus.iter().any(|gpu| gpu.name.contains(ORIN)),
    });
    let failures: Vec<String> = survey.failures.iter().map(describe).collect();
    let answer = NvmlAnswer {
        cuda: Some(survey.cuda_version),
        gpus: kinds,
        unknown: (!failures.is_empty()).then(|| failures.join("; ")),
    };
    Ok(Answer {
        facts: NvmlFacts {
            mig: names,
            tegra,
            answer,
        },
        coherent,
        failures,
    })
}

fn describe(failure: &SurveyFailure) -> String {
    match failure.mig {
        Some(mig) => format!("MIG device {mig} of GPU {}: {}", failure.gpu, failure.error),
        None => format!("GPU {}: {}", failure.gpu, failure.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_does_not_answer_is_left_behind() {
        let mut child = Command::new("sleep")
            .arg("60")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        assert_eq!(answer_within(&mut child, Duration::from_millis(20)), None);
        child.kill().unwrap();
        child.wait().unwrap();
        let mut child = Command::new("echo")
            .arg("yes")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        assert_eq!(
            answer_within(&mut child, Duration::from_secs(20)),
            Some(b"yes\n".to_vec())
        );
        child.wait().unwrap();
    }

    #[test]
    fn a_machine_without_nvml_says_so() {
        let reason = answer(&["/nonexistent/libnvidia-ml.so.1".into()]).unwrap_err();
        assert!(
            reason.contains("/nonexistent/libnvidia-ml.so.1"),
            "{reason}"
        );
    }
}
