//! `/proc/driver/nvidia`, as a container is to see it: the GPUs that it was given, and no leave to make nodes.
//!
//! The kernel shows every GPU of the machine there, in every container. `gpus` is covered by a directory that
//! has the granted ones only: which these are is read from the container's `/dev`, because the hook of a
//! specification is the same for every device of it.
//!
//! `params` is covered by a copy that says `ModifyDeviceFiles: 0`. With `1`, `nvidia-modprobe` and the driver's
//! libraries make missing device nodes themselves, also those of GPUs that the container was not given. The
//! device cgroup would still deny them; the attempt would change the container's `/dev`.
//!
//! The covers are mounts of the container's mount namespace, over its own `/proc`, and go with it.

use super::granted;
use liftgate_driver::gpu_minor;
use liftgate_sys::tree::{self, Flags, Tree};
use liftgate_sys::{Dir, Root, SysError, mount};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

const DIRECTORY: &str = "/proc/driver/nvidia";
const PARAMS: &str = "/proc/driver/nvidia/params";
const GPUS: &str = "/proc/driver/nvidia/gpus";
const ON: &str = "ModifyDeviceFiles: 1";
const OFF: &str = "ModifyDeviceFiles: 0";
const LIMIT: u64 = 1 << 16;
/// More GPUs than a machine has.
const MOST_GPUS: usize = 1024;

/// Nothing in there is to be written, or could be.
const COVER: Flags = Flags {
    read_only: true,
    no_suid: true,
    no_devices: true,
    no_execution: true,
};

/// Covers both, as far as they are there.
pub(super) fn cover(root: &Root, notes: &mut Vec<String>) {
    if let Err(error) = cover_params(root) {
        notes.push(format!("`{PARAMS}` is not covered: {error}"));
    }
    if let Err(error) = cover_gpus(root) {
        notes.push(format!("`{GPUS}` shows every GPU of the machine: {error}"));
    }
}

fn cover_params(root: &Root) -> Result<(), SysError> {
    let Some(bytes) = root.read(Path::new(PARAMS), LIMIT)? else {
        return Ok(());
    };
    let content = String::from_utf8_lossy(&bytes);
    if !content.lines().any(|line| line == ON) {
        return Ok(());
    }
    let covered: String = content
        .lines()
        .flat_map(|line| [if line == ON { OFF } else { line }, "\n"])
        .collect();
    let (Some(target), Some(scratch)) = (
        root.open_path(Path::new(PARAMS))?,
        root.open_path(Path::new(DIRECTORY))?,
    ) else {
        return Ok(());
    };
    mount::cover_file(target.as_fd(), scratch.as_fd(), covered.as_bytes())
}

fn cover_gpus(root: &Root) -> Result<(), SysError> {
    let Some(gpus) = root.open_directory(Path::new(GPUS))? else {
        return Ok(());
    };
    // By an earlier hook of the same start.
    if tree::is_mount_point(gpus.as_fd()) {
        return Ok(());
    }
    let minors = granted::minors(root)?;
    let names = gpus.names(MOST_GPUS)?;
    // Asking the driver about one GPU takes it some two milliseconds: nothing is asked that need not be known.
    if minors.len() >= names.len() {
        return Ok(());
    }
    let mut shown = Vec::new();
    for name in &names {
        if shown.len() < minors.len() && is_granted(&gpus, name, &minors)? {
            shown.push((name, gpus.open_path(name)?));
        }
    }
    show(&gpus, shown)
}

/// Whether the GPU that the directory `name` describes is among those of the minors.
fn is_granted(gpus: &Dir, name: &OsString, minors: &BTreeSet<u32>) -> Result<bool, SysError> {
    let text = gpus
        .directory(name)?
        .read("information".as_ref(), LIMIT)?
        .unwrap_or_default();
    Ok(gpu_minor(&String::from_utf8_lossy(&text)).is_some_and(|minor| minors.contains(&minor)))
}

fn show(gpus: &Dir, shown: Vec<(&OsString, OwnedFd)>) -> Result<(), SysError> {
    let writable = Flags {
        read_only: false,
        ..COVER
    };
    // One page for each directory is the least that tmpfs accounts for.
    let cover = Tree::in_memory((shown.len() + 1) * 4096, 0o555, writable)?;
    let cover = cover.attach(gpus.as_fd())?;
    let directory = Dir::of_descriptor(cover.as_fd(), Path::new(GPUS))?;
    for (name, gpu) in shown {
        let place = directory.add_directory(name, 0o555)?;
        // It goes with the cover.
        Tree::of_descriptor(gpu.as_fd(), COVER)?.attach(place.as_fd())?;
    }
    mount::set_read_only(cover.as_fd(), true)
}
