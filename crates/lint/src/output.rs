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
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    /// Line and column of an offset, both from 1 on; columns count characters.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset.min(self.text.len()));
        (line, before.map_or(0, |before| before.chars().count()) + 1)
    }

    /// The lines that a span stands in, whole.
    pub(crate) fn around(&self, span: Span) -> (usize, Span) {
        let first = self.starts.partition_point(|start| *start <= span.start).max(1);
        let last = self.starts.partition_point(|start| *start < span.end.max(span.start + 1)).max(first);
        let end = self.starts.get(last).copied().unwrap_or(self.text.len());
        (first, Span::new(self.starts[first - 1], end.max(self.starts[first - 1])))
    }
}
