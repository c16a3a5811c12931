//! A directory of the container's that may be written to: of its own file system, or of its own `/dev`.
//!
//! The low-level runtime mounts a fresh tmpfs on `/dev`, which goes with the container. A user may mount the
//! host's `/dev` there instead, or a part of it, and that is a volume as any other.

use liftgate_sys::{Dir, FileKind, Root};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

const DEVICES: &str = "/dev";

/// Why a directory is not written to.
#[derive(Debug, Clone)]
pub(super) enum Unavailable {
    /// It lies on a volume: the user's, on the host, and to be left as it is.
    Volume(String),
    /// The image has laid it out so that it cannot be.
    Failed(String),
}

impl Unavailable {
    /// In words.
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Volume(reason) | Self::Failed(reason) => reason,
        }
    }
}

/// Opens the directory of the container, making it where it is missing, if it lies on the container's own
/// file system.
pub(super) fn open(root: &Root, path: &Path) -> Result<Dir, Unavailable> {
    open_with_mode(root, path, 0o755)
}

/// As [`open`], with the mode of directories that are made.
pub(super) fn open_with_mode(root: &Root, path: &Path, mode: u32) -> Result<Dir, Unavailable> {
    let failed = |error: liftgate_sys::SysError| Unavailable::Failed(error.to_string());
    if let Some(directory) = root.open_directory(path).map_err(failed)? {
        check(root, &directory, path)?;
        return Ok(directory);
    }
    // Where it would be made, nothing is made on a volume either.
    for above in path.ancestors().skip(1) {
        if let Some(directory) = root.open_directory(above).map_err(failed)? {
            check(root, &directory, above)?;
            break;
        }
    }
    let directory = root.make_directories(path, mode).map_err(failed)?;
    check(root, &directory, path)?;
    Ok(directory)
}

/// Refuses a directory on another mount than the root's.
fn check(root: &Root, directory: &Dir, path: &Path) -> Result<(), Unavailable> {
    let failed = |error: liftgate_sys::SysError| Unavailable::Failed(error.to_string());
    if root.is_same_mount(directory).map_err(failed)?
        || path.starts_with(DEVICES) && is_own_devices(root, directory).map_err(failed)?
    {
        return Ok(());
    }
    // A volume is mounted on a directory. A link that leads to another mount is the image's doing.
    let is_directory = root
        .symlink_metadata(path)
        .map_err(failed)?
        .is_some_and(|metadata| metadata.kind == FileKind::Directory);
    Err(if is_directory {
        Unavailable::Volume(format!(
            "`{}` lies on a volume that is mounted into the container and is left as it is",
            path.display()
        ))
    } else {
        Unavailable::Failed(format!("`{}` leads to another mount", path.display()))
    })
}

/// Whether what a descriptor stands for lies on the container's own file system or in its own `/dev`.
pub(super) fn is_containers_own(
    root: &Root,
    target: &OwnedFd,
) -> Result<bool, liftgate_sys::SysError> {
    if root.is_mount_of(target.as_fd())? {
        return Ok(true);
    }
    let Some(devices) = root.open_directory(Path::new(DEVICES))? else {
        return Ok(false);
    };
    Ok(devices.is_mount_of(target.as_fd())? && is_own_devices(root, &devices)?)
}

/// Whether the directory lies in a `/dev` that was mounted for this container. The hook runs before the root is
/// pivoted, so that `/dev` by its plain path is still the host's.
fn is_own_devices(root: &Root, directory: &Dir) -> Result<bool, liftgate_sys::SysError> {
    let top = Path::new(DEVICES);
    let Some(devices) = root.open_directory(top)? else {
        return Ok(false);
    };
    if !directory.is_same_mount(&devices)? || !directory.is_in_memory()? {
        return Ok(false);
    }
    match liftgate_sys::file::metadata(top)? {
        Some(hosts) => Ok(hosts.identity.0 != directory.device()?),
        None => Ok(false),
    }
}
