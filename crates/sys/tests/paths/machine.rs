//! A made-up host, and a root in it for each tree.
//!
//! The threads that try `Root` have this host's root directory as theirs. So whatever leads out of the container's
//! root, by `..` or by `/`, leads to a file of the host that has the same name, and to no file of the machine that
//! runs the tests. It is a tmpfs in a mount namespace of this process, and goes with it.

use crate::chroot;
use crate::listing::{Listing, listing};
use crate::route::NAMES;
use crate::tree::{Grown, Tree};
use liftgate_sys::{Root, mount, namespace};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Gives this process, which has one thread so far, what the tests need; or says what is missing.
pub(crate) fn prepare_process() -> Result<(), String> {
    if !namespace::is_real_root() {
        return Err("needs root".to_owned());
    }
    namespace::unshare_mounts()
        .and_then(|()| mount::make_private(Path::new("/")))
        .map_err(|error| format!("needs mounts: {error}"))?;
    chroot::within(Path::new("/"), || ()).map_err(|error| format!("needs chroot: {error}"))
}

/// The host: names of [`NAMES`], each a directory that has files of all these names.
pub(crate) struct Host {
    directory: tempfile::TempDir,
}

const PLACE: &str = "/outer/rootfs";
const VOLUME: &str = "/volume/shared";
const COVER: &str = "/volume/cover";

impl Host {
    pub(crate) fn new() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("liftgate-paths-")
            .tempdir()
            .unwrap();
        mount::tmpfs(directory.path(), "size=16m").unwrap();
        for parent in ["outer", "volume", ""] {
            fill(&directory.path().join(parent));
        }
        for path in [PLACE, VOLUME, "/proc"] {
            let path = directory.path().join(&path[1..]);
            std::fs::remove_file(&path).ok();
            std::fs::create_dir_all(path).unwrap();
        }
        std::fs::write(directory.path().join(&COVER[1..]), "of the host, shared").unwrap();
        let proc = directory.path().join("proc");
        mount::bind_recursive(Path::new("/proc"), &proc).unwrap();
        Self { directory }
    }

    /// Does `work` on the host, with this tree in place.
    pub(crate) fn with<T: Send>(&self, tree: &Tree, work: impl FnOnce(&Ground) -> T + Send) -> T {
        chroot::within(self.directory.path(), || {
            let _mounts = [PLACE, VOLUME].map(Mounted::new);
            let mut path = PathBuf::from(PLACE);
            if !tree.is_mount {
                for name in NAMES.map(OsStr::from_bytes) {
                    std::fs::write(path.join(name), "host").ok();
                }
                path.push("rootfs");
                std::fs::remove_file(&path).unwrap();
                std::fs::create_dir(&path).unwrap();
            }
            let grown = tree.grow(&path, Path::new(VOLUME), Path::new(COVER));
            work(&Ground {
                root: Root::open(&path).unwrap(),
                path,
                grown,
            })
        })
        .unwrap()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        mount::unmount_detach(self.directory.path()).ok();
    }
}

fn fill(parent: &Path) {
    for name in NAMES.map(OsStr::from_bytes) {
        let directory = parent.join(name);
        std::fs::create_dir_all(&directory).unwrap();
        for name in NAMES.map(OsStr::from_bytes) {
            std::fs::write(directory.join(name), "host").ok();
        }
    }
}

/// A tmpfs, until the end of a test.
struct Mounted(&'static str);

impl Mounted {
    fn new(path: &'static str) -> Self {
        mount::tmpfs(Path::new(path), "size=4m").unwrap();
        Self(path)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        mount::unmount_detach(Path::new(self.0)).ok();
    }
}

/// A root with a tree in it, as seen by a thread of the host.
pub(crate) struct Ground {
    pub(crate) root: Root,
    /// Where the root is on the host.
    pub(crate) path: PathBuf,
    pub(crate) grown: Grown,
}

impl Ground {
    /// Every file of the host that is in no way the container's.
    pub(crate) fn outside(&self) -> Listing {
        let skipped = [
            Path::new(VOLUME),
            Path::new(COVER),
            Path::new("/proc"),
            &self.path,
        ];
        listing(Path::new("/"), &skipped)
    }

    /// Every file of the container, as seen from inside.
    pub(crate) fn inside(&self) -> Listing {
        listing(&self.path, &[])
    }

    /// How long a path the host has for what is at `place` inside.
    pub(crate) fn length_on_host(&self, place: &Path) -> usize {
        self.path.as_os_str().len() + place.as_os_str().len()
    }
}
