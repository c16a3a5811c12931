//! A root file system that somebody else controls, and directories inside it.
//!
//! A container's image chooses every name, link and file below its root, and another container that
//! shares the volume may change them while we look. So a path inside such a root is resolved by the
//! kernel with the root as its ceiling (`openat2` with `RESOLVE_IN_ROOT`, or a walk of our
//! own where a kernel before 5.6 lacks it): an absolute link, `..` and a chain of links all end inside
//! the root. What comes back is a file descriptor, and everything after that is done on descriptors,
//! with single-component names only.
//!
//! What this module does not offer, on purpose: the path of a thing inside the root as seen from the
//! host, to be opened again later. Between the two lies CVE-2024-0132.

use crate::directory::Dir;
use crate::error::{Errno, SysError};
use crate::metadata::{FileKind, Metadata};
use crate::resolve;
use rustix::fs::{AtFlags, Mode, OFlags, StatxFlags};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

/// A root file system, held open. Paths below it cannot leave it.
#[derive(Debug)]
pub struct Root {
    fd: OwnedFd,
    path: PathBuf,
}

impl Root {
    /// Opens the directory `path` of the host as a root. A link by that name is not followed.
    pub fn open(path: &Path) -> Result<Self, SysError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|errno| SysError::new(format!("open_root(`{}`)", path.display()), errno))?;
        Ok(Self {
            fd,
            path: path.to_owned(),
        })
    }

    /// The directory `path` below this root as a root of its own: links on the way to it end inside this one.
    pub fn below(&self, path: &Path) -> Result<Self, SysError> {
        let fd = resolve::open(self.as_fd(), path, OFlags::PATH | OFlags::DIRECTORY)
            .map_err(|errno| SysError::new(self.call("open_root", path), errno))?;
        Ok(Self {
            fd,
            path: path.to_owned(),
        })
    }

    /// This root as one that can be written to, where it is mounted read-only; `None`: it can be as it is.
    ///
    /// By a copy of its mounts (`open_tree` and `mount_setattr`, since 5.12), so that it is never open to others.
    pub fn writable_copy(&self) -> Result<Option<Self>, SysError> {
        if !crate::mount::is_read_only(self.as_fd())? {
            return Ok(None);
        }
        let fd = crate::mount::writable_copy(self.as_fd()).map_err(|errno| {
            let path = self.path.display();
            SysError::new(format!("open_tree, mount_setattr(root `{path}`)"), errno)
        })?;
        Ok(Some(Self {
            fd,
            path: self.path.clone(),
        }))
    }

    /// Where the root was when it was opened, for messages only.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file descriptor of the root.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    fn call(&self, name: &str, path: &Path) -> String {
        format!(
            "{name}(root `{}`, `{}`)",
            self.path.display(),
            path.display()
        )
    }

    /// What is at the path, opened with `flags`; `None` if there is nothing.
    fn resolve(&self, path: &Path, flags: OFlags) -> Result<Option<OwnedFd>, SysError> {
        match resolve::open(self.as_fd(), path, flags) {
            Ok(fd) => Ok(Some(fd)),
            // A loop of links leads nowhere, as a missing file does; both are the image's choice.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(errno) => Err(SysError::new(self.call("openat2", path), errno)),
        }
    }

    /// What the path stands for, links followed inside the root; `None` if there is nothing.
    pub fn metadata(&self, path: &Path) -> Result<Option<Metadata>, SysError> {
        self.stat(path, OFlags::PATH)
    }

    /// What the path itself is: a link in the last component is not followed.
    pub fn symlink_metadata(&self, path: &Path) -> Result<Option<Metadata>, SysError> {
        self.stat(path, OFlags::PATH | OFlags::NOFOLLOW)
    }

    fn stat(&self, path: &Path, flags: OFlags) -> Result<Option<Metadata>, SysError> {
        let Some(fd) = self.resolve(path, flags)? else {
            return Ok(None);
        };
        let stat = rustix::fs::fstat(&fd)
            .map_err(|errno| SysError::new(self.call("fstat", path), errno))?;
        Ok(Some(Metadata::of(&stat)))
    }

    /// The path with every link resolved, as seen from inside the root; `None` if nothing is there.
    ///
    /// For *reading and reporting* on a driver root, whose owner is the administrator. The answer of a
    /// container's root is stale as soon as it is given.
    pub fn canonicalize(&self, path: &Path) -> Result<Option<PathBuf>, SysError> {
        let Some(fd) = self.resolve(path, OFlags::PATH)? else {
            return Ok(None);
        };
        self.inside(&self.real_path(fd.as_fd(), path)?, path)
            .map(Some)
    }

    /// Opens a regular file for reading; `None` if there is none. A device, a pipe or a directory in
    /// its place is never opened: the open itself can block or act.
    pub fn open_file(&self, path: &Path) -> Result<Option<File>, SysError> {
        let Some(fd) = self.resolve(path, OFlags::PATH)? else {
            return Ok(None);
        };
        self.reopen_regular(&fd, path).map(Some)
    }

    fn reopen_regular(&self, fd: &OwnedFd, path: &Path) -> Result<File, SysError> {
        let stat = rustix::fs::fstat(fd)
            .map_err(|errno| SysError::new(self.call("fstat", path), errno))?;
        if FileKind::of(stat.st_mode) != FileKind::Regular {
            return Err(SysError::refused(
                self.call("open", path),
                "not a regular file",
            ));
        }
        resolve::reopen(fd.as_fd(), OFlags::RDONLY)
            .map(File::from)
            .map_err(|errno| SysError::new(self.call("open", path), errno))
    }

    /// Reads a regular file of at most `limit` bytes; `None` if there is none.
    pub fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, SysError> {
        let Some(file) = self.open_file(path)? else {
            return Ok(None);
        };
        crate::file::read_bounded(file, limit, || self.call("read", path)).map(Some)
    }

    /// As [`Root::open_file`], for a file that lies on the same mount as the root itself; any other is refused.
    ///
    /// Where a container chooses the path, `is it a regular file` is not enough: `/proc/kmsg` is one to
    /// `stat`, and reading it waits for the kernel's next message and takes it from the host's log.
    pub fn open_on_same_mount(&self, path: &Path) -> Result<Option<File>, SysError> {
        let Some(fd) = self.resolve(path, OFlags::PATH)? else {
            return Ok(None);
        };
        if mount_identity(self.as_fd())? != mount_identity(fd.as_fd())? {
            return Err(SysError::refused(
                self.call("open", path),
                "on another mount than the root",
            ));
        }
        self.reopen_regular(&fd, path).map(Some)
    }

    /// As [`Root::read`], for a file of [`Root::open_on_same_mount`].
    pub fn read_on_same_mount(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, SysError> {
        let Some(file) = self.open_on_same_mount(path)? else {
            return Ok(None);
        };
        crate::file::read_bounded(file, limit, || self.call("read", path)).map(Some)
    }

    /// Refuses what does not lie below the root, as the kernel names both. For what was resolved inside, and could do
    /// harm if that were wrong.
    pub fn contains(&self, fd: &OwnedFd, path: &Path) -> Result<(), SysError> {
        #[cfg(liftgate_weakened)]
        if crate::weakness::Weakness::NoSandbox.is_on() {
            return Ok(());
        }
        self.inside(&self.real_path(fd.as_fd(), path)?, path)
            .map(|_| ())
    }

    /// Where an open directory is, as seen from inside the root.
    ///
    /// For text that a program inside is to read: the answer is stale as soon as it is given.
    pub fn path_of(&self, directory: &Dir) -> Result<PathBuf, SysError> {
        let path = directory.path();
        self.inside(&self.real_path(directory.as_fd(), path)?, path)
    }

    fn real_path(&self, fd: BorrowedFd<'_>, path: &Path) -> Result<PathBuf, SysError> {
        resolve::path_of(fd).map_err(|errno| SysError::new(self.call("readlink", path), errno))
    }

    fn inside(&self, real: &Path, path: &Path) -> Result<PathBuf, SysError> {
        let root = self.real_path(self.as_fd(), path)?;
        match real.strip_prefix(&root) {
            Ok(inside) => Ok(Path::new("/").join(inside)),
            Err(_) => Err(SysError::refused(
                self.call("canonicalize", path),
                format!("`{}` is not below `{}`", real.display(), root.display()),
            )),
        }
    }

    /// Opens a directory; `None` if there is nothing by that name.
    pub fn open_directory(&self, path: &Path) -> Result<Option<Dir>, SysError> {
        if let Some(fd) = self.resolve(path, OFlags::RDONLY | OFlags::DIRECTORY)? {
            return Ok(Some(Dir::new(fd, path)));
        }
        // The kernel says the same of what is no directory, and of what would lie below it.
        match self.resolve(path, OFlags::PATH)? {
            None => Ok(None),
            Some(_) => Err(SysError::new(self.call("open", path), Errno::NOTDIR)),
        }
    }

    /// Opens a directory, making it and its missing parents (mode `mode`) inside the root.
    pub fn make_directories(&self, path: &Path, mode: u32) -> Result<Dir, SysError> {
        let mut missing = Vec::new();
        let mut above = path;
        let mut directory = loop {
            if let Some(directory) = self.open_directory(above)? {
                break directory;
            }
            // With `..` behind a name that is not there yet, the path is no plain way down.
            let (Some(parent), Some(Component::Normal(name))) =
                (above.parent(), above.components().next_back())
            else {
                return Err(SysError::new(self.call("mkdir", path), Errno::NOENT));
            };
            missing.push(name);
            above = if parent.as_os_str().is_empty() {
                Path::new("/")
            } else {
                parent
            };
        };
        for name in missing.into_iter().rev() {
            directory = directory.make_directory(name, mode)?;
        }
        Ok(directory)
    }

    /// A descriptor (`O_PATH`) of whatever the path stands for, links followed inside the root: a place
    /// to mount on. `None` if there is nothing.
    pub fn open_path(&self, path: &Path) -> Result<Option<OwnedFd>, SysError> {
        self.resolve(path, OFlags::PATH)
    }

    /// Whether what a descriptor stands for lies on the same mount as the root itself.
    pub fn is_mount_of(&self, fd: BorrowedFd<'_>) -> Result<bool, SysError> {
        Ok(mount_identity(self.as_fd())? == mount_identity(fd)?)
    }

    /// Whether `directory` lies on the same mount as the root itself, and so inside the container's own
    /// file system rather than in a volume of the host that is mounted into it.
    pub fn is_same_mount(&self, directory: &Dir) -> Result<bool, SysError> {
        self.is_mount_of(directory.as_fd())
    }
}

/// The mount that a descriptor lies on; the device where a kernel before 5.8 does not tell.
pub(crate) fn mount_identity(fd: BorrowedFd<'_>) -> Result<u64, SysError> {
    #[cfg(liftgate_weakened)]
    if crate::weakness::Weakness::JoinedPaths.is_on() {
        return Ok(0);
    }
    let mount_id = StatxFlags::from_bits_retain(STATX_MNT_ID);
    match rustix::fs::statx(fd, c"", AtFlags::EMPTY_PATH, mount_id) {
        Ok(answer) if answer.stx_mask & STATX_MNT_ID != 0 => Ok(answer.stx_mnt_id),
        _ => rustix::fs::fstat(fd)
            .map(|stat| stat.st_dev)
            .map_err(|errno| SysError::new("fstat(fd)", errno)),
    }
}

const STATX_MNT_ID: u32 = 0x1000;

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{FileType, Mode};
    use std::ffi::{OsStr, OsString};
    use std::os::unix::fs::symlink;

    struct Tree {
        directory: tempfile::TempDir,
    }

    impl Tree {
        /// `root/` is the container's; `secret` beside it is the host's.
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(directory.path().join("root/etc")).unwrap();
            std::fs::write(directory.path().join("secret"), "host").unwrap();
            std::fs::write(directory.path().join("root/etc/file"), "container").unwrap();
            Self { directory }
        }
        fn at(&self, path: &str) -> PathBuf {
            self.directory.path().join(path)
        }
        fn root(&self) -> Root {
            Root::open(&self.at("root")).unwrap()
        }
    }

    #[test]
    fn links_out_of_the_root_end_inside_it() {
        let tree = Tree::new();
        symlink(tree.at("secret"), tree.at("root/absolute")).unwrap();
        symlink("../../../secret", tree.at("root/relative")).unwrap();
        symlink("../secret", tree.at("root/etc/up")).unwrap();
        let root = tree.root();
        for path in [
            "absolute",
            "relative",
            "etc/up",
            "../secret",
            "/../../secret",
        ] {
            assert_eq!(root.read(Path::new(path), 100).unwrap(), None, "{path}");
        }
        // The same text, pointing at something that exists inside, is found inside.
        symlink("/etc/file", tree.at("root/inside")).unwrap();
        assert_eq!(
            root.read(Path::new("inside"), 100).unwrap().as_deref(),
            Some(&b"container"[..])
        );
    }

    #[test]
    fn a_loop_of_links_is_nothing() {
        let tree = Tree::new();
        symlink("b", tree.at("root/a")).unwrap();
        symlink("a", tree.at("root/b")).unwrap();
        assert_eq!(tree.root().metadata(Path::new("a")).unwrap(), None);
    }

    #[test]
    fn a_pipe_is_not_opened() {
        let tree = Tree::new();
        let pipe = tree.at("root/pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let error = tree.root().read(Path::new("pipe"), 100).unwrap_err();
        assert!(error.to_string().ends_with("not a regular file"), "{error}");
    }

    #[test]
    fn directories_are_made_inside() {
        let tree = Tree::new();
        std::fs::create_dir(tree.at("outside")).unwrap();
        symlink(tree.at("outside"), tree.at("root/trap")).unwrap();
        // The link dangles inside the root, so nothing may be made through it.
        assert!(
            tree.root()
                .make_directories(Path::new("trap/new"), 0o755)
                .is_err()
        );
        assert!(!tree.at("outside/new").exists());
        tree.root()
            .make_directories(Path::new("a/b/c"), 0o755)
            .unwrap();
        assert!(tree.at("root/a/b/c").is_dir());
    }

    #[test]
    fn files_and_links_are_replaced_not_followed() {
        let tree = Tree::new();
        symlink(tree.at("secret"), tree.at("root/etc/ld.so.cache")).unwrap();
        let etc = tree
            .root()
            .open_directory(Path::new("etc"))
            .unwrap()
            .unwrap();
        etc.put_file(OsStr::new("ld.so.cache"), b"new", 0o644)
            .unwrap();
        assert_eq!(std::fs::read(tree.at("secret")).unwrap(), b"host");
        assert_eq!(
            std::fs::read(tree.at("root/etc/ld.so.cache")).unwrap(),
            b"new"
        );
        etc.put_symlink(OsStr::new("x.so.1"), OsStr::new("file"))
            .unwrap();
        assert_eq!(
            etc.read_link(OsStr::new("file")).unwrap(),
            Some(OsString::from("x.so.1"))
        );
        assert!(
            !etc.add_symlink(OsStr::new("y"), OsStr::new("file"))
                .unwrap()
        );
        // Nothing temporary stays.
        assert_eq!(etc.names(10).unwrap(), ["file", "ld.so.cache"]);
    }

    #[test]
    fn a_file_of_a_directory_is_opened_only_if_it_is_one() {
        let tree = Tree::new();
        symlink("file", tree.at("root/etc/link")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            tree.at("root/etc/pipe"),
            FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let root = tree.root();
        let etc = root.open_directory(Path::new("etc")).unwrap().unwrap();
        assert_eq!(root.path_of(&etc).unwrap(), Path::new("/etc"));
        for name in ["link", "pipe", "none"] {
            assert!(etc.open_file(OsStr::new(name)).unwrap().is_none(), "{name}");
        }
        let file = etc.open_file(OsStr::new("file")).unwrap().unwrap();
        assert_eq!(std::io::read_to_string(file).unwrap(), "container");
        for _ in 0..2 {
            etc.remove_file(OsStr::new("file")).unwrap();
        }
        assert_eq!(etc.names(10).unwrap(), ["link", "pipe"]);
    }

    #[test]
    fn names_with_a_slash_are_refused() {
        let tree = Tree::new();
        let etc = tree
            .root()
            .open_directory(Path::new("etc"))
            .unwrap()
            .unwrap();
        for name in ["../x", "a/b", "", ".", "..", "/x", "x/"] {
            assert!(
                etc.put_file(OsStr::new(name), b"", 0o644).is_err(),
                "`{name}`"
            );
        }
    }

    #[test]
    fn reading_is_bounded() {
        let tree = Tree::new();
        assert!(tree.root().read(Path::new("etc/file"), 8).is_err());
        assert!(tree.root().read(Path::new("etc/file"), 9).is_ok());
    }

    #[test]
    fn a_file_on_another_mount_can_be_refused() {
        let root = Root::open(Path::new("/")).unwrap();
        let error = root
            .read_on_same_mount(Path::new("/proc/kmsg"), 100)
            .unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("on another mount than the root"),
            "{error}"
        );
        let tree = Tree::new();
        let read = |path: &str| tree.root().read_on_same_mount(Path::new(path), 100);
        assert_eq!(
            read("etc/file").unwrap().as_deref(),
            Some(&b"container"[..])
        );
        assert_eq!(read("etc/none").unwrap(), None);
        assert!(read("etc").is_err());
    }

    #[test]
    fn canonicalize_answers_from_inside() {
        let tree = Tree::new();
        symlink("/etc", tree.at("root/conf")).unwrap();
        assert_eq!(
            tree.root().canonicalize(Path::new("/conf/file")).unwrap(),
            Some(PathBuf::from("/etc/file"))
        );
    }
}
