//! Findings, as they are shown: text with snippets, JSON, SARIF, and annotations of GitHub's.

mod github;
mod json;
mod sarif;
mod text;

pub use github::github;
pub use json::{FileReport, FindingReport, LintReport, Place, Summary, json};
pub use sarif::sarif;
pub use text::{TextStyle, text};

use crate::finding::{Finding, Severity};
use liftgate_dockerfile::Span;
use std::borrow::Cow;

/// A file, or an image, that was looked at.
#[derive(Debug)]
pub struct Linted<'a> {
    /// Its path as it was given, or the image's name.
    pub path: &'a str,
    /// Its text; empty for an image.
    pub text: &'a str,
    /// What was found.
    pub findings: &'a [Finding],
}

/// How many there are of each severity.
pub fn counts<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> (usize, usize, usize) {
    let mut counts = (0, 0, 0);
    for finding in findings {
        match finding.severity {
            Severity::Error => counts.0 += 1,
            Severity::Warning => counts.1 += 1,
            Severity::Note => counts.2 += 1,
        }
    }
    counts
}

/// The lines of a text, by their beginnings.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// How many characters begin before each [`STRIDE`]th byte: a line may be as long as the file, and have all the findings.
    characters: Vec<usize>,
}

const STRIDE: usize = 256;

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let mut characters = vec![0];
        let mut sum = 0;
        for piece in text.as_bytes().chunks(STRIDE) {
            sum += beginnings(piece);
            characters.push(sum);
        }
        Self {
            text,
            starts: std::iter::once(0).chain(breaks).collect(),
            characters,
        }
    }

    /// How many characters begin before an offset.
    fn characters_before(&self, offset: usize) -> usize {
        let piece = offset / STRIDE;
        let rest = self.text.as_bytes().get(piece * STRIDE..offset).unwrap_or_default();
        self.characters.get(piece).copied().unwrap_or(0) + beginnings(rest)
    }

    /// Line and column of an offset, both from 1 on; columns count characters.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1];
        (line, self.characters_before(offset) - self.characters_before(start) + 1)
    }

    /// The lines that a span stands in, whole.
    pub(crate) fn around(&self, span: Span) -> (usize, Span) {
        let first = self.starts.partition_point(|start| *start <= span.start).max(1);
        let last = self.starts.partition_point(|start| *start < span.end.max(span.start + 1)).max(first);
        let end = self.starts.get(last).copied().unwrap_or(self.text.len());
        (first, Span::new(self.starts[first - 1], end.max(self.starts[first - 1])))
    }
}

/// How many characters begin in some bytes of UTF-8.
fn beginnings(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// Words that others have written (a tag, a path, a line) do not give orders to a terminal, nor turn the direction of writing.
/// What is not shown becomes something of the same length, so that places stay what they are.
pub(crate) fn tame(text: &str) -> Cow<'_, str> {
    let is_wild = |character: char| character.is_control() && !matches!(character, '\n' | '\t') || turns(character);
    if !text.contains(is_wild) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_line_end = character == '\r' && characters.peek() == Some(&'\n');
        tamed.push(match character.len_utf8() {
            _ if is_line_end || !is_wild(character) => character,
            1 => '?',
            2 => '\u{00bf}',
            _ => '\u{fffd}',
        });
    }
    Cow::Owned(tamed)
}

/// Characters that turn the direction of writing: what is shown is not what is read.
const fn turns(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        let long = "é".repeat(1000);
        let text = format!("a\n{long}b\n\u{1f600}x");
        let lines = Lines::of(&text);
        let naive = |offset: usize| {
            let before = &text[..offset];
            let line = before.matches('\n').count() + 1;
            (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
        };
        for (offset, _) in text.char_indices() {
            assert_eq!(lines.place(offset), naive(offset), "{offset}");
        }
        assert_eq!(lines.place(text.len()), (3, 3));
        assert_eq!(lines.place(usize::MAX), (3, 3));
        assert_eq!(Lines::of("").place(0), (1, 1));
    }

    #[test]
    fn what_is_tamed_is_as_long() {
        let wild = "\u{1b}[31m\u{9b}2J\u{7f}\u{0}\u{202e}\u{2066}é\tx\ry\r\n";
        let tamed = tame(wild);
        assert_eq!(tamed, "?[31m\u{bf}2J??\u{fffd}\u{fffd}é\tx?y\r\n");
        assert_eq!(tamed.len(), wild.len());
        assert!(matches!(tame("plain é"), Cow::Borrowed(_)));
    }
}
