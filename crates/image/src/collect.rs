//! From the merged file system to what rules ask about.

use std::collections::{BTreeMap, BTreeSet};

use liftgate_elf::versions::LIBC;

use crate::error::shown;
use crate::facts::{
    Dangling, Elf, EmptyFile, Family, ImageFacts, Libc, LibcKind, Library, PythonPackage, Toolkit,
    TorchVersion,
};
use crate::layer::{Content, Node, is_packages};
use crate::search;
use crate::tree::{Place, Tree};
use crate::{family, path};

/// Fills in what the file system says. The configuration is known already: `LD_LIBRARY_PATH` is a part of it.
pub(crate) fn collect(tree: &Tree, facts: &mut ImageFacts) {
    let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (at, place) in tree.places() {
        let (directory, name) = path::split(at);
        match &place.node {
            Node::Link(target) => {
                let leads = tree.file(at).map(|(path, ..)| path);
                if let Some(file) = leads {
                    if family::is_shared_object(name) {
                        note_present(facts, name, directory);
                    }
                    links.entry(file).or_default().push(at.to_owned());
                } else if family::of(name).is_some() {
                    facts.dangling.push(Dangling {
                        path: at.to_owned(),
                        target: target.clone(),
                        layer: place.layer,
                    });
                }
            }
            Node::File(file) => {
                if family::is_shared_object(name) {
                    note_present(facts, name, directory);
                }
                if file.size == 0 && family::is_drivers(at) {
                    facts.empty_driver_files.push(EmptyFile {
                        path: at.to_owned(),
                        layer: place.layer,
                    });
                } else {
                    of_file(at, place, &file.content, file.size, facts);
                }
            }
            // They were replaced by what they lead to when their layer was added.
            Node::Hard(_) => {}
        }
    }
    for library in &mut facts.libraries {
        library.links = links.remove(&library.path).unwrap_or_default();
        let names = library.links.iter().map(|link| path::split(link).1);
        let versions = names.filter_map(family::version).map(str::to_owned);
        let longest = versions.chain(library.version.take());
        library.version = longest.max_by_key(String::len);
    }
    facts.os_release = os_release(tree);
    facts.search = search::directories(tree, facts.variable("LD_LIBRARY_PATH"));
    facts
        .python
        .sort_by(|one, other| (&one.name, &one.directory).cmp(&(&other.name, &other.directory)));
}

fn note_present(facts: &mut ImageFacts, name: &str, directory: &str) {
    let directories = facts.present.entry(name.to_owned()).or_default();
    directories.insert(directory.to_owned());
}

fn of_file(at: &str, place: &Place, content: &Content, size: u64, facts: &mut ImageFacts) {
    let (directory, name) = path::split(at);
    let layer = place.layer;
    let elf = match content {
        Content::Elf(elf) => Some(elf.as_ref()),
        Content::Opaque | Content::Text(_) => None,
    };
    if name == LIBC && elf.is_some() {
        let has = elf.and_then(|elf| elf.linking.as_ref()?.has_glibc);
        facts.libc.push(Libc {
            path: at.to_owned(),
            kind: LibcKind::Glibc(has),
            layer,
        });
    } else if name.starts_with("ld-musl-") {
        facts.libc.push(Libc {
            path: at.to_owned(),
            kind: LibcKind::Musl,
            layer,
        });
    }
    let family = family::of(name);
    let has_code = elf.is_some_and(|elf: &Elf| !elf.code.is_empty());
    if family.is_some() || has_code {
        facts.libraries.push(Library {
            path: at.to_owned(),
            links: Vec::new(),
            size,
            layer,
            family,
            version: family::version(name).map(str::to_owned),
            is_stub: path::split(directory).1 == "stubs",
            elf: elf.cloned(),
        });
    }
    if is_packages(directory, name) {
        facts.python.extend(package(directory, layer));
    } else if path::has_extension(name, "egg-info") {
        facts.python.extend(package(at, layer));
    } else if at.ends_with("/torch/version.py") {
        if let Content::Text(text) = content {
            facts
                .torch
                .push(torch(at, &String::from_utf8_lossy(text), layer));
        }
    } else if directory.starts_with("/usr/local/cuda")
        && (name == "version.json" || name == "version.txt")
        && let Content::Text(text) = content
    {
        let version = toolkit(&String::from_utf8_lossy(text));
        facts.toolkits.extend(version.map(|version| Toolkit {
            path: directory.to_owned(),
            version,
            layer,
        }));
    }
}

/// `torch-2.4.1+cu121.dist-info`, `six-1.16.0-py3.11.egg-info`.
fn package(directory: &str, layer: usize) -> Option<PythonPackage> {
    let (place, name) = path::split(directory);
    let stem = name.rsplit_once('.')?.0;
    let mut parts = stem.split('-');
    let (name, version) = (parts.next()?, parts.next()?);
    let mut normal = name.to_ascii_lowercase().replace(['_', '.'], "-");
    while normal.contains("--") {
        normal = normal.replace("--", "-");
    }
    Some(PythonPackage {
        name: normal,
        version: version.to_owned(),
        directory: place.to_owned(),
        layer,
    })
}

/// `__version__ = '2.4.1+cu121'` and `cuda: Optional[str] = '12.1'`.
fn torch(at: &str, text: &str, layer: usize) -> TorchVersion {
    let value = |name: &str| {
        text.lines().find_map(|line| {
            let rest = line.strip_prefix(name)?;
            let is_whole = rest.starts_with([' ', ':', '=']);
            let value = rest.split_once('=')?.1.trim();
            let quote = value
                .chars()
                .next()
                .filter(|quote| matches!(quote, '\'' | '"'))?;
            let value = value[1..].split(quote).next()?;
            is_whole.then(|| shown(value))
        })
    };
    TorchVersion {
        path: at.to_owned(),
        version: value("__version__"),
        cuda: value("cuda"),
        layer,
    }
}

/// `{"cuda": {"name": "CUDA SDK", "version": "12.1.20230303"}, …}`, `CUDA Version 11.0.3`.
fn toolkit(text: &str) -> Option<String> {
    if let Some(rest) = text.trim().strip_prefix("CUDA Version ") {
        return Some(shown(rest.lines().next()?.trim()));
    }
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    // The SDK's own has a date where the patch belongs; the runtime's library has the release.
    let version = |of: &str| document[of]["version"].as_str().map(shown);
    version("cuda").or_else(|| version("cuda_cudart"))
}

fn os_release(tree: &Tree) -> BTreeMap<String, String> {
    let text = ["/etc/os-release", "/usr/lib/os-release"]
        .iter()
        .find_map(|path| match tree.file(path)?.1.content {
            Content::Text(ref text) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => None,
        });
    let text = text.unwrap_or_default();
    let lines = text.lines().filter_map(|line| {
        let (key, value) = line.trim().split_once('=')?;
        let quotes = ['"', '\''];
        let is_key = key
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        is_key.then(|| (key.to_owned(), value.trim_matches(quotes).to_owned()))
    });
    lines.collect()
}

impl ImageFacts {
    /// The directories of stubs: libraries to link with, of which `libcuda.so` is the one that does harm at run time.
    pub fn stub_directories(&self) -> BTreeSet<&str> {
        let stubs = self.libraries.iter().filter(|library| library.is_stub);
        stubs.map(|library| path::split(&library.path).0).collect()
    }

    /// What a library needs and the loader does not find, as [`ImageFacts::find`] says. The host's driver supplies those
    /// of [`Family::Driver`], which are left out.
    pub fn missing<'a>(&self, library: &'a Library) -> Vec<&'a str> {
        let linking = library.elf.as_ref().and_then(|elf| elf.linking.as_ref());
        let needed = linking.into_iter().flat_map(|linking| &linking.needed);
        let needed = needed.map(String::as_str);
        let absent = needed.filter(|name| {
            family::of(name) != Some(Family::Driver) && self.find(name, library).is_none()
        });
        absent.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_by_their_directories() {
        let named =
            |directory: &str| package(directory, 0).map(|package| (package.name, package.version));
        let pair = |name: &str, version: &str| Some((name.to_owned(), version.to_owned()));
        assert_eq!(
            named("/usr/lib/python3/dist-packages/torch-2.4.1+cu121.dist-info"),
            pair("torch", "2.4.1+cu121")
        );
        assert_eq!(
            named("/x/nvidia_cublas_cu12-12.1.3.1.dist-info"),
            pair("nvidia-cublas-cu12", "12.1.3.1")
        );
        assert_eq!(
            named("/x/PyYAML-6.0.1-py3.11.egg-info"),
            pair("pyyaml", "6.0.1")
        );
        assert_eq!(named("/x/nothing.dist-info"), None);
    }

    #[test]
    fn pytorch_says_what_it_was_built_with() {
        let text = "from typing import Optional\n\n__all__ = ['__version__', 'debug', 'cuda']\n\
                    __version__ = '2.4.1+cu121'\ndebug = False\ncuda: Optional[str] = '12.1'\n\
                    git_version = 'x'\nhip: Optional[str] = None\n";
        let found = torch("/t", text, 0);
        assert_eq!(found.version.as_deref(), Some("2.4.1+cu121"));
        assert_eq!(found.cuda.as_deref(), Some("12.1"));
        let found = torch(
            "/t",
            "__version__ = \"2.4\"\ncuda = None\ncuda_x = '3'\n",
            0,
        );
        assert_eq!((found.version.as_deref(), found.cuda), (Some("2.4"), None));
    }

    #[test]
    fn toolkits_say_their_version() {
        assert_eq!(
            toolkit("CUDA Version 10.2.89\n").as_deref(),
            Some("10.2.89")
        );
        let json = r#"{"cuda": {"name": "CUDA SDK", "version": "12.1.1"}}"#;
        assert_eq!(toolkit(json).as_deref(), Some("12.1.1"));
        assert_eq!(toolkit("{}"), None);
        assert_eq!(toolkit(""), None);
    }
}
