//! The one door to the kernel.
//!
//! Everything that liftgate asks of the kernel beyond plain reading of host files goes through here:
//! paths inside a root file system that a container controls ([`Root`], [`Dir`]), mounts
//! ([`mount`], [`tree`]), mount namespaces ([`namespace`]), files replaced by rename ([`file`]), device nodes
//! ([`node`]), cgroups and their device programs ([`cgroup`], [`bpf`]) and the clean-up a process owes
//! before it touches anything hostile ([`process`]).
//!
//! It refuses one thing throughout: a path inside a container joined to the path of its root. Each of
//! CVE-2024-0132, CVE-2024-0134, CVE-2025-23267 and CVE-2025-23359 was such a join, followed by a
//! symbolic link of the image's choosing.
//!
//! It is also the only crate beside `nvml` that may contain `unsafe`, and it contains little: what
//! `rustix` offers safely is taken from it.

pub mod bpf;
pub mod cgroup;
mod directory;
mod error;
pub mod file;
mod metadata;
pub mod mount;
pub mod namespace;
pub mod node;
pub mod process;
mod resolve;
mod root;
pub mod sandbox;
#[cfg(all(target_feature = "crt-static", target_env = "gnu"))]
mod static_libc;
pub mod swap;
pub mod tree;
#[cfg(liftgate_weakened)]
pub mod weakness;

pub use directory::Dir;
pub use error::{Errno, SysError};
pub use metadata::{FileKind, Metadata};
pub use root::Root;
