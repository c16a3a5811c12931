//! What injection asks of the host: its device nodes, and whether a path is there.
//!
//! Injection itself looks at nothing, so that it can be tested with any host, and used for a host that is
//! mounted elsewhere. A link is told as one and not followed: what a node's link leads to may be another device
//! tomorrow, and the engines refuse it, too.

use std::path::Path;

use liftgate_oci::DeviceKind;
use liftgate_sys::{FileKind, SysError, file};

/// The host as injection sees it.
pub trait HostNodes {
    /// What lies at `path`, a link not followed; `None` if nothing does.
    fn node(&self, path: &Path) -> Result<Option<HostNode>, SysError>;

    /// Whether `path` leads to something, links followed: the source of a mount, a hook's program.
    fn exists(&self, path: &Path) -> Result<bool, SysError>;
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostNode {
    /// What it is.
    pub kind: NodeKind,
    /// Major number of a device.
    pub major: u32,
    /// Minor number of a device.
    pub minor: u32,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// What a path can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A device or pipe.
    Device(DeviceKind),
    /// A symbolic link.
    Link,
    /// Anything else: a file, a directory.
    Other,
}

/// The host that this process runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisHost;

impl HostNodes for ThisHost {
    fn node(&self, path: &Path) -> Result<Option<HostNode>, SysError> {
        Ok(file::link_metadata(path)?.map(|metadata| HostNode {
            kind: match metadata.kind {
                FileKind::CharacterDevice => NodeKind::Device(DeviceKind::Character),
                FileKind::BlockDevice => NodeKind::Device(DeviceKind::Block),
                FileKind::Fifo => NodeKind::Device(DeviceKind::Fifo),
                FileKind::Symlink => NodeKind::Link,
                _ => NodeKind::Other,
            },
            major: metadata.device.0,
            minor: metadata.device.1,
            mode: metadata.mode,
            uid: metadata.uid,
            gid: metadata.gid,
        }))
    }

    fn exists(&self, path: &Path) -> Result<bool, SysError> {
        Ok(file::metadata(path)?.is_some())
    }
}
