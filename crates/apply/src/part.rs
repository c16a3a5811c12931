//! A part of a container's setup that a specification of another toolkit asks for by itself, in a hook of its own.

use crate::container::Container;
use crate::setup::{self, Done};
use liftgate_plan::{CudaCompat, Refusal};
use liftgate_sys::sandbox::Job;
use std::path::PathBuf;

/// A part of the work inside a container's file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Links: the text, and where it is.
    Links(Vec<(String, PathBuf)>),
    /// The libraries of directories in the loader's cache. Of newer CUDA libraries that were put before them at an
    /// earlier start, those that are no longer newer than what this host has come first no more.
    LoaderCache(Vec<PathBuf>, CudaCompat),
    /// Links of the SONAMEs of the libraries in directories.
    SonameLinks(Vec<PathBuf>),
    /// The choice between the driver's CUDA libraries and newer ones of the image.
    CudaCompat(CudaCompat),
    /// The application profile for EGL.
    ApplicationProfile,
    /// The mode of paths.
    Modes(Vec<PathBuf>, u32),
}

/// Whether the image has CUDA libraries of its own that could be taken.
pub fn has_cuda_compat(container: &Container, compat: &CudaCompat) -> bool {
    setup::has_cuda_compat(container.root(), compat)
}

/// Does one part. For good, this process can do nothing else afterwards.
pub fn perform(container: &Container, part: &Part) -> Result<Done, Refusal> {
    let job = match part {
        Part::Modes(..) => Job::Modes,
        _ => Job::Files,
    };
    setup::confined(container, job, Vec::new(), |root| {
        let mut notes = Vec::new();
        setup::part(root, part, &mut notes)?;
        Ok(notes)
    })
}
