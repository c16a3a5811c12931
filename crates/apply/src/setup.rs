//! What is left to do inside the container's file system once its mounts and nodes are there: links, the
//! choice between the driver's CUDA libraries and newer ones of the image, the loader's cache and its
//! configuration, an application profile, what `/proc/driver/nvidia` shows.
//!
//! The container is touched only through `Root`: resolved inside, by descriptor. Nothing of the container's
//! is executed or loaded; parsed are the loader's cache and configuration and the headers of CUDA libraries
//! that the image brings, with bounds.
//!
//! It stays on the file system that the container's root itself lies on. A volume mounted into the container
//! is the host's; a link or a cache written there would outlive the container.

mod application_profile;
mod cuda_compat;
mod directory;
mod folders;
mod glibc;
mod granted;
mod kernel_texts;
mod links;
mod loader_cache;
mod loader_configuration;
mod modes;
mod musl;
mod unlisted;

mod place;

use crate::container::Container;
use crate::part::Part;
use crate::writable::Writable;
use liftgate_plan::{Code, ContainerSetup, CudaCompat, Refusal};
use liftgate_sys::sandbox::{self, Job};
use liftgate_sys::{Errno, Root, SysError};
use loader_configuration::Configuration;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What is to be said of work that was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// What could not be done and does not keep the container from its GPUs, in sentences.
    pub notes: Vec<String>,
    /// What the process could not give up before it began, in sentences.
    pub kept: Vec<String>,
}

/// The work inside the container's file system failed, for `reason`.
pub fn failed(reason: impl Into<String>) -> Refusal {
    Refusal::new(
        Code::SetupFailed,
        "the driver could not be set up in the container's file system",
        "`liftgate explain --bundle DIR` shows what was to be done",
    )
    .because(reason)
}

/// Does the work in a container of the caller's own mount namespace, also where its root is read-only. For good, this
/// process can do nothing else afterwards.
pub fn set_up(container: &Container, setup: &ContainerSetup) -> Result<Done, Refusal> {
    let mut notes = Vec::new();
    // Mounts are made while that is possible.
    if setup.cover_params {
        kernel_texts::cover(container.root(), &mut notes);
    }
    confined(container, Job::Files, notes, |root| work(root, setup))
}

pub(crate) fn has_cuda_compat(root: &Root, compat: &CudaCompat) -> bool {
    cuda_compat::is_there(root, compat)
}

/// Covers what `/proc/driver/nvidia` shows, and nothing else.
pub fn cover(container: &Container) -> Done {
    let mut done = Done::default();
    kernel_texts::cover(container.root(), &mut done.notes);
    done
}

/// Does `work` with nothing in hand but the container's root, in a root that can be written to.
pub(crate) fn confined(
    container: &Container,
    job: Job,
    mut notes: Vec<String>,
    work: impl FnOnce(&Root) -> Result<Vec<String>, Refusal>,
) -> Result<Done, Refusal> {
    let text = |error: SysError| failed(error.to_string());
    let copy = match container.root().writable_copy() {
        Ok(copy) => copy,
        // Before 5.12. Then the root is opened, and somebody has to close it, who cannot have given up anything.
        Err(error) if error.is(Errno::NOSYS) => {
            let opened = Writable::open(container.root()).map_err(text)?;
            let result = in_child(container.root(), job, work);
            opened.close().map_err(text)?;
            let mut done = result?;
            done.notes.splice(0..0, notes);
            return Ok(done);
        }
        Err(error) => return Err(text(error)),
    };
    let root = copy.as_ref().unwrap_or(container.root());
    let kept = sandbox::enter(root, job);
    notes.extend(work(root).map_err(|refusal| and_kept(refusal, &kept))?);
    Ok(Done { notes, kept })
}

/// The same in a child process: this one goes on as it was.
pub(crate) fn in_child(
    root: &Root,
    job: Job,
    work: impl FnOnce(&Root) -> Result<Vec<String>, Refusal>,
) -> Result<Done, Refusal> {
    let work = || work(root).map_err(|refusal| refusal.evidence);
    let ended =
        sandbox::run_in_child(root, job, work).map_err(|error| failed(error.to_string()))?;
    match ended.result {
        Ok(notes) => Ok(Done {
            notes,
            kept: ended.kept,
        }),
        Err(evidence) => {
            let refusal = failed(evidence.join("; "));
            Err(and_kept(refusal, &ended.kept))
        }
    }
}

fn and_kept(refusal: Refusal, kept: &[String]) -> Refusal {
    kept.iter().fold(refusal, |refusal, kept| {
        refusal.because(format!("not given up: {kept}"))
    })
}

/// The work on files, in a root that can be written to. By itself it gives up nothing: for processes that have, and for
/// tests.
pub fn work(root: &Root, setup: &ContainerSetup) -> Result<Vec<String>, Refusal> {
    #[cfg(liftgate_weakened)]
    {
        crate::weak::mount_newer_cuda(root);
        crate::weak::run_ldconfig(root.path());
    }
    let mut notes = Vec::new();
    let missing = links::make(root, &setup.links, &mut notes);
    // What another hook of the same start has done for the loader stays.
    if setup.is_about_loader() {
        loader(root, setup, &missing, &mut notes)?;
    }
    if setup.application_profile {
        application_profile::write(root, &mut notes);
    }
    // A directory that cannot be written to is in the way more than once.
    let mut said = BTreeSet::new();
    notes.retain(|note| said.insert(note.clone()));
    Ok(notes)
}

/// What the container's loader finds, and in which order.
fn loader(
    root: &Root,
    setup: &ContainerSetup,
    missing: &BTreeSet<PathBuf>,
    notes: &mut Vec<String>,
) -> Result<(), Refusal> {
    let configuration = Configuration::read(root);
    let compat = cuda_compat::choose(root, &setup.cuda_compat, &configuration, notes);
    let libc = loader_cache::update(root, setup, &compat, missing, &configuration, notes)?;
    cuda_compat::forget(root, &compat, notes);
    let directories = &setup.library_directories;
    loader_configuration::update(root, &configuration, directories, compat.is_used, notes);
    musl::update(root, setup, notes);
    glibc::check(root, &setup.glibc, libc, notes);
    Ok(())
}

/// The work of a hook that does one part of it.
pub(crate) fn part(root: &Root, part: &Part, notes: &mut Vec<String>) -> Result<(), Refusal> {
    match part {
        Part::Links(links) => links::make_all(root, links, notes)?,
        Part::LoaderCache(directories, host) => folders::update(root, directories, host, notes)?,
        Part::SonameLinks(directories) => {
            folders::with_sonames(root, directories, &Configuration::read(root), notes);
        }
        Part::CudaCompat(compat) => {
            let configuration = Configuration::read(root);
            let compat = cuda_compat::choose(root, compat, &configuration, notes);
            let (libraries, abandoned) = (&compat.libraries, &compat.abandoned);
            if compat.is_used || !abandoned.is_empty() {
                loader_cache::write(root, libraries, abandoned, &configuration, notes)?;
            }
            cuda_compat::forget(root, &compat, notes);
            loader_configuration::update(root, &configuration, &[], compat.is_used, notes);
        }
        Part::ApplicationProfile => application_profile::write(root, notes),
        Part::Modes(paths, mode) => {
            modes::change(root, paths, *mode, notes).map_err(|error| failed(error.to_string()))?;
        }
    }
    Ok(())
}
