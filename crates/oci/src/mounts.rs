//! Where the mounts of an edit go among those of the document.
//!
//! The runtime mounts in the order of the list, and a mount hides what is below its destination. So the order
//! is part of what a container sees, and there are two that people rely on: ours, which leaves the container's
//! own mounts as they are and adds behind them, and that of the CDI library, which replaces a mount with the same
//! destination and then sorts the whole list, the container's own mounts included.

use std::path::{Component, Path};

use serde::Deserialize;

use crate::edit::{json, parsed, value_of};
use crate::model::Mount;
use crate::node::{Array, Node};

/// The destination of an element; `None` if it cannot be told.
fn destination(node: &Node<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Place {
        destination: String,
    }
    serde_json::from_str(&node.text())
        .ok()
        .map(|place: Place| place.destination)
}

/// A mount is there already when an equal one is and no later one covers it.
pub(crate) fn add_mounts(array: &mut Array<'_>, mounts: &[Mount]) {
    let mut own: Vec<Option<String>> = array.items.iter().map(destination).collect();
    let mut sorted: Vec<&Mount> = mounts.iter().collect();
    sorted.sort_by(|a, b| {
        (depth(&a.destination), &a.destination).cmp(&(depth(&b.destination), &b.destination))
    });
    sorted.dedup();
    for mount in sorted {
        let text = json(mount);
        // The last of the own mounts that hides what was at the destination before it; one of unknown place might.
        let last = own.iter().rposition(|later| {
            later
                .as_ref()
                .is_none_or(|later| Path::new(&mount.destination).starts_with(later))
        });
        if !last.is_some_and(|last| value_of(&array.items[last]) == parsed(&text)) {
            array.push(text);
            own.push(Some(mount.destination.clone()));
        }
    }
}

fn depth(path: &str) -> usize {
    path.split('/')
        .filter(|component| !component.is_empty())
        .count()
}

/// As the CDI library does it: a mount with the same destination goes, the new one comes last, and then all are
/// sorted by [`slashes`], those of equal depth in the order they had.
pub(crate) fn replace_mounts(array: &mut Array<'_>, mounts: &[Mount]) {
    /// An element, with its index if it is one of the document.
    struct Entry<'a> {
        node: Node<'a>,
        destination: Option<String>,
        index: Option<usize>,
    }
    let before = array.items.len();
    let mut entries: Vec<Entry<'_>> = std::mem::take(&mut array.items)
        .into_iter()
        .enumerate()
        .map(|(index, node)| Entry {
            destination: destination(&node),
            node,
            index: Some(index),
        })
        .collect();
    for mount in mounts {
        let text = json(mount);
        let wanted = parsed(&text);
        let mut kept = None;
        entries = entries
            .into_iter()
            .filter_map(|entry| {
                if entry.destination.as_ref() != Some(&mount.destination) {
                    return Some(entry);
                }
                // What is there already keeps its text.
                if value_of(&entry.node) == wanted {
                    kept = Some(entry);
                }
                None
            })
            .collect();
        entries.push(kept.unwrap_or_else(|| Entry {
            node: Node::New(text),
            destination: Some(mount.destination.clone()),
            index: None,
        }));
    }
    entries.sort_by_key(|entry| entry.destination.as_deref().map_or(0, slashes));
    let order = entries.iter().map(|entry| entry.index);
    array.changed |= !order.eq((0..before).map(Some));
    array.items = entries.into_iter().map(|entry| entry.node).collect();
}

/// The number of slashes in a path, once it is cleaned as Go's `filepath.Clean` does it.
fn slashes(path: &str) -> usize {
    let mut depth = 0_usize;
    let mut ups = 0_usize;
    let mut is_absolute = false;
    for component in Path::new(path).components() {
        match component {
            Component::RootDir => is_absolute = true,
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir => ups += 1,
            Component::CurDir | Component::Prefix(_) => {}
        }
    }
    if is_absolute {
        depth.max(1)
    } else {
        (depth + ups).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_of_a_cleaned_path() {
        for (path, expected) in [
            ("/", 1),
            ("/a", 1),
            ("/a/", 1),
            ("//a//b/", 2),
            ("/a/../b/c", 2),
            ("/../a", 1),
            ("/./a/.", 1),
            ("", 0),
            ("a", 0),
            ("a/b", 1),
            ("../a", 1),
            ("a/../../b", 1),
        ] {
            assert_eq!(slashes(path), expected, "`{path}`");
        }
    }
}
