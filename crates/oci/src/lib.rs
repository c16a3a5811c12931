//! `config.json` of an OCI bundle, read and edited without losing a byte of what is not ours, and the container state
//! that hooks get on their standard input.
//!
//! The document belongs to the engine that wrote it and to the low-level runtime that will read it; we stand between the two at every
//! container start, as root. Hence three rules:
//!
//! * **Lossless.** Decoding into a struct and writing it back drops every field the struct does not know, rounds numbers and
//!   changes escapes. Here only the objects on the way to an edit are opened; everything else stays the text it was.
//! * **Untouched when nothing changes.** Every edit first looks whether its result is there already, so applying the same edits twice
//!   changes nothing the second time, and a document without a change comes out byte for byte.
//! * **One reading.** A document that two JSON parsers may read differently (a key twice, a key in another letter case) is refused
//!   where we look: what we decide on must be what the low-level runtime then executes.
//!
//! The crate is pure: bytes in, bytes out. Reading and atomic writing of the file belong to the caller.
#![forbid(unsafe_code)]

mod document;
mod edit;
mod error;
mod model;
mod mounts;
mod node;
mod source;
pub mod state;

pub use document::{Document, MAX_BYTES};
pub use edit::Edits;
pub use error::{OciError, Position};
pub use model::{
    Device, DeviceKind, DeviceRule, EnvEntry, Hook, IntelRdt, ListedDeviceRule, Mount, NetDevice,
    Root, Stage, User,
};
