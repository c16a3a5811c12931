//! A host file exchanged for another text, if it still is what its reader has read.
//!
//! Between reading a configuration and renaming a new one over it, its owner may save it from an editor; a plain rename would bury
//! that. `renameat2(RENAME_EXCHANGE)` hands the file out that was really there, which is compared, and put back if it is another.
//! File systems that cannot exchange (NFS, some FUSE) get the comparison before the rename.
//!
//! The new file is written beside the old one under a name that is always the same, so that what a killed process leaves is found
//! by the next. In a directory of drop-ins it would be read as one of them (CRI-O takes every file, whatever its name), so there it
//! lies in the directory above, if that is on the same file system.

use crate::error::{Errno, SysError};
use crate::file;
use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, RenameFlags, Uid, XattrFlags};
use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The largest file that is compared: no configuration is larger.
pub const MAX_BYTES: u64 = 16 << 20;

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
        let text = PathBuf::from(OsString::from(
            <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(text.as_bytes()),
        ));
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
    remove(&aside)?;
    if file::read_regular(path, MAX_BYTES)?.as_deref() != expected {
        return Ok(Swapped::Changed);
    }
    let result = match (expected, wanted) {
        (None, None) => Ok(Swapped::Done),
        (Some(expected), None) => take(path, &aside, expected),
        (expected, Some(wanted)) => {
            let written = write(path, &aside, wanted, mode);
            written.and_then(|()| match expected {
                None => put_new(path, &aside),
                Some(expected) => exchange(path, &aside, expected),
            })
        }
    };
    if matches!(result, Err(_) | Ok(Swapped::Changed)) {
        // What led here is what is to be said; the next swap of this file removes it, too.
        remove(&aside).ok();
    }
    let swapped = result?;
    if swapped == Swapped::Done {
        sync_directory(path)?;
    }
    Ok(swapped)
}

/// Removes what a killed process may have left beside `path`; says whether there was something.
pub fn clear(path: &Path) -> Result<bool, SysError> {
    let aside = aside(path);
    let is_there = file::link_metadata(&aside)?.is_some();
    remove(&aside)?;
    Ok(is_there)
}

/// Where the new file is written.
fn aside(path: &Path) -> PathBuf {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".liftgate-new");
    let device = |path: &Path| rustix::fs::stat(path).ok().map(|stat| stat.st_dev);
    let is_of_drop_ins = directory
        .extension()
        .is_some_and(|extension| extension == "d");
    match directory.parent() {
        Some(above) if is_of_drop_ins && device(above) == device(directory) => above.join(name),
        _ => directory.join(name),
    }
}

fn write(path: &Path, aside: &Path, content: &[u8], mode: u32) -> Result<(), SysError> {
    let failed = |operation: &str, errno| {
        SysError::new(format!("{operation}(`{}`)", aside.display()), errno)
    };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let fd = rustix::fs::open(aside, flags, Mode::from_raw_mode(0o600))
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
    match rustix::fs::renameat_with(CWD, aside, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(Swapped::Done),
        Err(Errno::EXIST) => Ok(Swapped::Changed),
        Err(Errno::INVAL | Errno::NOSYS) => match file::link_metadata(path)? {
            Some(_) => Ok(Swapped::Changed),
            None => rename(aside, path).map(|()| Swapped::Done),
        },
        Err(errno) => Err(renaming(path, errno)),
    }
}

fn exchange(path: &Path, aside: &Path, expected: &[u8]) -> Result<Swapped, SysError> {
    match rustix::fs::renameat_with(CWD, aside, CWD, path, RenameFlags::EXCHANGE) {
        Ok(()) => {}
        // The comparison has been made, a moment ago.
        Err(Errno::INVAL | Errno::NOSYS) => return rename(aside, path).map(|()| Swapped::Done),
        Err(Errno::NOENT) => return Ok(Swapped::Changed),
        Err(errno) => return Err(renaming(path, errno)),
    }
    if file::read_regular(aside, MAX_BYTES)?.as_deref() == Some(expected) {
        remove(aside)?;
        return Ok(Swapped::Done);
    }
    rustix::fs::renameat_with(CWD, aside, CWD, path, RenameFlags::EXCHANGE)
        .map_err(|errno| renaming(path, errno))?;
    Ok(Swapped::Changed)
}

/// Takes the file away, and brings it back if it is another than was expected.
fn take(path: &Path, aside: &Path, expected: &[u8]) -> Result<Swapped, SysError> {
    match rustix::fs::rename(path, aside) {
        Ok(()) => {}
        Err(Errno::NOENT) => return Ok(Swapped::Changed),
        Err(errno) => return Err(renaming(path, errno)),
    }
    if file::read_regular(aside, MAX_BYTES)?.as_deref() == Some(expected) {
        remove(aside)?;
        return Ok(Swapped::Done);
    }
    rename(aside, path)?;
    Ok(Swapped::Changed)
}

fn rename(from: &Path, to: &Path) -> Result<(), SysError> {
    rustix::fs::rename(from, to).map_err(|errno| renaming(to, errno))
}

fn renaming(path: &Path, errno: Errno) -> SysError {
    SysError::new(format!("renameat2(`{}`)", path.display()), errno)
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
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    fn names(directory: &Path) -> Vec<OsString> {
        let mut names: Vec<OsString> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_is_what_was_read_gets_the_new_text() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("daemon.json");
        assert_eq!(swap(&path, None, Some(b"new"), 0o640), Ok(Swapped::Done));
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).unwrap();
        let swapped = swap(&path, Some(b"new"), Some(b"newer"), 0o600);
        assert_eq!(swapped, Ok(Swapped::Done));
        assert_eq!(std::fs::read(&path).unwrap(), b"newer");
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o604);
        assert_eq!(names(directory.path()), ["daemon.json"]);
        assert_eq!(swap(&path, Some(b"newer"), None, 0), Ok(Swapped::Done));
        assert_eq!(names(directory.path()).len(), 0);
    }

    #[test]
    fn a_file_that_somebody_wrote_meanwhile_stays_theirs() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "theirs").unwrap();
        for expected in [None, Some(&b"mine"[..])] {
            for wanted in [None, Some(&b"new"[..])] {
                assert_eq!(swap(&path, expected, wanted, 0o600), Ok(Swapped::Changed));
            }
        }
        let aside = aside(&path);
        // Written after the comparison, just before the rename.
        std::fs::write(&aside, "new").unwrap();
        assert_eq!(put_new(&path, &aside), Ok(Swapped::Changed));
        assert_eq!(exchange(&path, &aside, b"mine"), Ok(Swapped::Changed));
        std::fs::remove_file(&aside).unwrap();
        assert_eq!(take(&path, &aside, b"mine"), Ok(Swapped::Changed));
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        assert_eq!(names(directory.path()), ["file"]);
    }

    #[test]
    fn what_a_killed_process_has_left_goes() {
        let directory = tempfile::tempdir().unwrap();
        let drop_ins = directory.path().join("crio.conf.d");
        std::fs::create_dir(&drop_ins).unwrap();
        let path = drop_ins.join("99.conf");
        assert_eq!(aside(&path), directory.path().join(".99.conf.liftgate-new"));
        std::fs::write(aside(&path), "half").unwrap();
        assert_eq!(swap(&path, None, Some(b"new"), 0o600), Ok(Swapped::Done));
        assert_eq!(names(directory.path()), ["crio.conf.d"]);
        assert_eq!(names(&drop_ins), ["99.conf"]);
        assert_eq!(clear(&path), Ok(false));
    }

    #[test]
    fn extended_attributes_come_along() {
        let directory = tempfile::tempdir_in("/var/tmp").unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "old").unwrap();
        let name = "user.note";
        rustix::fs::setxattr(&path, name, b"mine", XattrFlags::empty()).unwrap();
        assert_eq!(
            swap(&path, Some(b"old"), Some(b"new"), 0),
            Ok(Swapped::Done)
        );
        let mut value = vec![0; 16];
        let length = rustix::fs::getxattr(&path, name, &mut value[..]).unwrap();
        assert_eq!(&value[..length], b"mine");
    }

    #[test]
    fn links_are_followed_also_to_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        symlink("there", at("one")).unwrap();
        symlink("one", at("two")).unwrap();
        symlink("loop", at("loop")).unwrap();
        assert_eq!(target_of(&at("two")), Ok(at("there")));
        assert_eq!(target_of(&at("nothing")), Ok(at("nothing")));
        assert!(target_of(&at("loop")).is_err());
    }
}
