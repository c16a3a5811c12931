//! What taking liftgate away comes to: the manifest, compared with what is there.

use super::manifest::Manifest;
use super::place::aside;
use super::plan::left_by_a_killed_run;
use super::thing::Found;
use liftgate_sys::{Root, SysError};
use std::path::{Path, PathBuf};

/// What becomes of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is as it was put there, and goes.
    Remove,
    /// What was there before comes back.
    Restore,
    /// It is not there any more.
    Gone,
    /// It was changed since, and stays.
    Edited,
    /// A package has it now, and it stays.
    Owned,
    /// It was never replaced: the installation was killed before that.
    Others,
    /// What was there before stays aside, because something else has the name.
    KeptAside,
}

/// What becomes of everything.
#[derive(Debug)]
pub(crate) struct Removal {
    pub(crate) manifest_path: PathBuf,
    pub(super) is_resumed: bool,
    pub(crate) fates: Vec<(PathBuf, Fate)>,
    pub(super) directories: Vec<PathBuf>,
}

impl Removal {
    /// What there is to remove without a manifest: directories, by a run that was killed at its beginning or end.
    pub(crate) fn of_remains(root: &Root, manifest_path: &Path) -> Result<Option<Self>, SysError> {
        let directories = left_by_a_killed_run(root, manifest_path)?;
        Ok((!directories.is_empty()).then(|| Self {
            manifest_path: manifest_path.to_owned(),
            is_resumed: true,
            fates: Vec::new(),
            directories,
        }))
    }

    /// Compares. `is_owned` tells what belongs to a package.
    pub(crate) fn make(
        root: &Root,
        manifest: Manifest,
        manifest_path: &Path,
        is_owned: impl Fn(&Path) -> bool,
    ) -> Result<Self, SysError> {
        let mut fates: Vec<(PathBuf, Fate)> = Vec::new();
        for (path, _) in &manifest.entries {
            if fates.iter().any(|(known, _)| known == path) {
                continue;
            }
            let fate = match Found::at(root, path)? {
                Found::Nothing => Fate::Gone,
                _ if is_owned(path) => Fate::Owned,
                Found::Thing(there) if manifest.has(path, &there) => Fate::Remove,
                Found::Thing(there) if manifest.replaces(path, &there) => Fate::Others,
                Found::Thing(_) | Found::Other => Fate::Edited,
            };
            fates.push((path.clone(), fate));
        }
        let mut restored = Vec::new();
        for (path, _) in &manifest.replaced {
            if restored.iter().any(|(known, _)| known == path)
                || Found::at(root, &aside(path))? == Found::Nothing
            {
                continue;
            }
            let is_free = fates
                .iter()
                .find(|(known, _)| known == path)
                .is_none_or(|(_, fate)| matches!(fate, Fate::Remove | Fate::Gone));
            let fate = if is_free {
                Fate::Restore
            } else {
                Fate::KeptAside
            };
            restored.push((path.clone(), fate));
        }
        fates.extend(restored);
        // The last that was put there is the first to go: whatever starts programs goes before them.
        let (restore, mut remove): (Vec<_>, Vec<_>) = fates
            .into_iter()
            .partition(|(_, fate)| matches!(fate, Fate::Restore | Fate::KeptAside));
        remove.reverse();
        remove.extend(restore);
        Ok(Self {
            manifest_path: manifest_path.to_owned(),
            is_resumed: !manifest.is_complete,
            fates: remove,
            directories: manifest.directories,
        })
    }
}
