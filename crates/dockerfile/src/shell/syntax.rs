//! What a script consists of, with its places in the text that was given.

use crate::span::Span;

/// A script: its simple commands, in the order in which they are written, those in substitutions too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The simple commands.
    pub commands: Vec<ShellCommand>,
    /// Where something could not be taken apart (an unclosed quote, a syntax of another shell): commands from there
    /// on may be missing.
    pub opaque: Option<Span>,
}

/// A simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellCommand {
    /// From its first assignment or word to its last word or redirection.
    pub span: Span,
    /// `NAME=value` before the command.
    pub assignments: Vec<Assignment>,
    /// The command and its arguments. Empty: nothing but assignments or redirections.
    pub words: Vec<ShellWord>,
    /// Where it reads from and writes to.
    pub redirections: Vec<Redirection>,
    /// How it is bound to the command before it.
    pub connector: Connector,
    /// Whether it runs only under a condition: behind `||`, in `if`, `case`, or a loop, in a function.
    pub conditional: bool,
    /// How many substitutions and subshells it stands in.
    pub depth: usize,
    /// The script that it gives a shell: `sh -c '…'`. None where that is no shell, or its script cannot be known.
    pub script: Option<Box<Script>>,
}

/// How a command is bound to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    /// The first one.
    First,
    /// `;`, or a line end.
    Then,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
    /// `&`.
    Background,
}

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWord {
    /// Where it is written, with its quotes.
    pub span: Span,
    /// What it means: without quotes and escapes; expansions (`$A`, `${A}`, `$(…)`, backticks) as they are written.
    pub value: String,
    /// Whether there is no expansion in it: `value` is what the command gets, but for patterns.
    pub literal: bool,
    /// Whether it has a pattern of file names (`*`, `?`, `[`) that is not quoted.
    pub pattern: bool,
    /// Whether any of it is quoted.
    pub quoted: bool,
}

/// `NAME=value` before a command, or behind `export`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// All of it.
    pub span: Span,
    /// The name.
    pub name: String,
    /// The value.
    pub value: ShellWord,
}

/// `> file`, `2>&1`, `<<EOF`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    /// All of it.
    pub span: Span,
    /// `>`, `>>`, `<`, `<<`, `>&` …, with the descriptor before it.
    pub operator: String,
    /// The file, the descriptor or the delimiter.
    pub target: ShellWord,
    /// The body of a here-document.
    pub body: Option<Span>,
}
