use crate::count::count;
use crate::error::CliError;
use crate::nvml_names;
use crate::ui::Ui;
use clap::Args;
use liftgate_driver::{Host, Installation, Places, Record};
use liftgate_plan::Refusal;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// Look at this machine's driver and GPUs, and write the host record that container starts use
///
/// The record lies in /run/liftgate. A container start takes nothing from it once the machine has changed,
/// and then runs this command itself.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The driver root: where the driver's files are, instead of looking for it
    #[arg(long, value_name = "DIR")]
    driver_root: Option<PathBuf>,

    /// Where the record is written
    #[arg(long, value_name = "DIR", default_value = "/run/liftgate")]
    record_directory: PathBuf,

    /// Ask NVML for what only it knows, also where nothing needs it: brands, compute capabilities
    #[arg(long)]
    ask_nvml: bool,

    /// Only look, write no record
    #[arg(long)]
    dry_run: bool,

    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// The JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Inventory {
    /// Raised when a field changes its meaning.
    format: u32,
    /// What this machine has.
    host: Host,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let places = Places::host(arguments.driver_root.as_deref());
    let (record, host) =
        nvml_names::make_record_asking(&places, arguments.ask_nvml).map_err(|error| {
            let mut refusal = Refusal::from(error);
            if arguments.driver_root.is_some() {
                "name another --driver-root, or none to have the driver looked for"
                    .clone_into(&mut refusal.hint);
            }
            refusal
        })?;
    if arguments.json {
        super::explanation::print_json(&Inventory { format: 1, host }, ui)?;
    } else {
        describe(&host, ui);
    }
    let place = Record::path(&arguments.record_directory);
    let outcome = if arguments.dry_run {
        "not written (--dry-run)".to_owned()
    } else {
        record
            .save(&arguments.record_directory)
            .map_err(|error| CliError::Failed {
                sentence: format!(
                    "cannot write the host record `{}`: {error}",
                    place.display()
                ),
                hint: "run as root, or choose another directory with --record-directory".to_owned(),
            })?;
        format!("written to {}", place.display())
    };
    if !arguments.json {
        ui.field("Record", outcome);
    }
    Ok(())
}

fn describe(host: &Host, ui: &mut Ui) {
    match &host.kernel_module {
        Some(module) => {
            let kind = if module.open {
                "open kernel module"
            } else {
                "proprietary kernel module"
            };
            ui.field("Driver", format!("{} ({kind})", module.version));
        }
        None => ui.field(
            "Driver",
            "none is loaded: /proc/driver/nvidia/version does not exist",
        ),
    }
    if let Some(nvml) = &host.nvml {
        if let Some((major, minor)) = nvml.cuda {
            ui.field("CUDA", format!("{major}.{minor}"));
        }
        if let Some(reason) = &nvml.unknown {
            ui.warning(format!("NVML does not say everything: {reason}"));
        }
    }
    for gpu in &host.gpus {
        ui.field(
            &format!("GPU {}", gpu.index),
            format!(
                "{}, {}, {}, /dev/nvidia{}",
                gpu.model,
                gpu.uuid.as_deref().unwrap_or("no UUID yet"),
                gpu.bus,
                gpu.minor
            ),
        );
        for device in &gpu.mig {
            let name = device.index.map_or_else(
                || "MIG ?".to_owned(),
                |index| format!("MIG {}:{index}", gpu.index),
            );
            ui.field(
                &name,
                format!(
                    "{}, {}, GPU instance {}, compute instance {}",
                    device.profile.as_deref().unwrap_or("no profile known"),
                    device.uuid.as_deref().unwrap_or("no UUID known"),
                    device.gpu_instance,
                    device.compute_instance
                ),
            );
        }
    }
    if host.tegra.as_ref().is_some_and(|gpu| gpu.is_orin) {
        ui.field("Chip", "an Orin");
    }
    if let Some(reason) = &host.tegra_unknown {
        ui.warning(format!(
            "newer CUDA libraries of an image are not used, because NVML does not tell the driver's own CUDA version: {reason}"
        ));
    }
    if let Some(reason) = &host.mig_unnamed {
        ui.warning(format!(
            "MIG devices have no names to be asked for by: {reason}"
        ));
    }
    for bus in &host.unreadable_gpus {
        ui.warning(format!(
            "the kernel lists GPU {bus} and does not describe it; `nvidia-smi` and `dmesg | grep -e NVRM -e Xid` say why"
        ));
    }
    match &host.installation {
        Some(installation) => {
            // Which files are the driver's is known by its version.
            if host.kernel_module.is_some() {
                describe_files(installation, ui);
            }
            warn(installation, ui);
        }
        None => ui.field("Files", "no driver root could be read"),
    }
}

fn describe_files(installation: &Installation, ui: &mut Ui) {
    ui.field("Driver root", installation.root.display());
    let counts = [
        count(installation.libraries.len(), "library", "libraries"),
        count(installation.tools.len(), "tool", "tools"),
        count(
            installation.configurations.len(),
            "configuration file",
            "configuration files",
        ),
        count(
            installation.firmware.len(),
            "firmware file",
            "firmware files",
        ),
        count(installation.sockets.len(), "socket", "sockets"),
    ];
    ui.field("Files", counts.join(", "));
    for directory in &installation.library_directories {
        ui.field("Libraries in", directory.display());
    }
    for tool in &installation.tools {
        ui.field("Tool", tool.host_path.display());
    }
}

fn warn(installation: &Installation, ui: &mut Ui) {
    for version in &installation.other_versions {
        ui.warning(format!(
            "there are driver libraries of version {version}, which is not the version that is loaded"
        ));
    }
    for file in &installation.unrecognised {
        ui.warning(format!("`{}` {}", file.path.display(), file.reason));
    }
}
