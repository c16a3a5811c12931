//! Findings as commands of GitHub's workflows, which become annotations of a change.

use super::{Lines, Linted, tame};
use crate::finding::Severity;
use std::fmt::Write as _;

/// One line for each finding.
pub fn github(linted: &Linted<'_>) -> String {
    let lines = Lines::of(linted.text);
    let mut written = String::new();
    for finding in linted.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut message = finding.message.clone();
        for reason in &finding.reasons {
            write!(message, "\nbecause: {reason}").ok();
        }
        if !finding.hint.is_empty() {
            write!(message, "\nhint: {}", finding.hint).ok();
        }
        let (line, column) = lines.place(finding.span.start);
        let (end_line, end_column) = lines.place(finding.span.end);
        let place = if linted.text.is_empty() {
            String::new()
        } else {
            let columns = if end_line == line { format!(",col={column},endColumn={end_column}") } else { String::new() };
            format!(",line={line},endLine={end_line}{columns}")
        };
        writeln!(
            written,
            "::{command} file={}{place},title={}::{}",
            property(linted.path),
            property(&format!("{} {}", finding.code, finding.name)),
            data(&message),
        )
        .ok();
    }
    written
}

/// A text as the message of a command.
fn data(text: &str) -> String {
    tame(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
