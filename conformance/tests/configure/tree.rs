//! A directory tree as it is at one moment: what is compared, before and after.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// One thing in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Directory,
    File(Vec<u8>),
    Link(PathBuf),
}

/// What of it an undo has to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) content: Content,
    pub(crate) mode: u32,
    pub(crate) owner: (u32, u32),
}

/// What tells that it was written, even with what it had before: inode, and the times of content and of inode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// Relative path → what is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) entries: BTreeMap<String, Entry>,
    stamps: BTreeMap<String, Stamp>,
}

impl Tree {
    /// Looks at everything below `root`, and follows no link.
    pub(crate) fn of(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.add(root, root)?;
        Ok(tree)
    }

    fn add(&mut self, root: &Path, directory: &Path) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let metadata = fs::symlink_metadata(&path)?;
            let content = if metadata.is_symlink() {
                Content::Link(fs::read_link(&path)?)
            } else if metadata.is_dir() {
                Content::Directory
            } else {
                Content::File(fs::read(&path)?)
            };
            let is_directory = content == Content::Directory;
            let name = path.strip_prefix(root).unwrap_or(&path);
            let name = name.to_string_lossy().into_owned();
            self.stamps.insert(name.clone(), Stamp::of(&metadata));
            self.entries.insert(
                name,
                Entry {
                    content,
                    mode: metadata.mode(),
                    owner: (metadata.uid(), metadata.gid()),
                },
            );
            if is_directory {
                self.add(root, &path)?;
            }
        }
        Ok(())
    }

    /// The bytes of a file, through links within the tree's directory.
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        match &self.entries.get(name)?.content {
            Content::File(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The files, links left out.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries
            .keys()
            .filter_map(|name| Some((name.as_str(), self.bytes(name)?)))
    }

    /// What differs in content, mode, owner or presence; one a line.
    pub(crate) fn differences(&self, before: &Self) -> Vec<String> {
        let mut names: Vec<&String> = self.entries.keys().chain(before.entries.keys()).collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .filter_map(|name| {
                let (is, was) = (self.entries.get(name), before.entries.get(name));
                (is != was).then(|| format!("`{name}`: {}, before {}", shown(is), shown(was)))
            })
            .collect()
    }

    /// What was written since `before`, by its inode or its times; directories count, for a file that came and
    /// went is a write too.
    pub(crate) fn written_since(&self, before: &Self) -> Vec<String> {
        let mut names: Vec<&String> = self.stamps.keys().chain(before.stamps.keys()).collect();
        names.sort();
        names.dedup();
        names.retain(|name| self.stamps.get(*name) != before.stamps.get(*name));
        names.into_iter().cloned().collect()
    }
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

fn shown(entry: Option<&Entry>) -> String {
    let Some(entry) = entry else {
        return "nothing".to_owned();
    };
    let content = match &entry.content {
        Content::Directory => "a directory".to_owned(),
        Content::Link(target) => format!("a link to `{}`", target.display()),
        Content::File(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
    };
    let (user, group) = entry.owner;
    format!("{content} {:o} {user}:{group}", entry.mode)
}
