//! Dockerfiles, read without loss: every byte has its place, and a mistake does not end the reading.
//!
//! - [`parse`] never fails: what it does not understand is an error beside the instructions that it does.
//! - [`shell`] takes shell commands apart.
//!
//! The text is somebody else's, of any size and content. Time and memory are linear in its length, nothing
//! recurses deeper than a bound, and nothing is expanded.

#![forbid(unsafe_code)]

mod body;
mod directives;
mod expand;
mod flags;
mod heredoc;
mod instruction;
mod joined;
mod json;
mod lex;
mod lines;
mod parse;
mod pattern;
mod position;
pub mod shell;
mod shown;
mod span;
mod syntax;
mod views;
mod words;

pub use expand::{Expanded, expand, variables};
pub use joined::Joined;
pub use lex::{Operator, Variable};
pub use parse::parse;
pub use position::{Lines, line_column};
pub use span::Span;
pub use syntax::{
    Argument, Body, Command, Directive, Dockerfile, Flag, Heredoc, Instruction, Item, Kind, Pair,
    SyntaxError, Word,
};
