//! Which files of a directory are linted.
//!
//! By their names alone, but for YAML, which has to be looked into. Not entered: hidden directories, other people's code, links, and
//! more than a limit. An archive is linted when it is named, and not because it lies there.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::Kind;
use super::name::named;

/// What an entry of a directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A link, a socket, a device …
    Other,
}

/// How far a walk goes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many directories deep.
    pub depth: usize,
    /// How many entries are looked at.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 12,
            entries: 100_000,
        }
    }
}

/// A file that is linted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chosen {
    /// Its path.
    pub path: PathBuf,
    /// What it is. `None`: only its content can tell, and where that says nothing, nothing is said of it.
    pub kind: Option<Kind>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// The files, in the order of their paths.
    pub chosen: Vec<Chosen>,
    /// Whether a limit was reached, so that there may be more.
    pub is_cut: bool,
    /// Directories that could not be read.
    pub unread: Vec<PathBuf>,
}

/// Walks through a directory. `read` gives the entries of one, with their names, or `None` where it cannot.
pub fn walk<E>(root: &Path, limits: Limits, mut read: impl FnMut(&Path) -> Option<E>) -> Walk
where
    E: Iterator<Item = (String, Node)>,
{
    let mut found = Walk::default();
    let mut left = limits.entries;
    let mut open = VecDeque::from([(root.to_owned(), 0)]);
    while let Some((directory, depth)) = open.pop_front() {
        let Some(entries) = read(&directory) else {
            found.unread.push(directory);
            continue;
        };
        for (name, node) in entries {
            if left == 0 {
                found.is_cut = true;
                break;
            }
            left -= 1;
            match node {
                Node::Directory if is_entered(&name) && depth < limits.depth => {
                    open.push_back((directory.join(&name), depth + 1));
                }
                Node::Directory => found.is_cut |= is_entered(&name),
                Node::File => {
                    let kind = wanted_as(&name);
                    if kind.is_some() || may_be_compose(&name) {
                        let path = directory.join(&name);
                        found.chosen.push(Chosen { path, kind });
                    }
                }
                Node::Other => {}
            }
        }
    }
    found.chosen.sort();
    found
}

/// Whether a directory is looked into.
fn is_entered(name: &str) -> bool {
    let others = [
        "node_modules",
        "bower_components",
        "site-packages",
        "venv",
        "__pycache__",
    ];
    let is_hidden = name.starts_with('.') && name != ".devcontainer";
    !is_hidden && !others.contains(&name) && !name.is_empty()
}

/// What a file is linted as; `None` where its name does not say.
fn wanted_as(name: &str) -> Option<Kind> {
    let kind = named(name)?.kind;
    (!is_hidden_file(name) && kind != Kind::ImageArchive).then_some(kind)
}

/// Whether a file has to be looked into: any YAML may be a compose file.
fn may_be_compose(name: &str) -> bool {
    let extension = Path::new(name).extension().unwrap_or_default();
    let is = |other: &str| extension.eq_ignore_ascii_case(other);
    (is("yml") || is("yaml")) && !is_hidden_file(name)
}

fn is_hidden_file(name: &str) -> bool {
    name.starts_with('.') && name != ".devcontainer.json"
}
