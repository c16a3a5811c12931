//! The configuration of container engines: which there are, what they have to be told, and how it is taken back.
//!
//! A configuration belongs to whoever wrote it. Three things follow:
//!
//! * **Lossless.** An edit changes the keys that it is about. Comments, order, spaces, other runtimes, keys that nobody here knows
//!   and numbers of any size stay the text that they were. A file that does not parse is refused with line and column.
//! * **Whole or not at all.** Files are replaced by rename, after a look whether they are still what was read, and the last rename
//!   of a change is the one that gives it effect. Before the first one, what was there is kept in a record ([`change::Record`]).
//! * **Untouched when nothing changes.** A configuration that says what is wanted is not written.
//!
//! The modules of the engines are pure: they take texts and give texts. [`Configuration`] reads the files, [`change`] writes them.
#![forbid(unsafe_code)]

pub mod change;
mod configuration;
pub mod containerd;
pub mod crio;
pub mod docker;
mod edit;
mod engine;
mod error;
pub mod podman;
pub mod running;
mod text;
mod wish;

pub use configuration::{Configuration, Hook, Plan, PlanError};
pub use edit::{Edited, NewText};
pub use engine::Engine;
pub use error::{Position, Refused, RefusedFile};
pub use wish::Wish;
