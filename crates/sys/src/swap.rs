//! A host file exchanged for another text, if it still is what its reader has read.
//!
//! Between reading a configuration and renaming a new one over it, its owner may save it from an editor; a plain rename would bury
//! that. `renameat2(RENAME_EXCHANGE)` hands the file out that was really there, which is compared, and put back if it is another, or
//! if somebody has it open to write in it: their text is not there yet, but it will be. Who saves the file once more while theirs is
//! being put back has the last word, too. File systems that cannot exchange (NFS, some FUSE) get the comparison before the rename.
//!
//! The new file is written beside the old one under a name that is always the same, so that what a killed process leaves is found
//! by the next: half of a new text, a new text, the old one, or one that was taken out by mistake and is its owner's. Only a whole
//! file has more than its owner's right to write. Processes that are at the same directory wait for each other. In a directory of drop-ins it would be read as one of them (CRI-O takes every file, whatever its name), so there it
//! lies in the directory above, if that is on the same file system.

mod lock;
mod recover;
mod writers;

pub use recover::recover;

use crate::error::{Errno, SysError};
use crate::file;
use crate::metadata::FileKind;
use rustix::fs::{
    AtFlags, CWD, Gid, Mode, OFlags, RenameFlags, StatxFlags, Uid, XattrFlags, statx,
};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd as _, OwnedFd};
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

/// As often as somebody may save the file while it is given back to them.
const MOST_SAVES: usize = 100;

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
        (Some(expected), None) => take(path, &aside, expected)?,
        (expected, Some(wanted)) => {
            let written = write(path, &aside, wanted, mode);
            written.map_err(|error| without(&aside, error))?;
            match expected {
                None => put_new(path, &aside)?,
                Some(expected) => exchange(path, &aside, expected, wanted)?,
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

fn write(path: &Path, aside: &Path, content: &[u8], mode: u32) -> Result<(), SysError> {
    let failed = |operation: &str, errno| {
        SysError::new(format!("{operation}(`{}`)", aside.display()), errno)
    };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let fd = rustix::fs::open(aside, flags, Mode::from_raw_mode(HALF))
        .map_err(|errno| failed("open", errno))?;
    let mut new = File::from(fd);
    new.write_all(content)
        .map_err(|error| SysError::from_io(format!("write(`{}`)", aside.display()), &error))?;
    let mut mode = mode;
    if let Some(old) = file::metadata(path)? {
        let stat = rustix::fs::fstat(&new).map_err(|errno| failed("fstat", errno))?;
        if (stat.st_uid, stat.st_gid) != (old.uid, old.gid) {
            let (user, group) = (Uid::from_raw(old.uid), Gid::from_raw(old.gid));
            rustix::fs::fchown(&new, Some(user), Some(group))
                .map_err(|errno| failed("fchown", errno))?;
        }
        copy_attributes(path, &new)?;
        mode = old.mode;
    }
    rustix::fs::fchmod(&new, Mode::from_raw_mode(mode)).map_err(|errno| failed("fchmod", errno))?;
    // A rename that outlives a power cut must not lead to an empty file.
    rustix::fs::fsync(&new).map_err(|errno| failed("fsync", errno))
}

/// Security labels, access control lists, whatever else somebody has hung on the file.
fn copy_attributes(path: &Path, new: &File) -> Result<(), SysError> {
    let failed =
        |operation: &str, errno| SysError::new(format!("{operation}(`{}`)", path.display()), errno);
    let mut names = vec![0; 64 << 10];
    let length = match rustix::fs::listxattr(path, &mut names[..]) {
        Ok(length) => length,
        Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(()),
        Err(errno) => return Err(failed("listxattr", errno)),
    };
    let mut value = vec![0; 64 << 10];
    for name in names[..length].split(|byte| *byte == 0) {
        if name.is_empty() {
            continue;
        }
        let length = match rustix::fs::getxattr(path, name, &mut value[..]) {
            Ok(length) => length,
            // Gone meanwhile, or nobody's to read.
            Err(Errno::NODATA | Errno::NOTSUP | Errno::PERM | Errno::ACCESS) => continue,
            Err(errno) => return Err(failed("getxattr", errno)),
        };
        match rustix::fs::fsetxattr(new, name, &value[..length], XattrFlags::empty()) {
            Ok(()) | Err(Errno::NOTSUP | Errno::PERM | Errno::ACCESS) => {}
            Err(errno) => return Err(failed("fsetxattr", errno)),
        }
    }
    Ok(())
}

fn put_new(path: &Path, aside: &Path) -> Result<Swapped, SysError> {
    match rename_to_nothing(aside, path) {
        Ok(true) => Ok(Swapped::Done),
        Ok(false) => remove(aside).map(|()| Swapped::Changed),
        Err(error) => Err(without(aside, error)),
    }
}

fn exchange(
    path: &Path,
    aside: &Path,
    expected: &[u8],
    wanted: &[u8],
) -> Result<Swapped, SysError> {
    // Writing takes its time: whoever has used it is found without taking their file from its place.
    if !is_at_rest(path, expected) {
        return remove(aside).map(|()| Swapped::Changed);
    }
    let new = Pinned::of(aside).map_err(|error| without(aside, error))?;
    match exchange_names(path, aside) {
        Ok(()) => {}
        Err(Errno::INVAL | Errno::NOSYS) => {
            rename(aside, path).map_err(|error| without(aside, error))?;
            return Ok(Swapped::Done);
        }
        Err(Errno::NOENT) => return remove(aside).map(|()| Swapped::Changed),
        Err(errno) => return Err(without(aside, renaming(path, errno))),
    }
    if is_at_rest(aside, expected) {
        remove(aside)?;
        return Ok(Swapped::Done);
    }
    give_back(path, aside, new, wanted.to_owned())
}

/// Puts back at `path` what was taken from there by mistake. `put` is what lies there instead, with this content: if it no longer
/// does, somebody has saved the file meanwhile, and theirs goes back once more.
fn give_back(
    path: &Path,
    aside: &Path,
    put: Pinned,
    content: Vec<u8>,
) -> Result<Swapped, SysError> {
    let (mut put, mut content) = (put, content);
    for _ in 0..MOST_SAVES {
        let theirs = Pinned::of(aside)?;
        let their_content = file::read_regular(aside, MAX_BYTES);
        match exchange_names(path, aside) {
            Ok(()) => {}
            // They have removed the file, after all.
            Err(Errno::NOENT) => return remove(aside).map(|()| Swapped::Changed),
            Err(errno) => return Err(renaming(path, errno)),
        }
        if put.is(aside) && is_at_rest(aside, &content) {
            return remove(aside).map(|()| Swapped::Changed);
        }
        put = theirs;
        // Without content it is no file that could be compared, and theirs all the same.
        content = their_content.ok().flatten().unwrap_or_default();
    }
    Err(SysError::refused(
        format!("renameat2(`{}`)", path.display()),
        format!(
            "somebody writes it all the time; a text of theirs is in `{}`",
            aside.display()
        ),
    ))
}

/// Takes the file away, and brings it back if it is another than was expected.
fn take(path: &Path, aside: &Path, expected: &[u8]) -> Result<Swapped, SysError> {
    if !is_at_rest(path, expected) {
        return Ok(Swapped::Changed);
    }
    match rustix::fs::rename(path, aside) {
        Ok(()) => {}
        Err(Errno::NOENT) => return Ok(Swapped::Changed),
        Err(errno) => return Err(renaming(path, errno)),
    }
    if is_at_rest(aside, expected) {
        remove(aside)?;
        return Ok(Swapped::Done);
    }
    if !rename_to_nothing(aside, path)? {
        // They have saved it once more, and what was taken away is the older text.
        remove(aside)?;
    }
    Ok(Swapped::Changed)
}

/// A file that keeps its number as long as this lives, whoever removes its name.
struct Pinned {
    _fd: OwnedFd,
    identity: (u64, u64),
}

impl Pinned {
    fn of(path: &Path) -> Result<Self, SysError> {
        let failed = |errno| SysError::new(format!("open(`{}`)", path.display()), errno);
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(failed)?;
        let stat = rustix::fs::fstat(&fd).map_err(failed)?;
        Ok(Self {
            _fd: fd,
            identity: crate::metadata::Metadata::of(&stat).identity,
        })
    }

    fn is(&self, path: &Path) -> bool {
        let metadata = file::link_metadata(path).ok().flatten();
        metadata.is_some_and(|metadata| metadata.identity == self.identity)
    }
}

fn exchange_names(one: &Path, other: &Path) -> Result<(), Errno> {
    rustix::fs::renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)
}

/// Renames to a name that is free; `false` if it is not.
fn rename_to_nothing(from: &Path, to: &Path) -> Result<bool, SysError> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(Errno::INVAL | Errno::NOSYS) => match file::link_metadata(to)? {
            Some(_) => Ok(false),
            None => rename(from, to).map(|()| true),
        },
        Err(errno) => Err(renaming(to, errno)),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), SysError> {
    rustix::fs::rename(from, to).map_err(|errno| renaming(to, errno))
}

fn renaming(path: &Path, errno: Errno) -> SysError {
    SysError::new(format!("renameat2(`{}`)", path.display()), errno)
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
