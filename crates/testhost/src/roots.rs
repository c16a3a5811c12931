//! Root file systems inside a machine: a driver container's is one, whole, at `/run/nvidia/driver`.
//!
//! Who calls `chroot` into it must find what a program needs to start, so the running host's loader and C
//! library are copied in: from the very files that this process runs on, which are of one build and there.
//! Absolute links inside such a root are relative to it. A reader that follows them on the host ends up on
//! the host; `ldconfig -r` does not, and neither may we.

use crate::machine::Machine;
use crate::manifest::RootEntry;
use crate::tree::make_nodes;
use crate::{host_mounts, layer};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The C library's parts that the stand-ins, or a real driver's libraries, are linked with.
const C_LIBRARIES: [&str; 5] = [
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
];

const LDCONFIG: &str = "/sbin/ldconfig";

/// Completes every root of the machine in the tree `root`; false if its nodes could not be made.
pub(crate) fn complete(machine: &Machine, root: &Path) -> io::Result<bool> {
    let mut nodes_made = true;
    for entry in &machine.manifest.roots {
        let inside = layer::place(root, &entry.path)?;
        copy_c_library(entry, &inside)?;
        nodes_made &= make_nodes(&inside.join("dev"), machine.nodes());
        write_loader_cache(&inside)?;
    }
    Ok(nodes_made)
}

fn copy_c_library(entry: &RootEntry, inside: &Path) -> io::Result<()> {
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    for source in c_library_files(&maps) {
        let Some(name) = source.file_name() else {
            continue;
        };
        let path = format!("{}/{}", entry.c_library, name.to_string_lossy());
        std::fs::copy(&source, layer::place(inside, &path)?)?;
    }
    Ok(())
}

/// The loader and the parts of the C library, from what a process has mapped.
fn c_library_files(maps: &str) -> BTreeSet<PathBuf> {
    let mapped = maps
        .lines()
        .filter_map(|line| line.split_once('/'))
        .map(|(_, rest)| PathBuf::from(format!("/{}", host_mounts::unescape(rest))));
    let mut files = BTreeSet::new();
    for path in mapped {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("ld-linux") {
            files.insert(path);
        } else if name == "libc.so.6" {
            files.extend(
                C_LIBRARIES
                    .iter()
                    .map(|name| path.with_file_name(name))
                    .filter(|path| path.exists()),
            );
        }
    }
    files
}

/// `-r` resolves every path below the root, without entering it, so no right is needed.
fn write_loader_cache(inside: &Path) -> io::Result<()> {
    let output = Command::new(LDCONFIG).arg("-r").arg(inside).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!(
        "`{LDCONFIG} -r {}`: {}: {said}",
        inside.display(),
        output.status
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_is_the_one_this_process_runs_on() {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let files = c_library_files(&maps);
        for wanted in ["libc.so.6", "libdl.so.2"] {
            assert!(files.iter().any(|path| path.ends_with(wanted)), "{files:?}");
        }
        let is_loader = |path: &PathBuf| path.to_string_lossy().contains("/ld-linux");
        assert!(files.iter().any(is_loader), "{files:?}");
        assert!(c_library_files("7f00 r-xp 00000000 00:00 0 [vdso]\n").is_empty());
    }
}
