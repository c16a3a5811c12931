//! Paths below the root that is installed into, a directory and a name at a time.
//!
//! With `--destdir` the root is a tree that somebody else has made. Links in it are followed inside of it: one that
//! leads to `/etc` must not have us write the machine's.

use super::plan::SUFFIX;
use liftgate_sys::{Dir, Errno, Root, SysError};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The name beside it under which another's file is kept.
pub(crate) fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

/// The directory of a path, and the name in it; `None` if there is no such directory.
pub(super) fn directory_of<'a>(
    root: &Root,
    path: &'a Path,
) -> Result<Option<(Dir, &'a OsStr)>, SysError> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(SysError::refused(
            format!("open(`{}`)", path.display()),
            "not the path of a file",
        ));
    };
    Ok(root
        .open_directory(parent)?
        .map(|directory| (directory, name)))
}

/// Removes a file or a link; nothing happens if there is none.
pub(super) fn remove_file(root: &Root, path: &Path) -> Result<(), SysError> {
    match directory_of(root, path)? {
        Some((directory, name)) => directory.remove_file(name),
        None => Ok(()),
    }
}

/// Removes a directory if it is there and empty.
pub(super) fn remove_empty(root: &Root, path: &Path) -> Result<(), SysError> {
    let Some((directory, name)) = directory_of(root, path)? else {
        return Ok(());
    };
    match directory.remove_directory(name) {
        Err(error)
            if [Errno::NOTEMPTY, Errno::NOENT, Errno::NOTDIR, Errno::BUSY]
                .iter()
                .any(|errno| error.is(*errno)) =>
        {
            Ok(())
        }
        result => result,
    }
}

/// Gives a file another name in its directory, in one step.
pub(super) fn rename(root: &Root, from: &Path, to: &Path) -> Result<(), SysError> {
    let (Some((directory, from)), Some(to)) = (directory_of(root, from)?, to.file_name()) else {
        return Err(SysError::refused(
            format!("rename(`{}`)", from.display()),
            "its directory is gone",
        ));
    };
    directory.rename(from, to)
}

/// The most entries of a directory that are looked at for what an interrupted run has left.
const MOST: usize = 1 << 16;

/// Removes the half-written files that a killed run has left beside `path`: `.NAME.` and 16 digits.
pub(super) fn sweep(root: &Root, path: &Path) -> Result<(), SysError> {
    let Some((directory, name)) = directory_of(root, path)? else {
        return Ok(());
    };
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let prefix = prefix.as_encoded_bytes();
    for left in directory.names(MOST)? {
        let is_ours = left
            .as_encoded_bytes()
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 16 && rest.iter().all(u8::is_ascii_hexdigit));
        if is_ours {
            directory.remove_file(&left)?;
        }
    }
    Ok(())
}
