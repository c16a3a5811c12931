//! Trees at random: what somebody else put into a root.

use crate::route::{Name, Route, name, route};
use liftgate_sys::mount;
use proptest::prelude::*;
use rustix::fs::{FileType, Mode, OFlags};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// What an entry is.
#[derive(Debug, Clone)]
enum Kind {
    Directory,
    /// Directories of this name within each other.
    Deep(usize),
    File,
    Link(Route),
    /// So many links, each to the next, the last to something.
    Chain(usize, Route),
    Pipe,
    Device,
    /// A file system of its own.
    Tmpfs,
    /// A directory of the host, as a volume is.
    Volume,
    /// A directory of the tree once more.
    Again(usize),
    /// A file of the host, over one of the tree.
    Cover,
}

#[derive(Debug, Clone)]
struct Entry {
    parent: usize,
    name: Name,
    kind: Kind,
}

/// A tree to be made.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    entries: Vec<Entry>,
    /// Whether the root is a mount point itself.
    pub(crate) is_mount: bool,
}

fn entry() -> impl Strategy<Value = Entry> {
    let chain = prop_oneof![4 => 2_usize..8, 4 => 37_usize..43, 1 => 120_usize..135];
    let kind = prop_oneof![
        10 => Just(Kind::Directory),
        1 => (2_usize..20).prop_map(Kind::Deep),
        6 => Just(Kind::File),
        16 => route().prop_map(Kind::Link),
        1 => (chain, route()).prop_map(|(length, route)| Kind::Chain(length, route)),
        1 => Just(Kind::Pipe),
        1 => Just(Kind::Device),
        1 => Just(Kind::Tmpfs),
        1 => Just(Kind::Volume),
        1 => any::<usize>().prop_map(Kind::Again),
        1 => Just(Kind::Cover),
    ];
    (any::<usize>(), name(), kind).prop_map(|(parent, name, kind)| Entry { parent, name, kind })
}

/// A tree of up to thirty entries.
pub(crate) fn tree() -> impl Strategy<Value = Tree> {
    (prop::collection::vec(entry(), 1..30), any::<bool>())
        .prop_map(|(entries, is_mount)| Tree { entries, is_mount })
}

/// A tree while it is made: directories that are there, and paths of everything, as from inside.
pub(crate) struct Grown {
    directories: Vec<(OwnedFd, PathBuf)>,
    pub(crate) known: Vec<PathBuf>,
}

impl Tree {
    pub(crate) fn empty() -> Self {
        Self {
            entries: Vec::new(),
            is_mount: false,
        }
    }

    /// Makes it in `root`; what cannot be made (a name is taken, a text is too long) is left out.
    pub(crate) fn grow(&self, root: &Path, volume: &Path, cover: &Path) -> Grown {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(root, flags, Mode::empty()).unwrap();
        let mut grown = Grown {
            directories: vec![(directory, PathBuf::from("/"))],
            known: Vec::new(),
        };
        for (number, entry) in self.entries.iter().enumerate() {
            let at = entry.parent % grown.directories.len();
            match &entry.kind {
                Kind::Directory => {
                    grown.directory(at, &entry.name.0);
                }
                Kind::Deep(levels) => {
                    let mut at = at;
                    for _ in 0..*levels {
                        if !grown.directory(at, &entry.name.0) {
                            break;
                        }
                        at = grown.directories.len() - 1;
                    }
                }
                Kind::File => grown.file(at, &entry.name.0, number),
                Kind::Link(route) => {
                    let text = route.path(&grown.known, root);
                    grown.link(at, &entry.name.0, text.as_os_str());
                }
                Kind::Chain(length, route) => grown.chain(at, &entry.name.0, *length, route, root),
                Kind::Pipe => grown.node(at, &entry.name.0, FileType::Fifo),
                Kind::Device => grown.node(at, &entry.name.0, FileType::CharacterDevice),
                Kind::Tmpfs => grown.mount(at, &entry.name.0, |target| {
                    mount::tmpfs(target, "size=1m").unwrap();
                }),
                Kind::Volume => grown.mount(at, &entry.name.0, |target| {
                    mount::bind(volume, target).unwrap();
                }),
                Kind::Again(which) => {
                    let which = which % grown.directories.len();
                    let source = descriptor(&grown.directories[which].0);
                    grown.mount(at, &entry.name.0, |target| {
                        mount::bind(&source, target).unwrap();
                    });
                }
                Kind::Cover => grown.cover(at, &entry.name.0, cover),
            }
        }
        grown
    }
}

impl Grown {
    fn add(&mut self, at: usize, name: &[u8]) -> PathBuf {
        let path = self.directories[at].1.join(OsStr::from_bytes(name));
        self.known.push(path.clone());
        path
    }

    fn open(&self, at: usize, name: &[u8]) -> OwnedFd {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.directories[at].0, name, flags, Mode::empty()).unwrap()
    }

    fn directory(&mut self, at: usize, name: &[u8]) -> bool {
        let parent = &self.directories[at].0;
        let is_made = rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755)).is_ok();
        if is_made {
            let directory = self.open(at, name);
            let path = self.add(at, name);
            self.directories.push((directory, path));
        }
        is_made
    }

    fn file(&mut self, at: usize, name: &[u8], number: usize) {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o644);
        if let Ok(file) = rustix::fs::openat(&self.directories[at].0, name, flags, mode) {
            File::from(file)
                .write_all(format!("inside, {number}").as_bytes())
                .unwrap();
            self.add(at, name);
        }
    }

    fn link(&mut self, at: usize, name: &[u8], text: &OsStr) {
        if rustix::fs::symlinkat(text, &self.directories[at].0, name).is_ok() {
            self.add(at, name);
        }
    }

    /// The links lie in one directory and are called by numbers; the first has the name.
    fn chain(&mut self, at: usize, name: &[u8], length: usize, route: &Route, host: &Path) {
        let end = route.path(&self.known, host);
        for number in 1..length {
            let next = if number + 1 == length {
                end.clone()
            } else {
                PathBuf::from(format!("chain-{}", number + 1))
            };
            let name = format!("chain-{number}");
            let parent = &self.directories[at].0;
            if rustix::fs::symlinkat(&next, parent, &*name).is_err() {
                return;
            }
        }
        self.link(at, name, OsStr::new("chain-1"));
        self.add(at, b"chain-3");
    }

    fn node(&mut self, at: usize, name: &[u8], kind: FileType) {
        let device = rustix::fs::makedev(1, 3);
        let mode = Mode::from_raw_mode(0o600);
        let parent = &self.directories[at].0;
        if rustix::fs::mknodat(parent, name, kind, mode, device).is_ok() {
            self.add(at, name);
        }
    }

    fn mount(&mut self, at: usize, name: &[u8], mount: impl FnOnce(&Path)) {
        if self.directory(at, name) {
            let last = self.directories.len() - 1;
            mount(&descriptor(&self.directories[last].0));
            self.directories[last].0 = self.open(at, name);
        }
    }

    fn cover(&mut self, at: usize, name: &[u8], cover: &Path) {
        let before = self.known.len();
        self.file(at, name, 0);
        if self.known.len() > before {
            mount::bind(cover, &descriptor(&self.open(at, name))).unwrap();
        }
    }
}

fn descriptor(file: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}
