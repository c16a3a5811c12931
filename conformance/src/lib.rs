//! What it takes to start containers for real: a small image made of the host's own files, OCI bundles,
//! private container engines, and the programs under test.
//!
//! Nothing of the host is touched: engines get roots, sockets and process ids of their own, and are ended by
//! those.

#![forbid(unsafe_code)]

mod bundle;
mod cgroup_driver;
mod containerd;
pub mod cri;
mod daemon;
mod docker;
mod docker_api;
mod engines;
pub mod hostile;
mod image;
mod inside;
pub mod observe;
mod own_machine;
mod podman;
mod programs;
mod site;
pub mod suite;

pub use bundle::{Bundle, BundleOptions};
pub use cgroup_driver::CgroupDriver;
pub use containerd::Containerd;
pub use cri::Cri;
pub use docker::Docker;
pub use docker_api::{DockerApi, Ended};
pub use engines::Engines;
pub use image::Image;
pub use inside::{Inside, Outcome};
pub use own_machine::{Init, OwnMachine};
pub use podman::Podman;
pub use programs::{Programs, find_program};
pub use site::Site;

use std::io;

/// An I/O error with the operation that failed.
pub fn context<T>(result: io::Result<T>, operation: impl FnOnce() -> String) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", operation())))
}
