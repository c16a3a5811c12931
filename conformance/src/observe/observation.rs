//! What injection did to a container: the difference between a container with devices and the same without,
//! as plain data.
//!
//! Only facts that a program in the container can notice are kept, and none that depends on the running
//! host: a mount is named by the file of the simulated machine that it shows, not by the number of its file
//! system; a name made of random characters is a `*`.

use super::look::{Look, Mount};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a container has that it would not have without devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Device nodes: path → kind, number, mode, owner, and what the device cgroup allows.
    pub nodes: BTreeMap<String, String>,
    /// Mounted files and sockets, also those below a mounted directory: path → the machine's file, and the
    /// options of the mount.
    pub files: BTreeMap<String, String>,
    /// Symbolic links: path → text.
    pub links: BTreeMap<String, String>,
    /// The loader's cache: name and class → where it leads.
    pub cache: BTreeMap<String, String>,
    /// Files and empty directories that were written into the root file system: path → mode and text,
    /// or what identifies the text if it is no list of paths.
    pub made: BTreeMap<String, String>,
    /// The environment: name → value.
    pub environment: BTreeMap<String, String>,
    /// Supplementary groups.
    pub groups: BTreeSet<String>,
    /// Lines of `/proc/driver/nvidia/params` that differ from the machine's.
    pub parameters: BTreeSet<String>,
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A device node.
    Node,
    /// A mounted file.
    File,
    /// A symbolic link.
    Link,
    /// An entry of the loader's cache.
    Cache,
    /// A file or directory that was written.
    Made,
    /// A variable of the environment.
    Environment,
    /// A supplementary group.
    Group,
    /// A line of the driver's parameters.
    Parameter,
}

impl Observation {
    /// Every fact by itself: what it is about, the path or name, and the value; empty where there is none.
    pub fn facts(&self) -> BTreeMap<(Kind, &str), String> {
        let maps = [
            (Kind::Node, &self.nodes),
            (Kind::File, &self.files),
            (Kind::Link, &self.links),
            (Kind::Cache, &self.cache),
            (Kind::Made, &self.made),
            (Kind::Environment, &self.environment),
        ];
        let sets = [
            (Kind::Group, &self.groups),
            (Kind::Parameter, &self.parameters),
        ];
        let pairs = maps.into_iter().flat_map(|(kind, map)| {
            map.iter()
                .map(move |(subject, value)| ((kind, subject.as_str()), value.clone()))
        });
        let single = sets.into_iter().flat_map(|(kind, set)| {
            set.iter()
                .map(move |subject| ((kind, subject.as_str()), String::new()))
        });
        pairs.chain(single).collect()
    }

    /// What `after` has that `before` has not. `machine` are the mounts of the machine itself, `made` what
    /// lies in the root file system and not in the image, directories with a `/` at the end.
    pub fn between(
        before: &Look,
        after: &Look,
        machine: &[Mount],
        made: &BTreeMap<String, String>,
    ) -> Self {
        let mounts = new_mounts(&before.mounts, &after.mounts);
        let files = mounted_files(&mounts, &after.mounted, machine);
        let links = new_pairs(&before.links, &after.links);
        let mut observation = Self {
            nodes: new_pairs(&before.nodes, &after.nodes),
            files,
            links,
            cache: new_libraries(&before.files, &after.cache),
            environment: new_environment(&before.environment, &after.environment),
            groups: new_items(&before.groups, &after.groups),
            parameters: new_items(&before.parameters, &after.parameters),
            ..Self::default()
        };
        for (path, value) in made {
            if !observation.explains(path, &mounts) {
                observation
                    .made
                    .insert(without_random(path), value.to_owned());
            }
        }
        observation
    }

    /// Whether something in the root file system is there because of a mount or a link: what the low-level
    /// runtime makes to mount on is nothing of its own.
    fn explains(&self, path: &str, mounts: &[&Mount]) -> bool {
        let directory = path.strip_suffix('/');
        let mut others = mounts
            .iter()
            .map(|mount| mount.point.as_str())
            .chain(self.links.keys().map(String::as_str));
        others.any(|other| match directory {
            Some(directory) => is_within(other, directory),
            None => other == path,
        })
    }
}

fn new_pairs(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn new_items(before: &[String], after: &[String]) -> BTreeSet<String> {
    after
        .iter()
        .filter(|item| !before.contains(item))
        .cloned()
        .collect()
}

/// The libraries that are not the image's own: which of those the cache names, and by which of their paths,
/// depends on whose `ldconfig` wrote it.
fn new_libraries(
    image: &BTreeSet<String>,
    cache: &BTreeMap<String, Vec<(String, String)>>,
) -> BTreeMap<String, String> {
    let mut libraries = BTreeMap::new();
    for (library, places) in cache {
        let places: Vec<&str> = places
            .iter()
            .filter(|(_, file)| !image.contains(file))
            .map(|(place, _)| place.as_str())
            .collect();
        if !places.is_empty() {
            libraries.insert(library.clone(), places.join(" "));
        }
    }
    libraries
}

/// The entries that were added; of a name that is there several times, every value in order: programs
/// disagree on which of them counts.
fn new_environment(before: &[String], after: &[String]) -> BTreeMap<String, String> {
    let mut rest: Vec<&String> = before.iter().collect();
    let mut values: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for entry in after {
        if let Some(known) = rest.iter().position(|other| *other == entry) {
            rest.remove(known);
        } else if let Some((name, value)) = entry.split_once('=') {
            values.entry(name.to_owned()).or_default().push(value);
        }
    }
    values
        .into_iter()
        .map(|(name, values)| (name, values.join(" ")))
        .collect()
}

/// Both containers have a root file system, a `/dev` and so on, each with file systems of its own: what is
/// new is a mount point that carries more mounts than before.
fn new_mounts<'a>(before: &[Mount], after: &'a [Mount]) -> Vec<&'a Mount> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for mount in before {
        *counts.entry(&mount.point).or_default() += 1;
    }
    after
        .iter()
        .filter(|mount| match counts.get_mut(mount.point.as_str()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .collect()
}

fn mounted_files(
    mounts: &[&Mount],
    mounted: &[String],
    machine: &[Mount],
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for mount in mounts {
        let source = source(mount, machine);
        let value = |rest: &str| {
            let shown = source
                .as_ref()
                .map_or_else(|| MADE.to_owned(), |source| format!("{source}{rest}"));
            format!("{shown} {}", mount.options).trim_end().to_owned()
        };
        let mut is_empty = true;
        for path in mounted {
            let covering = mounts
                .iter()
                .filter(|other| is_within(path, &other.point))
                .max_by_key(|other| other.point.len());
            if covering.is_some_and(|covering| covering.point == mount.point) {
                is_empty = false;
                files.insert(without_random(path), value(&path[mount.point.len()..]));
            }
        }
        if is_empty {
            files.insert(without_random(&mount.point), value(""));
        }
    }
    files
}

/// The source of what is on no file system of the machine: a hook has made it, and what it is called there
/// nobody can see.
const MADE: &str = "made";

/// The path on the machine of what is mounted: what a bind mount shows is a part of a file system that the
/// machine has mounted somewhere.
fn source(mount: &Mount, machine: &[Mount]) -> Option<String> {
    let nearest = machine
        .iter()
        .filter(|other| other.device == mount.device && is_within(&mount.root, &other.root))
        .max_by_key(|other| other.root.len())?;
    let rest = &mount.root[nearest.root.trim_end_matches('/').len()..];
    Some(format!("{}{rest}", nearest.point.trim_end_matches('/')))
}

/// Whether `path` is `directory` or lies below it.
fn is_within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Puts a `*` for each UUID, and for the digits that the reference ends names of loader configuration with.
pub fn without_random(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let random = uuid_length(rest).or_else(|| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            (digits > 0 && out.ends_with("-nvcr-")).then_some(digits)
        });
        if let Some(length) = random {
            out.push('*');
            rest = &rest[length..];
        } else {
            out.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    out
}

fn uuid_length(text: &str) -> Option<usize> {
    const LENGTH: usize = 36;
    let head = text.get(..LENGTH)?;
    let is_uuid = head.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    is_uuid.then_some(LENGTH)
}
