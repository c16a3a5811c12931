//! Device nodes.

use crate::error::SysError;
use rustix::fs::{CWD, FileType, Mode};
use std::path::Path;

/// Makes a character device node on a file system of ours, with the mode `mode` whatever the umask is.
///
/// Needs `CAP_MKNOD` in the first user namespace: no kernel lets a user namespace make device nodes.
pub fn make_character_device(
    path: &Path,
    major: u32,
    minor: u32,
    mode: u32,
) -> Result<(), SysError> {
    rustix::fs::mknodat(
        CWD,
        path,
        FileType::CharacterDevice,
        Mode::from_raw_mode(mode),
        rustix::fs::makedev(major, minor),
    )
    .and_then(|()| rustix::fs::chmod(path, Mode::from_raw_mode(mode)))
    .map_err(|errno| {
        SysError::new(
            format!("mknod(`{}`, c {major}:{minor})", path.display()),
            errno,
        )
    })
}
