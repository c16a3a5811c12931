//! `/proc/driver/nvidia/params`: covered by a copy that says `ModifyDeviceFiles: 0`.
//!
//! With `1`, `nvidia-modprobe` and the driver's libraries make missing device nodes themselves, also those
//! of GPUs that the container was not given. The device cgroup would still deny them; the attempt would
//! change the container's `/dev`.

use liftgate_sys::{Root, mount};
use std::os::fd::AsFd as _;
use std::path::Path;

const DIRECTORY: &str = "/proc/driver/nvidia";
const FILE: &str = "/proc/driver/nvidia/params";
const ON: &str = "ModifyDeviceFiles: 1";
const OFF: &str = "ModifyDeviceFiles: 0";
const LIMIT: u64 = 1 << 16;

/// Covers the file, if it is there and says `1`.
pub(super) fn cover(root: &Root, notes: &mut Vec<String>) {
    if let Err(reason) = try_cover(root) {
        notes.push(format!("`{FILE}` is not covered: {reason}"));
    }
}

fn try_cover(root: &Root) -> Result<(), String> {
    let text = |error: liftgate_sys::SysError| error.to_string();
    let Some(bytes) = root.read(Path::new(FILE), LIMIT).map_err(text)? else {
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
        root.open_path(Path::new(FILE)).map_err(text)?,
        root.open_path(Path::new(DIRECTORY)).map_err(text)?,
    ) else {
        return Ok(());
    };
    mount::cover_file(target.as_fd(), scratch.as_fd(), covered.as_bytes()).map_err(text)
}
