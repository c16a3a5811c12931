//! The driver of a Jetson: whatever its lists (`csv`) name.
//!
//! A library is given under its real name with the links beside it; a link of the lists is given as what it
//! leads to, and made again in the container, every step of the chain. Links are followed inside the driver
//! root and made with their paths inside of it: the reference writes the host's.

use crate::capability::Capabilities;
use crate::csv::{self, Entry, EntryKind};
use crate::installation::{Installation, ListedFile, ListedLink, Unrecognised};
use crate::library;
use crate::place::{Places, clean};
use crate::platform::TEGRA_RELEASE;
use crate::record::DirectoryState;
use crate::search::Search;
use liftgate_sys::{Root, SysError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const LIST_LIMIT: u64 = 1 << 20;
/// More steps than any chain of links has.
const LONGEST_CHAIN: usize = 16;
/// More matches than any pattern of a list has; beyond it the pattern is a mistake.
const MOST_MATCHES: usize = 4096;

/// What NVML alone knows of the chip's GPU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TegraGpu {
    /// The CUDA version of the driver, such as `12.6`.
    pub cuda: String,
    /// Whether the chip is an Orin, for which images have compatibility libraries of its own.
    pub is_orin: bool,
}

/// Finds what the lists name below `root`; and the paths of the device nodes that they name, there or not:
/// modules make them when they are loaded.
pub(crate) fn find(
    root: &Path,
    places: &Places,
) -> Result<(Installation, Vec<PathBuf>, Vec<DirectoryState>), SysError> {
    let mut search = Search::open(root)?;
    let mut installation = Installation::empty(root);
    let mut nodes = Vec::new();
    for list in &places.csv_files {
        let Some(bytes) = search
            .watched_file(list)
            .and_then(|path| search.read(&path, LIST_LIMIT))
        else {
            continue;
        };
        let source = list.file_name().unwrap_or_default().to_string_lossy();
        for entry in csv::parse(&String::from_utf8_lossy(&bytes)) {
            take(
                &mut search,
                places,
                &entry,
                &source,
                &mut installation,
                &mut nodes,
            );
        }
    }
    if search.file(Path::new(TEGRA_RELEASE)).is_some() {
        push(&search, &mut installation, TEGRA_RELEASE, "every Jetson");
    }
    installation.note_directories();
    Ok((installation, nodes, search.looked_into()))
}

/// The release of the software: `# R36 (release), REVISION: 4.0` is 36.4.0.
pub(crate) fn release(text: &str) -> Option<String> {
    let (major, rest) = text.split_once("# R")?.1.split_once(char::is_whitespace)?;
    let minor = rest.split_once("REVISION:")?.1.trim_start();
    let minor = minor
        .split(|one: char| one != '.' && !one.is_ascii_digit())
        .next()?;
    // It becomes a version, and versions are parts of file names.
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit());
    (is_number(major) && minor.split('.').all(is_number)).then(|| format!("{major}.{minor}"))
}

fn take(
    search: &mut Search,
    places: &Places,
    entry: &Entry,
    source: &str,
    installation: &mut Installation,
    nodes: &mut Vec<PathBuf>,
) {
    if entry.kind == EntryKind::Device {
        return take_nodes(places, entry, nodes);
    }
    let paths = expand(search, &entry.path);
    if paths.is_empty() {
        installation.unrecognised.push(Unrecognised {
            path: search.host_path(Path::new(&entry.path)),
            reason: format!("is listed in {source} and is not there"),
        });
    }
    for path in paths {
        let text = path.to_string_lossy().into_owned();
        match entry.kind {
            EntryKind::Library => match library::at(search, &path, Capabilities::all()) {
                Some(library) => {
                    let is_new = !installation
                        .libraries
                        .iter()
                        .any(|known| known.container_path == library.container_path);
                    if is_new {
                        installation.libraries.push(library);
                    }
                }
                None if search.regular_file(&path).is_some() => {
                    push(search, installation, &text, source);
                }
                None => {}
            },
            EntryKind::Directory => {
                if search.directory(&path).is_some() {
                    push(search, installation, &text, source);
                }
            }
            EntryKind::Link => {
                let is_ignored = places
                    .csv_ignored
                    .iter()
                    .any(|pattern| is_ignored(pattern, &path));
                if !is_ignored {
                    take_link(search, &path, source, installation);
                }
            }
            EntryKind::Device => {}
        }
    }
}

fn push(search: &Search, installation: &mut Installation, path: &str, source: &str) {
    let container_path = PathBuf::from(path);
    if installation
        .listed
        .iter()
        .all(|known| known.container_path != container_path)
    {
        installation.listed.push(ListedFile {
            host_path: search.host_path(&container_path),
            container_path,
            source: source.to_owned(),
        });
    }
}

fn take_link(search: &mut Search, path: &Path, source: &str, installation: &mut Installation) {
    let mut at = path.to_owned();
    for _ in 0..LONGEST_CHAIN {
        search.note_parent(&at);
        // A step may lead through a link to a directory. The container has that link too, or will have: a
        // directory made in its place would stand in the way.
        if let Some(parent) = at.parent().and_then(|parent| search.real_path(parent))
            && let Some(name) = at.file_name()
        {
            at = parent.join(name);
        }
        let Some(target) = search.link_at(&at) else {
            break;
        };
        let link = ListedLink {
            path: at.clone(),
            target: target.clone(),
            source: source.to_owned(),
        };
        if !installation.listed_links.contains(&link) {
            installation.listed_links.push(link);
        }
        let parent = at.parent().unwrap_or(Path::new("/"));
        at = clean(&parent.join(&target));
    }
    if let Some(real) = search.regular_file(path) {
        // A library that the lists name as well is mounted once, as a library.
        let is_library = installation
            .libraries
            .iter()
            .any(|library| library.container_path == real);
        if !is_library {
            push(search, installation, &real.to_string_lossy(), source);
        }
    }
}

/// What each link that a list names says, and where it is, with every step of a chain: those below `root`, whoever
/// asks for them by the list alone.
pub fn listed_links(list: &str, root: &Root) -> Vec<(String, PathBuf)> {
    let mut links = Vec::new();
    let entries = csv::parse(list).into_iter().take(MOST_MATCHES);
    for entry in entries.filter(|entry| entry.kind == EntryKind::Link) {
        let mut at = PathBuf::from(entry.path);
        for _ in 0..LONGEST_CHAIN {
            let (Some(parent), Some(name)) = (at.parent(), at.file_name()) else {
                break;
            };
            let directory = root.open_directory(parent).ok().flatten();
            let target = directory.and_then(|directory| directory.read_link(name).ok().flatten());
            let Some(target) = target.and_then(|target| target.into_string().ok()) else {
                break;
            };
            let next = clean(&parent.join(&target));
            links.push((target, at));
            at = next;
        }
    }
    links
}

/// A pattern that begins with `**/` is for the last component, any other for the whole path.
fn is_ignored(pattern: &str, path: &Path) -> bool {
    let text = path.to_string_lossy();
    if let Some(name) = pattern.strip_prefix("**/") {
        return path
            .file_name()
            .is_some_and(|own| csv::matches(name, &own.to_string_lossy()));
    }
    let (patterns, parts): (Vec<&str>, Vec<&str>) =
        (pattern.split('/').collect(), text.split('/').collect());
    patterns.len() == parts.len()
        && patterns
            .iter()
            .zip(&parts)
            .all(|(pattern, part)| csv::matches(pattern, part))
}

/// The paths that an entry names and that are there.
fn expand(search: &mut Search, path: &str) -> Vec<PathBuf> {
    if !csv::is_pattern(path) {
        let path = PathBuf::from(path);
        search.note_parent(&path);
        return if search.is_there(&path) {
            vec![path]
        } else {
            Vec::new()
        };
    }
    let mut found = vec![PathBuf::from("/")];
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for directory in found {
            if csv::is_pattern(part) {
                let names = search.names(&directory);
                next.extend(
                    names
                        .iter()
                        .filter(|name| csv::matches(part, name))
                        .map(|name| directory.join(name)),
                );
            } else {
                next.push(directory.join(part));
            }
            if next.len() > MOST_MATCHES {
                return Vec::new();
            }
        }
        found = next;
    }
    found.retain(|path| search.is_there(path));
    found
}

fn take_nodes(places: &Places, entry: &Entry, nodes: &mut Vec<PathBuf>) {
    let Some(name) = entry.path.strip_prefix("/dev/") else {
        return;
    };
    let (directory, last) = name.rsplit_once('/').unwrap_or(("", name));
    let names: BTreeSet<String> = if csv::is_pattern(last) && !csv::is_pattern(directory) {
        crate::host::directory_names(&places.dev.join(directory))
            .into_iter()
            .filter(|name| csv::matches(last, name))
            .map(|name| match directory {
                "" => name,
                directory => format!("{directory}/{name}"),
            })
            .collect()
    } else {
        BTreeSet::from([name.to_owned()])
    };
    for name in names {
        let path = Path::new("/dev").join(name);
        if !nodes.contains(&path) {
            nodes.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases() {
        let text =
            "# R36 (release), REVISION: 4.0, GCID: 37537400, BOARD: generic, EABI: aarch64\n";
        assert_eq!(release(text).as_deref(), Some("36.4.0"));
        assert_eq!(release(""), None);
        for none in [
            "# R (x",
            "# R36 (release)",
            "# R36 (release), REVISION: ..",
            "# R../36 (release), REVISION: 4.0",
            "# REVISION: 4.0",
        ] {
            assert_eq!(release(none), None, "{none}");
        }
    }

    #[test]
    fn patterns_of_links_that_are_left_out() {
        let path = Path::new("/usr/lib/aarch64-linux-gnu/libcuda.so");
        assert!(is_ignored("**/libcuda*", path));
        assert!(is_ignored("/usr/lib/*/libcuda.so", path));
        assert!(!is_ignored("/usr/lib/*", path));
        assert!(!is_ignored("libcuda.so", path));
    }
}
