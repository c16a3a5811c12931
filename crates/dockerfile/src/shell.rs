//! Shell commands: which commands run, with which arguments.
//!
//! A tokenizer of POSIX shell (and the little of bash that people write), for rules that ask what a `RUN`, a script or a
//! line of a README does. What it cannot take apart is opaque, and nobody may say anything about it.

pub use syntax::{Assignment, Connector, Redirection, Script, ShellCommand, ShellWord};

use crate::joined::Joined;
use parser::Parser;

mod parser;
mod place;
mod program;
mod syntax;
mod words;

/// Takes a script apart. It never fails: see [`Script::opaque`]. A carriage return before a line end is part of it.
pub fn parse(text: &str) -> Script {
    Parser::new(text).script()
}

/// Takes a joined text apart; positions are those in its source.
pub fn parse_joined(joined: &Joined) -> Script {
    let mut script = parse(joined.text());
    script.place(joined);
    script
}
