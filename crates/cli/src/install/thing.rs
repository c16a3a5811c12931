//! What lies at a path, as far as it takes to tell ours from others'.

use super::sha256;
use liftgate_sys::{FileKind, Root, SysError};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The largest file that is read; the executables have 2 MB each.
const LIMIT: u64 = 256 << 20;

/// A file or a link, by the checksum of its content or of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Thing {
    File { mode: u32, sum: String },
    Link { sum: String },
}

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Thing(Thing),
    /// A directory, a device, a pipe.
    Other,
}

impl Thing {
    pub(super) fn file(content: &[u8], mode: u32) -> Self {
        Self::File {
            mode,
            sum: sha256::sum(content),
        }
    }

    pub(super) fn link(target: &OsStr) -> Self {
        Self::Link {
            sum: sha256::sum(target.as_bytes()),
        }
    }

    /// Whether both have the same content. A mode that was changed is no reason to keep a file.
    pub(super) fn has_content_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { sum, .. }, Self::File { sum: theirs, .. })
            | (Self::Link { sum }, Self::Link { sum: theirs }) => sum == theirs,
            _ => false,
        }
    }
}

impl Found {
    /// Looks at `path` in `root`; a link in the last component is not followed.
    pub(super) fn at(root: &Root, path: &Path) -> Result<Self, SysError> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(Self::Other);
        };
        let Some(directory) = root.open_directory(parent)? else {
            return Ok(Self::Nothing);
        };
        let Some(metadata) = directory.metadata(name)? else {
            return Ok(Self::Nothing);
        };
        Ok(match metadata.kind {
            FileKind::Regular => match directory.read(name, LIMIT)? {
                Some(content) => Self::Thing(Thing::file(&content, metadata.mode & 0o7777)),
                None => Self::Nothing,
            },
            FileKind::Symlink => match directory.read_link(name)? {
                Some(target) => Self::Thing(Thing::link(&target)),
                None => Self::Nothing,
            },
            _ => Self::Other,
        })
    }
}
