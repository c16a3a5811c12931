//! Links beside the libraries, and from `/usr/bin` to the tools.

use super::failed;
use super::place::{self, Unavailable};
use liftgate_plan::{Link, Refusal};
use liftgate_sys::Root;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Makes the links, and returns the paths of those that could not be made. A link that is there already,
/// with the same text, is left alone, so that a restarted container's layer does not change.
pub(super) fn make(root: &Root, links: &[Link], notes: &mut Vec<String>) -> BTreeSet<PathBuf> {
    let mut missing = BTreeSet::new();
    let mut opened: Option<(PathBuf, Result<liftgate_sys::Dir, Unavailable>)> = None;
    for link in links {
        let (Some(parent), Some(name)) = (link.path.parent(), link.path.file_name()) else {
            continue;
        };
        // Links come grouped by directory; one that cannot be written is reported once.
        if opened.as_ref().is_none_or(|(path, _)| path != parent) {
            let directory = place::open(root, parent);
            if let Err(reason) = &directory {
                notes.push(reason.reason().to_owned());
            }
            opened = Some((parent.to_owned(), directory));
        }
        let Some((_, Ok(directory))) = &opened else {
            missing.insert(link.path.clone());
            continue;
        };
        if let Err(reason) = put(directory, link, name) {
            notes.push(format!("no link `{}`: {reason}", link.path.display()));
            missing.insert(link.path.clone());
        }
    }
    missing
}

/// Makes the links that somebody asks for by themselves: one that cannot be made is a failure, unless it would be made
/// on a volume.
pub(super) fn make_all(
    root: &Root,
    links: &[(String, PathBuf)],
    notes: &mut Vec<String>,
) -> Result<(), Refusal> {
    for (target, path) in links {
        // As from the root, wherever it begins.
        let path = Path::new("/").join(path);
        let fail = |reason: String| failed(format!("no link `{}`: {reason}", path.display()));
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(fail("it has no name".to_owned()));
        };
        match place::open(root, parent) {
            Ok(directory) => {
                let link = Link {
                    path: path.clone(),
                    target: target.clone(),
                    yields_to_image: false,
                };
                put(&directory, &link, name).map_err(fail)?;
            }
            Err(Unavailable::Volume(reason)) => notes.push(reason),
            Err(Unavailable::Failed(reason)) => return Err(fail(reason)),
        }
    }
    Ok(())
}

fn put(directory: &liftgate_sys::Dir, link: &Link, name: &OsStr) -> Result<(), String> {
    let target = OsStr::new(&link.target);
    let present = directory
        .read_link(name)
        .map_err(|error| error.to_string())?;
    if present.as_deref() == Some(target) {
        return Ok(());
    }
    // Where nothing is, one call does, in place of a name that is made up and a renaming.
    let is_done = directory
        .add_symlink(target, name)
        .map_err(|error| error.to_string())?;
    if is_done || link.yields_to_image {
        return Ok(());
    }
    directory
        .put_symlink(target, name)
        .map_err(|error| error.to_string())
}
