//! `nvidia-ctk system create-dev-char-symlinks`: `/dev/char/MAJOR:MINOR` for the driver's nodes.
//!
//! systemd looks a device of a unit's list up by that name, and takes one without a link from a container at its next
//! reload. udev makes such links for devices that the kernel announces, and the driver's are none of them.
//!
//! A link that leads to another device, or nowhere, is replaced: its name says where it has to lead, and it is what
//! systemd would have allowed. A driver container's nodes are looked for, too, where the host has none of the same number.

use super::{device_nodes, majors, modules, text};
use crate::cdi::absolute;
use crate::commands::nvidia_ctk::flags::Values;
use crate::commands::nvidia_ctk::log::Log;
use liftgate_driver::{Places, gpu_models, mig_minors};
use liftgate_sys::{Dir, FileKind, Root, file};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Names below `/dev` that begin like the driver's nodes, and are those of others.
const OTHERS: [&str; 3] = ["nvidia-fs", "nvidia-nvswitch", "nvidia-nvlink"];

/// Most entries of `/dev` that are looked at.
const MOST_NAMES: usize = 100_000;

/// A device node, and its numbers.
#[derive(Debug, PartialEq, Eq)]
struct Node {
    path: PathBuf,
    device: (u32, u32),
}

pub(in crate::commands::nvidia_ctk) fn run(values: &Values, log: Log) -> Result<(), String> {
    let directory = Path::new(values.filled("dev-char-path").unwrap_or("/dev/char"));
    let root = absolute(values.filled("driver-root").unwrap_or("/"))?;
    let dry_run = values.is_on("dry-run");
    let nodes = if values.is_on("create-all") {
        if values.is_on("load-kernel-modules") {
            modules::load(&root, dry_run, log)?;
        }
        possible(values.is_on("create-device-nodes"), dry_run, log)?
    } else {
        for flag in ["load-kernel-modules", "create-device-nodes"] {
            if values.is_on(flag) {
                log.warning(&format!(
                    "{flag} is only applicable when create-all is set; ignoring"
                ));
            }
        }
        existing(&root)?
    };
    if nodes.is_empty() {
        log.info(&format!("No NVIDIA devices found in {}", root.display()));
        return Ok(());
    }
    link(&nodes, directory, dry_run, log)
        .map_err(|reason| format!("failed to create links: {reason}"))
}

/// The nodes that there are, on the host and then in the driver root.
fn existing(root: &Path) -> Result<Vec<Node>, String> {
    let mut nodes = existing_in(Path::new("/"))?;
    if root != Path::new("/") {
        for node in existing_in(root)? {
            if nodes.iter().all(|known| known.device != node.device) {
                nodes.push(node);
            }
        }
    }
    Ok(nodes)
}

fn existing_in(path: &Path) -> Result<Vec<Node>, String> {
    let Ok(real) = std::fs::canonicalize(path) else {
        return Ok(Vec::new());
    };
    let root = Root::open(&real).map_err(text)?;
    let mut nodes = Vec::new();
    for (below, prefix) in [("dev", "nvidia"), ("dev/nvidia-caps", "nvidia-")] {
        let below = Path::new(below);
        let Some(directory) = root.open_directory(below).map_err(text)? else {
            continue;
        };
        for name in directory.names(MOST_NAMES).map_err(text)? {
            let is_ours = name.to_str().is_some_and(|name| {
                name.starts_with(prefix) && !OTHERS.iter().any(|other| name.starts_with(other))
            });
            if !is_ours {
                continue;
            }
            let found = directory.metadata(&name).map_err(text)?;
            if let Some(found) = found.filter(|found| found.kind == FileKind::CharacterDevice) {
                nodes.push(Node {
                    path: path.join(below).join(name),
                    device: found.device,
                });
            }
        }
    }
    Ok(nodes)
}

/// The nodes that there could be: the control devices', the GPUs', and those of all their possible MIG devices.
fn possible(make_nodes: bool, dry_run: bool, log: Log) -> Result<Vec<Node>, String> {
    let majors =
        majors().map_err(|reason| format!("failed to create symlink creator: {reason}"))?;
    if make_nodes {
        device_nodes::make(Path::new("/"), &majors, dry_run, log)?;
    }
    let mut nodes = Vec::new();
    let mut add = |name: String, major: Option<u32>, minor: u32| {
        nodes.extend(major.map(|major| Node {
            path: Path::new("/dev").join(name),
            device: (major, minor),
        }));
    };
    for (name, major, minor) in device_nodes::control_nodes(&majors) {
        add(name.to_owned(), major, minor);
    }
    let gpus: BTreeSet<u32> = gpu_models().into_iter().map(|(minor, _)| minor).collect();
    for gpu in &gpus {
        add(format!("nvidia{gpu}"), majors.gpu(), *gpu);
    }
    // A driver without MIG has neither the major nor the table.
    for (name, minor) in mig_minors(&Places::host(None)) {
        let is_known = name
            .strip_prefix("gpu")
            .and_then(|name| name.split('/').next())
            .is_none_or(|gpu| gpu.parse().is_ok_and(|gpu| gpus.contains(&gpu)));
        if is_known {
            let name = format!("nvidia-caps/nvidia-cap{minor}");
            add(name, majors.get("nvidia-caps"), minor);
        }
    }
    Ok(nodes)
}

fn link(nodes: &[Node], directory: &Path, dry_run: bool, log: Log) -> Result<(), String> {
    let shown = directory.display();
    let mut opened = None;
    if !dry_run {
        std::fs::create_dir_all(directory)
            .map_err(|error| format!("failed to create directory {shown}: {error}"))?;
        opened = Some(Dir::open_host(directory).map_err(text)?);
    }
    let mut failures = 0;
    for node in nodes {
        let (major, minor) = node.device;
        let name = format!("{major}:{minor}");
        log.info(&format!(
            "Creating link {shown}/{name} => {}",
            node.path.display()
        ));
        if let Some(directory) = &opened
            && let Err(reason) = link_one(directory, &name.into(), node, log)
        {
            log.warning(&format!("Could not create symlink: {reason}"));
            failures += 1;
        }
    }
    if failures > 0 {
        return Err(format!("{failures} of {} were not made", nodes.len()));
    }
    Ok(())
}

fn link_one(directory: &Dir, name: &OsString, node: &Node, log: Log) -> Result<(), String> {
    let path = directory.path().join(name);
    if directory
        .add_symlink(node.path.as_os_str(), name)
        .map_err(text)?
    {
        return Ok(());
    }
    let old = directory.read_link(name).map_err(text)?;
    let leads_there = file::metadata(&path).ok().flatten().is_some_and(|found| {
        found.kind == FileKind::CharacterDevice && found.device == node.device
    });
    match old {
        _ if leads_there => Ok(()),
        Some(old) if old == node.path.as_os_str() => Ok(()),
        Some(old) => {
            directory
                .put_symlink(node.path.as_os_str(), name)
                .map_err(text)?;
            let (path, old) = (path.display(), old.display());
            log.warning(&format!("Replaced link {path}: it led to {old}"));
            Ok(())
        }
        None => {
            log.warning(&format!(
                "Could not create symlink: {} is there, and is no link",
                path.display()
            ));
            Ok(())
        }
    }
}
