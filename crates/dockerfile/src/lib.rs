//! Dockerfiles, read without loss: every byte has its place, and a mistake does not end the reading.
//!
//! - [`parse`] never fails: what it does not understand is an error beside the instructions that it does.
//! - [`shell`] takes shell commands apart.
//!
//! The text is somebody else's, of any size and content. Time and memory are linear in its length, nothing
//! recurses deeper than a bound, and nothing is expanded.

#![forbid(unsafe_code)]

mod joined;
pub mod shell;
mod span;
mod syntax;

pub use joined::Joined;
pub use span::Span;
pub use syntax::{
    Argument, Body, Command, Directive, Dockerfile, Flag, Heredoc, Instruction, Item, Kind, Pair,
    SyntaxError, Word,
};
