//! Specifications of this host: how they are asked for, made, written, and recognised again.
//!
//! Both command lines that make specifications (ours and the one that answers to `nvidia-ctk`) end here, and so
//! does the refresh of those that were made before.

mod coherence;
mod file;
mod hook_program;
mod make;
mod recipe;
mod record;

pub(crate) use coherence::{file_of, split};
pub(crate) use file::{Format, Target, write};
pub(crate) use hook_program::hook_executable;
pub(crate) use make::{Made, make};
pub(crate) use recipe::{Disabled, Mode, Recipe, Wording, absolute};
pub(crate) use record::{Recorded, SpecificationRecord};
