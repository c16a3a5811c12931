//! The layers put together: what is kept of them, as the file system that a container would see.
//!
//! A layer takes away first and then adds: whiteouts and opaque directories hide what is below, a file hides what is
//! below it under its path, a directory hides a link. What it adds behind a link to a directory is added where the link
//! leads. Links are the image's: they are walked here, in this tree, and never by the kernel; forty of them are a loop.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::ops::Bound;
use std::rc::Rc;

use crate::error::ImageError;
use crate::layer::{Budget, File, Node, Scan};
use crate::path;

/// The most links on the way to one file; the kernel's number.
const MOST_LINKS: usize = 40;
/// The most paths and directories that are noticed; a table of a million places has room for no more.
const MOST_HASHES: usize = 900_000;

/// The merged file system.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: BTreeMap<Rc<str>, Place>,
    /// For the hash of each path and of each directory above it: the path, and where in it the directory ends.
    hashes: HashMap<u64, (Rc<str>, u16)>,
}

/// A node, and which layer has brought it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) node: Node,
    pub(crate) layer: usize,
}

impl Tree {
    /// Lays a layer over what there is.
    pub(crate) fn add(
        &mut self,
        layer: usize,
        scan: Scan,
        budget: &Budget,
    ) -> Result<(), ImageError> {
        for directory in &scan.opaque {
            let directory = self.canonical(directory);
            self.remove_below(&directory);
        }
        for gone in &scan.whiteouts {
            let (directory, name) = path::split(gone);
            let gone = path::join(&self.canonical(directory), name);
            self.nodes.remove(gone.as_str());
            self.remove_below(&gone);
        }
        for hash in &scan.files {
            if let Some((path, end)) = self.hashes.get(hash).cloned() {
                let path = &path[..usize::from(end)];
                self.nodes.remove(path);
                self.remove_below(path);
            }
        }
        for hash in &scan.directories {
            if let Some((path, end)) = self.hashes.get(hash) {
                // In the way of a directory are only files and links.
                self.nodes.remove(&path[..usize::from(*end)]);
            }
        }
        for (path, node) in scan.kept {
            let (directory, name) = path::split(&path);
            let directory = self.canonical(directory);
            let path = path::join(&directory, name);
            let node = match node {
                Node::Hard(target) => {
                    let (directory, name) = path::split(&target);
                    let target = path::join(&self.canonical(directory), name);
                    // Of a file of which nothing is kept another name does not matter, but for what it hides.
                    let known = self.nodes.get(target.as_str());
                    let Some(node) = known.map(|place| place.node.clone()) else {
                        self.nodes.remove(path.as_str());
                        self.remove_below(&path);
                        continue;
                    };
                    node
                }
                node => node,
            };
            self.remove_below(&path);
            let path = Rc::from(path);
            self.remember(&path, &budget.hasher)?;
            self.nodes.insert(path, Place { node, layer });
        }
        Ok(())
    }

    /// All files and links, by path.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.nodes.iter().map(|(path, place)| (&**path, place))
    }

    /// The files and links of a directory that is no link, and of those below it.
    pub(crate) fn below<'a>(
        &'a self,
        directory: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Place)> {
        let start = path::join(directory, "");
        let range = (Bound::Included(start.as_str()), Bound::Unbounded);
        let found = self.nodes.range::<str, _>(range);
        found
            .take_while(move |(path, _)| path.starts_with(&*start))
            .map(|(path, place)| (&**path, place))
    }

    /// The file that a path leads to, and the path that it has.
    pub(crate) fn file(&self, path: &str) -> Option<(String, &File, usize)> {
        let path = self.walk(path)?;
        match self.nodes.get(path.as_str())? {
            Place {
                node: Node::File(file),
                layer,
            } => Some((path, file, *layer)),
            _ => None,
        }
    }

    /// A directory with its links resolved; one whose links lead in a circle stays as it is.
    pub(crate) fn canonical(&self, directory: &str) -> String {
        self.walk(directory)
            .unwrap_or_else(|| path::normal(directory))
    }

    /// Where a path leads, whether there is something or not; none if its links lead in a circle.
    pub(crate) fn walk(&self, path: &str) -> Option<String> {
        let mut links = 0;
        let mut at = String::from("/");
        let mut rest: Vec<String> = parts(path).collect();
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "." | "" => continue,
                ".." => {
                    at.truncate(path::split(&at).0.len());
                    continue;
                }
                _ => {}
            }
            let next = path::join(&at, &part);
            match self.nodes.get(next.as_str()) {
                Some(Place {
                    node: Node::Link(target),
                    ..
                }) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return None;
                    }
                    if target.starts_with('/') {
                        at = String::from("/");
                    }
                    rest.extend(parts(target));
                    if rest.len() > path::MOST_PARTS * 2 {
                        return None;
                    }
                }
                _ => at = next,
            }
        }
        Some(at)
    }

    fn remove_below(&mut self, directory: &str) {
        let start = path::join(directory, "");
        loop {
            let range = (Bound::Included(start.as_str()), Bound::Unbounded);
            let next = self.nodes.range::<str, _>(range).next();
            match next.map(|(path, _)| Rc::clone(path)) {
                Some(path) if path.starts_with(&start) => self.nodes.remove(&path),
                _ => return,
            };
        }
    }

    /// So that a file at this path, or in the place of a directory above it, is noticed.
    fn remember(&mut self, path: &Rc<str>, hasher: &impl BuildHasher) -> Result<(), ImageError> {
        let mut at: &str = path;
        while at.len() > 1 {
            let end = u16::try_from(at.len()).unwrap_or(u16::MAX);
            let is_known = self
                .hashes
                .insert(hasher.hash_one(at), (Rc::clone(path), end))
                .is_some();
            if is_known && at.len() < path.len() {
                break;
            }
            at = path::split(at).0;
        }
        if self.hashes.len() > MOST_HASHES {
            return Err(ImageError::TooMuch {
                what: "the image".to_owned(),
                limit: MOST_HASHES as u64,
                unit: "directories with links and libraries",
            });
        }
        Ok(())
    }
}

/// The parts of a path, the last first.
fn parts(path: &str) -> impl Iterator<Item = String> {
    path.rsplit('/').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Content;

    fn file(size: u64) -> Node {
        Node::File(File {
            size,
            content: Content::Opaque,
        })
    }

    fn layer(kept: &[(&str, Node)]) -> Scan {
        let kept = kept
            .iter()
            .map(|(path, node)| ((*path).to_owned(), node.clone()));
        Scan {
            kept: kept.collect(),
            ..Scan::default()
        }
    }

    fn add(tree: &mut Tree, layer: usize, scan: Scan, budget: &Budget) {
        tree.add(layer, scan, budget).expect("a small layer");
    }

    fn link(target: &str) -> Node {
        Node::Link(target.to_owned())
    }

    fn paths(tree: &Tree) -> Vec<&str> {
        tree.places().map(|(path, _)| path).collect()
    }

    #[test]
    fn links_are_walked_in_the_tree_and_no_further() {
        let budget = Budget::default();
        let mut tree = Tree::default();
        add(
            &mut tree,
            0,
            layer(&[
                ("/usr/lib/libx.so.1.2", file(7)),
                ("/usr/lib/libx.so.1", link("libx.so.1.2")),
                ("/usr/lib/libx.so", link("/lib/libx.so.1")),
                ("/lib", link("usr/lib")),
                ("/usr/lib/up.so", link("../../../../../usr/lib/libx.so")),
                ("/usr/lib/a.so", link("b.so")),
                ("/usr/lib/b.so", link("a.so")),
                ("/usr/lib/gone.so", link("nowhere/x.so")),
                ("/grow", link("grow/grow/grow/grow")),
            ]),
            &budget,
        );
        let found = |path: &str| tree.file(path).map(|(path, ..)| path);
        for path in ["/lib/libx.so", "/usr/lib/up.so", "/usr/lib/libx.so.1.2"] {
            assert_eq!(
                found(path).as_deref(),
                Some("/usr/lib/libx.so.1.2"),
                "{path}"
            );
        }
        for path in [
            "/usr/lib/a.so",
            "/usr/lib/gone.so",
            "/grow/x",
            "/usr/lib/no",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
        assert_eq!(tree.canonical("/lib/.."), "/usr");
    }

    #[test]
    fn an_upper_layer_takes_away_and_adds() {
        let budget = Budget::default();
        let mut tree = Tree::default();
        add(
            &mut tree,
            0,
            layer(&[
                ("/opt/a/x.so", file(1)),
                ("/opt/a/y.so", file(1)),
                ("/opt/b/x.so", file(1)),
                ("/opt/b2/x.so", file(1)),
                ("/opt/c.so", file(1)),
                ("/opt/d", link("a")),
                ("/opt/e/deep/x.so", file(1)),
                ("/opt/f/x.so", file(1)),
            ]),
            &budget,
        );
        let hash = |path: &str| budget.hasher.hash_one(path);
        let upper = Scan {
            whiteouts: vec!["/opt/c.so".into(), "/opt/d/y.so".into()],
            opaque: vec!["/opt/b".into()],
            // In the place of a directory, and of one that is kept.
            files: vec![hash("/opt/e"), hash("/opt/f/x.so"), hash("/opt/nothing")],
            directories: vec![hash("/opt/d")],
            kept: vec![
                ("/opt/b/new.so".into(), file(2)),
                ("/opt/hard.so".into(), Node::Hard("/opt/a/x.so".into())),
                ("/opt/hard2.so".into(), Node::Hard("/opt/none.so".into())),
            ],
            ..Scan::default()
        };
        add(&mut tree, 1, upper, &budget);
        assert_eq!(
            paths(&tree),
            [
                "/opt/a/x.so",
                "/opt/b/new.so",
                "/opt/b2/x.so",
                "/opt/hard.so"
            ]
        );
        assert_eq!(tree.file("/opt/hard.so").map(|(.., layer)| layer), Some(1));
    }

    #[test]
    fn what_is_added_behind_a_link_is_added_where_it_leads() {
        let budget = Budget::default();
        let mut tree = Tree::default();
        add(&mut tree, 0, layer(&[("/lib", link("usr/lib"))]), &budget);
        add(&mut tree, 1, layer(&[("/lib/libx.so", file(1))]), &budget);
        assert_eq!(paths(&tree), ["/lib", "/usr/lib/libx.so"]);
        // A link takes the place of a directory.
        add(&mut tree, 2, layer(&[("/usr/lib", link("lib64"))]), &budget);
        assert_eq!(paths(&tree), ["/lib", "/usr/lib"]);
    }
}
