//! A plan carried out: every file by rename, and the manifest before and after.

use super::layout::{Content, Item};
use super::manifest::Manifest;
use super::place::{aside, remove_empty, remove_file, rename, sweep};
use super::plan::{Plan, Step};
use super::removal::{Fate, Removal};
use liftgate_sys::{Root, SysError, process};
use std::ffi::OsStr;
use std::path::Path;

/// Puts everything in place. `then` is what is done with the files that are there; only after it the manifest says
/// that all is done, so that a run that is killed before is completed by the next.
pub(crate) fn carry_out(root: &Root, plan: &Plan, then: impl FnOnce()) -> Result<(), SysError> {
    // The manual is for everybody, whatever umask the administrator's shell has.
    process::set_umask(0o022);
    let write = |manifest: &Manifest| put_text(root, &plan.manifest_path, &manifest.to_text());
    sweep(root, &plan.manifest_path)?;
    write(&plan.journal)?;
    if plan.is_resumed {
        for (path, _) in &plan.journal.entries {
            sweep(root, path)?;
        }
    }
    for step in &plan.steps {
        match step {
            Step::SetAside(path) => rename(root, path, &aside(path))?,
            Step::Put(item, _) => put(root, item)?,
            Step::Remove(path) => remove_file(root, path)?,
        }
    }
    then();
    write(&plan.finished)
}

fn put(root: &Root, item: &Item) -> Result<(), SysError> {
    let (parent, name) = split(&item.path)?;
    let directory = root.make_directories(parent, 0o755)?;
    match &item.content {
        Content::File { bytes, mode } => directory.put_file(name, bytes, *mode),
        Content::Link { target } => directory.put_symlink(OsStr::new(target), name),
    }
}

fn put_text(root: &Root, path: &Path, text: &str) -> Result<(), SysError> {
    let (parent, name) = split(path)?;
    let directory = root.make_directories(parent, 0o755)?;
    directory.put_file(name, text.as_bytes(), 0o644)
}

fn split(path: &Path) -> Result<(&Path, &OsStr), SysError> {
    path.parent().zip(path.file_name()).ok_or_else(|| {
        SysError::refused(
            format!("write(`{}`)", path.display()),
            "not the path of a file",
        )
    })
}

/// Takes everything away that the removal lists; the manifest last, and after it its own directories.
pub(crate) fn remove(root: &Root, removal: &Removal) -> Result<(), SysError> {
    for (path, fate) in &removal.fates {
        if removal.is_resumed {
            sweep(root, path)?;
        }
        match fate {
            Fate::Remove => remove_file(root, path)?,
            Fate::Restore => rename(root, &aside(path), path)?,
            Fate::Gone | Fate::Edited | Fate::Owned | Fate::Others | Fate::KeptAside => {}
        }
    }
    let is_manifests = |directory: &Path| removal.manifest_path.starts_with(directory);
    let inner_first = || removal.directories.iter().rev();
    for directory in inner_first().filter(|directory| !is_manifests(directory)) {
        remove_empty(root, directory)?;
    }
    sweep(root, &removal.manifest_path)?;
    remove_file(root, &removal.manifest_path)?;
    // Nobody but us has files there.
    let own = removal.manifest_path.parent();
    for directory in own.into_iter().chain(inner_first().map(|path| &**path)) {
        if is_manifests(directory) {
            remove_empty(root, directory)?;
        }
    }
    Ok(())
}
