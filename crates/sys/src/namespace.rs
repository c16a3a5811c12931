//! Mount namespaces: a view of the file system that nobody else shares.

use crate::error::{Errno, SysError};
use rustix::fs::{Mode, OFlags};
use rustix::thread::{LinkNameSpaceType, UnshareFlags};
use std::os::fd::OwnedFd;
use std::path::Path;

/// Gives the calling thread a mount namespace of its own. Mounts still propagate until
/// [`crate::mount::make_private`] says otherwise.
pub fn unshare_mounts() -> Result<(), SysError> {
    #[expect(unsafe_code, reason = "unshare is unsafe for flags not used here")]
    // SAFETY: `unshare` is unsafe because of `CLONE_FILES`, which takes the descriptor table from under
    // other threads. `CLONE_NEWNS` shares no memory and no descriptor; it only (also) unshares the
    // working directory.
    let answer = unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) };
    answer.map_err(|errno| SysError::new("unshare(CLONE_NEWNS)", errno))
}

/// Makes `new_root`, a mount point, the root of this mount namespace, and lets the old root go.
pub fn pivot_root(new_root: &Path) -> Result<(), SysError> {
    let call = || format!("pivot_root(`{}`)", new_root.display());
    let fail = |errno: Errno| SysError::new(call(), errno);
    rustix::process::chdir(new_root).map_err(fail)?;
    // Old root and new root may be the same directory: the old root is then stacked on the new one, and
    // unmounting `.` takes it off (pivot_root(2), "pivot_root(".", ".")").
    rustix::process::pivot_root(".", ".").map_err(fail)?;
    rustix::mount::unmount(".", rustix::mount::UnmountFlags::DETACH).map_err(fail)?;
    rustix::process::chdir("/").map_err(fail)
}

/// A namespace of some process, held open.
#[derive(Debug)]
pub struct Namespace {
    fd: OwnedFd,
    kind: LinkNameSpaceType,
    path: std::path::PathBuf,
}

impl Namespace {
    /// The mount namespace that `path`, a `/proc/PID/ns/mnt`, stands for.
    pub fn of_mounts(path: &Path) -> Result<Self, SysError> {
        Self::open(path, LinkNameSpaceType::Mount)
    }

    /// The user namespace that `path`, a `/proc/PID/ns/user`, stands for.
    pub fn of_users(path: &Path) -> Result<Self, SysError> {
        Self::open(path, LinkNameSpaceType::User)
    }

    fn open(path: &Path, kind: LinkNameSpaceType) -> Result<Self, SysError> {
        let fd = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| SysError::new(format!("open(`{}`)", path.display()), errno))?;
        Ok(Self {
            fd,
            kind,
            path: path.to_owned(),
        })
    }

    /// Whether both are the same namespace.
    pub fn is(&self, other: &Self) -> Result<bool, SysError> {
        let identity = |fd: &OwnedFd| {
            rustix::fs::fstat(fd)
                .map(|stat| (stat.st_dev, stat.st_ino))
                .map_err(|errno| SysError::new("fstat(namespace)", errno))
        };
        Ok(identity(&self.fd)? == identity(&other.fd)?)
    }

    /// Moves the calling thread into it. In a mount namespace, root and working directory are then the
    /// namespace's own; in a user namespace, the thread is its root with every capability in it, and without
    /// those outside of it.
    pub fn enter(&self) -> Result<(), SysError> {
        use std::os::fd::AsFd as _;
        rustix::thread::move_into_link_name_space(self.fd.as_fd(), Some(self.kind))
            .map_err(|errno| SysError::new(format!("setns(`{}`)", self.path.display()), errno))
    }
}

/// Whether this process has all of root's rights on the machine: user 0 of the first user namespace.
pub fn is_real_root() -> bool {
    rustix::process::geteuid().is_root()
        && std::fs::read_to_string("/proc/self/uid_map")
            .is_ok_and(|map| map.split_whitespace().eq(["0", "0", "4294967295"]))
}
