//! Files of the host: read with a bound, replaced by rename.
//!
//! A configuration that belongs to someone else is never truncated and rewritten: a reader, or a power
//! cut, would then find half of it. It is written beside the old one, given its mode and owner, and
//! renamed over it.

use crate::directory::Dir;
use crate::error::{Errno, SysError};
use crate::metadata::{FileKind, Metadata};
use rustix::fs::{Gid, Mode, OFlags, Uid};
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

/// Reads a host file of at most `limit` bytes; `None` if there is none.
///
/// Files of `/proc` and `/sys` report a size of zero, so it is the bytes that are counted.
pub fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, SysError> {
    let call = || format!("read(`{}`)", path.display());
    let fd = match rustix::fs::open(
        path,
        OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY,
        Mode::empty(),
    ) {
        Ok(fd) => fd,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(errno) => return Err(SysError::new(format!("open(`{}`)", path.display()), errno)),
    };
    read_bounded(File::from(fd), limit, call).map(Some)
}

/// As [`read`], of a directory in which anything may lie under any name: what is not a regular file (links
/// followed) is refused, and is not opened at all. Opening a pipe waits for its other end, and opening a device
/// may make it do something.
pub fn read_regular(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, SysError> {
    let call = |name: &str| format!("{name}(`{}`)", path.display());
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    let is_regular = |stat: &rustix::fs::Stat| Metadata::of(stat).kind == FileKind::Regular;
    let not_regular = || SysError::refused(call("open"), "not a regular file");
    match rustix::fs::stat(path) {
        Ok(stat) if is_regular(&stat) => {}
        Ok(_) => return Err(not_regular()),
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(errno) => return Err(SysError::new(call("stat"), errno)),
    }
    let fd = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => fd,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(errno) => return Err(SysError::new(call("open"), errno)),
    };
    // It may have been replaced in between.
    let stat = rustix::fs::fstat(&fd).map_err(|errno| SysError::new(call("fstat"), errno))?;
    if !is_regular(&stat) {
        return Err(not_regular());
    }
    read_bounded(File::from(fd), limit, || call("read")).map(Some)
}

/// Opens a file to be the only one who has it locked, making it with `mode` if it is not there; `None` if somebody else has.
/// The lock goes with the file, at the latest when the process ends. Whoever has it may remove the file: a lock on one that is no
/// longer there is none.
pub fn open_locked(path: &Path, mode: u32) -> Result<Option<File>, SysError> {
    const MOST_TRIES: usize = 100;
    let failed =
        |operation: &str, errno| SysError::new(format!("{operation}(`{}`)", path.display()), errno);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    for _ in 0..MOST_TRIES {
        let fd = rustix::fs::open(path, flags, Mode::from_raw_mode(mode))
            .map_err(|errno| failed("open", errno))?;
        match rustix::fs::flock(&fd, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(errno) => return Err(failed("flock", errno)),
        }
        let locked = rustix::fs::fstat(&fd).map_err(|errno| failed("fstat", errno))?;
        let there = link_metadata(path)?;
        if there.is_some_and(|there| there.identity == Metadata::of(&locked).identity) {
            return Ok(Some(File::from(fd)));
        }
    }
    Ok(None)
}

/// A file in memory that has no name.
pub fn nameless() -> Result<File, SysError> {
    rustix::fs::memfd_create("liftgate", rustix::fs::MemfdFlags::CLOEXEC)
        .map(File::from)
        .map_err(|errno| SysError::new("memfd_create()", errno))
}

/// Gives what a descriptor stands for the mode `mode`, unless it has it; `path` is for messages only.
pub fn change_mode(file: &OwnedFd, path: &Path, mode: u32) -> Result<(), SysError> {
    let failed = |errno| SysError::new(format!("chmod(`{}`, {mode:o})", path.display()), errno);
    let stat = rustix::fs::fstat(file).map_err(failed)?;
    if stat.st_mode & 0o7777 == mode {
        return Ok(());
    }
    crate::resolve::change_mode(file.as_fd(), Mode::from_raw_mode(mode)).map_err(failed)
}

/// Reads a file to its end, with one system call where the file is small: growing from nothing, the
/// standard library asks for 32 bytes, then 64, and so on.
pub(crate) fn read_bounded(
    file: File,
    limit: u64,
    call: impl Fn() -> String,
) -> Result<Vec<u8>, SysError> {
    const USUAL: u64 = 16 << 10;
    // `/proc` and `/sys` say that their files are empty.
    let size = rustix::fs::fstat(&file).map_or(0, |stat| u64::try_from(stat.st_size).unwrap_or(0));
    let capacity = size.max(USUAL).min(limit).saturating_add(1);
    let mut content = Vec::with_capacity(usize::try_from(capacity).unwrap_or(0));
    file.take(limit.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|error| SysError::from_io(call(), &error))?;
    if content.len() as u64 > limit {
        return Err(SysError::refused(
            call(),
            format!("larger than {limit} bytes"),
        ));
    }
    Ok(content)
}

/// What `stat` says of a host path, links followed; `None` if there is nothing.
pub fn metadata(path: &Path) -> Result<Option<Metadata>, SysError> {
    match rustix::fs::stat(path) {
        Ok(stat) => Ok(Some(Metadata::of(&stat))),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(errno) => Err(SysError::new(format!("stat(`{}`)", path.display()), errno)),
    }
}

/// What `lstat` says of a host path, a link not followed; `None` if there is nothing.
pub fn link_metadata(path: &Path) -> Result<Option<Metadata>, SysError> {
    match rustix::fs::lstat(path) {
        Ok(stat) => Ok(Some(Metadata::of(&stat))),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(errno) => Err(SysError::new(format!("lstat(`{}`)", path.display()), errno)),
    }
}

/// Replaces a host file in one step, keeping its mode and owner; a new file gets `mode`. A link is
/// followed once, to the file that it stands for, so that the link itself stays.
pub fn replace(path: &Path, content: &[u8], mode: u32) -> Result<(), SysError> {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (directory, name) = split(&real)?;
    let directory = Dir::open_host(&directory)?;
    let old = directory.metadata(&name)?;
    directory.put_file(&name, content, old.map_or(mode, |old| old.mode))?;
    if let Some(old) = old {
        let new = directory.metadata(&name)?;
        if new.is_some_and(|new| (new.uid, new.gid) != (old.uid, old.gid)) {
            rustix::fs::chownat(
                directory.as_fd(),
                &*name,
                Some(Uid::from_raw(old.uid)),
                Some(Gid::from_raw(old.gid)),
                rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
            )
            .map_err(|errno| SysError::new(format!("chown(`{}`)", real.display()), errno))?;
        }
    }
    Ok(())
}

fn split(path: &Path) -> Result<(PathBuf, std::ffi::OsString), SysError> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent.as_os_str().is_empty() {
                Path::new(".")
            } else {
                parent
            };
            Ok((parent.to_owned(), name.to_owned()))
        }
        _ => Err(SysError::refused(
            format!("replace(`{}`)", path.display()),
            "not the path of a file",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn replaces_and_keeps_the_mode() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        // Who has the old file open keeps it whole: it was not written over.
        let mut reader = File::open(&path).unwrap();
        replace(&path, b"new", 0o600).unwrap();
        assert_eq!(std::io::read_to_string(&mut reader).unwrap(), "old");
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("real"), "old").unwrap();
        symlink("real", directory.path().join("link")).unwrap();
        replace(&directory.path().join("link"), b"new", 0o600).unwrap();
        assert_eq!(
            std::fs::read(directory.path().join("real")).unwrap(),
            b"new"
        );
        assert!(directory.path().join("link").is_symlink());
    }

    #[test]
    fn a_missing_file_is_none_and_a_large_one_an_error() {
        assert_eq!(read(Path::new("/nonexistent/x"), 10).unwrap(), None);
        assert!(read(Path::new("/proc/self/status"), 10).is_err());
    }

    #[test]
    fn only_regular_files_are_opened() {
        use rustix::fs::{CWD, FileType};
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("file"), "text").unwrap();
        symlink("file", at("link")).unwrap();
        symlink("loop", at("loop")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(CWD, at("pipe"), FileType::Fifo, mode, 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let text = Some(b"text".to_vec());
        assert_eq!(read_regular(&at("file"), 4), Ok(text.clone()));
        assert_eq!(read_regular(&at("link"), 4), Ok(text));
        assert_eq!(read_regular(&at("dangling"), 4), Ok(None));
        assert!(read_regular(&at("file"), 3).is_err());
        for name in ["pipe", "socket", "loop", "."] {
            assert!(read_regular(&at(name), 4).is_err(), "{name}");
        }
        assert!(read_regular(Path::new("/dev/null"), 4).is_err());
    }

    #[test]
    fn a_lock_is_one_on_the_file_that_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = open_locked(&path, 0o600).unwrap().unwrap();
        assert!(open_locked(&path, 0o600).unwrap().is_none());
        // Whoever has it removes it: the next one's is another file.
        std::fs::remove_file(&path).unwrap();
        let second = open_locked(&path, 0o600).unwrap();
        assert!(second.is_some() && path.exists());
        drop(first);
        assert!(open_locked(&path, 0o600).unwrap().is_none());
    }

    #[test]
    fn a_pipe_is_not_even_opened() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        // Whoever opens the other end would be let go.
        let other = path.clone();
        let writer = std::thread::spawn(move || File::create(other).map(drop));
        let pause = std::time::Duration::from_millis(50);
        std::thread::sleep(pause);
        assert!(read_regular(&path, 4).is_err());
        std::thread::sleep(pause);
        assert!(!writer.is_finished());
        drop(File::open(&path).unwrap());
        writer.join().unwrap().unwrap();
    }
}
