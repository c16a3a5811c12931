//! The files of a cgroup that the kernel listens to.

use crate::error::SysError;
use rustix::fs::{Mode, OFlags};
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::BorrowedFd;

/// Opens the file `name` of a cgroup to write to it.
pub fn open_to_write(directory: BorrowedFd<'_>, name: &OsStr) -> Result<File, SysError> {
    rustix::fs::openat(
        directory,
        name,
        OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .map(File::from)
    .map_err(|errno| {
        SysError::new(
            format!("openat(cgroup, `{}`, O_WRONLY)", name.display()),
            errno,
        )
    })
}
