//! The `createContainer` hook: the work inside the container's file system, in one process.
//!
//! What the process is, says [`hook_process`]. It touches the container only through `Root`: resolved inside, by
//! descriptor. Nothing of the container's is executed or loaded; parsed are the loader's cache and configuration and
//! the headers of CUDA libraries that the image brings, with bounds, and when nothing else can be done any more.
//!
//! It also stays on the file system that the container's root itself lies on. A volume mounted into the
//! container is the host's; a link or a cache written there would outlive the container.

use crate::bundle::Bundle;
use crate::{hook_process, state};
use liftgate_apply::{Done, failed, set_up};
use liftgate_driver::KernelModule;
use liftgate_oci::Document;
use liftgate_plan::{Code, ContainerSetup, Policy, Refusal};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Runs the hook.
pub(crate) fn run(arguments: &[OsString], is_debug: bool) -> ExitCode {
    hook_process::run(arguments, is_debug, serve)
}

fn serve(arguments: &[OsString]) -> Result<Done, Refusal> {
    let setup = ContainerSetup::from_arguments(arguments.iter().map(OsString::as_os_str))
        .map_err(|error| failed(error.to_string()))?;
    if let Some(version) = &setup.driver_version {
        check_driver(version)?;
    }
    let state = state::read().map_err(failed)?;
    // Read once, for both questions that are put to it. Whether it has to be there depends on who asks.
    let bundle = match &state.bundle {
        Some(directory) => Bundle::read(Some(directory), None).map(Some),
        None => Ok(None),
    };
    let document = match &bundle {
        Ok(bundle) => bundle.as_ref().map(Bundle::parse).transpose(),
        Err(refusal) => Err(refusal.clone()),
    };
    let mut notes = Vec::new();
    if let (Some(version), Ok(Some(bundle)), Ok(Some(document))) =
        (&setup.driver_version, &bundle, &document)
    {
        notes = check_requirements(bundle, document, version)?;
    }
    let root = match state.root {
        Some(root) => root,
        None => match (&bundle, &document) {
            (Ok(Some(bundle)), Ok(Some(document))) => bundle.root(document),
            (Err(refusal), _) | (_, Err(refusal)) => Err(refusal.clone()),
            _ => return Err(failed("the container's state names no bundle")),
        }
        .map_err(|refusal| failed(refusal.one_line()))?,
    };
    let mut done = set_up(&hook_process::open(&root)?, &setup)?;
    done.notes.splice(0..0, notes);
    Ok(done)
}

const VERSION: &str = "/proc/driver/nvidia/version";

/// The driver that runs.
pub(crate) fn running_driver() -> Option<KernelModule> {
    let bytes = liftgate_sys::file::read(Path::new(VERSION), 4096).ok()??;
    KernelModule::parse(&String::from_utf8_lossy(&bytes))
}

/// Whether the driver that runs is the one that the libraries belong to. An engine that injects a
/// specification looks at files only: with those of an old driver still on disk, the container would start
/// and its first CUDA call fail.
fn check_driver(version: &str) -> Result<(), Refusal> {
    let evidence = match running_driver() {
        Some(module) if module.version == version => return Ok(()),
        Some(module) => format!("`{VERSION}` says {}", module.version),
        None => format!("there is no `{VERSION}`"),
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

/// Holds the requirements of the container against the driver. An engine that injects a specification knows of
/// none; here they mean what they mean on every road.
///
/// A `config.json` that cannot be understood is passed over: the engine and the low-level runtime have understood it.
fn check_requirements(
    bundle: &Bundle,
    document: &Document<'_>,
    driver: &str,
) -> Result<Vec<String>, Refusal> {
    match bundle.facts(document) {
        // The administrator is asked only if there is something to be judged.
        Ok(facts) if facts.has_requirements() => {
            let configuration = liftgate_plan::load_configuration(None)?;
            let policy = Policy::from_config(&configuration.config)?;
            liftgate_plan::check_driver(&facts, &policy, driver)
        }
        _ => Ok(Vec::new()),
    }
}
