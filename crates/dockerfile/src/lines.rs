//! Lines of a Dockerfile, and the longer lines that they are continued to.
//!
//! As `BuildKit` reads them: comments and blank lines in between do not end a continued line, and a file may end in one.
//! White space at the beginning is taken from the first line only. A carriage return before a line end is part of it.

use crate::joined::Joined;
use crate::span::Span;

/// A line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// With its end.
    pub(crate) whole: Span,
    /// Without its end.
    pub(crate) content: Span,
}

impl Line {
    /// The line that begins at an offset; none at the end of the text.
    pub(crate) fn at(text: &str, offset: usize) -> Option<Self> {
        let rest = text.get(offset..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let line = rest.get(..length).unwrap_or_default();
        let content = line.trim_end_matches(['\r', '\n']).len();
        Some(Self {
            whole: Span::new(offset, offset + length),
            content: Span::new(offset, offset + content),
        })
    }

    /// What stands in it behind white space.
    pub(crate) fn trimmed(self, text: &str) -> Span {
        let content = self.content.of(text);
        Span::new(
            self.content.end - content.trim_start().len(),
            self.content.end,
        )
    }
}

/// A line with those that it is continued to.
#[derive(Debug)]
pub(crate) struct Logical {
    /// All lines.
    pub(crate) whole: Span,
    /// What they say together, without comments.
    pub(crate) line: Joined,
    /// The comments in between, from their `#` to the end of their line.
    pub(crate) comments: Vec<Span>,
}

impl Logical {
    /// Reads on from a first line that is neither blank nor a comment.
    pub(crate) fn read(text: &str, first: Line, escape: char) -> Self {
        let mut joined = Joined::default();
        let mut comments = Vec::new();
        let mut end = first.whole.end;
        let mut continued = push(&mut joined, text, first.trimmed(text), escape);
        while continued {
            let Some(line) = Line::at(text, end) else {
                break;
            };
            end = line.whole.end;
            let trimmed = line.trimmed(text);
            if trimmed.of(text).starts_with('#') {
                comments.push(trimmed);
            } else if !trimmed.is_empty() {
                continued = push(&mut joined, text, line.content, escape);
            }
        }
        Self {
            whole: Span::new(first.whole.start, end),
            line: joined,
            comments,
        }
    }
}

/// Adds a line; whether it is continued.
///
/// The escape character at the end continues a line, white space may follow it. Behind another escape character it
/// does not, however many there are: `\\\` is no continuation.
fn push(joined: &mut Joined, text: &str, content: Span, escape: char) -> bool {
    let line = content.of(text).trim_end_matches([' ', '\t']);
    let before = line.strip_suffix(escape);
    if let Some(before) = before.filter(|before| !before.ends_with(escape)) {
        let end = content.start + before.len();
        joined.push(text, Span::new(content.start, end));
        return true;
    }
    joined.push(text, content);
    false
}
