//! Whose file has the place: renames, each of which is looked at again once it is made.

use super::{MAX_BYTES, Swapped, is_at_rest, remove, without};
use crate::error::{Errno, SysError};
use crate::file;
use rustix::fs::{CWD, Mode, OFlags, RenameFlags};
use std::os::fd::OwnedFd;
use std::path::Path;

/// As often as somebody may save the file while it is given back to them.
const MOST_SAVES: usize = 100;

/// Puts the new file where none is.
pub(super) fn put_new(path: &Path, aside: &Path) -> Result<Swapped, SysError> {
    match rename_to_nothing(aside, path) {
        Ok(true) => Ok(Swapped::Done),
        Ok(false) => remove(aside).map(|()| Swapped::Changed),
        Err(error) => Err(without(aside, error)),
    }
}

/// Exchanges the new file, whose content is `wanted`, for the one that is `expected`.
pub(super) fn exchange(
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
pub(super) fn give_back(
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
pub(super) fn take(path: &Path, aside: &Path, expected: &[u8]) -> Result<Swapped, SysError> {
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
pub(super) struct Pinned {
    _fd: OwnedFd,
    identity: (u64, u64),
}

impl Pinned {
    pub(super) fn of(path: &Path) -> Result<Self, SysError> {
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
pub(super) fn rename_to_nothing(from: &Path, to: &Path) -> Result<bool, SysError> {
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
