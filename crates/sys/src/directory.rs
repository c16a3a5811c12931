//! Directories, held open: what is done in them is done by descriptor and single name.
//!
//! A name with a slash in it is refused, and so are `.` and `..`: whoever passes one has a path, and a path
//! inside a container is for [`Root`](crate::Root) to resolve.

use crate::error::{Errno, SysError};
use crate::metadata::{FileKind, Metadata};
use crate::root::mount_identity;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

/// A directory inside a [`Root`](crate::Root), held open. Its operations take single names, never paths.
#[derive(Debug)]
pub struct Dir {
    fd: OwnedFd,
    path: PathBuf,
}

impl Dir {
    /// The directory behind a descriptor that was opened by `path`.
    pub(crate) fn new(fd: impl Into<OwnedFd>, path: &Path) -> Self {
        Self {
            fd: fd.into(),
            path: path.to_owned(),
        }
    }

    /// Opens a directory of the host that we ourselves control.
    pub fn open_host(path: &Path) -> Result<Self, SysError> {
        let fd = rustix::fs::open(
            path,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .map_err(|errno| {
            SysError::new(format!("open(`{}`, O_DIRECTORY)", path.display()), errno)
        })?;
        Ok(Self {
            fd,
            path: path.to_owned(),
        })
    }

    /// The directory that a descriptor stands for; `path` is for messages only.
    pub fn of_descriptor(fd: BorrowedFd<'_>, path: &Path) -> Result<Self, SysError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(fd, ".", flags, Mode::empty())
            .map_err(|errno| SysError::new(format!("openat(`{}`, `.`)", path.display()), errno))?;
        Ok(Self {
            fd,
            path: path.to_owned(),
        })
    }

    /// The path it was opened by, for messages only.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file descriptor of the directory.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    fn call(&self, operation: &str, name: &OsStr) -> String {
        format!(
            "{operation}(`{}`, `{}`)",
            self.path.display(),
            name.display()
        )
    }

    /// Whether both lie on one mount.
    pub fn is_same_mount(&self, other: &Self) -> Result<bool, SysError> {
        Ok(mount_identity(self.fd.as_fd())? == mount_identity(other.fd.as_fd())?)
    }

    /// Whether what a descriptor stands for lies on the same mount.
    pub fn is_mount_of(&self, fd: BorrowedFd<'_>) -> Result<bool, SysError> {
        Ok(mount_identity(self.fd.as_fd())? == mount_identity(fd)?)
    }

    /// Whether `name` is a regular file that is mounted there, alone.
    pub fn has_mounted_file(&self, name: &OsStr) -> bool {
        let here = mount_identity(self.fd.as_fd());
        self.open_path(name).is_ok_and(|file| {
            let is_regular = rustix::fs::fstat(&file)
                .is_ok_and(|stat| FileKind::of(stat.st_mode) == FileKind::Regular);
            is_regular && here.is_ok_and(|here| mount_identity(file.as_fd()) != Ok(here))
        })
    }

    /// The number of the file system's device.
    pub fn device(&self) -> Result<u64, SysError> {
        rustix::fs::fstat(&self.fd)
            .map(|stat| stat.st_dev)
            .map_err(|errno| SysError::new(format!("fstat(`{}`)", self.path.display()), errno))
    }

    /// Whether the file system is one in memory: a tmpfs, or the kernel's own `/dev`.
    pub fn is_in_memory(&self) -> Result<bool, SysError> {
        const TMPFS_MAGIC: rustix::fs::FsWord = 0x0102_1994;
        rustix::fs::fstatfs(&self.fd)
            .map(|answer| answer.f_type == TMPFS_MAGIC)
            .map_err(|errno| SysError::new(format!("fstatfs(`{}`)", self.path.display()), errno))
    }

    /// What `name` is, not following a link; `None` if there is nothing.
    pub fn metadata(&self, name: &OsStr) -> Result<Option<Metadata>, SysError> {
        single_name(name)?;
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Metadata::of(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(SysError::new(self.call("fstatat", name), errno)),
        }
    }

    /// The text of the symbolic link `name`; `None` if it is not a link or not there.
    pub fn read_link(&self, name: &OsStr) -> Result<Option<OsString>, SysError> {
        single_name(name)?;
        match rustix::fs::readlinkat(&self.fd, name, Vec::new()) {
            Ok(text) => Ok(Some(OsStr::from_bytes(text.as_bytes()).to_owned())),
            Err(Errno::INVAL | Errno::NOENT) => Ok(None),
            Err(errno) => Err(SysError::new(self.call("readlinkat", name), errno)),
        }
    }

    /// Makes `name` a symbolic link to `target`, in one step: whoever looks sees the old file or the new
    /// link. A directory in its place is an error. `target` is text; where it leads is the container's
    /// affair.
    pub fn put_symlink(&self, target: &OsStr, name: &OsStr) -> Result<(), SysError> {
        single_name(name)?;
        let temporary = temporary_name(name);
        rustix::fs::symlinkat(target, &self.fd, &*temporary)
            .map_err(|errno| SysError::new(self.call("symlinkat", &temporary), errno))?;
        self.move_over(&temporary, name)
    }

    /// Makes `name` a symbolic link to `target` only if nothing has that name yet. `false` if something has.
    pub fn add_symlink(&self, target: &OsStr, name: &OsStr) -> Result<bool, SysError> {
        single_name(name)?;
        match rustix::fs::symlinkat(target, &self.fd, name) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(errno) => Err(SysError::new(self.call("symlinkat", name), errno)),
        }
    }

    /// Opens the regular file `name`, not following a link; `None` if there is none, or something else. What
    /// else there is, is not opened.
    pub fn open_file(&self, name: &OsStr) -> Result<Option<File>, SysError> {
        single_name(name)?;
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(SysError::new(self.call("openat", name), errno)),
        };
        let stat = rustix::fs::fstat(&fd)
            .map_err(|errno| SysError::new(self.call("fstat", name), errno))?;
        if FileKind::of(stat.st_mode) != FileKind::Regular {
            return Ok(None);
        }
        crate::resolve::reopen(fd.as_fd(), OFlags::RDONLY)
            .map(|fd| Some(File::from(fd)))
            .map_err(|errno| SysError::new(self.call("open", name), errno))
    }

    /// A descriptor (`O_PATH`) of whatever `name` is, a link itself if it is one: a place to mount on.
    pub fn open_path(&self, name: &OsStr) -> Result<OwnedFd, SysError> {
        single_name(name)?;
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.fd, name, flags, Mode::empty())
            .map_err(|errno| SysError::new(self.call("openat", name), errno))
    }

    /// Makes the empty file `name`, which must not be there yet.
    pub fn add_file(&self, name: &OsStr, mode: u32) -> Result<File, SysError> {
        single_name(name)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.fd, name, flags, Mode::from_raw_mode(mode))
            .map(File::from)
            .map_err(|errno| SysError::new(self.call("openat", name), errno))
    }

    /// Makes the directory `name`, which must not be there yet, and opens it.
    pub fn add_directory(&self, name: &OsStr, mode: u32) -> Result<Self, SysError> {
        single_name(name)?;
        rustix::fs::mkdirat(&self.fd, name, Mode::from_raw_mode(mode))
            .map_err(|errno| SysError::new(self.call("mkdirat", name), errno))?;
        self.directory(name)
    }

    /// Makes the directory `name` unless something by that name is there, and opens it; a link is not followed.
    pub(crate) fn make_directory(&self, name: &OsStr, mode: u32) -> Result<Self, SysError> {
        single_name(name)?;
        match rustix::fs::mkdirat(&self.fd, name, Mode::from_raw_mode(mode)) {
            Ok(()) | Err(Errno::EXIST) => self.directory(name),
            Err(errno) => Err(SysError::new(self.call("mkdirat", name), errno)),
        }
    }

    /// Opens the directory `name`, not following a link.
    pub fn directory(&self, name: &OsStr) -> Result<Self, SysError> {
        single_name(name)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::empty())
            .map_err(|errno| SysError::new(self.call("openat", name), errno))?;
        Ok(Self {
            fd,
            path: self.path.join(name),
        })
    }

    /// Makes the character device `name`, which must not be there yet, with the mode `mode` whatever the
    /// umask is, and the owner `owner` (user and group). Not for programs with threads: the umask is theirs too.
    pub fn add_character_device(
        &self,
        name: &OsStr,
        (major, minor): (u32, u32),
        mode: u32,
        owner: (u32, u32),
    ) -> Result<(), SysError> {
        single_name(name)?;
        let device = rustix::fs::makedev(major, minor);
        // Changing the mode afterwards would follow a link that has taken the node's place.
        let umask = rustix::process::umask(Mode::empty());
        let node = rustix::fs::mknodat(
            &self.fd,
            name,
            FileType::CharacterDevice,
            Mode::from_raw_mode(mode),
            device,
        );
        rustix::process::umask(umask);
        node.and_then(|()| self.give_to(name, owner))
            .map_err(|errno| {
                SysError::new(
                    self.call(&format!("mknodat(c {major}:{minor})"), name),
                    errno,
                )
            })
    }

    /// Gives the file, directory or link `name` to a user and a group.
    pub fn change_owner(&self, name: &OsStr, owner: (u32, u32)) -> Result<(), SysError> {
        single_name(name)?;
        self.give_to(name, owner)
            .map_err(|errno| SysError::new(self.call("fchownat", name), errno))
    }

    fn give_to(&self, name: &OsStr, (user, group): (u32, u32)) -> Result<(), Errno> {
        if (user, group) == (0, 0) {
            return Ok(());
        }
        let (user, group) = (
            rustix::fs::Uid::from_raw(user),
            rustix::fs::Gid::from_raw(group),
        );
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::chownat(&self.fd, name, Some(user), Some(group), flags)
    }

    /// Removes the empty directory `name`.
    pub fn remove_directory(&self, name: &OsStr) -> Result<(), SysError> {
        single_name(name)?;
        rustix::fs::unlinkat(&self.fd, name, AtFlags::REMOVEDIR)
            .map_err(|errno| SysError::new(self.call("rmdir", name), errno))
    }

    /// Whether device nodes can be opened on this mount.
    pub fn allows_devices(&self) -> Result<bool, SysError> {
        rustix::fs::fstatvfs(&self.fd)
            .map(|answer| !answer.f_flag.contains(rustix::fs::StatVfsMountFlags::NODEV))
            .map_err(|errno| SysError::new(format!("fstatvfs(`{}`)", self.path.display()), errno))
    }

    /// Removes the file or link `name`; nothing happens if there is none.
    pub fn remove_file(&self, name: &OsStr) -> Result<(), SysError> {
        single_name(name)?;
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(SysError::new(self.call("unlinkat", name), errno)),
        }
    }

    /// Reads the regular file `name`, not following a link; `None` if there is none.
    pub fn read(&self, name: &OsStr, limit: u64) -> Result<Option<Vec<u8>>, SysError> {
        single_name(name)?;
        let flags =
            OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        match self.metadata(name)? {
            None => return Ok(None),
            Some(metadata) if metadata.kind != FileKind::Regular => {
                return Err(SysError::refused(
                    self.call("open", name),
                    "not a regular file",
                ));
            }
            Some(_) => {}
        }
        match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => crate::file::read_bounded(File::from(fd), limit, || self.call("read", name))
                .map(Some),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(SysError::new(self.call("openat", name), errno)),
        }
    }

    /// Replaces the file `name` in one step (write beside it, then rename), with mode `mode`. A link by
    /// that name is replaced, not followed.
    pub fn put_file(&self, name: &OsStr, content: &[u8], mode: u32) -> Result<(), SysError> {
        single_name(name)?;
        #[cfg(liftgate_weakened)]
        if crate::weakness::Weakness::FollowedLinks.is_on() {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
            let fd = rustix::fs::openat(&self.fd, name, flags, Mode::from_raw_mode(mode))
                .map_err(|errno| SysError::new(self.call("openat", name), errno))?;
            return File::from(fd)
                .write_all(content)
                .map_err(|error| SysError::from_io(self.call("write", name), &error));
        }
        let temporary = temporary_name(name);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, &*temporary, flags, Mode::from_raw_mode(0o600))
            .map_err(|errno| SysError::new(self.call("openat", &temporary), errno))?;
        let written = File::from(fd);
        let result = (&written)
            .write_all(content)
            .map_err(|error| SysError::from_io(self.call("write", &temporary), &error))
            .and_then(|()| {
                rustix::fs::fchmod(&written, Mode::from_raw_mode(mode))
                    .map_err(|errno| SysError::new(self.call("fchmod", &temporary), errno))
            });
        match result {
            Ok(()) => self.move_over(&temporary, name),
            Err(error) => {
                self.discard(&temporary);
                Err(error)
            }
        }
    }

    /// Gives `from` the name `to`, in one step. What has that name is replaced; a directory is an error.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> Result<(), SysError> {
        single_name(from)?;
        single_name(to)?;
        rustix::fs::renameat(&self.fd, from, &self.fd, to)
            .map_err(|errno| SysError::new(self.call("renameat", from), errno))
    }

    fn move_over(&self, temporary: &OsStr, name: &OsStr) -> Result<(), SysError> {
        rustix::fs::renameat(&self.fd, temporary, &self.fd, name).map_err(|errno| {
            self.discard(temporary);
            // To a process that may remove no directory, Landlock does not say what is in the way.
            let is_directory = self
                .metadata(name)
                .is_ok_and(|there| there.is_some_and(|there| there.kind == FileKind::Directory));
            let errno = if is_directory { Errno::ISDIR } else { errno };
            SysError::new(self.call("renameat", name), errno)
        })
    }

    fn discard(&self, temporary: &OsStr) {
        // The error that led here is the one to report; a left-over temporary file harms nobody.
        rustix::fs::unlinkat(&self.fd, temporary, AtFlags::empty()).ok();
    }

    /// The names in the directory, sorted, without `.` and `..`; at most `limit` of them.
    pub fn names(&self, limit: usize) -> Result<Vec<OsString>, SysError> {
        let entries = self.entries(limit)?;
        Ok(entries.into_iter().map(|(name, _)| name).collect())
    }

    /// The names of what may be a symbolic link, as [`Self::names`]: some file systems do not tell.
    pub fn possible_links(&self, limit: usize) -> Result<Vec<OsString>, SysError> {
        let mut links = self.entries(limit)?;
        links.retain(|(_, may_be_link)| *may_be_link);
        Ok(links.into_iter().map(|(name, _)| name).collect())
    }

    /// The names, as [`Self::names`], and of each whether it may be a symbolic link.
    pub fn entries(&self, limit: usize) -> Result<Vec<(OsString, bool)>, SysError> {
        let error = |errno| SysError::new(format!("getdents(`{}`)", self.path.display()), errno);
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.fd).map_err(error)? {
            let entry = entry.map_err(error)?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                let may_be_link =
                    matches!(entry.file_type(), FileType::Symlink | FileType::Unknown);
                names.push((OsStr::from_bytes(name).to_owned(), may_be_link));
            }
            if names.len() > limit {
                return Err(SysError::refused(
                    format!("getdents(`{}`)", self.path.display()),
                    format!("more than {limit} entries"),
                ));
            }
        }
        names.sort();
        Ok(names)
    }
}

/// Refuses what is not one component of a path.
fn single_name(name: &OsStr) -> Result<(), SysError> {
    let mut components = Path::new(name).components();
    let single = matches!(components.next(), Some(Component::Normal(only)) if only == name)
        && components.next().is_none();
    if single && !name.as_bytes().contains(&0) {
        Ok(())
    } else {
        Err(SysError::refused(
            format!("name(`{}`)", name.display()),
            "not a single file name",
        ))
    }
}

fn temporary_name(name: &OsStr) -> OsString {
    let mut random = [0_u8; 8];
    // Without randomness the name is still unlikely, and `O_EXCL` refuses one that is taken.
    rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty()).ok();
    let mut temporary = OsString::from(".");
    // 255 bytes are the limit of a name; the prefix and 16 digits must fit beside it.
    temporary.push(OsStr::from_bytes(
        &name.as_bytes()[..name.as_bytes().len().min(200)],
    ));
    temporary.push(format!(".{:016x}", u64::from_ne_bytes(random)));
    temporary
}
