//! Device nodes allowed in the device cgroup of a container that exists.
//!
//! A low-level runtime forbids a container all devices but those of its `config.json`. Who comes later, a
//! prestart hook or `nvidia-container-cli configure`, can make a node and will see it fail with EPERM, until
//! the cgroup allows its number too.
//!
//! There are two moments, with a change of mount namespace between them. [`DeviceCgroup::open`] finds the
//! cgroup while the process still has the host's view, and opens what is needed; [`DeviceCgroup::allow`] uses
//! nothing but these descriptors, so it may come when `/sys/fs/cgroup` is the container's, and shows another
//! cgroup or whatever the image has put there.
//!
//! What is granted is reading, writing and making the node, as a CDI specification grants it. The reference
//! gives no leave to make it on this road; one plan, every road.
//!
//! It refuses: a cgroup that is not below what is mounted of its hierarchy (a path with `..` is one); programs
//! that it cannot carry over unchanged. It does not say that nothing forbids a device when it could not find out.
//!
//! A restriction that comes back is not seen here: systemd attaches its own programs anew at `systemctl
//! daemon-reload`, and knows nothing of ours. Devices that are in the container's `config.json` from the
//! beginning have no such weakness with a runc that tells systemd of them in a way that it understands (1.1.5 does
//! not, where `/dev/char` has no link to the node).

mod error;
mod legacy;
pub mod list;
pub mod locate;
pub mod program;
mod unified;

pub use error::Error;
pub use locate::Version;

use legacy::{Allowed, Legacy};
use liftgate_sys::{Root, SysError, file};
use locate::{Membership, Mount};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use unified::{Exchanged, Unified};

/// A character device, by its major and minor number.
pub type Device = (u32, u32);

/// The largest of the texts is the mount table: a host with a thousand containers has some hundred bytes for
/// each of their mounts.
const LIMIT: u64 = 64 << 20;

/// What kind of devices a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Character and block devices.
    All,
    /// Character devices.
    Char,
    /// Block devices.
    Block,
}

/// A rule of `linux.resources.devices` in a container's `config.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Whether it allows or denies.
    pub allow: bool,
    /// What kind of devices.
    pub kind: Kind,
    /// The major number; without one, all.
    pub major: Option<u32>,
    /// The minor number; without one, all.
    pub minor: Option<u32>,
    /// Whether it speaks of reading.
    pub read: bool,
    /// Whether it speaks of writing.
    pub write: bool,
    /// Whether it speaks of making nodes.
    pub mknod: bool,
}

/// The cgroup that restricts the devices of a process, held open.
#[derive(Debug)]
pub struct DeviceCgroup {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Legacy(Legacy),
    Unified(Unified),
}

impl DeviceCgroup {
    /// Finds and opens the cgroup of process `pid`. `proc` is where this mount namespace has its `/proc`.
    ///
    /// On a machine that has both versions it is the `devices` controller of version 1, if that is mounted:
    /// a runtime that finds it uses it.
    pub fn open(pid: u32, proc: &Path) -> Result<Self, Error> {
        let read = |name: &str| file::read(&proc.join(name), LIMIT);
        let text = read(&format!("{pid}/cgroup"))?.ok_or(Error::NoProcess(pid))?;
        let membership = Membership::parse(&text);
        // Of this thread: namespaces are each thread's own.
        let mounts = Mount::parse(&read("thread-self/mountinfo")?.unwrap_or_default());
        for version in [Version::V1, Version::V2] {
            let Some(path) = membership.path(version) else {
                continue;
            };
            if let Some(inner) = find(pid, version, path, &mounts, read)? {
                return Ok(Self { inner });
            }
        }
        Err(Error::NotMounted(pid))
    }

    /// Allows reading, writing and making these devices; what was allowed stays allowed.
    ///
    /// `rules` are those of the container's `config.json`. They are needed only where the kernel does not give
    /// its programs out (`net.core.bpf_jit_harden`): then a new one is made from them, which forbids what
    /// they forbid, and nothing that somebody else has forbidden this one cgroup since.
    pub fn allow(&self, devices: &[Device], rules: Option<&[Rule]>) -> Result<Granted, Error> {
        Ok(Granted {
            change: match &self.inner {
                Inner::Legacy(cgroup) => Change::Legacy(cgroup.allow(devices)?),
                Inner::Unified(cgroup) => Change::Unified(cgroup.allow(devices, rules)?),
            },
        })
    }

    /// Which version of cgroups it is of.
    pub fn version(&self) -> Version {
        match self.inner {
            Inner::Legacy(_) => Version::V1,
            Inner::Unified(_) => Version::V2,
        }
    }
}

/// Opens the cgroup `path` by the first mount that leads to it; `None` if none of this version can be seen.
fn find(
    pid: u32,
    version: Version,
    path: &[u8],
    mounts: &[Mount],
    read: impl Fn(&str) -> Result<Option<Vec<u8>>, SysError>,
) -> Result<Option<Inner>, Error> {
    let mut not_below = None;
    for mount in mounts.iter().filter(|mount| mount.version == version) {
        let root = match Root::open(&mount.point) {
            Ok(root) => root,
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error.into()),
        };
        // Another mount covers this one, or lies over the way to it.
        let fdinfo = format!("thread-self/fdinfo/{}", root.as_fd().as_raw_fd());
        if locate::mount_id(&read(&fdinfo)?.unwrap_or_default()) != Some(mount.id) {
            continue;
        }
        let Some(below) = mount.below(path) else {
            not_below.get_or_insert_with(|| Error::NotBelow {
                pid,
                path: String::from_utf8_lossy(path).into_owned(),
                root: String::from_utf8_lossy(&mount.root).into_owned(),
                point: mount.point.display().to_string(),
            });
            continue;
        };
        let directory = root
            .open_directory(&Path::new("/").join(&below))?
            .ok_or_else(|| Error::Gone(mount.point.join(&below).display().to_string()))?;
        return Ok(Some(match version {
            Version::V1 => Inner::Legacy(Legacy::open(&directory)?),
            Version::V2 => Inner::Unified(Unified::open(&directory)?),
        }));
    }
    // Not to be taken for a machine without this version, or a restriction would be missed.
    not_below.map_or(Ok(None), Err)
}

/// Devices that have been allowed, and what it takes to go back.
#[derive(Debug)]
#[must_use = "dropping it leaves the devices allowed, which is right only if all else went well"]
pub struct Granted {
    change: Change,
}

#[derive(Debug)]
enum Change {
    Legacy(Allowed),
    Unified(Exchanged),
}

impl Granted {
    /// Puts back what was there before. Devices that had been allowed already stay so.
    pub fn undo(self) -> Result<(), Error> {
        let result: Result<(), SysError> = match self.change {
            Change::Legacy(allowed) => allowed.undo(),
            Change::Unified(exchanged) => exchanged.undo(),
        };
        result.map_err(Error::from)
    }
}
