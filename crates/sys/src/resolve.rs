//! Paths inside a root, resolved by the kernel with the root as their ceiling.
//!
//! `openat2` with `RESOLVE_IN_ROOT` takes absolute links, `..` and chains of links as `chroot` would, in one call
//! and without a moment in which a name that was looked at can become another. `RESOLVE_NO_MAGICLINKS` keeps the
//! links of `/proc/PID/fd` and `/proc/PID/root` from leading anywhere: they are no text, and would leave the root.
//! A kernel before 5.6 does not have the call, and the seccomp filter of an old container engine, where we run
//! inside a container ourselves, forbids it; there the path is walked here, descriptor by descriptor.
//!
//! What was resolved to be looked at (`O_PATH`) is opened to be read through `/proc/self/fd`, which leads to the
//! very file that was looked at, whatever has its name by now.

use crate::error::Errno;
use crate::metadata::FileKind;
use rustix::fs::{Mode, OFlags, ResolveFlags};
use std::ffi::OsString;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// How often a path is resolved anew because something below the root was renamed meanwhile. The kernel cannot
/// tell then whether `..` has left the root, and says `EAGAIN`.
const MOST_ATTEMPTS: u32 = 128;

/// As many links as the kernel follows on one path.
const MOST_LINKS: u32 = 40;

/// The kernel's `PATH_MAX`, with the zero at the end.
const LONGEST_PATH: usize = 4096;

const PROC_SUPER_MAGIC: rustix::fs::FsWord = 0x9fa0;

/// Opens `path` below `root`, with `flags`. A link in the last component is followed unless they say otherwise.
pub(crate) fn open(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::CLOEXEC;
    #[cfg(liftgate_weakened)]
    if crate::weakness::Weakness::JoinedPaths.is_on() {
        return crate::weakness::walk_as_any_other(root, path, flags);
    }
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

/// The same without `openat2`: name by name, each opened as what it is and no link followed, the directories on the
/// way held open. `..` goes back to the one before, never by asking the kernel, so that it cannot pass the root.
fn walk(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let step = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut way: Vec<OwnedFd> = Vec::new();
    let mut names = Names(Vec::new());
    names.put_before(path.as_os_str().as_bytes())?;
    let mut links = 0;
    while let Some(name) = names.0.pop() {
        if name == b"." {
            continue;
        }
        if name == b".." {
            way.pop();
            continue;
        }
        let here = way.last().map_or(root, |fd| fd.as_fd());
        let found = rustix::fs::openat(here, name.as_slice(), step, Mode::empty())?;
        let is_last = names.0.is_empty();
        match FileKind::of(rustix::fs::fstat(&found)?.st_mode) {
            FileKind::Directory => way.push(found),
            FileKind::Symlink if !is_last || !flags.contains(OFlags::NOFOLLOW) => {
                let text = rustix::fs::readlinkat(&found, "", Vec::new())?.into_bytes();
                links += 1;
                if links > MOST_LINKS || is_magic(&found, &text)? {
                    return Err(Errno::LOOP);
                }
                if text.first() == Some(&b'/') {
                    way.clear();
                }
                names.put_before(&text)?;
            }
            _ if !is_last || flags.contains(OFlags::DIRECTORY) => return Err(Errno::NOTDIR),
            _ => return finish(found, flags),
        }
    }
    match way.pop() {
        Some(directory) => finish(directory, flags),
        None => rustix::fs::openat(root, ".", flags, Mode::empty()),
    }
}

fn finish(found: OwnedFd, flags: OFlags) -> Result<OwnedFd, Errno> {
    if flags.contains(OFlags::PATH) {
        Ok(found)
    } else {
        reopen(found.as_fd(), flags)
    }
}

/// Whether a link leads somewhere by the kernel's own knowledge, and not by its text: those of `/proc/PID` do. Of the
/// links of that file system, those that are text have a path that begins where they are.
fn is_magic(link: &OwnedFd, text: &[u8]) -> Result<bool, Errno> {
    let is_of_proc = rustix::fs::fstatfs(link)?.f_type == PROC_SUPER_MAGIC;
    Ok(is_of_proc && (text.first() == Some(&b'/') || text.contains(&b':')))
}

/// The names that are left to walk, the next one last.
struct Names(Vec<Vec<u8>>);

impl Names {
    fn put_before(&mut self, path: &[u8]) -> Result<(), Errno> {
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        if path.len() >= LONGEST_PATH {
            return Err(Errno::NAMETOOLONG);
        }
        // What ends in a slash is a directory, and so is what has a `.` behind it.
        if path.ends_with(b"/") {
            self.0.push(b".".to_vec());
        }
        let names = path.split(|byte| *byte == b'/').rev();
        self.0
            .extend(names.filter(|name| !name.is_empty()).map(<[u8]>::to_vec));
        Ok(())
    }
}

/// Opens what a descriptor stands for once more, with `flags`.
pub(crate) fn reopen(fd: BorrowedFd<'_>, flags: OFlags) -> Result<OwnedFd, Errno> {
    let name = fd.as_raw_fd().to_string();
    let flags = (flags | OFlags::CLOEXEC) - OFlags::NOFOLLOW;
    rustix::fs::openat(own_descriptors()?, name, flags, Mode::empty())
}

/// Gives what a descriptor stands for a mode, without opening it: it may be a device.
pub(crate) fn change_mode(fd: BorrowedFd<'_>, mode: Mode) -> Result<(), Errno> {
    let name = fd.as_raw_fd().to_string();
    rustix::fs::chmodat(own_descriptors()?, name, mode, rustix::fs::AtFlags::empty())
}

/// What the kernel calls the file behind a descriptor.
pub(crate) fn path_of(fd: BorrowedFd<'_>) -> Result<PathBuf, Errno> {
    let name = fd.as_raw_fd().to_string();
    let text = rustix::fs::readlinkat(own_descriptors()?, name, Vec::new())?;
    Ok(PathBuf::from(OsString::from_vec(text.into_bytes())))
}

/// The directory `/proc/self/fd`, of the kernel's own making.
///
/// Something else may be mounted on `/proc`, and what it would call `self/fd/7` is anything (CVE-2025-52881 is of
/// that kind); so the file system is asked what it is.
fn own_descriptors() -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open("/proc/self/fd", flags, Mode::empty())?;
    if rustix::fs::fstatfs(&directory)?.f_type == PROC_SUPER_MAGIC {
        Ok(directory)
    } else {
        Err(Errno::XDEV)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// What both ways say of a path: the file that they come to, or why not.
    fn answers(root: &Path, path: &str, flags: OFlags) -> [Result<(u64, u64), Errno>; 2] {
        let directory = OFlags::PATH | OFlags::DIRECTORY;
        let root = rustix::fs::open(root, directory, Mode::empty()).unwrap();
        [open, walk].map(|resolve| {
            let found = resolve(root.as_fd(), Path::new(path), flags | OFlags::CLOEXEC)?;
            let stat = rustix::fs::fstat(found)?;
            Ok((stat.st_dev, stat.st_ino))
        })
    }

    #[test]
    fn both_ways_come_to_the_same() {
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path().join("root");
        let at = |path: &str| root.join(path);
        std::fs::create_dir_all(at("a/b")).unwrap();
        std::fs::write(tree.path().join("secret"), "").unwrap();
        std::fs::write(at("a/file"), "").unwrap();
        for (link, target) in [
            ("up", "../../../.."),
            ("out", "/secret"),
            ("a/top", "/"),
            ("a/b/file", "../file"),
            ("slash", "a/file/"),
            ("directory", "a/b/"),
            ("loop", "loop"),
            ("chain0", "a"),
        ] {
            symlink(target, at(link)).unwrap();
        }
        for number in 0..50 {
            let name = format!("chain{}", number + 1);
            symlink(format!("chain{number}"), at(&name)).unwrap();
        }
        let long = "a/../".repeat(1000);
        let paths = [
            "/",
            ".",
            "..",
            "a",
            "a/",
            "/a/./b/..",
            "a/file",
            "a/file/",
            "a/file/.",
            "a/file/..",
            "up",
            "up/a",
            "up/secret",
            "out",
            "out/x",
            "a/top",
            "a/top/../../a/b",
            "a/b/file",
            "slash",
            "directory",
            "loop",
            "loop/x",
            "none",
            "none/..",
            "chain39/file",
            "chain40/file",
            "../secret",
            &long,
        ];
        for path in paths {
            for flags in [
                OFlags::PATH,
                OFlags::PATH | OFlags::NOFOLLOW,
                OFlags::RDONLY | OFlags::DIRECTORY,
            ] {
                let [by_kernel, by_walk] = answers(&root, path, flags);
                assert_eq!(by_kernel, by_walk, "`{path}` {flags:?}");
                let secret = rustix::fs::stat(tree.path().join("secret")).unwrap();
                assert_ne!(by_walk, Ok((secret.st_dev, secret.st_ino)), "`{path}`");
            }
        }
        assert!(answers(&root, "up/a/b/file", OFlags::PATH)[1].is_ok());
    }

    /// Links of `/proc` that are no text would lead out of any root.
    #[test]
    fn links_of_proc_lead_nowhere() {
        let root = Path::new("/");
        for path in [
            "proc/self/root/etc",
            "proc/self/cwd",
            "proc/self/exe",
            "proc/self/fd/0",
            "proc/self/ns/mnt/x",
        ] {
            assert_eq!(
                answers(root, path, OFlags::PATH),
                [Err(Errno::LOOP); 2],
                "{path}"
            );
        }
        for path in ["proc/self/status", "proc/mounts"] {
            assert!(answers(root, path, OFlags::PATH)[1].is_ok(), "{path}");
        }
    }
}
