//! A plan, carried out inside a container: the executor of every road.
//!
//! The runtime shim changes a container's `config.json` before there is a container; the low-level runtime
//! does the work, and [`set_up`] the rest of it in a hook. The prestart hook and `nvidia-container-cli
//! configure` come later: the container's mounts stand and its device cgroup is in force. [`carry_out`] does
//! then what is to be done, whole or not at all. Both find the same plan, and leave the same container.
//!
//! Refused is a root that is the host's own. Whatever the container controls is reached by descriptors alone;
//! what is mounted was taken hold of before, in the host's mount namespace (CVE-2024-0132, CVE-2025-23359).

#![forbid(unsafe_code)]

mod carry_out;
pub mod cgroup;
mod container;
mod giving_way;
mod nodes;
mod part;
mod points;
mod setup;
mod step;
mod undo;
#[cfg(liftgate_weakened)]
mod weak;
mod writable;

pub use carry_out::{Order, carry_out};
pub use container::{Container, Process};
pub use giving_way::gives_way;
pub use part::{Part, has_cuda_compat, perform};
pub use setup::{Done, cover, failed, set_up, work};
pub use step::{Failure, Step};
