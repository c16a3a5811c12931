//! The `createContainer` hook: the work inside the container's file system, in one process.
//!
//! It runs in the container's mount namespace before the root is pivoted, with the host still at `/`, as
//! root with every capability, beside a file system that the image has laid out. So it begins by shedding
//! what it inherited, and from then on touches the container only through `Root`: resolved inside, by
//! descriptor. Nothing of the container's is executed or loaded; parsed are the loader's cache and
//! configuration and the headers of CUDA libraries that the image brings, with bounds.
//!
//! It also stays on the file system that the container's root itself lies on. A volume mounted into the
//! container is the host's; a link or a cache written there would outlive the container.

use crate::bundle::Bundle;
use crate::{output, state};
use liftgate_apply::{failed, set_up};
use liftgate_driver::KernelModule;
use liftgate_oci::state::{State, container_root as root_of, root_path_of};
use liftgate_plan::{Code, ContainerSetup, Policy, Refusal};
use liftgate_sys::{Root, mount, process};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the hook.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    match serve(arguments) {
        Ok(notes) => {
            for note in notes {
                output::error(&format!("warning: {note}\n"));
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => {
            output::error(&format!("{}\n", refusal.one_line()));
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &[OsString]) -> Result<Vec<String>, Refusal> {
    process::clear_environment();
    process::close_inherited_descriptors().map_err(|error| failed(error.to_string()))?;
    process::set_no_new_privileges().map_err(|error| failed(error.to_string()))?;
    let setup = ContainerSetup::from_arguments(arguments.iter().map(OsString::as_os_str))
        .map_err(|error| failed(error.to_string()))?;
    if let Some(version) = &setup.driver_version {
        check_driver(version)?;
    }
    let state = state::read().map_err(failed)?;
    let mut notes = match &setup.driver_version {
        Some(version) => check_requirements(&state, version)?,
        None => Vec::new(),
    };
    let root = Root::open(&container_root(&state)?).map_err(|error| failed(error.to_string()))?;
    if is_hosts(&root)? {
        return Err(failed("the container's root is the host's"));
    }
    let is_read_only = mount::is_read_only(root.as_fd()).unwrap_or(false);
    if is_read_only {
        // crun makes a read-only root read-only before its hooks run, runc after. Nothing of the container
        // runs yet, so opening it for the moment shows it to nobody.
        mount::set_read_only(root.as_fd(), false).map_err(|error| failed(error.to_string()))?;
    }
    let result = set_up(&root, &setup);
    if is_read_only {
        mount::set_read_only(root.as_fd(), true).map_err(|error| failed(error.to_string()))?;
    }
    notes.extend(result?);
    Ok(notes)
}

/// Whether the driver that runs is the one that the libraries belong to. An engine that injects a
/// specification looks at files only: with those of an old driver still on disk, the container would start
/// and its first CUDA call fail.
fn check_driver(version: &str) -> Result<(), Refusal> {
    let path = Path::new("/proc/driver/nvidia/version");
    let text = liftgate_sys::file::read(path, 4096)
        .ok()
        .flatten()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let running = text.as_deref().and_then(KernelModule::parse);
    let evidence = match running {
        Some(module) if module.version == version => return Ok(()),
        Some(module) => format!("`{}` says {}", path.display(), module.version),
        None => format!("there is no `{}`", path.display()),
    };
    Err(Refusal::new(
        Code::CdiSpecificationStale,
        format!(
            "the CDI specification was made for driver {version}, which is not the one that runs"
        ),
        "`liftgate cdi refresh` makes it anew",
    )
    .because(evidence))
}

/// Whether the root is the host's own, which has many names: `/..`, a link, a bind mount.
fn is_hosts(root: &Root) -> Result<bool, Refusal> {
    let top = Path::new("/");
    let text = |error: liftgate_sys::SysError| failed(error.to_string());
    let theirs = root.metadata(top).map_err(text)?;
    let hosts = liftgate_sys::file::metadata(top).map_err(text)?;
    Ok(theirs.map(|theirs| theirs.identity) == hosts.map(|hosts| hosts.identity))
}

/// Where the container's root is: as the state says, or as the bundle does that it names.
fn container_root(state: &State) -> Result<PathBuf, Refusal> {
    if let Some(root) = &state.root {
        return Ok(root.clone());
    }
    let Some(bundle) = &state.bundle else {
        return Err(failed("the container's state names no bundle"));
    };
    let config = bundle.join("config.json");
    let bytes = liftgate_sys::file::read(&config, liftgate_oci::MAX_BYTES as u64)
        .map_err(|error| failed(error.to_string()))?
        .ok_or_else(|| failed(format!("there is no `{}`", config.display())))?;
    let root =
        root_path_of(&bytes).map_err(|error| failed(format!("`{}`: {error}", config.display())))?;
    Ok(root_of(None, bundle, root.as_deref()))
}

/// Holds the requirements of the container against the driver. An engine that injects a specification knows of
/// none; here they mean what they mean on every road.
///
/// A configuration that cannot be read asks for nothing that could be held against anything: the engine and
/// the low-level runtime have understood it.
fn check_requirements(state: &State, driver: &str) -> Result<Vec<String>, Refusal> {
    let Some(bundle) = state.bundle.as_deref() else {
        return Ok(Vec::new());
    };
    let Ok(bundle) = Bundle::read(Some(bundle), None) else {
        return Ok(Vec::new());
    };
    let Ok(facts) = bundle.parse().and_then(|document| bundle.facts(&document)) else {
        return Ok(Vec::new());
    };
    let policy = liftgate_plan::load_configuration(None)
        .and_then(|loaded| Policy::from_config(&loaded.config))
        .unwrap_or_default();
    liftgate_plan::check_driver(&facts, &policy, driver)
}
