//! What stops a configuration from being used, and what only deserves a word. Both with the place in the file.

use std::fmt;

/// A place in the file. Both numbers start at 1; the column counts characters, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
}

impl Position {
    /// The place of a byte of `text`.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let characters = before
            .iter()
            .skip(line_start)
            .filter(|byte| **byte & 0xC0 != 0x80)
            .count();
        Self {
            line: before.split(|byte| *byte == b'\n').count(),
            column: characters + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a configuration cannot be used. No message names the file: the caller knows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is larger than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error("configuration of {size} bytes is larger than the {limit} that are accepted")]
    TooLarge {
        /// Size of the file.
        size: usize,
        /// The limit.
        limit: usize,
    },

    /// The text is not TOML.
    #[error("not TOML at {at}: {reason}")]
    Syntax {
        /// Where the parser stopped.
        at: Position,
        /// What it says.
        reason: String,
    },

    /// A value of a known key has the wrong type.
    #[error("`{key}` is {found} and must be {expected}, at {at}")]
    Type {
        /// The key, with its tables.
        key: String,
        /// The type that it must have.
        expected: &'static str,
        /// The type that it has.
        found: &'static str,
        /// Where the value begins.
        at: Position,
    },

    /// `nvidia-container-runtime.mode` is none of the modes.
    #[error("invalid mode \"{value}\" at {at}: it must be auto, legacy, csv, cdi or jit-cdi")]
    Mode {
        /// The value.
        value: String,
        /// Where it begins.
        at: Position,
    },

    /// `nvidia-container-cli.ldconfig` names a program of the container: it would run as root on the host's behalf.
    #[error(
        "`nvidia-container-cli.ldconfig` is \"{value}\" at {at}: without a leading `@` it is a program of the container, \
         which only `features.allow-ldconfig-from-container = true` permits"
    )]
    LdconfigOfContainer {
        /// The value.
        value: String,
        /// Where it begins.
        at: Position,
    },

    /// A path that is used by a process without a directory of its own is relative.
    #[error("`{key}` is \"{value}\" at {at} and must be an absolute path")]
    NotAbsolute {
        /// The key, with its tables.
        key: String,
        /// The value.
        value: String,
        /// Where it begins.
        at: Position,
    },
}

impl ConfigError {
    /// Where in the file; `None` when it was not read at all.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Syntax { at, .. }
            | Self::Type { at, .. }
            | Self::Mode { at, .. }
            | Self::LdconfigOfContainer { at, .. }
            | Self::NotAbsolute { at, .. } => Some(*at),
        }
    }
}

/// Something in the file that has no effect, or not the one that it seems to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where.
    pub at: Position,
    /// The key or table, with the tables that it is in.
    pub key: String,
    /// What about it.
    pub kind: WarningKind,
}

/// What a [`Warning`] is about; each of them is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningKind {
    /// A key that nothing reads.
    Key {
        /// A known key of the same table that differs from it by a letter or two.
        similar: Option<&'static str>,
    },
    /// A table that nothing reads. What is in it is not listed again.
    Table,
    /// A `log-level` that is none; `info` is used.
    LogLevel {
        /// The value.
        value: String,
    },
    /// A `cuda-compat-mode` that is none; no compatibility libraries are used.
    CudaCompatMode {
        /// The value.
        value: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, key, kind } = self;
        match kind {
            WarningKind::Key { similar: None } => {
                write!(f, "unknown key `{key}` at {at} has no effect")
            }
            WarningKind::Key {
                similar: Some(known),
            } => {
                write!(
                    f,
                    "unknown key `{key}` at {at} has no effect: the name is `{known}`"
                )
            }
            WarningKind::Table => write!(f, "unknown table `{key}` at {at} has no effect"),
            WarningKind::LogLevel { value } => {
                write!(
                    f,
                    "`{key}` is \"{value}\" at {at}, which is no log level: info is used"
                )
            }
            WarningKind::CudaCompatMode { value } => {
                write!(
                    f,
                    "`{key}` is \"{value}\" at {at}, which is no mode: CUDA compatibility libraries are not used"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a\né\u{1F980}x";
        assert_eq!(
            Position::of(text, text.find('x').unwrap()),
            Position { line: 2, column: 3 }
        );
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of("a\n", 99), Position { line: 2, column: 1 });
    }
}
