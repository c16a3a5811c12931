//! A plan, carried out inside a container: the executor of every road.
//!
//! [`carry_out`] does all of it in a container that exists already: mounts, device nodes, device cgroup. Where
//! the low-level runtime has done that by `config.json`, [`set_up`] does the rest. Both find the same plan,
//! and leave the same container.
//!
//! Refused is a root that is the host's own. Whatever the container controls is reached by descriptors alone;
//! what is mounted was taken hold of before, in the host's mount namespace (CVE-2024-0132, CVE-2025-23359).

#![forbid(unsafe_code)]

mod carry_out;
mod container;
mod nodes;
mod points;
mod setup;
mod step;
mod undo;

pub use carry_out::{Order, carry_out};
pub use container::{Container, Process};
pub use setup::{failed, has_file, set_up};
pub use step::{Failure, Step};
