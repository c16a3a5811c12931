//! Paths inside a root, resolved by the kernel with the root as their ceiling.
//!
//! `openat2` with `RESOLVE_IN_ROOT` takes absolute links, `..` and chains of links as `chroot` would, in one call
//! and without a moment in which a name that was looked at can become another. `RESOLVE_NO_MAGICLINKS` keeps the
//! links of `/proc/PID/fd` and `/proc/PID/root` from leading anywhere: they are no text, and would leave the root.
//! A kernel before 5.6 does not have the call, and the seccomp filter of an old container engine, where we run
//! inside a container ourselves, forbids it; there `pathrs` walks the path, descriptor by descriptor.
//!
//! What was resolved to be looked at (`O_PATH`) is opened to be read through `/proc/self/fd`, which leads to the
//! very file that was looked at, whatever has its name by now.

use crate::error::Errno;
use rustix::fs::{Mode, OFlags, ResolveFlags};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// How often a path is resolved anew because something below the root was renamed meanwhile. The kernel cannot
/// tell then whether `..` has left the root, and says `EAGAIN`.
const MOST_ATTEMPTS: u32 = 128;

/// Opens `path` below `root`, with `flags`. A link in the last component is followed unless they say otherwise.
pub(crate) fn open(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::CLOEXEC;
    // The root itself, to whoever asks for nothing below it.
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    let within = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let mut attempts = 0;
    loop {
        match rustix::fs::openat2(root, path, flags, Mode::empty(), within) {
            Err(Errno::AGAIN) if attempts < MOST_ATTEMPTS => attempts += 1,
            // No other `EPERM` comes of looking a path up.
            Err(Errno::NOSYS | Errno::PERM) => return walk(root, path, flags),
            answer => return answer,
        }
    }
}

fn walk(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let root = pathrs::Root::from_fd(root.try_clone_to_owned().map_err(|_| Errno::MFILE)?);
    let found = if flags.contains(OFlags::NOFOLLOW) {
        root.resolve_nofollow(path)
    } else {
        root.resolve(path)
    };
    let found = OwnedFd::from(found.map_err(|error| errno_of(&error))?);
    if flags.contains(OFlags::PATH) {
        return Ok(found);
    }
    reopen(found.as_fd(), flags)
}

fn errno_of(error: &pathrs::error::Error) -> Errno {
    match error.kind() {
        pathrs::error::ErrorKind::OsError(Some(errno)) => Errno::from_raw_os_error(errno),
        pathrs::error::ErrorKind::SafetyViolation => Errno::XDEV,
        pathrs::error::ErrorKind::NotSupported | pathrs::error::ErrorKind::NotImplemented => {
            Errno::NOSYS
        }
        _ => Errno::IO,
    }
}

/// Opens what a descriptor stands for once more, with `flags`.
pub(crate) fn reopen(fd: BorrowedFd<'_>, flags: OFlags) -> Result<OwnedFd, Errno> {
    let name = fd.as_raw_fd().to_string();
    let flags = (flags | OFlags::CLOEXEC) - OFlags::NOFOLLOW;
    rustix::fs::openat(own_descriptors()?, name, flags, Mode::empty())
}

/// What the kernel calls the file behind a descriptor.
pub(crate) fn path_of(fd: BorrowedFd<'_>) -> Result<PathBuf, Errno> {
    use std::os::unix::ffi::OsStringExt as _;
    let name = fd.as_raw_fd().to_string();
    let text = rustix::fs::readlinkat(own_descriptors()?, name, Vec::new())?;
    Ok(PathBuf::from(std::ffi::OsString::from_vec(
        text.into_bytes(),
    )))
}

/// The directory `/proc/self/fd`, of the kernel's own making.
///
/// Something else may be mounted on `/proc`, and what it would call `self/fd/7` is anything (CVE-2025-52881 is of
/// that kind); so the file system is asked what it is.
fn own_descriptors() -> Result<OwnedFd, Errno> {
    const PROC_SUPER_MAGIC: rustix::fs::FsWord = 0x9fa0;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open("/proc/self/fd", flags, Mode::empty())?;
    if rustix::fs::fstatfs(&directory)?.f_type == PROC_SUPER_MAGIC {
        Ok(directory)
    } else {
        Err(Errno::XDEV)
    }
}
