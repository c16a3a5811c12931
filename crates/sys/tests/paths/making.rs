//! Directories made with their parents: inside, where a `chroot` finds them, and nothing else with them.

use crate::Check;
use crate::chroot::{Answer, PATIENCE, ask};
use crate::listing::Listing;
use crate::machine::{Ground, Host};
use crate::route::route;
use crate::tree::tree;
use crate::way::{Way, for_all};
use libtest_mimic::Failed;
use liftgate_sys::{Dir, Errno, SysError};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

pub(crate) const TESTS: &[(&str, Check)] = &[("directories_are_made_inside", makes)];

fn makes(_: Way) -> Result<(), Failed> {
    let host = Host::new();
    let inputs = (tree(), prop::collection::vec(route(), 6));
    for_all(file!(), 48, &inputs, |(tree, routes)| {
        host.with(&tree, |ground| {
            let outside = ground.outside();
            let mut before = ground.inside();
            for route in &routes {
                let path = route.path(&ground.grown.known, &ground.path);
                let foreseen = foresee(ground, &path);
                let mut made = ground.root.make_directories(&path, 0o750);
                for _ in 0..PATIENCE {
                    if made.as_ref().is_err_and(|error| error.is(Errno::LOOP)) {
                        made = ground.root.make_directories(&path, 0o750);
                    }
                }
                let after = ground.inside();
                judge(ground, &path, &foreseen, &made)
                    .and_then(|()| only_directories_are_new(&before, &after))
                    .map_err(|reason| format!("{reason}\nfor {path:?}, foreseen {foreseen:?}"))?;
                before = after;
            }
            if outside == ground.outside() {
                Ok(())
            } else {
                Err(format!("the host has changed, by one of {routes:?}"))
            }
        })
    })
}

/// What must come of it.
#[derive(Debug)]
enum Foreseen {
    /// The directory is there.
    There,
    /// From some step on nothing is there, and the steps are names: it must be made.
    Made,
    Fails,
}

/// Asks a `chroot` for the path and each shorter one.
fn foresee(ground: &Ground, path: &Path) -> Foreseen {
    let directory = |answer: &Answer| {
        let found = answer.followed.as_ref();
        found.is_ok_and(|found| found.format == libc::S_IFDIR)
    };
    let answer = &ask(&ground.path, &[path.to_owned()])[0];
    if directory(answer) {
        return Foreseen::There;
    }
    if answer.followed != Err(Errno::NOENT) {
        return Foreseen::Fails;
    }
    let steps: Vec<Component> = path.components().collect();
    for count in 1..=steps.len() {
        let prefix: PathBuf = steps[..count].iter().collect();
        let answer = &ask(&ground.path, std::slice::from_ref(&prefix))[0];
        if directory(answer) {
            continue;
        }
        let is_name =
            |step: &Component| matches!(step, Component::Normal(name) if name.len() < 256);
        let is_free = answer.unfollowed.as_ref().err() == Some(&Errno::NOENT);
        return if is_free && steps[count - 1..].iter().all(is_name) {
            Foreseen::Made
        } else {
            Foreseen::Fails
        };
    }
    Foreseen::Fails
}

fn judge(
    ground: &Ground,
    path: &Path,
    foreseen: &Foreseen,
    made: &Result<Dir, SysError>,
) -> Result<(), String> {
    match (foreseen, made) {
        (Foreseen::Fails, Err(_)) => return Ok(()),
        (Foreseen::There | Foreseen::Made, Ok(_)) => {}
        _ => return Err(format!("make_directories is {made:?}")),
    }
    let Ok(made) = made else { return Ok(()) };
    let there = &ask(&ground.path, &[path.to_owned()])[0].followed;
    let stat = rustix::fs::fstat(made.as_fd()).map_err(|errno| errno.to_string())?;
    match there {
        Ok(found) if found.identity == (stat.st_dev, stat.st_ino) => Ok(()),
        other => Err(format!("made elsewhere: a chroot finds {other:?}")),
    }
}

/// Compares by name and kind: a directory that gets an entry has changed itself.
fn only_directories_are_new(before: &Listing, after: &Listing) -> Result<(), String> {
    let old: BTreeSet<&PathBuf> = before.keys().collect();
    for (path, facts) in after {
        if !old.contains(path) {
            if !facts.is_directory() {
                return Err(format!("{path:?} is new, and no directory"));
            }
        } else if before[path].identity != facts.identity {
            return Err(format!("{path:?} is another file now"));
        } else if !facts.is_directory() && before[path] != *facts {
            return Err(format!("{path:?} has changed"));
        }
    }
    match old.iter().find(|path| !after.contains_key(**path)) {
        None => Ok(()),
        Some(path) => Err(format!("{path:?} is gone")),
    }
}
