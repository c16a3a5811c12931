//! A host file exchanged for another text, if it still is what its reader has read.
//!
//! Between reading a configuration and renaming a new one over it, its owner may save it from an editor; a plain rename would bury
//! that. `renameat2(RENAME_EXCHANGE)` hands the file out that was really there, which is compared, and put back if it is another, or
//! if somebody has it open to write in it: their text is not there yet, but it will be. Who saves the file once more while theirs is
//! being put back has the last word, too. File systems that cannot exchange (NFS, some FUSE) get the comparison before the rename.
//!
//! The new file is written beside the old one under a name that is always the same, so that what a killed process leaves is found
//! by the next: half of a new text, a new text, the old one, or one that was taken out by mistake and is its owner's. Only a whole
//! file has more than its owner's right to write. Processes that are at the same directory wait for each other. In a directory of
//! drop-ins the new file would be read as one of them (CRI-O takes every file, whatever its name), so there it lies in the directory
//! above, if that is in the same mount.

mod lock;
mod new_file;
mod place;
mod recover;
mod writers;

pub use recover::recover;

use crate::error::{Errno, SysError};
use crate::file;
use crate::metadata::FileKind;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags, statx};
use std::ffi::{OsStr, OsString};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The largest file that is compared: no configuration is larger.
pub const MAX_BYTES: u64 = 16 << 20;

/// The mode of a file that is being written.
const HALF: u32 = 0o200;

/// What the new file's name has more than the file's.
const PREFIX: &str = ".";
const SUFFIX: &str = ".liftgate-new";

/// As many links as the kernel follows.
const MOST_LINKS: usize = 40;

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Swapped {
    /// The file has the new text.
    Done,
    /// Somebody else has written it meanwhile; it is as they left it.
    Changed,
}

/// The file that a path stands for: links are followed, also where they lead to nothing yet.
pub fn target_of(path: &Path) -> Result<PathBuf, SysError> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let text = match rustix::fs::readlink(&path, Vec::new()) {
            Ok(text) => text,
            Err(Errno::INVAL | Errno::NOENT | Errno::NOTDIR) => return Ok(path),
            Err(errno) => {
                return Err(SysError::new(
                    format!("readlink(`{}`)", path.display()),
                    errno,
                ));
            }
        };
        let text = Path::new(OsStr::from_bytes(text.as_bytes()));
        path = path.parent().unwrap_or(Path::new("/")).join(text);
    }
    Err(SysError::new(
        format!("readlink(`{}`)", path.display()),
        Errno::LOOP,
    ))
}

/// Gives the file `path`, no link, the content `wanted`, or removes it with `None`; `expected` is what it was when it was read,
/// `None` if there was none. Mode, owner and extended attributes stay; a new file gets `mode`.
pub fn swap(
    path: &Path,
    expected: Option<&[u8]>,
    wanted: Option<&[u8]>,
    mode: u32,
) -> Result<Swapped, SysError> {
    let aside = aside(path);
    let _turn = lock::wait_for(&aside);
    remove(&aside)?;
    if !holds(path, expected)? {
        return Ok(Swapped::Changed);
    }
    let swapped = match (expected, wanted) {
        (None, None) => Swapped::Done,
        (Some(expected), None) => place::take(path, &aside, expected)?,
        (expected, Some(wanted)) => {
            let written = new_file::write(path, &aside, wanted, mode);
            written.map_err(|error| without(&aside, error))?;
            match expected {
                None => place::put_new(path, &aside)?,
                Some(expected) => place::exchange(path, &aside, expected, wanted)?,
            }
        }
    };
    if swapped == Swapped::Done {
        sync_directory(path)?;
    }
    Ok(swapped)
}

/// Removes what a killed process may have left beside `path`; says whether there was something.
pub fn clear(path: &Path) -> Result<bool, SysError> {
    let aside = aside(path);
    let _turn = lock::wait_for(&aside);
    let is_there = file::link_metadata(&aside)?.is_some();
    remove(&aside)?;
    Ok(is_there)
}

/// The file beside which a file of that name is left by a killed process; any other name is a file's own. Drop-ins apart.
pub fn named_for(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().as_bytes();
    let inner = name.strip_prefix(PREFIX.as_bytes());
    match inner.and_then(|name| name.strip_suffix(SUFFIX.as_bytes())) {
        Some(name) => path.with_file_name(OsStr::from_bytes(name)),
        None => path.to_owned(),
    }
}

/// Where the new file is written.
fn aside(path: &Path) -> PathBuf {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let mut name = OsString::from(PREFIX);
    name.push(path.file_name().unwrap_or_default());
    name.push(SUFFIX);
    let is_of_drop_ins = directory
        .extension()
        .is_some_and(|extension| extension == "d");
    match directory.parent() {
        Some(above) if is_of_drop_ins && are_one_mount(above, directory) => above.join(name),
        _ => directory.join(name),
    }
}

/// Whether a file can be renamed from one directory to the other: two mounts of one file system are two.
fn are_one_mount(one: &Path, other: &Path) -> bool {
    let asked = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    let identity = |path: &Path| {
        let stat = statx(CWD, path, AtFlags::empty(), asked).ok()?;
        // Kernels before 5.8 say nothing of mounts.
        Some((stat.stx_dev_major, stat.stx_dev_minor, stat.stx_mnt_id))
    };
    identity(one) == identity(other)
}

/// Whether the file has this content; a link, or whatever else is no file, has none.
fn holds(path: &Path, content: Option<&[u8]>) -> Result<bool, SysError> {
    let kind = file::link_metadata(path)?.map(|metadata| metadata.kind);
    match (kind, content) {
        (None, None) => Ok(true),
        (Some(FileKind::Regular), Some(content)) => {
            Ok(file::read_regular(path, MAX_BYTES)?.as_deref() == Some(content))
        }
        _ => Ok(false),
    }
}

/// Whether the file has this content and nobody is about to write in it. What cannot be read is taken for another's.
fn is_at_rest(path: &Path, content: &[u8]) -> bool {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let is_written = match rustix::fs::open(path, flags | OFlags::NOCTTY, Mode::empty()) {
        Ok(fd) => writers::are_there(fd.as_fd()),
        Err(_) => true,
    };
    !is_written && holds(path, Some(content)).unwrap_or(false)
}

/// The error, with the new file removed that led to it. If that fails, too, the next swap removes it.
fn without(aside: &Path, error: SysError) -> SysError {
    remove(aside).ok();
    error
}

fn remove(path: &Path) -> Result<(), SysError> {
    match rustix::fs::unlinkat(CWD, path, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::ROFS) => Ok(()),
        Err(errno) => Err(SysError::new(
            format!("unlink(`{}`)", path.display()),
            errno,
        )),
    }
}

/// A rename is a change of the directory, and lasts when that does.
pub(crate) fn sync_directory(path: &Path) -> Result<(), SysError> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let failed = |errno| SysError::new(format!("fsync(`{}`)", directory.display()), errno);
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(directory, flags, Mode::empty()).map_err(failed)?;
    match rustix::fs::fsync(&fd) {
        // Some file systems have no such thing for a directory.
        Ok(()) | Err(Errno::INVAL) => Ok(()),
        Err(errno) => Err(failed(errno)),
    }
}

#[cfg(test)]
mod tests;
