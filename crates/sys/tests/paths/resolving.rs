//! What is at a path: the same file that a `chroot` finds there, or the same reason for there being none.

use crate::Check;
use crate::chroot::{Answer, Identity, ask, settle};
use crate::machine::{Ground, Host};
use crate::route::route;
use crate::tree::tree;
use crate::way::{Way, for_all};
use libtest_mimic::Failed;
use liftgate_sys::{Errno, FileKind, Metadata, SysError};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(crate) const TESTS: &[(&str, Check)] = &[("a_path_leads_where_a_chroot_leads", leads)];

fn leads(_: Way) -> Result<(), Failed> {
    let host = Host::new();
    let inputs = (tree(), prop::collection::vec(route(), 20));
    for_all(file!(), 96, &inputs, |(tree, routes)| {
        host.with(&tree, |ground| {
            let mut paths: Vec<PathBuf> = ground.grown.known.clone();
            paths.extend(
                routes
                    .iter()
                    .map(|route| route.path(&ground.grown.known, &ground.path)),
            );
            let inside: BTreeSet<Identity> = ground
                .inside()
                .values()
                .map(|facts| facts.identity)
                .collect();
            for (path, answer) in paths.iter().zip(ask(&ground.path, &paths)) {
                stays(ground, path, &inside)?;
                settle(|| compare(ground, path, &answer))?;
            }
            Ok(())
        })
    })
}

/// Whatever a `chroot` says.
fn stays(ground: &Ground, path: &Path, inside: &BTreeSet<Identity>) -> Result<(), String> {
    let found = [
        ground.root.metadata(path),
        ground.root.symlink_metadata(path),
    ];
    for metadata in found.into_iter().flatten().flatten() {
        if !inside.contains(&metadata.identity) {
            return Err(format!("{path:?} is outside of the root: {metadata:?}"));
        }
    }
    Ok(())
}

fn compare(ground: &Ground, path: &Path, answer: &Answer) -> Result<(), String> {
    let followed = answer
        .followed
        .as_ref()
        .map(|found| (found.identity, found.format))
        .map_err(|errno| *errno);
    let pairs = [
        ("metadata", followed, ground.root.metadata(path)),
        (
            "symlink_metadata",
            answer.unfollowed,
            ground.root.symlink_metadata(path),
        ),
    ];
    for (call, theirs, ours) in pairs {
        if !agrees(theirs, &ours) {
            return Err(format!(
                "{call}({path:?}) is {ours:?}, and in a chroot {theirs:?}"
            ));
        }
    }
    // `None` has three reasons; they are seen where the reason is told.
    let ours = ground.root.below(path).err();
    let told = match (followed, &ours) {
        (Ok((_, libc::S_IFDIR)), None) => true,
        // A root is a directory.
        (Ok((_, format)), Some(error)) if format != libc::S_IFDIR => error.is(Errno::NOTDIR),
        (Err(errno), Some(error)) => error.is(errno),
        _ => false,
    };
    if told {
        Ok(())
    } else {
        Err(format!(
            "below({path:?}) is {ours:?}, and in a chroot {followed:?}"
        ))
    }
}

/// Whether both found the same, or nothing, or failed for the same reason.
fn agrees(
    theirs: Result<(Identity, u32), Errno>,
    ours: &Result<Option<Metadata>, SysError>,
) -> bool {
    match (theirs, ours) {
        (Ok((identity, format)), Ok(Some(metadata))) => {
            metadata.identity == identity && format_of(metadata.kind) == Some(format)
        }
        (Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP), Ok(None)) => true,
        (Err(errno), Err(error)) => error.is(errno),
        _ => false,
    }
}

fn format_of(kind: FileKind) -> Option<u32> {
    match kind {
        FileKind::Regular => Some(libc::S_IFREG),
        FileKind::Directory => Some(libc::S_IFDIR),
        FileKind::Symlink => Some(libc::S_IFLNK),
        FileKind::CharacterDevice => Some(libc::S_IFCHR),
        FileKind::Fifo => Some(libc::S_IFIFO),
        _ => None,
    }
}
