//! The driver's libraries.
//!
//! Where: the directories that the driver root's own loader cache names for `libcuda.so.1` and
//! `libnvidia-ml.so.1`, then the places where distributions put them. Which: in such a directory, every
//! ELF file whose name ends in the kernel module's version, and those that a rule knows to carry a version
//! of their own. A `libcuda.so.535…` left over beside a 550 driver ends in the wrong version and is not
//! taken: loaded against the 550 kernel module, it would fail with "driver/library version mismatch".

use crate::capability::Capabilities;
use crate::rules::{self, Versioning};
use crate::search::Search;
use liftgate_elf::facts::{Class, ElfFacts, Kind, Machine};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A library of the driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Library {
    /// The file on the host.
    pub host_path: PathBuf,
    /// Where it goes in a container: its path inside the driver root.
    pub container_path: PathBuf,
    /// The name that programs are linked against, from its ELF header.
    pub soname: String,
    /// Whether it is a 32-bit library.
    pub is_32_bit: bool,
    /// Whether the loader is to find it: not so a module that a program opens by its path.
    pub is_module: bool,
    /// The capabilities that it serves.
    pub capabilities: Capabilities,
    /// The version of glibc that it needs, such as `2.17`; an image with an older one cannot load it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_glibc: Option<String>,
    /// Links beside it that lead to it, other than the SONAME.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LibraryLink>,
}

/// A link beside a library.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LibraryLink {
    /// Its name, relative to the library's directory.
    pub name: String,
    /// What it points to, relative to the link.
    pub target: String,
}

/// Where distributions and installers put the driver's libraries, in the order of preference.
const DIRECTORIES: &[&str] = &[
    "/usr/lib64",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",
    "/usr/lib/aarch64-linux-gnu/nvidia/current",
    "/usr/local/nvidia/lib64",
    "/usr/local/nvidia/lib",
    "/usr/lib64/nvidia",
    "/lib64",
    "/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    // NixOS has no library directory; the driver is a link to a package.
    "/run/opengl-driver/lib",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib/i386-linux-gnu",
];

/// Directories below a library directory that hold further libraries of the driver.
const SUBDIRECTORIES: &[&str] = &["vdpau"];

/// Directories with X.Org modules, below a library directory or at a fixed place.
const XORG_SUBDIRECTORIES: &[&str] = &[
    "nvidia/xorg",
    "xorg/modules/drivers",
    "xorg/modules/extensions",
    "xorg/modules/updates/drivers",
    "xorg/modules/updates/extensions",
];
const XORG_BASES: &[&str] = &["/usr/lib", "/usr/lib64"];

const LDCACHE_LIMIT: u64 = 16 << 20;

const NO_LIBRARY: &str = "is no shared library for this machine";

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) libraries: Vec<Library>,
    /// Versions of `libcuda` or `libnvidia-ml` that lie about and are not the wanted one.
    pub(crate) other_versions: BTreeSet<String>,
    /// Files that are taken although no rule knows them, or that look like the driver's and are not taken.
    pub(crate) unrecognised: Vec<(PathBuf, String)>,
}

impl Found {
    /// The directories (inside the driver root) that hold the 64-bit libraries, in order of discovery.
    pub(crate) fn directories(&self) -> Vec<PathBuf> {
        let mut directories: Vec<PathBuf> = Vec::new();
        for library in self.libraries.iter().filter(|library| !library.is_32_bit) {
            if let Some(directory) = library.container_path.parent()
                && !directories.iter().any(|known| known == directory)
            {
                directories.push(directory.to_owned());
            }
        }
        directories
    }
}

/// Finds the libraries of driver version `version` (any version where there is no kernel module to ask).
///
/// `search_paths` are directories of the driver root that take the place of the usual ones.
pub(crate) fn find(search: &mut Search, version: Option<&str>, search_paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    let mut taken: BTreeSet<PathBuf> = BTreeSet::new();
    let directories = if search_paths.is_empty() {
        candidate_directories(search)
    } else {
        directories_of(search, search_paths.to_vec())
    };
    for directory in directories {
        let names = search.names(&directory);
        note_versions(&names, version, &mut found.other_versions);
        let before = found.libraries.len();
        take(
            search, &directory, &names, version, false, &mut taken, &mut found,
        );
        if found.libraries.len() == before {
            continue;
        }
        for subdirectory in SUBDIRECTORIES {
            take_directory(
                search,
                &directory.join(subdirectory),
                version,
                false,
                &mut taken,
                &mut found,
            );
        }
        for subdirectory in XORG_SUBDIRECTORIES {
            take_directory(
                search,
                &directory.join(subdirectory),
                version,
                true,
                &mut taken,
                &mut found,
            );
        }
    }
    if !found.libraries.is_empty() {
        for base in XORG_BASES {
            for subdirectory in XORG_SUBDIRECTORIES {
                take_directory(
                    search,
                    &Path::new(base).join(subdirectory),
                    version,
                    true,
                    &mut taken,
                    &mut found,
                );
            }
        }
    }
    // What has a version of its own comes with desktops too, and an upgrade leaves single files behind:
    // without one of these two there is no driver here.
    if !found.libraries.iter().any(is_heart) {
        found.libraries.clear();
        found
            .unrecognised
            .retain(|(_, reason)| reason == NO_LIBRARY);
    }
    found
        .other_versions
        .retain(|other| Some(other.as_str()) != version);
    found
}

/// Libraries that lie beside the driver's and mostly come with the image: the dispatchers of OpenGL, and what
/// loads OpenCL.
const EXPLICIT: [&str; 11] = [
    "libEGL.so",
    "libGL.so",
    "libGLESv1_CM.so",
    "libGLESv2.so",
    "libGLX.so",
    "libGLdispatch.so",
    "libOpenCL.so",
    "libOpenGL.so",
    "libnvidia-api.so",
    "libnvidia-egl-xcb.so",
    "libnvidia-egl-xlib.so",
];

/// Adds the libraries of [`EXPLICIT`] that lie in the directories of those that were found.
pub(crate) fn add_explicit(search: &mut Search, found: &mut Found) {
    for directory in found.directories() {
        for name in EXPLICIT {
            let Some(library) = at(search, &directory.join(name), rules::UNKNOWN_LIBRARY) else {
                continue;
            };
            let is_new = found
                .libraries
                .iter()
                .all(|known| known.container_path != library.container_path);
            if is_new {
                found.libraries.push(library);
            }
        }
    }
}

/// Whether a library is one of those that every other needs, and that carry the driver's version.
fn is_heart(library: &Library) -> bool {
    !library.is_32_bit && matches!(&*library.soname, "libcuda.so.1" | "libnvidia-ml.so.1")
}

/// The library directories of the root, each once, with links resolved.
fn candidate_directories(search: &mut Search) -> Vec<PathBuf> {
    let mut candidates: Vec<PathBuf> = Vec::new();
    let cache = search
        .watched_file(Path::new("/etc/ld.so.cache"))
        .and_then(|path| search.read(&path, LDCACHE_LIMIT))
        .and_then(|bytes| liftgate_elf::ldcache::parse(&bytes).ok());
    if let Some(cache) = cache {
        for name in ["libcuda.so.1", "libnvidia-ml.so.1"] {
            for entry in cache.lookup(name.as_bytes()) {
                let Ok(path) = std::str::from_utf8(&entry.path) else {
                    continue;
                };
                if let Some(file) = search.regular_file(Path::new(path))
                    && let Some(directory) = file.parent()
                {
                    candidates.push(directory.to_owned());
                }
            }
        }
    }
    candidates.extend(DIRECTORIES.iter().map(PathBuf::from));
    directories_of(search, candidates)
}

/// The directories among `candidates`, each once, with links resolved.
fn directories_of(search: &mut Search, candidates: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = Vec::new();
    for candidate in candidates {
        if let Some(directory) = search.directory(&candidate)
            && !directories.contains(&directory)
        {
            directories.push(directory);
        }
    }
    directories
}

fn note_versions(names: &[String], wanted: Option<&str>, versions: &mut BTreeSet<String>) {
    for name in names {
        for stem in ["libcuda.so.", "libnvidia-ml.so."] {
            if let Some(version) = name.strip_prefix(stem)
                && crate::kernel::is_version(version)
                && Some(version) != wanted
            {
                versions.insert(version.to_owned());
            }
        }
    }
}

fn take_directory(
    search: &mut Search,
    directory: &Path,
    version: Option<&str>,
    is_module: bool,
    taken: &mut BTreeSet<PathBuf>,
    found: &mut Found,
) {
    if let Some(directory) = search.directory(directory) {
        let names = search.names(&directory);
        take(search, &directory, &names, version, is_module, taken, found);
    }
}

/// What a file name says: taken by rule, taken by version alone, or not the driver's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    Known(Capabilities),
    Unknown,
    None,
}

fn claim(name: &str, version: Option<&str>, is_module: bool) -> Claim {
    if is_module && name == "nvidia_drv.so" {
        return rules::library("libglxserver_nvidia")
            .map_or(Claim::Unknown, |rule| Claim::Known(rule.capabilities));
    }
    let Some((stem, suffix)) = name.split_once(".so.") else {
        return Claim::None;
    };
    let is_drivers = match version {
        Some(version) => suffix == version,
        None => crate::kernel::is_version(suffix),
    };
    match rules::library(stem) {
        Some(rule) if is_drivers || rule.versioning == Versioning::Own => {
            Claim::Known(rule.capabilities)
        }
        // Without a version to compare with, half of `/usr/lib` has one that looks like a driver's.
        None if is_drivers && version.is_some() && stem.starts_with("lib") => Claim::Unknown,
        Some(_) | None => Claim::None,
    }
}

fn take(
    search: &Search,
    directory: &Path,
    names: &[String],
    version: Option<&str>,
    is_module: bool,
    taken: &mut BTreeSet<PathBuf>,
    found: &mut Found,
) {
    let mut links = None;
    for name in names {
        let claim = claim(name, version, is_module);
        if claim == Claim::None {
            continue;
        }
        let path = directory.join(name);
        let Some(real) = search.regular_file(&path) else {
            continue;
        };
        // `libnvidia-egl-gbm.so.1` is a link to `….so.1.1.1`: the file is taken once, under its own name.
        let Some(real_name) = real
            .file_name()
            .and_then(|name| name.to_str())
            .map(str::to_owned)
        else {
            continue;
        };
        if taken.contains(&real) {
            continue;
        }
        let Some(facts) = search.elf(&real).filter(is_usable) else {
            found
                .unrecognised
                .push((search.host_path(&real), NO_LIBRARY.to_owned()));
            continue;
        };
        let capabilities = if let Claim::Known(capabilities) = claim {
            capabilities
        } else {
            found.unrecognised.push((
                search.host_path(&real),
                "has the driver's version and no rule knows it; given with every capability but utility"
                    .to_owned(),
            ));
            rules::UNKNOWN_LIBRARY
        };
        let links = links.get_or_insert_with(|| link_targets(search, directory));
        let soname = facts.soname.unwrap_or_else(|| real_name.clone());
        taken.insert(real.clone());
        found.libraries.push(Library {
            links: links_of(&real_name, &soname, links),
            host_path: search.host_path(&real),
            // X.Org opens its modules by directory and name, wherever Debian's alternatives lead.
            container_path: if is_module { path } else { real },
            is_32_bit: facts.class == Class::Elf32,
            needs_glibc: facts.needs_glibc.map(|version| version.to_string()),
            is_module,
            soname,
            capabilities,
        });
    }
}

/// The library at a path, whatever it is called; `None` if there is none for this machine.
pub(crate) fn at(search: &mut Search, path: &Path, capabilities: Capabilities) -> Option<Library> {
    let real = search.file(path)?;
    let facts = search.elf(&real).filter(is_usable)?;
    let directory = real.parent()?;
    let name = real.file_name()?.to_str()?;
    search.note_parent(&real);
    let links = link_targets(search, directory);
    let soname = facts.soname.unwrap_or_else(|| name.to_owned());
    let mut links = links_of(name, &soname, &links);
    // Whoever lists files lists the back ends of GBM, too.
    links.retain(|link| !link.name.contains('/'));
    Some(Library {
        links,
        host_path: search.host_path(&real),
        is_32_bit: facts.class == Class::Elf32,
        needs_glibc: facts.needs_glibc.map(|version| version.to_string()),
        is_module: false,
        soname,
        capabilities,
        container_path: real,
    })
}

fn is_usable(facts: &ElfFacts) -> bool {
    let machine = match facts.machine {
        Machine::X86_64 | Machine::I386 => cfg!(target_arch = "x86_64"),
        Machine::Aarch64 => cfg!(target_arch = "aarch64"),
        Machine::Other(_) => false,
    };
    machine && facts.kind == Kind::SharedObject
}

/// The links of a directory that stay in it: name → target.
fn link_targets(search: &Search, directory: &Path) -> BTreeMap<String, String> {
    let mut links = search.library_links(directory);
    links.retain(|_, target| !target.contains('/'));
    links
}

/// The links that lead to `file`, directly or through others, but for the SONAME, which every library gets.
fn links_of(file: &str, soname: &str, targets: &BTreeMap<String, String>) -> Vec<LibraryLink> {
    let leads_to_file = |name: &str| {
        let mut at = name;
        // A chain has a link for the SONAME and one for the compiler; eight is generous, and ends a loop.
        for _ in 0..8 {
            if at == file {
                return true;
            }
            match targets.get(at) {
                Some(next) => at = next,
                None => return at == soname && at != name,
            }
        }
        false
    };
    let mut links: BTreeSet<LibraryLink> = targets
        .iter()
        .filter(|(name, _)| name.as_str() != soname && leads_to_file(name))
        .map(|(name, target)| LibraryLink {
            name: name.clone(),
            target: target.clone(),
        })
        .collect();
    let stem = file.split_once(".so").map_or(file, |(stem, _)| stem);
    for (of, link, target) in rules::EXTRA_LINKS {
        if *of == stem && *link != soname && !links.iter().any(|known| known.name == *link) {
            links.insert(LibraryLink {
                name: (*link).to_owned(),
                target: target.unwrap_or(file).to_owned(),
            });
        }
    }
    links.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::Capability;

    #[test]
    fn names_are_claimed_by_version_and_by_rule() {
        let version = Some("550.54.15");
        assert!(
            matches!(claim("libcuda.so.550.54.15", version, false), Claim::Known(set) if set.contains(Capability::Compute))
        );
        assert_eq!(claim("libcuda.so.535.104.05", version, false), Claim::None);
        assert_eq!(claim("libcuda.so.1", version, false), Claim::None);
        assert_eq!(
            claim("libnvidia-newthing.so.550.54.15", version, false),
            Claim::Unknown
        );
        assert!(matches!(
            claim("libnvidia-egl-gbm.so.1.1.1", version, false),
            Claim::Known(_)
        ));
        assert_eq!(
            claim("libnvidia-container.so.1.17.4", version, false),
            Claim::None
        );
        assert_eq!(claim("libc.so.6", version, false), Claim::None);
        assert_eq!(claim("nvidia_drv.so", version, false), Claim::None);
        assert!(matches!(
            claim("nvidia_drv.so", version, true),
            Claim::Known(_)
        ));
    }

    #[test]
    fn links_to_a_library_are_kept_and_loops_are_not() {
        let targets: BTreeMap<String, String> = [
            ("libcuda.so", "libcuda.so.1"),
            ("libcuda.so.1", "libcuda.so.550.54.15"),
            ("libcuda_loop.so", "libcuda_loop.so"),
            ("libother.so", "libother.so.1"),
        ]
        .into_iter()
        .map(|(name, target)| (name.to_owned(), target.to_owned()))
        .collect();
        let names = |links: Vec<LibraryLink>| -> Vec<String> {
            links.into_iter().map(|link| link.name).collect()
        };
        assert_eq!(
            names(links_of("libcuda.so.550.54.15", "libcuda.so.1", &targets)),
            ["libcuda.so"]
        );
        // No link on the host: the one that programs expect is given all the same.
        assert_eq!(
            names(links_of(
                "libcuda.so.550.54.15",
                "libcuda.so.1",
                &BTreeMap::new()
            )),
            ["libcuda.so"]
        );
    }
}
