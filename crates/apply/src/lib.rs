//! A plan, carried out inside a container.

#![forbid(unsafe_code)]

mod setup;

pub use setup::{failed, set_up};
