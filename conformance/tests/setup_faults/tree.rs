//! A tree of files, taken up and laid down again: bytes, modes, owners, links.

use crate::scene::SPECIFICATION;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

/// How the new text of a file is called before it takes the file's place.
const UNFINISHED: &str = ".liftgate-new";

/// What lies under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Directory(Rights),
    File(Rights, Vec<u8>),
    Link(PathBuf),
}

/// Whose it is, and who may do what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rights {
    mode: u32,
    user: u32,
    group: u32,
}

/// The mode that a file or a directory of a first tree gets unless another is wanted.
pub(crate) const FILE: Rights = Rights::new(0o644, 0);
pub(crate) const DIRECTORY: Rights = Rights::new(0o755, 0);

impl Rights {
    pub(crate) const fn new(mode: u32, owner: u32) -> Self {
        Self {
            mode,
            user: owner,
            group: owner,
        }
    }
}

/// Everything below a directory, by the path from there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree(BTreeMap<PathBuf, Entry>);

impl Tree {
    /// A tree of these files, in directories as they usually are.
    pub(crate) fn of(entries: impl IntoIterator<Item = (&'static str, Entry)>) -> Self {
        let mut tree = Self::default();
        for (path, entry) in entries {
            let path = PathBuf::from(path);
            for above in path.ancestors().skip(1) {
                if above != Path::new("") {
                    let directory = || Entry::Directory(DIRECTORY);
                    tree.0.entry(above.to_owned()).or_insert_with(directory);
                }
            }
            tree.0.insert(path, entry);
        }
        tree
    }

    /// What lies below `root`.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        let mut pending = vec![PathBuf::new()];
        while let Some(directory) = pending.pop() {
            for entry in fs::read_dir(root.join(&directory))? {
                let path = directory.join(entry?.file_name());
                let real = root.join(&path);
                let metadata = fs::symlink_metadata(&real)?;
                let rights = Rights {
                    mode: metadata.mode() & 0o7777,
                    user: metadata.uid(),
                    group: metadata.gid(),
                };
                let entry = if metadata.is_dir() {
                    pending.push(path.clone());
                    Entry::Directory(rights)
                } else if metadata.is_symlink() {
                    Entry::Link(fs::read_link(&real)?)
                } else {
                    Entry::File(rights, fs::read(&real)?)
                };
                tree.0.insert(path, entry);
            }
        }
        Ok(tree)
    }

    /// Lays it down below `root`, in the place of whatever is there.
    pub(crate) fn write(&self, root: &Path) -> io::Result<()> {
        for entry in fs::read_dir(root)? {
            let path = entry?.path();
            if path.is_dir() && !path.is_symlink() {
                fs::remove_dir_all(path)?;
            } else {
                fs::remove_file(path)?;
            }
        }
        for (path, entry) in &self.0 {
            let path = root.join(path);
            let rights = match entry {
                Entry::Link(text) => {
                    symlink(text, &path)?;
                    continue;
                }
                Entry::Directory(rights) => {
                    fs::create_dir(&path)?;
                    rights
                }
                Entry::File(rights, bytes) => {
                    fs::write(&path, bytes)?;
                    rights
                }
            };
            chown(&path, Some(rights.user), Some(rights.group))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(rights.mode))?;
        }
        Ok(())
    }

    /// Only what lies in a directory of it.
    pub(crate) fn within(&self, directory: &str) -> Self {
        let is_within = |path: &Path| path.starts_with(directory);
        let entries = self.0.iter().filter(|(path, _)| is_within(path));
        Self(
            entries
                .map(|(path, entry)| (path.clone(), entry.clone()))
                .collect(),
        )
    }

    /// Its files and links, without the directories.
    pub(crate) fn files(mut self) -> Self {
        self.0
            .retain(|_, entry| !matches!(entry, Entry::Directory(_)));
        self
    }

    /// Without a directory and what lies in it, or without a file.
    pub(crate) fn without(mut self, path: impl AsRef<Path>) -> Self {
        self.0.retain(|one, _| !one.starts_with(path.as_ref()));
        self
    }

    /// Without a directory, if nothing lies in it.
    pub(crate) fn without_empty(self, directory: &str) -> Self {
        if self.below(directory) == Self::default() {
            self.without(directory)
        } else {
            self
        }
    }

    /// What lies in a directory of it, by the path from there.
    pub(crate) fn below(&self, directory: &str) -> Self {
        let entries = self.0.iter().filter_map(|(path, entry)| {
            let path = path.strip_prefix(directory).ok()?;
            Some((path.to_owned(), entry.clone()))
        });
        Self(entries.filter(|(path, _)| path != Path::new("")).collect())
    }

    /// With an entry more.
    pub(crate) fn with(mut self, path: &str, entry: Entry) -> Self {
        self.0.insert(path.into(), entry);
        self
    }

    /// Without new texts that have not taken their file's place.
    pub(crate) fn finished(mut self) -> Self {
        self.0
            .retain(|path, _| !path.to_string_lossy().ends_with(UNFINISHED));
        self
    }

    pub(crate) fn get(&self, path: impl AsRef<Path>) -> Option<&Entry> {
        self.0.get(path.as_ref())
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, path: impl AsRef<Path>) -> Option<&[u8]> {
        match self.get(path) {
            Some(Entry::File(_, bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// With other bytes in a file that is there.
    pub(crate) fn with_bytes(mut self, path: &str, text: &str) -> Self {
        if let Some(Entry::File(_, bytes)) = self.0.get_mut(Path::new(path)) {
            text.as_bytes().clone_into(bytes);
        }
        self
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// The paths under which it is not as `other`, with what lies under each of them in both.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let paths: Vec<&Path> = self.paths().chain(other.paths()).collect();
        for path in paths {
            let (one, another) = (self.get(path), other.get(path));
            // It has the machine's own facts in it, which no two have in common.
            if path == Path::new(SPECIFICATION) && one.is_some() == another.is_some() {
                continue;
            }
            let words = format!(
                "{}: {}, wanted {}",
                path.display(),
                in_words(one),
                in_words(another)
            );
            if one != another && !differences.contains(&words) {
                differences.push(words);
            }
        }
        differences
    }

    /// That it is as `other`.
    pub(crate) fn is(&self, other: &Self) -> Result<(), String> {
        let differences = self.differences(other);
        if differences.is_empty() {
            Ok(())
        } else {
            Err(differences.join("; "))
        }
    }
}

fn in_words(entry: Option<&Entry>) -> String {
    match entry {
        None => "nothing".to_owned(),
        Some(Entry::Link(text)) => format!("a link to {}", text.display()),
        Some(Entry::Directory(rights)) => format!("a directory {}", rights.in_words()),
        Some(Entry::File(rights, bytes)) => format!(
            "a file {} {:?}",
            rights.in_words(),
            String::from_utf8_lossy(bytes)
        ),
    }
}

impl Rights {
    fn in_words(self) -> String {
        format!("{:o} {}:{}", self.mode, self.user, self.group)
    }
}
