//! What the installed programs have written while they ran, and what nobody needs without them.
//!
//! A specification of ours in `/run/cdi` names our hook: left there, it would have every container that asks for a
//! GPU fail until the next boot. One in `/etc/cdi` somebody has asked for by name; it is not removed, and pointed at.

use super::place::{remove_empty, remove_file};
use crate::cdi::Recorded;
use liftgate_sys::{Root, SysError};
use std::path::{Path, PathBuf};

const VOLATILE: &str = "/run/cdi";
const LASTING: &str = "/etc/cdi";
const RECORD: &str = "/run/liftgate/host.json";
/// Where `liftgate setup` keeps what engines were configured by before.
const BACKUPS: &str = "/var/lib/liftgate/setup";
/// The file there by which two that run at once keep out of each other's way.
const LOCK: &str = "lock";
/// Inner ones first.
const DIRECTORIES: [&str; 4] = ["/run/liftgate", VOLATILE, BACKUPS, "/var/lib/liftgate"];

/// The most entries of a directory that are looked at.
const MOST: usize = 4096;

/// Whether `liftgate setup` has something to undo.
pub(crate) fn has_backups(root: &Root) -> bool {
    let Ok(Some(directory)) = root.open_directory(Path::new(BACKUPS)) else {
        return false;
    };
    // What cannot be read may be one.
    directory
        .names(MOST)
        .map_or(true, |names| names.iter().any(|name| name != LOCK))
}

/// Removes it; what is left and names programs that are gone is returned.
pub(crate) fn leave_nothing_running(root: &Root) -> Result<Vec<PathBuf>, SysError> {
    for path in specifications_of_ours(root, VOLATILE)? {
        remove_file(root, &path)?;
    }
    remove_file(root, Path::new(RECORD))?;
    if !has_backups(root) {
        remove_file(root, &Path::new(BACKUPS).join(LOCK))?;
    }
    for directory in DIRECTORIES {
        remove_empty(root, Path::new(directory))?;
    }
    let mut left = specifications_of_ours(root, LASTING)?;
    if has_backups(root) {
        left.push(BACKUPS.into());
    }
    Ok(left)
}

fn specifications_of_ours(root: &Root, directory: &str) -> Result<Vec<PathBuf>, SysError> {
    let place = Path::new(directory);
    let Some(opened) = root.open_directory(place)? else {
        return Ok(Vec::new());
    };
    let mut ours = Vec::new();
    for name in opened.names(MOST)? {
        // A file too large to be a specification is none of ours.
        if let Ok(Some(content)) = opened.read(&name, liftgate_cdi::MAX_BYTES as u64)
            && Recorded::of(&content) != Recorded::Foreign
        {
            ours.push(place.join(name));
        }
    }
    Ok(ours)
}
