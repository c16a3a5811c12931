//! Where the kernel stops, and where `Root` stops with it: names, paths, links, and what only looks like a link.

use crate::Check;
use crate::chroot::{ask, settle, within};
use crate::machine::{Ground, Host};
use crate::tree::Tree;
use crate::way::{LONGEST_PATH, Way};
use libtest_mimic::Failed;
use liftgate_sys::{Errno, SysError, mount};
use std::ffi::OsStr;
use std::fmt::Debug;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

pub(crate) const TESTS: &[(&str, Check)] = &[
    ("chains_of_links_end", chains),
    ("long_names_and_paths_are_refused", lengths),
    ("what_is_no_path_is_nothing", no_paths),
    ("magic_links_are_not_followed", magic_links),
    ("the_host_is_not_seen", the_host),
];

/// On an empty tree.
fn with_empty<T: Send>(work: impl FnOnce(&Ground) -> T + Send) -> T {
    Host::new().with(&Tree::empty(), work)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "values are what callers have"
)]
fn expect<T: PartialEq + Debug>(what: &str, ours: T, theirs: T) -> Result<(), Failed> {
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("{what}: {ours:?}, not {theirs:?}").into())
    }
}

/// The kernel follows forty links, and so does the walk.
fn chains(_: Way) -> Result<(), Failed> {
    with_empty(|ground| {
        let at = |number: usize| ground.path.join(number.to_string());
        std::fs::write(at(0), "end")?;
        for number in 1..=200 {
            symlink((number - 1).to_string(), at(number))?;
        }
        let mut paths: Vec<PathBuf> = Vec::new();
        for number in [1, 39, 40, 41, 126, 127, 128, 200] {
            let path = PathBuf::from(number.to_string());
            let expected = (number <= 40).then(|| b"end".to_vec());
            settle(|| match ground.root.read(&path, 100) {
                Ok(read) if read == expected => Ok(()),
                other => Err(format!("{number} links: {other:?}")),
            })?;
            paths.push(path);
        }
        let found: Vec<bool> = ask(&ground.path, &paths)
            .iter()
            .map(|answer| answer.followed.is_ok())
            .collect();
        expect("in a chroot", &found[..4], &[true, true, true, false])
    })
}

fn lengths(_: Way) -> Result<(), Failed> {
    with_empty(|ground| {
        let name = "n".repeat(255);
        std::fs::write(ground.path.join(&name), "")?;
        let found = |path: &str| errno(ground.root.metadata(Path::new(path)));
        expect("a name of 255", found(&name), Ok(true))?;
        let error = Err(Some(Errno::NAMETOOLONG));
        expect("a name of 256", found(&"n".repeat(256)), error)?;
        for (length, expected) in [(LONGEST_PATH, Ok(true)), (LONGEST_PATH + 1, error)] {
            let padding = "/".repeat(length - name.len());
            expect("a path", found(&format!("{padding}{name}")), expected)?;
        }
        // A link's text of the greatest length, to be followed on the way to something.
        let text = format!("{}a", "./".repeat((LONGEST_PATH - 1) / 2));
        std::fs::create_dir(ground.path.join("a"))?;
        symlink(text, ground.path.join("link"))?;
        symlink("../link/..//link/.", ground.path.join("a/back"))?;
        let path = ground.root.canonicalize(Path::new("link/back"));
        expect("a long link", path.ok().flatten(), Some("/a".into()))
    })
}

/// Not even the root's own directory, nor the file that is named before a NUL.
fn no_paths(_: Way) -> Result<(), Failed> {
    with_empty(|ground| {
        std::fs::write(ground.path.join("a"), "inside")?;
        let root = &ground.root;
        for (text, reason) in [
            ("", Errno::NOENT),
            ("a\0", Errno::INVAL),
            ("\0", Errno::INVAL),
            ("a\0/../b", Errno::INVAL),
        ] {
            let path = Path::new(text);
            let expected = match reason {
                Errno::NOENT => Ok(false),
                reason => Err(Some(reason)),
            };
            let what = format!("{text:?}");
            expect(&what, errno(root.metadata(path)), expected)?;
            expect(&what, errno(root.symlink_metadata(path)), expected)?;
            expect(&what, errno(root.read(path, 100)), expected)?;
            expect(&what, errno(root.open_directory(path)), expected)?;
            expect(&what, errno(root.open_path(path)), expected)?;
            let below = root.below(path).map(Some);
            expect(&what, errno(below), Err(Some(reason)))?;
            let made = root.make_directories(path, 0o755).map(Some);
            expect(&what, errno(made), Err(Some(reason)))?;
        }
        expect("entries", std::fs::read_dir(&ground.path)?.count(), 1)
    })
}

/// Here a `chroot` is no measure: it does not keep anybody from following `/proc/self/root`.
fn magic_links(_: Way) -> Result<(), Failed> {
    with_empty(|ground| {
        let proc = ground.path.join("proc");
        std::fs::create_dir(&proc)?;
        mount::bind(Path::new("/proc"), &proc).map_err(|error| error.to_string())?;
        symlink("/proc/self/root", ground.path.join("trap"))?;
        let held = std::fs::File::open("/volume")?;
        let held = format!("proc/self/fd/{}", held.as_raw_fd());
        for path in [
            "proc/self/root",
            "proc/self/root/etc",
            "trap",
            "trap/etc",
            "proc/self/cwd",
            "proc/self/exe",
            "proc/self/ns/mnt",
            &held,
        ] {
            let found = errno(ground.root.metadata(Path::new(path)));
            expect(path, found, Ok(false))?;
        }
        // What is text only is found.
        let status = Path::new("proc/self/status");
        expect("status", errno(ground.root.metadata(status)), Ok(true))?;
        // Or else the paths above prove nothing.
        let seen = within(&ground.path, || Path::new(&held).join("cover").exists())?;
        expect("a way out in a chroot", seen, true)
    })
}

/// A joined path would find these, and so this test of tests says that there is something to be found.
fn the_host(_: Way) -> Result<(), Failed> {
    with_empty(|ground| {
        let up = PathBuf::from("../a");
        let absolute = PathBuf::from("/etc/b");
        let odd = PathBuf::from("..").join(OsStr::from_bytes(b"\xff\xfe"));
        symlink(&up, ground.path.join("up"))?;
        symlink(&absolute, ground.path.join("absolute"))?;
        symlink(&odd, ground.path.join("odd"))?;
        for name in ["up", "absolute", "odd"] {
            expect("on the host", ground.path.join(name).exists(), true)?;
            let found = errno(ground.root.metadata(Path::new(name)));
            expect(name, found, Ok(false))?;
        }
        Ok(())
    })
}

/// Whether something was found, or the kernel's reason.
fn errno<T: Debug>(answer: Result<Option<T>, SysError>) -> Result<bool, Option<Errno>> {
    let known = [Errno::NOENT, Errno::INVAL, Errno::NAMETOOLONG];
    answer
        .map(|found| found.is_some())
        .map_err(|error| known.into_iter().find(|errno| error.is(*errno)))
}
