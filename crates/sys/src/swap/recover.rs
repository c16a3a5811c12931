//! What a killed process has left, judged by who knows the texts.

use super::place::{Pinned, give_back, rename_to_nothing};
use super::{HALF, MAX_BYTES, aside, holds, lock, remove};
use crate::error::SysError;
use crate::file;
use crate::metadata::FileKind;
use std::path::Path;

/// Removes what a killed process may have left beside `path`, unless it is a text that nobody knows in whose place a known one lies:
/// it was taken out by mistake, and goes back. `is_known` says whether a text, or that there is no file, is one of ours, old or new.
pub fn recover(path: &Path, is_known: impl Fn(Option<&[u8]>) -> bool) -> Result<(), SysError> {
    let aside = aside(path);
    let _turn = lock::wait_for(&aside);
    let Some(metadata) = file::link_metadata(&aside)? else {
        return Ok(());
    };
    let left = match metadata.kind {
        FileKind::Regular => file::read_regular(&aside, MAX_BYTES).ok().flatten(),
        FileKind::Symlink => None,
        // Nobody has that for a configuration.
        _ => return Ok(()),
    };
    let is_ours = metadata.mode == HALF || left.as_deref().is_some_and(|left| is_known(Some(left)));
    let now = file::read_regular(path, MAX_BYTES)?;
    // Where there is another text than ours now, it is newer.
    if is_ours || !is_known(now.as_deref()) {
        return remove(&aside);
    }
    match now {
        Some(now) if holds(path, Some(&now))? => {
            give_back(path, &aside, Pinned::of(path)?, now).map(drop)
        }
        None if rename_to_nothing(&aside, path)? => Ok(()),
        _ => remove(&aside),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    /// What is at the path after recovery from `now` at the path and `left` aside; nothing is ever left aside.
    fn recovered(now: Option<&str>, left: &str, mode: u32) -> Option<String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        if let Some(now) = now {
            fs::write(&path, now).unwrap();
        }
        let aside = aside(&path);
        fs::write(&aside, left).unwrap();
        fs::set_permissions(&aside, fs::Permissions::from_mode(mode)).unwrap();
        let is_known = |text: Option<&[u8]>| matches!(text, None | Some(b"old" | b"new"));
        recover(&path, is_known).unwrap();
        assert!(!aside.exists());
        fs::read_to_string(path).ok()
    }

    #[test]
    fn only_a_text_that_was_taken_out_by_mistake_goes_back() {
        for known in ["old", "new"] {
            assert_eq!(recovered(Some("new"), known, 0o644).unwrap(), "new");
            assert_eq!(recovered(Some("old"), known, 0o644).unwrap(), "old");
            assert_eq!(recovered(Some("theirs"), known, 0o644).unwrap(), "theirs");
            assert_eq!(recovered(None, known, 0o644), None);
        }
        for now in ["new", "old"] {
            assert_eq!(recovered(Some(now), "theirs", 0o644).unwrap(), "theirs");
            assert_eq!(recovered(Some(now), "ne", HALF).unwrap(), now);
        }
        assert_eq!(recovered(None, "theirs", 0o644).unwrap(), "theirs");
        assert_eq!(recovered(None, "ne", HALF), None);
        // They have saved it once more.
        assert_eq!(recovered(Some("newer"), "theirs", 0o644).unwrap(), "newer");
    }
}
