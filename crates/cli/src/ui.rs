//! All writing to the terminal: data on standard output, words on standard error.
//!
//! Colour is decided by `anstream` (`NO_COLOR`, `CLICOLOR`, not a terminal) and never carries meaning alone.
//! What is shown was often written by others (an image's environment, a file's name), and a terminal obeys
//! escape sequences whoever sends them: texts are shown with their control characters replaced.

use anstyle::{AnsiColor, Style};
use liftgate_plan::Refusal;
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

const HEADING: Style = Style::new().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const ADDED: Style = AnsiColor::Green.on_default();
const TAKEN: Style = AnsiColor::Red.on_default();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// The widest first column of a table; a longer entry has its second column on the next line.
const WIDEST: usize = 76;

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

    /// Bytes of data, as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }

    /// A line of data.
    pub(crate) fn line(&mut self, text: impl Display) {
        writeln!(self.output, "{}", tame(text)).ok();
    }

    /// An empty line among data.
    pub(crate) fn gap(&mut self) {
        self.output.push(b'\n');
    }

    /// A heading of data.
    pub(crate) fn heading(&mut self, text: &str) {
        writeln!(self.output, "{HEADING}{}{HEADING:#}", tame(text)).ok();
    }

    /// A line of a diff, by its first character.
    pub(crate) fn diff_line(&mut self, line: &str) {
        let style = match line.as_bytes().first() {
            Some(b'+') => ADDED,
            Some(b'-') => TAKEN,
            _ => Style::new(),
        };
        // A tab is part of a text as much as of its indentation.
        let parts: Vec<String> = line.split('\t').map(tame).collect();
        writeln!(self.output, "{style}{}{style:#}", parts.join("\t")).ok();
    }

    /// A label and its value, aligned with others.
    pub(crate) fn field(&mut self, label: &str, value: impl Display) {
        let (label, value) = (tame(label), tame(value));
        writeln!(self.output, "{HEADING}{label:<13}{HEADING:#} {value}").ok();
    }

    /// A heading, and lines of two columns below it; nothing where there are no lines.
    pub(crate) fn table(&mut self, heading: &str, lines: &[(String, String)]) {
        if lines.is_empty() {
            return;
        }
        let lines: Vec<(String, String)> = lines
            .iter()
            .map(|(one, other)| (tame(one), tame(other)))
            .collect();
        let lengths = lines.iter().map(|(text, _)| text.chars().count());
        let width = lengths.filter(|&length| length <= WIDEST).max();
        let width = width.unwrap_or(2);
        self.gap();
        writeln!(self.output, "{HEADING}{heading}{HEADING:#}").ok();
        for (one, other) in lines {
            if other.is_empty() {
                writeln!(self.output, "  {one}").ok();
            } else if one.chars().count() <= width {
                writeln!(self.output, "  {one:<width$}  {other}").ok();
            } else {
                writeln!(self.output, "  {one}\n  {:width$}  {other}", "").ok();
            }
        }
    }

    /// Words: something failed.
    pub(crate) fn error(&mut self, code: Option<&str>, sentence: impl Display) {
        let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
        let sentence = tame(sentence);
        writeln!(self.words, "{ERROR}error{code}{ERROR:#}: {sentence}").ok();
    }

    /// Words: a refusal, all of it.
    pub(crate) fn refusal(&mut self, refusal: &Refusal) {
        self.error(Some(refusal.code.text()), &refusal.sentence);
        for evidence in &refusal.evidence {
            self.detail("because", evidence);
        }
        self.detail("hint", &refusal.hint);
    }

    /// Words: something is odd.
    pub(crate) fn warning(&mut self, sentence: impl Display) {
        writeln!(self.words, "{NOTE}warning{NOTE:#}: {}", tame(sentence)).ok();
    }

    /// Words: how it went.
    pub(crate) fn note(&mut self, sentence: impl Display) {
        writeln!(self.words, "{}", tame(sentence)).ok();
    }

    /// Words: a line that belongs to an error.
    pub(crate) fn detail(&mut self, label: &str, text: impl Display) {
        writeln!(self.words, "  {NOTE}{label}{NOTE:#}: {}", tame(text)).ok();
    }

    /// Shows how far something is, on a line of the terminal that the next one is written over; whether it was shown: where
    /// nobody watches, nothing is written.
    pub(crate) fn progress(text: impl Display) -> bool {
        let mut stderr = io::stderr().lock();
        let is_watched = stderr.is_terminal();
        if is_watched {
            write!(stderr, "\r\x1b[K{}", tame(text))
                .and_then(|()| stderr.flush())
                .ok();
        }
        is_watched
    }

    /// Takes the line of progress away.
    pub(crate) fn end_progress() {
        let mut stderr = io::stderr().lock();
        write!(stderr, "\r\x1b[K")
            .and_then(|()| stderr.flush())
            .ok();
    }

    /// Shows everything up to now, and a question behind it.
    pub(crate) fn question(&mut self, text: &str) -> io::Result<()> {
        write!(self.words, "{text} ").ok();
        self.flush()
    }

    /// Sends the data on its way, and the words after it, even where nobody takes the data.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut stdout = anstream::stdout().lock();
        let result = stdout
            .write_all(&std::mem::take(&mut self.output))
            .and_then(|()| stdout.flush());
        // Where words cannot be written there is nobody to tell.
        anstream::stderr()
            .write_all(&std::mem::take(&mut self.words))
            .ok();
        result
    }
}

/// A text whose characters only show themselves.
fn tame(text: impl Display) -> String {
    let is_unruly = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.to_string().replace(is_unruly, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(ui: &Ui) -> String {
        String::from_utf8(anstream::adapter::strip_bytes(&ui.output).into_vec()).unwrap()
    }

    #[test]
    fn a_long_entry_leaves_the_columns_aligned() {
        let mut ui = Ui::new();
        let line = |one: String| (one, "why".to_owned());
        ui.table("Links", &[line("a".repeat(WIDEST + 1)), line("bb".into())]);
        let expected = format!("\nLinks\n  {}\n      why\n  bb  why\n", "a".repeat(77));
        assert_eq!(shown(&ui), expected);
        ui.table("Nothing", &[]);
        assert_eq!(shown(&ui), expected);
    }

    #[test]
    fn what_others_wrote_does_not_reach_the_terminal_as_a_command() {
        let mut ui = Ui::new();
        ui.field("Request", "\u{1b}]0;owned\u{7}\u{202e}x\r\n");
        ui.table("T", &[("\u{1b}[2J".into(), "\u{9b}1m".into())]);
        let text = shown(&ui);
        assert!(
            text.starts_with("Request       \u{fffd}]0;owned\u{fffd}\u{fffd}x\u{fffd}\u{fffd}\n")
        );
        assert!(!text.chars().any(|one| one.is_control() && one != '\n'));
    }
}
