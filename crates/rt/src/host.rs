//! The host: from its record if that still holds; from `liftgate inventory`, which writes a new one, if
//! not; by looking, if neither is to be had.

use crate::journal::Journal;
use liftgate_config::Config;
use liftgate_driver::{Host, Places, Record};
use liftgate_plan::Refusal;
use liftgate_sys::process;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The longest that `liftgate inventory` may take. It takes some milliseconds; a hanging file system or,
/// later, a hanging library must not hang a container's start for ever.
const INVENTORY_LIMIT: Duration = Duration::from_secs(12);

/// The host as it is now.
pub(crate) fn acquire(
    config: &Config,
    places: &Places,
    journal: &mut Journal,
) -> Result<Host, Refusal> {
    acquire_knowing(config, places, false, journal)
}

/// As [`acquire`]; with `nvml`, also what only NVML knows, as far as it answers.
pub(crate) fn acquire_knowing(
    config: &Config,
    places: &Places,
    nvml: bool,
    journal: &mut Journal,
) -> Result<Host, Refusal> {
    // A record is of the machine as it is, not as this container wants it looked at.
    if *places != Places::host(config.nvidia_container_cli.root.as_deref()) {
        return Ok(Host::discover(places)?);
    }
    let directory = config.liftgate.record_directory.as_path();
    match Record::load(directory, places) {
        Ok(host) if host.nvml.is_some() || !nvml => return Ok(host),
        Ok(_) => journal.debug("the host record has nothing of NVML's"),
        Err(reason) => journal.debug(&reason.to_string()),
    }
    // A user namespace sees the record as nobody's and cannot write another: looking is then the faster way.
    if liftgate_sys::namespace::is_real_root()
        && let Some(program) = inventory_program(config)
    {
        match take_inventory(&program, config, nvml) {
            Ok(()) => match Record::load(directory, places) {
                Ok(host) => return Ok(host),
                Err(reason) => journal.warning(&format!("after `liftgate inventory`, {reason}")),
            },
            Err(reason) => journal.warning(&format!("`{} inventory` {reason}", program.display())),
        }
    }
    journal.debug("searching for the driver without a host record");
    Ok(Host::discover(places)?)
}

/// The host with what only NVML knows, for who may look and not write the record too.
pub(crate) fn with_nvml(config: &Config, journal: &mut Journal) -> Result<Host, Refusal> {
    let places = Places::host(config.nvidia_container_cli.root.as_deref());
    if liftgate_sys::namespace::is_real_root() {
        return acquire_knowing(config, &places, true, journal);
    }
    let directory = std::env::temp_dir().join(format!("liftgate-{}", std::process::id()));
    let own = Config {
        liftgate: liftgate_config::Liftgate {
            record_directory: directory.clone(),
            ..config.liftgate.clone()
        },
        ..config.clone()
    };
    // Made by us and nobody else, or the record in it would be somebody's.
    let host = match std::fs::create_dir(&directory) {
        Ok(()) => inventory_program(&own)
            .ok_or_else(|| "there is no liftgate".to_owned())
            .and_then(|program| take_inventory(&program, &own, true))
            .and_then(|()| Record::load(&directory, &places).map_err(|error| error.to_string())),
        Err(error) => Err(error.to_string()),
    };
    std::fs::remove_dir_all(&directory).ok();
    match host {
        Ok(host) => Ok(host),
        Err(reason) => {
            journal.warning(&format!("NVML is not asked: {reason}"));
            Ok(Host::discover(&places)?)
        }
    }
}

fn inventory_program(config: &Config) -> Option<PathBuf> {
    let program = match &config.liftgate.inventory_path {
        Some(path) => path.clone(),
        None => crate::own::directory()?.join("liftgate"),
    };
    process::is_executable(&program).then_some(program)
}

fn take_inventory(program: &Path, config: &Config, nvml: bool) -> Result<(), String> {
    let mut command = Command::new(program);
    command
        .arg("inventory")
        .arg("--record-directory")
        .arg(&config.liftgate.record_directory)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if nvml {
        command.arg("--ask-nvml");
    }
    if let Some(root) = &config.nvidia_container_cli.root {
        command.arg("--driver-root").arg(root);
    }
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("failed: {status}")),
            Ok(None) if begun.elapsed() > INVENTORY_LIMIT => {
                child.kill().ok();
                child.wait().ok();
                return Err(format!("was stopped after {} s", INVENTORY_LIMIT.as_secs()));
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(1)),
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}
