//! What can be wrong with a document or with an edit, each with the place where it is wrong.
//!
//! No message names the file: the caller knows whether the bytes came from a bundle, from standard input or from a test.

use std::fmt;

/// A place in a text. Both numbers start at 1; the column counts characters, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a document could not be read or an edit not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OciError {
    /// The document is larger than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error("document of {size} bytes is larger than the {limit} that are accepted")]
    TooLarge {
        /// Size of the document.
        size: usize,
        /// The limit.
        limit: usize,
    },

    /// The document is not UTF-8.
    #[error("not UTF-8 at {at}")]
    NotUtf8 {
        /// The first byte that is wrong.
        at: Position,
    },

    /// The text is not JSON, or something follows the document.
    #[error("not JSON at {at}: {reason}")]
    Syntax {
        /// Where the parser stopped.
        at: Position,
        /// What it says.
        reason: String,
    },

    /// A value is of another JSON type than the runtime specification says.
    #[error("`{path}` is {found} and must be {expected}, at {at}")]
    Type {
        /// Path of the value, such as `linux.resources.devices`.
        path: String,
        /// The type that the specification gives it.
        expected: &'static str,
        /// The type that it has.
        found: &'static str,
        /// Where it begins.
        at: Position,
    },

    /// A value has the right outer type and something wrong within.
    #[error("`{path}` is not readable at {at}: {reason}")]
    Value {
        /// Path of the value, such as `mounts[3]`.
        path: String,
        /// Where it goes wrong.
        at: Position,
        /// What is wrong.
        reason: String,
    },

    /// A key is there twice: parsers differ in which of the two they take.
    #[error("key `{key}` is in `{object}` twice, the second time at {at}")]
    DuplicateKey {
        /// Path of the object.
        object: String,
        /// The key.
        key: String,
        /// Where the second one is.
        at: Position,
    },

    /// A key differs from one of the specification in letter case alone: Go programs (runc) take it for that one, others (crun) do not.
    #[error("key `{key}` in `{object}` differs from `{name}` in letter case alone, at {at}")]
    KeyCase {
        /// Path of the object.
        object: String,
        /// The key as it is spelled.
        key: String,
        /// The key of the specification.
        name: &'static str,
        /// Where it is.
        at: Position,
    },

    /// An entry of `process.env` has no `=`.
    #[error("`process.env[{index}]` is `{entry}`, without a `=`")]
    EnvWithoutEquals {
        /// Index of the entry.
        index: usize,
        /// Its text.
        entry: String,
    },

    /// An edit sets an environment variable that no process can have.
    #[error(
        "environment variable `{name}` cannot be set: the name is empty or has a `=`, or there is a NUL byte"
    )]
    EnvNotSettable {
        /// Its name.
        name: String,
    },

    /// An edit names a path that must be absolute and is not.
    #[error("{what} `{path}` is not an absolute path")]
    NotAbsolute {
        /// What the path is of: `mount destination`, `device path`, `hook path`.
        what: &'static str,
        /// The path.
        path: String,
    },

    /// An edit adds a hook without an environment of its own. Before runc 1.3 such a `createContainer` hook ran as host root with the
    /// environment of the image, `LD_PRELOAD` included (CVE-2025-23266).
    #[error("hook `{path}` has no environment of its own, and would run with that of the image")]
    HookWithoutEnv {
        /// Path of the hook's program.
        path: String,
    },
}
