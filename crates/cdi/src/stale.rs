//! What a specification says and the host does not bear out.
//!
//! A file is written once and used for months. After a reboot or a reload of the module a device's major number
//! may be another one, after an update a library is gone. The Go library keeps a wrong number: the container then
//! gets a node and a cgroup rule for some other device. Here every such entry is found before anything is
//! injected, and told with the line it is on.

use std::fmt;
use std::path::PathBuf;

use liftgate_oci::DeviceKind;

use crate::shown::Shown;

/// An entry that does not fit the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The file it is in.
    pub file: PathBuf,
    /// Its line; 0 where the specification was made, not read.
    pub line: u32,
    /// The device whose entry it is; `None` for the file's common ones.
    pub device: Option<String>,
    /// The host path that it names.
    pub path: String,
    /// In what it does not fit.
    pub what: Misfit,
}

/// In what an entry does not fit the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// There is no such device node.
    NodeMissing,
    /// What is there is a link, a file or a directory, not a device node.
    NotANode,
    /// It is a device of another type.
    Kind {
        /// As the file has it.
        written: String,
        /// As the host has it.
        found: DeviceKind,
    },
    /// It is a device with other numbers.
    Numbers {
        /// As the file has them.
        written: (i64, i64),
        /// As the host has them.
        found: (u32, u32),
    },
    /// There is nothing to mount.
    SourceMissing,
    /// There is no such program for a hook.
    ProgramMissing,
    /// It cannot be looked at.
    Unknown(String),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodeMissing => f.write_str("there is no such device node"),
            Self::NotANode => f.write_str("it is not a device node"),
            Self::Kind { written, found } => {
                write!(
                    f,
                    "its type is `{}`, not `{}`",
                    found.letter(),
                    Shown(written)
                )
            }
            Self::Numbers { written, found } => write!(
                f,
                "it is device {}:{}, not {}:{}",
                found.0, found.1, written.0, written.1
            ),
            Self::SourceMissing => f.write_str("there is nothing to mount"),
            Self::ProgramMissing => f.write_str("there is no such program for a hook"),
            Self::Unknown(error) => f.write_str(error),
        }
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file.display())?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        write!(f, ": `{}`: {}", Shown(&self.path), self.what)
    }
}
