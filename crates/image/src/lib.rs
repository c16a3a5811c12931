//! What a container image has inside, read as a stream.
#![forbid(unsafe_code)]

pub mod facts;
pub(crate) mod path;
