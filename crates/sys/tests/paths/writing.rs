//! What is written by name into an open directory: there, under that name, and nowhere else.
//!
//! The names are those of links that lead out, of mount points, of directories; and texts that are no name.

use crate::Check;
use crate::chroot::names;
use crate::listing::{Facts, Listing};
use crate::machine::{Ground, Host};
use crate::route::{Name, Route, name, route};
use crate::tree::tree;
use crate::way::{Way, for_all};
use libtest_mimic::Failed;
use liftgate_sys::{Dir, Errno, FileKind, SysError};
use proptest::prelude::*;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

pub(crate) const TESTS: &[(&str, Check)] = &[("what_is_written_stays_inside", writes)];

/// What is done.
#[derive(Debug, Clone)]
enum Deed {
    PutFile,
    PutSymlink(Route),
    AddSymlink(Route),
    AddFile,
    AddDirectory,
    AddCharacterDevice,
    ChangeOwner,
    RemoveFile,
    RemoveDirectory,
}

/// To which name.
#[derive(Debug, Clone)]
enum Target {
    Name(Name),
    /// A name that the directory has.
    Taken(usize),
    /// No name of one file.
    None(&'static [u8]),
}

type Write = (Route, Target, Deed);

fn write() -> impl Strategy<Value = Write> {
    let target = prop_oneof![
        3 => name().prop_map(Target::Name),
        5 => any::<usize>().prop_map(Target::Taken),
        1 => prop::sample::select(&NO_NAMES[..]).prop_map(Target::None),
    ];
    let deed = prop_oneof![
        4 => Just(Deed::PutFile),
        3 => route().prop_map(Deed::PutSymlink),
        3 => route().prop_map(Deed::AddSymlink),
        1 => Just(Deed::AddFile),
        1 => Just(Deed::AddDirectory),
        2 => Just(Deed::AddCharacterDevice),
        1 => Just(Deed::ChangeOwner),
        1 => Just(Deed::RemoveFile),
        1 => Just(Deed::RemoveDirectory),
    ];
    (route(), target, deed)
}

const NO_NAMES: [&[u8]; 10] = [
    b"",
    b".",
    b"..",
    b"/",
    b"a/",
    b"/a",
    b"../a",
    b"a/../../a",
    b"a\0",
    b"./a",
];

fn writes(_: Way) -> Result<(), Failed> {
    let host = Host::new();
    let inputs = (tree(), prop::collection::vec(write(), 12));
    for_all(file!(), 64, &inputs, |(tree, writes)| {
        host.with(&tree, |ground| {
            let outside = ground.outside();
            let mut before = ground.inside();
            for (route, target, deed) in &writes {
                let path = route.path(&ground.grown.known, &ground.path);
                let directory = match ground.root.open_directory(&path) {
                    Ok(Some(directory)) => directory,
                    _ => ground.root.open_directory(Path::new("/")).unwrap().unwrap(),
                };
                before = attempt(ground, &directory, target, deed, &before)
                    .map_err(|reason| format!("{reason}\nby {deed:?} of {target:?} in {path:?}"))?;
            }
            let after = ground.outside();
            let changed = |path: &&PathBuf| outside.get(*path) != after.get(*path);
            match outside.keys().chain(after.keys()).find(changed) {
                None => Ok(()),
                Some(path) => Err(format!("the host's {path:?} has changed")),
            }
        })
    })
}

fn attempt(
    ground: &Ground,
    directory: &Dir,
    target: &Target,
    deed: &Deed,
    before: &Listing,
) -> Result<Listing, String> {
    let names_before = names(directory.as_fd());
    let text: Vec<u8> = match target {
        Target::Name(name) => name.0.clone(),
        Target::Taken(number) if names_before.is_empty() => format!("{number}").into_bytes(),
        Target::Taken(number) => names_before[number % names_before.len()].clone(),
        Target::None(text) => text.to_vec(),
    };
    let name = OsStr::from_bytes(&text);
    let is_name = !matches!(target, Target::None(_));
    let old = rustix::fs::statat(
        directory.as_fd(),
        name,
        rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
    )
    .ok()
    .filter(|_| is_name)
    .map(|stat| (stat.st_dev, stat.st_ino));
    match perform(ground, directory, name, deed) {
        Ok(()) if is_name => {}
        Ok(()) => return Err("not refused".to_owned()),
        Err(Failure::Wrong(reason)) => return Err(reason),
        Err(Failure::Call(error)) => {
            let is_reason = if is_name {
                reasons(deed, old.is_some())
                    .iter()
                    .any(|errno| error.is(*errno))
            } else {
                error.to_string().ends_with("not a single file name")
            };
            if !is_reason {
                return Err(error.to_string());
            }
        }
    }
    let after = ground.inside();
    let own = rustix::fs::fstat(directory.as_fd()).map_err(|errno| errno.to_string())?;
    let own = (own.st_dev, own.st_ino);
    for path in before.keys().chain(after.keys()) {
        let (was, is) = (before.get(path), after.get(path));
        let is_place = || {
            let parent = path.parent().and_then(|parent| before.get(parent));
            path.file_name() == Some(name) && parent.is_some_and(|parent| parent.identity == own)
        };
        // A file that has several paths changes at all of them.
        let is_known = |facts: Option<&Facts>| {
            facts.is_some_and(|facts| facts.identity == own || Some(facts.identity) == old)
        };
        if was != is && (!is_name || !(is_place() || is_known(was))) {
            return Err(format!("{path:?} has changed: {was:?}, {is:?}"));
        }
    }
    let mut names_after = names(directory.as_fd());
    names_after.retain(|other| *other != text);
    let mut others = names_before;
    others.retain(|other| *other != text);
    if names_after != others {
        return Err(format!("other names: {names_after:?}"));
    }
    Ok(after)
}

/// Why it was not done, or not as it should be.
enum Failure {
    Call(SysError),
    Wrong(String),
}

impl From<SysError> for Failure {
    fn from(error: SysError) -> Self {
        Self::Call(error)
    }
}

/// What the kernel may say: of a directory or a mount point by that name, of one that is there or not, of a
/// text that is empty or too long.
fn reasons(deed: &Deed, is_there: bool) -> &'static [Errno] {
    match (deed, is_there) {
        (Deed::PutFile | Deed::RemoveFile, true) => &[Errno::ISDIR, Errno::BUSY],
        (Deed::PutSymlink(_), true) => {
            &[Errno::ISDIR, Errno::BUSY, Errno::NOENT, Errno::NAMETOOLONG]
        }
        (Deed::PutSymlink(_) | Deed::AddSymlink(_), _) => &[Errno::NOENT, Errno::NAMETOOLONG],
        (Deed::AddFile | Deed::AddDirectory | Deed::AddCharacterDevice, true) => &[Errno::EXIST],
        (Deed::ChangeOwner | Deed::RemoveDirectory, false) => &[Errno::NOENT],
        (Deed::RemoveDirectory, true) => &[Errno::NOTDIR, Errno::NOTEMPTY, Errno::BUSY],
        _ => &[],
    }
}

/// Does it, and looks whether it is done.
fn perform(ground: &Ground, directory: &Dir, name: &OsStr, deed: &Deed) -> Result<(), Failure> {
    let kind = |kind: FileKind| match directory.metadata(name) {
        Ok(Some(metadata)) if metadata.kind == kind => Ok(metadata),
        other => Err(Failure::Wrong(format!("it is {other:?}"))),
    };
    let text = |route: &Route| {
        let text = route.path(&ground.grown.known, &ground.path);
        text.into_os_string()
    };
    match deed {
        Deed::PutFile => {
            directory.put_file(name, b"of liftgate", 0o640)?;
            let metadata = kind(FileKind::Regular)?;
            let content = directory.read(name, 100)?;
            if metadata.mode != 0o640 || content.as_deref() != Some(b"of liftgate") {
                return Err(Failure::Wrong(format!("{metadata:?}, {content:?}")));
            }
        }
        Deed::PutSymlink(route) => {
            directory.put_symlink(&text(route), name)?;
            kind(FileKind::Symlink)?;
            if directory.read_link(name)? != Some(text(route)) {
                return Err(Failure::Wrong("another text".to_owned()));
            }
        }
        Deed::AddSymlink(route) => {
            let is_free = directory.metadata(name)?.is_none();
            if directory.add_symlink(&text(route), name)? != is_free {
                return Err(Failure::Wrong(format!("free: {is_free}")));
            }
            if is_free && directory.read_link(name)? != Some(text(route)) {
                return Err(Failure::Wrong("another text".to_owned()));
            }
        }
        Deed::AddFile => {
            directory.add_file(name, 0o600)?;
            kind(FileKind::Regular)?;
        }
        Deed::AddDirectory => {
            directory.add_directory(name, 0o700)?;
            kind(FileKind::Directory)?;
        }
        Deed::AddCharacterDevice => {
            directory.add_character_device(name, (1, 5), 0o666, (7, 8))?;
            let metadata = kind(FileKind::CharacterDevice)?;
            let facts = (metadata.device, metadata.mode, metadata.uid, metadata.gid);
            if facts != ((1, 5), 0o666, 7, 8) {
                return Err(Failure::Wrong(format!("{metadata:?}")));
            }
        }
        Deed::ChangeOwner => directory.change_owner(name, (11, 12))?,
        Deed::RemoveFile => directory.remove_file(name)?,
        Deed::RemoveDirectory => directory.remove_directory(name)?,
    }
    Ok(())
}
