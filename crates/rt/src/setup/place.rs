//! A directory of the container's that may be written to.

use liftgate_sys::{Dir, Root};
use std::path::Path;

/// Opens the directory of the container, making it where it is missing, if it lies on the container's own
/// file system, or below `/dev`, which is always a mount of its own and never the host's.
pub(super) fn open(root: &Root, path: &Path) -> Result<Dir, String> {
    let directory = root
        .make_directories(path, 0o755)
        .map_err(|error| error.to_string())?;
    if path.starts_with("/dev") {
        return Ok(directory);
    }
    match root.is_same_mount(&directory) {
        Ok(true) => Ok(directory),
        Ok(false) => Err(format!(
            "`{}` lies on a volume that is mounted into the container and is left as it is",
            path.display()
        )),
        Err(error) => Err(error.to_string()),
    }
}
