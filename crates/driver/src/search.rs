//! Searching a driver root. The owner of a driver root is the administrator, but its links are absolute
//! within *it*, so they are resolved with it as their root, also when it is a driver container's.

use crate::place::below;
use crate::record::DirectoryState;
use liftgate_sys::{Dir, FileKind, Metadata, Root, SysError};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// More names than any library directory holds; beyond it something is wrong with the directory.
const MOST_NAMES: usize = 100_000;

/// A driver root being searched, and the directories that were looked into, each in the state that it
/// had before the look: a change in between then shows.
///
/// In the host's own root the kernel resolves paths as everybody sees them, with one system call where a root
/// of its own takes eight; and most driver roots are the host's.
#[derive(Debug)]
pub(crate) struct Search {
    root: Root,
    is_hosts: bool,
    looked_into: BTreeMap<PathBuf, DirectoryState>,
    /// Directories of the host with their links resolved: a hundred libraries lie in one.
    real_directories: RefCell<BTreeMap<PathBuf, Option<PathBuf>>>,
}

impl Search {
    pub(crate) fn open(root: &Path) -> Result<Self, SysError> {
        Ok(Self {
            root: Root::open(root)?,
            is_hosts: root == Path::new("/"),
            looked_into: BTreeMap::new(),
            real_directories: RefCell::default(),
        })
    }

    /// Whether the driver root is the host's own.
    pub(crate) fn is_hosts(&self) -> bool {
        self.is_hosts
    }

    /// The path inside the driver root of a path on the host; `None` if it does not lie below it.
    pub(crate) fn inside(&self, path: &Path) -> Option<PathBuf> {
        let below = path.strip_prefix(self.root.path()).ok()?;
        Some(Path::new("/").join(below))
    }

    /// The path on the host of a path inside the driver root.
    pub(crate) fn host_path(&self, path: &Path) -> PathBuf {
        below(self.root.path(), path)
    }

    /// The directories whose change may change the answer: those that are there, and those that are not
    /// there yet.
    pub(crate) fn looked_into(self) -> Vec<DirectoryState> {
        self.looked_into.into_values().collect()
    }

    fn note(&mut self, directory: &Path) {
        if !self.looked_into.contains_key(directory) {
            let state = DirectoryState::read(&self.host_path(directory));
            self.looked_into.insert(directory.to_owned(), state);
        }
    }

    /// The directory with its links resolved, if it is one.
    pub(crate) fn directory(&mut self, path: &Path) -> Option<PathBuf> {
        self.note(path);
        let metadata = self.metadata(path)?;
        if metadata.kind != FileKind::Directory {
            return None;
        }
        let real = self.real_path(path)?;
        self.note(&real);
        Some(real)
    }

    /// The names in a directory, sorted; none if it is not there or cannot be read.
    pub(crate) fn names(&mut self, directory: &Path) -> Vec<String> {
        self.note(directory);
        self.open_directory(directory)
            .and_then(|directory| directory.names(MOST_NAMES).ok())
            .unwrap_or_default()
            .into_iter()
            .filter_map(|name| name.into_string().ok())
            .collect()
    }

    /// Notes the directory that a path lies in.
    pub(crate) fn note_parent(&mut self, path: &Path) {
        if let Some(parent) = path.parent() {
            self.note(parent);
        }
    }

    /// Whether there is anything at the path, be it a link that leads nowhere.
    pub(crate) fn is_there(&self, path: &Path) -> bool {
        self.link_metadata(path).is_some()
    }

    /// The path with its links resolved, whatever it is.
    pub(crate) fn real_path(&self, path: &Path) -> Option<PathBuf> {
        if !self.is_hosts {
            return self.root.canonicalize(path).ok().flatten();
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return std::fs::canonicalize(path).ok();
        };
        if self.link_metadata(path)?.kind == FileKind::Symlink {
            return std::fs::canonicalize(path).ok();
        }
        let known = self.real_directories.borrow().get(parent).cloned();
        let real = known.unwrap_or_else(|| {
            let real = std::fs::canonicalize(parent).ok();
            self.real_directories
                .borrow_mut()
                .insert(parent.to_owned(), real.clone());
            real
        });
        Some(real?.join(name))
    }

    /// What a path is itself, a link not followed.
    fn link_metadata(&self, path: &Path) -> Option<Metadata> {
        if self.is_hosts {
            liftgate_sys::file::link_metadata(path).ok().flatten()
        } else {
            self.root.symlink_metadata(path).ok().flatten()
        }
    }

    /// The text of the link at the path, if it is one.
    pub(crate) fn link_at(&self, path: &Path) -> Option<String> {
        let directory = self.open_directory(path.parent()?)?;
        Self::link(&directory, path.file_name()?.to_str()?)
    }

    fn open_directory(&self, directory: &Path) -> Option<Dir> {
        if self.is_hosts {
            Dir::open_host(directory).ok()
        } else {
            self.root.open_directory(directory).ok().flatten()
        }
    }

    /// The links in a directory that may be of a library: name and text.
    pub(crate) fn library_links(&self, directory: &Path) -> BTreeMap<String, String> {
        let Some(open) = self.open_directory(directory) else {
            return BTreeMap::new();
        };
        open.possible_links(MOST_NAMES)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|name| name.into_string().ok())
            .filter(|name| name.starts_with("lib") && name.contains(".so"))
            .filter_map(|name| {
                let target = Self::link(&open, &name)?;
                Some((name, target))
            })
            .collect()
    }

    /// What a path is, links followed.
    pub(crate) fn metadata(&self, path: &Path) -> Option<Metadata> {
        if self.is_hosts {
            liftgate_sys::file::metadata(path).ok().flatten()
        } else {
            self.root.metadata(path).ok().flatten()
        }
    }

    /// The path with its links resolved, if it is a regular file.
    pub(crate) fn regular_file(&self, path: &Path) -> Option<PathBuf> {
        let metadata = self.metadata(path)?;
        if metadata.kind != FileKind::Regular {
            return None;
        }
        self.real_path(path)
    }

    /// As [`Self::regular_file`], noting the directory of `path`: for a file whose coming or going
    /// changes the answer.
    pub(crate) fn file(&mut self, path: &Path) -> Option<PathBuf> {
        self.note_parent(path);
        self.regular_file(path)
    }

    /// As [`Self::regular_file`], noting the file itself: for one whose content matters and whose
    /// directory changes all the time.
    pub(crate) fn watched_file(&mut self, path: &Path) -> Option<PathBuf> {
        self.note(path);
        self.regular_file(path)
    }

    /// The facts in the ELF headers of a file; `None` if it is no ELF file or cannot be read.
    pub(crate) fn elf(&self, path: &Path) -> Option<liftgate_elf::facts::ElfFacts> {
        let file = if self.is_hosts {
            // Who asks has just seen a regular file there; a pipe put in its place since is the host's root's doing.
            std::fs::File::open(path).ok()?
        } else {
            self.root.open_file(path).ok().flatten()?
        };
        liftgate_elf::facts::read(&file).ok()
    }

    /// The content of a file.
    pub(crate) fn read(&self, path: &Path, limit: u64) -> Option<Vec<u8>> {
        if self.is_hosts {
            liftgate_sys::file::read_regular(path, limit).ok().flatten()
        } else {
            self.root.read(path, limit).ok().flatten()
        }
    }

    /// The text of a symbolic link in `directory`.
    fn link(directory: &Dir, name: &str) -> Option<String> {
        directory
            .read_link(OsStr::new(name))
            .ok()
            .flatten()
            .and_then(|text| text.into_string().ok())
    }
}
