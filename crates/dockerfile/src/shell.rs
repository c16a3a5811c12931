//! Shell commands: which commands run, with which arguments.
//!
//! A tokenizer of POSIX shell (and the little of bash that people write), for rules that ask what a `RUN`, a script or a
//! line of a README does. What it cannot take apart is opaque, and nobody may say anything about it.

pub use syntax::{Assignment, Connector, Redirection, Script, ShellCommand, ShellWord};

mod syntax;
