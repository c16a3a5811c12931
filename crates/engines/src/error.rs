//! Why a configuration is not edited.

use std::fmt;

/// A place in a text. Both numbers start at 1; the column counts characters, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
}

impl Position {
    /// The place of a byte of `text`.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }
}

/// A configuration that is left as it is, with the reason. It does not name the file: the caller knows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// Where, if it is about a place.
    pub at: Option<Position>,
    /// What is wrong there.
    pub reason: String,
}

impl Refused {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            at: None,
            reason: reason.into(),
        }
    }

    pub(crate) fn at(at: Position, reason: impl Into<String>) -> Self {
        Self {
            at: Some(at),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.at {
            write!(formatter, "line {line}, column {column}: ")?;
        }
        formatter.write_str(&self.reason)
    }
}

/// As [`Refused`], with the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}`: {refused}", path.display())]
pub struct RefusedFile {
    /// The file.
    pub path: std::path::PathBuf,
    /// What is wrong with it.
    pub refused: Refused,
}

impl Refused {
    /// Says which file it is about.
    pub fn in_file(self, path: &std::path::Path) -> RefusedFile {
        RefusedFile {
            path: path.to_owned(),
            refused: self,
        }
    }
}
