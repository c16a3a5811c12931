//! `chmod --mode MODE --path PATH …`: modes of what lies in the container's own file system or its own `/dev`.
//!
//! The reference joined path and root and followed whatever link the image had there, out of the container and with
//! the rights of the host's root. Here a path is resolved inside, and what belongs to a volume is the host's and stays
//! as it is.

use super::place;
use liftgate_sys::{Root, SysError};
use std::path::{Path, PathBuf};

/// Gives each path the mode; one that is not there is passed over.
pub(super) fn change(
    root: &Root,
    paths: &[PathBuf],
    mode: u32,
    notes: &mut Vec<String>,
) -> Result<(), SysError> {
    let mut result = Ok(());
    for path in paths {
        match change_one(root, path, mode, notes) {
            Ok(()) => {}
            // As with the reference: whose it is decides, and in a user namespace that may be nobody.
            Err(error) if error.is_not_permitted() => notes.push(error.to_string()),
            Err(error) => result = Err(error),
        }
    }
    result
}

fn change_one(
    root: &Root,
    path: &Path,
    mode: u32,
    notes: &mut Vec<String>,
) -> Result<(), SysError> {
    let Some(target) = root.open_path(path)? else {
        return Ok(());
    };
    // Landlock has no right for modes, so this hook has nothing else to fall back on.
    root.contains(&target, path)?;
    if !place::is_containers_own(root, &target)? {
        notes.push(format!(
            "`{}` does not belong to the container, and keeps its mode",
            path.display()
        ));
        return Ok(());
    }
    liftgate_sys::file::change_mode(&target, path, mode)
}
