//! Faults on purpose, of a build that is never shipped: what other toolkits did with files of the image's, and what
//! became a CVE. See `liftgate_sys::weakness`.

use liftgate_sys::weakness::{Weakness, joined};
use liftgate_sys::{FileKind, Root, SysError, mount};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const COMPAT: &str = "/usr/local/cuda/compat";
const LIBRARIES: &str = "/usr/lib/x86_64-linux-gnu";

/// Runs the image's `ldconfig`, as root, with the host's namespaces (CVE-2024-0136, CVE-2024-0137).
pub(crate) fn run_ldconfig(root: &Path) {
    if Weakness::RunsImagesLdconfig.is_on() {
        Command::new(joined(root, Path::new("/sbin/ldconfig")))
            .arg("-r")
            .arg(root)
            .stdin(Stdio::null())
            .status()
            .ok();
    }
}

/// Mounts the image's newer CUDA libraries among the driver's: first each path is resolved inside the root, then
/// each is mounted, by its path (CVE-2024-0132, CVE-2025-23359).
pub(crate) fn mount_newer_cuda(root: &Root) {
    let does_look = Weakness::MountsAfterLook.is_on();
    if !does_look && !Weakness::MountsFromImage.is_on() {
        return;
    }
    let compat = joined(root.path(), Path::new(COMPAT));
    let mut names: Vec<_> = std::fs::read_dir(compat)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name())
        .filter(|name| name.to_string_lossy().contains(".so."))
        .collect();
    names.sort();
    let sources: Vec<Option<PathBuf>> = names
        .iter()
        .map(|name| {
            let inside = root.canonicalize(&Path::new(COMPAT).join(name)).ok()??;
            let source = joined(root.path(), &inside);
            let is_regular = || {
                source
                    .symlink_metadata()
                    .is_ok_and(|metadata| metadata.is_file())
            };
            (!does_look || is_regular()).then_some(source)
        })
        .collect();
    for (name, source) in names.iter().zip(sources) {
        let Some(source) = source else {
            continue;
        };
        let target = joined(root.path(), &Path::new(LIBRARIES).join(name));
        if source.is_dir() {
            std::fs::create_dir_all(&target).ok();
        } else if !target.exists() {
            std::fs::File::create(&target).ok();
        }
        mount::bind(&source, &target).ok();
    }
}

/// A place to mount on by its joined path, made through whatever link is in its place (CVE-2024-0133).
pub(crate) fn point(root: &Root, path: &Path, kind: FileKind) -> Result<Option<OwnedFd>, SysError> {
    if !Weakness::JoinedPaths.is_on() {
        return Ok(None);
    }
    let joined = joined(root.path(), path);
    if kind == FileKind::Directory {
        std::fs::create_dir_all(&joined).ok();
    } else if !joined.exists() {
        joined.parent().map(std::fs::create_dir_all);
        std::fs::File::create(&joined).ok();
    }
    root.open_path(path)
}
