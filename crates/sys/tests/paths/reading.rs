//! What is read at a path, and where it is said to be.

use crate::Check;
use crate::chroot::{Found, ask, mount_of, names, settle};
use crate::machine::{Ground, Host};
use crate::route::route;
use crate::tree::tree;
use crate::way::{LONGEST_PATH, Way, for_all};
use libtest_mimic::Failed;
use liftgate_sys::{Errno, SysError};
use proptest::prelude::*;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

pub(crate) const TESTS: &[(&str, Check)] = &[("what_is_read_is_what_a_chroot_reads", reads)];

fn reads(_: Way) -> Result<(), Failed> {
    let host = Host::new();
    let inputs = (tree(), prop::collection::vec(route(), 16));
    for_all(file!(), 64, &inputs, |(tree, routes)| {
        host.with(&tree, |ground| {
            let mut paths: Vec<PathBuf> = ground.grown.known.clone();
            paths.extend(
                routes
                    .iter()
                    .map(|route| route.path(&ground.grown.known, &ground.path)),
            );
            let mount = mount_of(&ground.path);
            for (path, answer) in paths.iter().zip(ask(&ground.path, &paths)) {
                settle(|| match &answer.followed {
                    Ok(found) => something(ground, path, found, mount)
                        .map_err(|reason| format!("{reason}\nat {path:?}, in a chroot {found:?}")),
                    // That nothing is found is for another property; here, that nothing is read either.
                    Err(errno) => nothing(ground, path, *errno)
                        .map_err(|reason| format!("{reason}\nat {path:?}, in a chroot {errno:?}")),
                })?;
            }
            Ok(())
        })
    })
}

const LIMIT: u64 = 1 << 20;

fn something(ground: &Ground, path: &Path, found: &Found, mount: u64) -> Result<(), String> {
    let root = &ground.root;
    let length = found
        .place
        .as_ref()
        .map_or(usize::MAX, |place| ground.length_on_host(place));
    let cannot_be_told = length > LONGEST_PATH;
    let is_file = found.format == libc::S_IFREG;
    let is_same_mount = found.mount == mount;
    if is_file {
        expect("read", root.read(path, LIMIT), Some(&found.content))?;
    } else {
        expect_refused("read", root.read(path, LIMIT), "not a regular file")?;
    }
    let on_mount = root.read_on_same_mount(path, LIMIT);
    match (is_same_mount, is_file) {
        (true, true) => expect("read_on_same_mount", on_mount, Some(&found.content))?,
        (true, false) => expect_refused("read_on_same_mount", on_mount, "not a regular file")?,
        (false, _) => expect_refused(
            "read_on_same_mount",
            on_mount,
            "on another mount than the root",
        )?,
    }
    let place = if cannot_be_told {
        None
    } else {
        found.place.as_ref().ok()
    };
    match place {
        Some(place) => expect("canonicalize", root.canonicalize(path), Some(place))?,
        None => expect_errno("canonicalize", root.canonicalize(path), Errno::NAMETOOLONG)?,
    }
    let opened = root.open_directory(path);
    if found.format != libc::S_IFDIR {
        return expect_errno("open_directory", opened, Errno::NOTDIR);
    }
    let Ok(Some(directory)) = opened else {
        return Err(format!("open_directory is {opened:?}"));
    };
    let content = names(directory.as_fd()).join(&b'/');
    expect("names", Ok(Some(content)), Some(&found.content))?;
    expect(
        "is_same_mount",
        root.is_same_mount(&directory).map(Some),
        Some(&is_same_mount),
    )?;
    match place {
        Some(place) => expect("path_of", root.path_of(&directory).map(Some), Some(place)),
        None => expect_errno("path_of", root.path_of(&directory), Errno::NAMETOOLONG),
    }
}

fn nothing(ground: &Ground, path: &Path, errno: Errno) -> Result<(), String> {
    let root = &ground.root;
    if matches!(errno, Errno::NOENT | Errno::NOTDIR | Errno::LOOP) {
        expect("read", root.read(path, LIMIT), None)?;
        expect("canonicalize", root.canonicalize(path), None)?;
        match root.open_directory(path) {
            Ok(None) => Ok(()),
            other => Err(format!("open_directory is {other:?}")),
        }
    } else {
        expect_errno("read", root.read(path, LIMIT), errno)?;
        expect_errno("canonicalize", root.canonicalize(path), errno)?;
        expect_errno("open_directory", root.open_directory(path), errno)
    }
}

fn expect<T: PartialEq + Debug>(
    call: &str,
    ours: Result<Option<T>, SysError>,
    theirs: Option<&T>,
) -> Result<(), String> {
    match ours {
        Ok(ours) if ours.as_ref() == theirs => Ok(()),
        other => Err(format!("{call} is {other:?}")),
    }
}

fn expect_errno<T: Debug>(
    call: &str,
    ours: Result<T, SysError>,
    errno: Errno,
) -> Result<(), String> {
    match ours {
        Err(error) if error.is(errno) => Ok(()),
        other => Err(format!("{call} is {other:?}, not {errno:?}")),
    }
}

fn expect_refused<T: Debug>(
    call: &str,
    ours: Result<T, SysError>,
    reason: &str,
) -> Result<(), String> {
    match ours {
        Err(error) if error.to_string().ends_with(reason) => Ok(()),
        other => Err(format!("{call} is {other:?}, not `{reason}`")),
    }
}
