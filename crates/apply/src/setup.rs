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
mod granted;
mod kernel_texts;
mod links;
mod loader_cache;
mod loader_configuration;

mod place;

use crate::container::Container;
use crate::writable::Writable;
use liftgate_plan::{Code, ContainerSetup, Refusal};
use liftgate_sys::{Root, SysError};

/// The work inside the container's file system failed, for `reason`.
pub fn failed(reason: impl Into<String>) -> Refusal {
    Refusal::new(
        Code::SetupFailed,
        "the driver could not be set up in the container's file system",
        "`liftgate explain --bundle DIR` shows what was to be done",
    )
    .because(reason)
}

/// Does the work in a container of the caller's own mount namespace, also where its root is read-only. What could
/// not be done and does not keep the container from its GPUs comes back in sentences.
pub fn set_up(container: &Container, setup: &ContainerSetup) -> Result<Vec<String>, Refusal> {
    let text = |error: SysError| failed(error.to_string());
    let opened = Writable::open(container.root()).map_err(text)?;
    let result = work(container.root(), setup);
    opened.close().map_err(text)?;
    result
}

/// As [`set_up`], in a root that can be written to.
pub(crate) fn work(root: &Root, setup: &ContainerSetup) -> Result<Vec<String>, Refusal> {
    #[cfg(liftgate_weakened)]
    {
        crate::weak::mount_newer_cuda(root);
        crate::weak::run_ldconfig(root.path());
    }
    let mut notes = Vec::new();
    let missing = links::make(root, &setup.links, &mut notes);
    let compat = cuda_compat::choose(root, &setup.cuda_compat, &mut notes);
    loader_cache::update(root, setup, &compat, &missing, &mut notes)?;
    cuda_compat::forget(root, &compat, &mut notes);
    loader_configuration::update(root, &setup.library_directories, compat.is_used, &mut notes);
    if setup.application_profile {
        application_profile::write(root, &mut notes);
    }
    if setup.cover_params {
        kernel_texts::cover(root, &mut notes);
    }
    Ok(notes)
}
