//! A container that exists already: which mount namespace it is, where its root is, whose it is.
//!
//! Its root is opened through `/proc/PID/root` while this process still is in the host's mount namespace:
//! paths then resolve in the container's mounts, and files can be made there. Only to put mounts in place has
//! this process to be in the container's mount namespace, which it enters once and never leaves.

use liftgate_sys::namespace::Namespace;
use liftgate_sys::{Dir, Root, SysError};
use std::path::{Path, PathBuf};

/// Which process the container is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// Its init process, by the host's process id, before the root is pivoted or after.
    Init(u32),
    /// The caller: this process runs in the container's mount namespace already.
    Caller,
}

/// A container that exists already.
#[derive(Debug)]
pub struct Container {
    pub(crate) process: u32,
    pub(crate) root: Root,
    /// Its mount namespace, where that is another than this process's.
    pub(crate) mounts: Option<Namespace>,
    /// Its user namespace, where that is another than this process's.
    pub(crate) users: Option<Namespace>,
    /// User and group, as this process counts them, that the container's root is.
    pub(crate) owner: (u32, u32),
    /// The host's root directory and the file system of its `/dev`, to be told from the container's.
    host: HostIdentity,
}

#[derive(Debug, Clone, Copy)]
struct HostIdentity {
    root: Option<(u64, u64)>,
    devices: Option<u64>,
}

impl HostIdentity {
    fn read() -> Result<Self, SysError> {
        let identity = |path: &str| -> Result<_, SysError> {
            Ok(liftgate_sys::file::metadata(Path::new(path))?.map(|metadata| metadata.identity))
        };
        Ok(Self {
            root: identity("/")?,
            devices: identity(DEVICES)?.map(|(device, _)| device),
        })
    }
}

const DEVICES: &str = "/dev";

impl Container {
    /// The container of `process`, whose root is at `root` in its mount namespace (an absolute path).
    pub fn open(process: Process, root: &Path) -> Result<Self, SysError> {
        let host = HostIdentity::read()?;
        let container = match process {
            Process::Caller => Self {
                process: std::process::id(),
                // With the dot a link is followed.
                root: Root::open(&root.join("."))?,
                mounts: None,
                users: None,
                owner: (0, 0),
                host,
            },
            Process::Init(pid) => Self::of_init(pid, root, host)?,
        };
        // It has many names: `/..`, a link, a bind mount.
        let top = container.root.metadata(Path::new("/"))?;
        if top.map(|top| top.identity) == container.host.root {
            return Err(SysError::refused(
                format!("open_root(`{}`)", root.display()),
                "the container's root is the host's",
            ));
        }
        Ok(container)
    }

    fn of_init(pid: u32, root: &Path, host: HostIdentity) -> Result<Self, SysError> {
        let directory = PathBuf::from(format!("/proc/{pid}"));
        let own = Path::new("/proc/thread-self/ns");
        let users = Namespace::of_users(&directory.join("ns/user"))?;
        let mounts = Namespace::of_mounts(&directory.join("ns/mnt"))?;
        let is_own_users = users.is(&Namespace::of_users(&own.join("user"))?)?;
        let is_own_mounts = mounts.is(&Namespace::of_mounts(&own.join("mnt"))?)?;
        let owner = if is_own_users {
            (0, 0)
        } else {
            (
                mapped_root(&directory.join("uid_map"))?,
                mapped_root(&directory.join("gid_map"))?,
            )
        };
        Ok(Self {
            process: pid,
            root: Root::open(&directory.join("root/."))?.below(root)?,
            mounts: (!is_own_mounts).then_some(mounts),
            users: (!is_own_users).then_some(users),
            owner,
            host,
        })
    }

    /// Whether device nodes can be made in the directory: it lies in a `/dev` that was mounted for this container,
    /// and devices of that file system can be opened.
    pub(crate) fn is_own_devices(&self, directory: &Dir) -> Result<bool, SysError> {
        let Some(devices) = self.root.open_directory(Path::new(DEVICES))? else {
            return Ok(false);
        };
        Ok(!self.root.is_same_mount(&devices)?
            && directory.is_same_mount(&devices)?
            && directory.is_in_memory()?
            && directory.allows_devices()?
            // The host's own, which a user may have mounted there, is in memory too.
            && self.host.devices != Some(directory.device()?))
    }

    /// The container's root.
    pub fn root(&self) -> &Root {
        &self.root
    }
}

/// Who root of a user namespace is, from its `uid_map` or `gid_map`.
fn mapped_root(path: &Path) -> Result<u32, SysError> {
    let bytes = liftgate_sys::file::read(path, 1 << 16)?.unwrap_or_default();
    outer_root(&String::from_utf8_lossy(&bytes)).ok_or_else(|| {
        SysError::refused(
            format!("read(`{}`)", path.display()),
            "the container's user namespace has no root",
        )
    })
}

/// The line `INNER OUTER COUNT` in which the inner id 0 stands.
fn outer_root(map: &str) -> Option<u32> {
    map.lines().find_map(|line| {
        let mut numbers = line.split_whitespace();
        (numbers.next()? == "0").then(|| numbers.next()?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_of_a_user_namespace() {
        assert_eq!(outer_root("         0          0 4294967295\n"), Some(0));
        assert_eq!(outer_root("1 100000 10\n0 1000 1\n"), Some(1000));
        for none in ["", "1 2 3", "0", "0 x 1", "0 -1 1"] {
            assert_eq!(outer_root(none), None, "{none}");
        }
    }
}
