//! Kernel modules and device nodes of the host that are missing, where the administrator lets them be made
//! (`load-kmods`, `--load-kmods`).
//!
//! After a boot, `nvidia-uvm` is loaded by whoever uses CUDA first, and a container cannot. Nothing here is
//! fatal: what is still missing afterwards is named by the plan.

use crate::host;
use crate::journal::Journal;
use liftgate_config::Config;
use liftgate_driver::{Capabilities, Capability, Host, NodeOrigin, Places};
use liftgate_plan::{Devices, Plan, Policy, Refusal, Request, Source};
use liftgate_sys::{namespace, node, process};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Loads what a request needs and the host has not loaded. Whether something was loaded.
pub(crate) fn load_missing(
    config: &Config,
    request: &Request,
    host: &Host,
    journal: &mut Journal,
) -> bool {
    let wants =
        |one, other| request.capabilities.contains(one) || request.capabilities.contains(other);
    let has_driver = host.kernel_module.is_some();
    let is_missing = [
        ("nvidia", !has_driver),
        (
            "nvidia-uvm",
            host.devices.unified_memory.is_empty() && wants(Capability::Compute, Capability::Video),
        ),
        (
            "nvidia-modeset",
            host.devices.modeset.is_none() && wants(Capability::Graphics, Capability::Display),
        ),
    ];
    let is_nvidia = host.platform.kind() == liftgate_driver::PlatformKind::Nvidia;
    if !is_nvidia || !namespace::is_real_root() {
        return false;
    }
    let mut loaded = false;
    for (module, _) in is_missing.iter().filter(|(_, is_missing)| *is_missing) {
        match load(config, module) {
            Ok(()) => {
                journal.info(&format!("loaded the kernel module {module}"));
                loaded = true;
            }
            Err(reason) => {
                journal.warning(&format!(
                    "the kernel module {module} is not loaded: {reason}"
                ));
                // The others stand on it.
                if *module == "nvidia" {
                    break;
                }
            }
        }
    }
    loaded
}

fn load(config: &Config, module: &str) -> Result<(), String> {
    let directories = process::USUAL_PATH.map(Path::new);
    let program = process::find_executable(OsStr::new("modprobe"), directories)
        .ok_or("there is no modprobe")?;
    let mut command = Command::new(program);
    command.env_clear().current_dir("/").stdin(Stdio::null());
    if let Some(root) = &config.nvidia_container_cli.root {
        command.arg("--dirname").arg(root);
    }
    let output = command
        .arg(module)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(words.lines().next().unwrap_or("modprobe failed").to_owned())
}

/// Loads every module of the driver and makes every node of its GPUs that are missing, where that is allowed: what
/// administrators of containers that may not do so themselves have run at boot.
pub(crate) fn make_ready(config: &Config, journal: &mut Journal) -> Result<(), Refusal> {
    if !config.nvidia_container_cli.load_kmods {
        return Ok(());
    }
    let places = Places::host(config.nvidia_container_cli.root.as_deref());
    let everything = Request::of(
        Source::Options,
        Devices::All,
        Capabilities::all(),
        "everything",
    );
    let mut host = host::acquire(config, &places, journal)?;
    if load_missing(config, &everything, &host, journal) {
        host = host::acquire(config, &places, journal)?;
    }
    // Without a driver or a GPU there is nothing to be made; whoever asks will be told.
    if let Ok(plan) = liftgate_plan::plan(&everything, &host, &Policy::default()) {
        make_missing_nodes(&plan, journal);
    }
    Ok(())
}

/// Makes the nodes of a plan that the host does not have yet: for programs of the host, and for containers
/// that have the host's nodes mounted.
pub(crate) fn make_missing_nodes(plan: &Plan, journal: &mut Journal) {
    if !namespace::is_real_root() {
        return;
    }
    for missing in &plan.nodes {
        if missing.origin != NodeOrigin::Majors {
            continue;
        }
        let path = missing.host_path.as_ref().unwrap_or(&missing.path);
        let made = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .map_err(|error| error.to_string())
            .and_then(|()| {
                node::make_character_device(path, missing.major, missing.minor, missing.mode)
                    .map_err(|error| error.to_string())
            });
        match made {
            Ok(()) => journal.info(&format!("made `{}`", path.display())),
            Err(reason) => journal.warning(&reason),
        }
    }
}
