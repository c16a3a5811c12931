//! `nvidia-ctk system create-device-nodes`: the nodes by which programs reach the driver before any GPU.
//!
//! `nvidia-modprobe`, setuid, makes them for who runs CUDA on a host; on a machine that only runs containers nobody
//! does. A node with other numbers than the driver's is left over from an earlier load of the module: it opens nothing,
//! or somebody else's device, and is replaced.

use super::{majors, modules, text};
use crate::cdi::absolute;
use crate::commands::nvidia_ctk::flags::Values;
use crate::commands::nvidia_ctk::log::Log;
use liftgate_driver::CharacterMajors;
use liftgate_sys::{Dir, FileKind, Root};
use std::ffi::OsStr;
use std::path::Path;

/// Everyone may open them; who may use a GPU is decided at the GPU's own node.
const MODE: u32 = 0o666;

pub(in crate::commands::nvidia_ctk) fn run(values: &Values, log: Log) -> Result<(), String> {
    let root = values.filled("root").unwrap_or("/");
    let device_root = values.filled("dev-root").unwrap_or_else(|| {
        log.info(&format!("Using dev-root {root:?}"));
        root
    });
    let dry_run = values.is_on("dry-run");
    if values.is_on("load-kernel-modules") {
        modules::load(&absolute(root)?, dry_run, log)?;
    }
    if !values.is_on("control-devices") {
        return Ok(());
    }
    let majors = majors().map_err(|reason| format!("failed to create devices info: {reason}"))?;
    log.info(&format!("Creating control device nodes at {device_root}"));
    make(Path::new(device_root), &majors, dry_run, log)
}

/// The nodes: their names, and their numbers as far as the kernel tells them.
pub(super) fn control_nodes(majors: &CharacterMajors) -> [(&'static str, Option<u32>, u32); 4] {
    let (gpu, memory) = (majors.gpu(), majors.get("nvidia-uvm"));
    [
        ("nvidiactl", gpu, 255),
        ("nvidia-modeset", gpu, 254),
        ("nvidia-uvm", memory, 0),
        ("nvidia-uvm-tools", memory, 1),
    ]
}

/// Makes those that are missing below `root`.
pub(super) fn make(
    root: &Path,
    majors: &CharacterMajors,
    dry_run: bool,
    log: Log,
) -> Result<(), String> {
    let mut directory = None;
    for (name, major, minor) in control_nodes(majors) {
        let path = root.join("dev").join(name);
        let failed = |reason: String| {
            format!(
                "failed to create NVIDIA control device nodes: failed to create device node {name}: {reason}"
            )
        };
        let Some(major) = major else {
            return Err(failed(
                "failed to determine major: invalid device node; hint: load the kernel module nvidia-uvm"
                    .to_owned(),
            ));
        };
        if dry_run {
            let path = path.display();
            log.info(&format!(
                "Running: mknod --mode=0{MODE:o} {path} c {major} {minor}"
            ));
            continue;
        }
        let directory = match &directory {
            Some(directory) => directory,
            None => directory.insert(device_directory(root).map_err(failed)?),
        };
        make_one(directory, &path, (major, minor), log).map_err(failed)?;
    }
    Ok(())
}

fn device_directory(root: &Path) -> Result<Dir, String> {
    let path = root.display();
    // The root itself may be a link; what lies below it is resolved inside.
    let real = std::fs::canonicalize(root).map_err(|error| format!("`{path}`: {error}"))?;
    let directory = Root::open(&real).and_then(|root| root.open_directory(Path::new("dev")));
    directory
        .map_err(text)?
        .ok_or_else(|| format!("there is no directory `dev` in `{path}`"))
}

fn make_one(directory: &Dir, path: &Path, device: (u32, u32), log: Log) -> Result<(), String> {
    let name = path.file_name().unwrap_or(OsStr::new(""));
    match directory.metadata(name).map_err(text)? {
        None => {}
        Some(found) if found.kind == FileKind::CharacterDevice && found.device != device => {
            let (major, minor) = found.device;
            log.warning(&format!(
                "Replacing: {} is {major}:{minor}, left over from an earlier load of the module",
                path.display()
            ));
            directory.remove_file(name).map_err(text)?;
        }
        Some(_) => {
            log.info(&format!("Skipping: {} already exists", path.display()));
            return Ok(());
        }
    }
    match directory.add_character_device(name, device, MODE, (0, 0)) {
        Ok(()) => Ok(()),
        // At boot udev makes them too.
        Err(_) if is_there(directory, name, device) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn is_there(directory: &Dir, name: &OsStr, device: (u32, u32)) -> bool {
    let found = directory.metadata(name).ok().flatten();
    found.is_some_and(|found| found.kind == FileKind::CharacterDevice && found.device == device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_nodes() {
        let majors = |text: &str| CharacterMajors::parse(&format!("Character devices:\n{text}"));
        let nodes = control_nodes(&majors("195 nvidia-frontend\n 300 nvidia-uvm\n"));
        let expected = [
            (Some(195), 255),
            (Some(195), 254),
            (Some(300), 0),
            (Some(300), 1),
        ];
        assert_eq!(nodes.map(|(_, major, minor)| (major, minor)), expected);
        let nodes = control_nodes(&majors("195 nvidia-frontend\n196 nvidia\n"));
        let expected = [(Some(196), 255), (Some(196), 254), (None, 0), (None, 1)];
        assert_eq!(nodes.map(|(_, major, minor)| (major, minor)), expected);
    }
}
