//! Whether there is a driver that works: its halves are there, and fit together.
//!
//! A module of one version and libraries of another is what an upgrade without a reboot leaves; CUDA would
//! say 803 or 804, and NVML "Driver/library version mismatch". Here it is said before the container starts.

use crate::refusal::{Code, Refusal};
use liftgate_driver::{Host, Installation, PlatformKind};
use std::path::Path;

/// A driver that works.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkingDriver<'a> {
    pub(crate) version: &'a str,
    pub(crate) files: &'a Installation,
}

/// Refuses a machine whose driver no container could use.
pub fn has_working_driver(host: &Host) -> Result<(), Refusal> {
    working_driver(host).map(drop)
}

/// The driver of `host`, or what is wrong with it.
pub(crate) fn working_driver(host: &Host) -> Result<WorkingDriver<'_>, Refusal> {
    match host.platform.kind() {
        PlatformKind::Nvidia => {
            let (version, files) = kernel_driver(host)?;
            Ok(WorkingDriver { version, files })
        }
        PlatformKind::Wsl => wsl(host),
        PlatformKind::Tegra => tegra(host),
    }
}

fn wsl(host: &Host) -> Result<WorkingDriver<'_>, Refusal> {
    let files = host.installation.as_ref();
    files
        .filter(|files| files.library("libcuda.so.1").is_some())
        .map(|files| WorkingDriver {
            version: "of the Windows host",
            files,
        })
        .ok_or_else(|| {
            Refusal::new(
                Code::DriverFilesMissing,
                "this is Windows Subsystem for Linux, and the Windows host's NVIDIA driver does not show",
                "install a current NVIDIA driver on Windows (none inside of Linux), then `wsl --update` and `wsl --shutdown`",
            )
            .because("no directory below `/usr/lib/wsl/drivers` has libcuda.so.1.1")
        })
}

fn tegra(host: &Host) -> Result<WorkingDriver<'_>, Refusal> {
    let files = host.installation.as_ref();
    files
        .filter(|files| !(files.libraries.is_empty() && files.listed.is_empty()))
        .map(|files| WorkingDriver {
            version: host
                .kernel_module
                .as_ref()
                .map_or("of the Jetson's software", |module| module.version.as_str()),
            files,
        })
        .ok_or_else(|| {
            Refusal::new(
                Code::DriverFilesMissing,
                "this is a Jetson, and the lists of what a container gets name nothing that is there",
                "install the package nvidia-l4t-init (or nvidia-container of JetPack), which brings the lists",
            )
            .because("`/etc/nvidia-container-runtime/host-files-for-container.d` holds devices.csv, drivers.csv or l4t.csv on a Jetson")
        })
}

/// The version and the files of a driver whose two halves fit together.
fn kernel_driver(host: &Host) -> Result<(&str, &Installation), Refusal> {
    let Some(module) = &host.kernel_module else {
        return Err(Refusal::new(
            Code::DriverNotLoaded,
            "no NVIDIA driver is loaded on this machine",
            "install the NVIDIA driver and load it (`modprobe nvidia`); on a machine with a GPU, `lsmod | grep nvidia` then shows it",
        )
        .because("`/proc/driver/nvidia/version` does not exist"));
    };
    let files = host.installation.as_ref();
    if let Some(files) = files.filter(|files| !files.libraries.is_empty()) {
        return Ok((&module.version, files));
    }
    let module_evidence = format!("`/proc/driver/nvidia/version` says {}", module.version);
    match files.filter(|files| !files.other_versions.is_empty()) {
        Some(files) => Err(Refusal::new(
            Code::DriverVersionMismatch,
            format!(
                "the NVIDIA kernel module is {} and the libraries are {}",
                module.version,
                files.other_versions.join(" and ")
            ),
            "reboot, or unload and load the kernel modules, so that the module and the libraries are of one installation",
        )
        .because(module_evidence)
        .because(format!(
            "below `{}` there is no libcuda.so.{} but {}",
            files.root.display(),
            module.version,
            files
                .other_versions
                .iter()
                .map(|version| format!("…so.{version}"))
                .collect::<Vec<_>>()
                .join(", ")
        ))),
        None => Err(Refusal::new(
            Code::DriverFilesMissing,
            format!("the libraries of the loaded NVIDIA driver {} were not found", module.version),
            "install the driver's user-space part, or name the driver root in config.toml ([nvidia-container-cli] root)",
        )
        .because(module_evidence)
        .because(files.map_or_else(
            || "no driver root could be read".to_owned(),
            |files| missing_files(files, &module.version),
        ))),
    }
}

/// What is wrong with a driver root that holds no driver. A file of the right name that is no library is the
/// thing to say: an installation that was interrupted leaves such files.
fn missing_files(files: &Installation, version: &str) -> String {
    let is_library = |path: &Path| {
        path.to_str()
            .is_some_and(|path| path.ends_with(&format!(".so.{version}")))
    };
    let odd = files
        .unrecognised
        .iter()
        .find(|file| is_library(&file.path));
    match odd {
        Some(file) => format!("`{}` {}", file.path.display(), file.reason),
        None => format!(
            "there is neither libcuda.so.{version} nor libnvidia-ml.so.{version} below `{}`",
            files.root.display()
        ),
    }
}
