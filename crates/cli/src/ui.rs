//! All writing to the terminal: data on standard output, words on standard error.
//!
//! Colour is decided by `anstream` (`NO_COLOR`, `CLICOLOR`, not a terminal) and never carries meaning alone.

use anstyle::{AnsiColor, Style};
use std::fmt::Display;
use std::io::{self, Write as _};

const HEADING: Style = Style::new().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// The terminal.
#[derive(Debug)]
pub(crate) struct Ui {
    output: Vec<u8>,
    words: Vec<u8>,
}

impl Ui {
    pub(crate) const fn new() -> Self {
        Self {
            output: Vec::new(),
            words: Vec::new(),
        }
    }

    /// A line of data.
    pub(crate) fn line(&mut self, text: impl Display) {
        writeln!(self.output, "{text}").ok();
    }

    /// A heading among data.
    pub(crate) fn heading(&mut self, text: impl Display) {
        self.line(format!("{HEADING}{text}{HEADING:#}"));
    }

    /// A label and its value, aligned with others.
    pub(crate) fn field(&mut self, label: &str, value: impl Display) {
        self.line(format!("{HEADING}{label:<13}{HEADING:#} {value}"));
    }

    /// Bytes of data, as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }

    /// Sends the data on its way, and the words after it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut stdout = anstream::stdout().lock();
        stdout.write_all(&self.output)?;
        self.output.clear();
        stdout.flush()?;
        // Where words cannot be written there is nobody to tell.
        anstream::stderr().write_all(&self.words).ok();
        self.words.clear();
        Ok(())
    }

    /// Words: something failed.
    pub(crate) fn error(&mut self, code: Option<&str>, sentence: impl Display) {
        let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
        writeln!(
            anstream::stderr(),
            "{ERROR}error{code}{ERROR:#}: {sentence}"
        )
        .ok();
    }

    /// Words: something is odd.
    pub(crate) fn warning(&mut self, sentence: impl Display) {
        writeln!(self.words, "{NOTE}warning{NOTE:#}: {sentence}").ok();
    }

    /// Words: a line that belongs to an error or a warning.
    pub(crate) fn detail(&mut self, label: &str, text: impl Display) {
        writeln!(self.words, "  {NOTE}{label}{NOTE:#}: {text}").ok();
    }
}
