//! The `/dev` of a simulated machine: the host's character devices without any NVIDIA or display node of
//! its own, and the machine's.
//!
//! Block devices are left out: nothing simulated needs one, and a test that runs as root inside should
//! not find the host's disk.

use crate::device::{Node, device_numbers};
use crate::layer;
use crate::machine::Machine;
use crate::tree::make_nodes;
use liftgate_sys::{SysError, mount, node};
use std::fs::DirEntry;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

/// Fills `target`, an empty directory on a file system that allows devices.
pub(crate) fn fill(
    target: &Path,
    machine: &Machine,
    mount_points: &[PathBuf],
) -> Result<(), SysError> {
    let own = |path: &Path| {
        let is_node = |node: &Node| Path::new(&node.path) == path;
        machine.nodes().iter().any(is_node)
    };
    copy(Path::new("/dev"), target, mount_points, &own)?;
    if !make_nodes(target, machine.nodes()) {
        return Err(SysError::refused(
            format!("mknod below `{}`", target.display()),
            "the kernel lets nobody make device nodes here",
        ));
    }
    let linked = |error: io::Error| {
        SysError::from_io(format!("symlink below `{}`", target.display()), &error)
    };
    let kernel = machine.kernel();
    for gpu in kernel.gpus() {
        link_by_path(target, &gpu.bus, &gpu.drm).map_err(linked)?;
    }
    for (path, to) in &kernel.manifest.links {
        if let Some(path) = path.strip_prefix("/dev/") {
            layer::link(target, path, to).map_err(linked)?;
        }
    }
    Ok(())
}

fn copy(
    from: &Path,
    to: &Path,
    mount_points: &[PathBuf],
    own: &dyn Fn(&Path) -> bool,
) -> Result<(), SysError> {
    let entries = std::fs::read_dir(from).map_err(|error| fail("readdir", from, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| fail("readdir", from, &error))?;
        if !is_of_the_simulated_driver(&entry) && !own(&entry.path()) {
            copy_entry(&entry, &to.join(entry.file_name()), mount_points, own)?;
        }
    }
    Ok(())
}

/// What the names of the simulated driver's nodes, and of those that go with it, begin with; a real one's
/// must not shine through.
const DRIVER_NAMES: [&str; 8] = [
    "dri",
    "dxg",
    "gdrdrv",
    "infiniband",
    "nvgpu",
    "nvhost-",
    "nvidia",
    "nvmap",
];

fn is_of_the_simulated_driver(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    DRIVER_NAMES
        .iter()
        .any(|start| name.as_encoded_bytes().starts_with(start.as_bytes()))
}

fn copy_entry(
    entry: &DirEntry,
    target: &Path,
    mount_points: &[PathBuf],
    own: &dyn Fn(&Path) -> bool,
) -> Result<(), SysError> {
    let source = entry.path();
    let kind = entry
        .file_type()
        .map_err(|error| fail("stat", &source, &error))?;
    if mount_points.contains(&source) {
        let made = if kind.is_dir() {
            std::fs::create_dir(target)
        } else {
            std::fs::write(target, "")
        };
        made.map_err(|error| fail("create", target, &error))?;
        return mount::bind_recursive(&source, target);
    }
    if kind.is_dir() {
        std::fs::create_dir(target).map_err(|error| fail("mkdir", target, &error))?;
        return copy(&source, target, mount_points, own);
    }
    if kind.is_symlink() {
        return std::fs::read_link(&source)
            .and_then(|link| symlink(link, target))
            .map_err(|error| fail("symlink", target, &error));
    }
    if kind.is_char_device() {
        let metadata = entry
            .metadata()
            .map_err(|error| fail("stat", &source, &error))?;
        let (major, minor) = device_numbers(metadata.rdev());
        node::make_character_device(target, major, minor, metadata.mode() & 0o7777)?;
        return std::os::unix::fs::chown(target, Some(metadata.uid()), Some(metadata.gid()))
            .map_err(|error| fail("chown", target, &error));
    }
    Ok(())
}

fn fail(call: &str, path: &Path, error: &io::Error) -> SysError {
    SysError::from_io(format!("{call}(`{}`)", path.display()), error)
}

/// `/dev/dri/by-path`, as udev makes it.
fn link_by_path(dev: &Path, bus: &str, drm: &[String]) -> io::Result<()> {
    let directory = dev.join("dri/by-path");
    for name in drm {
        let role = if name.starts_with("card") {
            "card"
        } else {
            "render"
        };
        std::fs::create_dir_all(&directory)?;
        symlink(
            format!("../{name}"),
            directory.join(format!("pci-{bus}-{role}")),
        )?;
    }
    Ok(())
}
