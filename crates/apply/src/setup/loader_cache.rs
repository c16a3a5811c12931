//! `/etc/ld.so.cache`: the driver's libraries are merged into the image's own cache.
//!
//! Running `ldconfig` instead would mean to run glibc's parser of ELF files, as root, over files of the
//! image's choosing (CVE-2025-23267), and to scan every library directory of the container at each start.

use super::cuda_compat::{self, Compat};
use super::failed;
use super::place::{self, Unavailable};
use liftgate_elf::ldcache::{self, Abi, Library};
use liftgate_plan::{ContainerSetup, Link, Refusal};
use liftgate_sys::Root;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const NAME: &str = "ld.so.cache";

/// Writes the driver's libraries, and those of the image that go before them, into the cache.
pub(super) fn update(
    root: &Root,
    setup: &ContainerSetup,
    compat: &Compat,
    missing_links: &BTreeSet<PathBuf>,
    notes: &mut Vec<String>,
) -> Result<(), Refusal> {
    if setup.loader_entries.is_empty() {
        return Ok(());
    }
    let drivers = setup.loader_entries.iter().filter_map(|entry| {
        let path = existing(&entry.path, &setup.links, missing_links)?;
        Some(Library {
            name: entry.name.clone(),
            path: path.to_string_lossy().into_owned(),
            abi: abi(entry.is_32_bit),
        })
    });
    let libraries: Vec<Library> = compat.libraries.iter().cloned().chain(drivers).collect();
    write(root, &libraries, &compat.abandoned, notes)
}

/// Writes the cache, with the libraries first and without what is in the abandoned directories, unless that is what
/// it is already.
pub(super) fn write(
    root: &Root,
    libraries: &[Library],
    abandoned: &[PathBuf],
    notes: &mut Vec<String>,
) -> Result<(), Refusal> {
    let etc = match place::open(root, Path::new("/etc")) {
        Ok(etc) => etc,
        // A volume over `/etc` is somebody's whole configuration, and may well have the entries.
        Err(Unavailable::Volume(reason)) => {
            notes.push(format!("the loader's cache is not updated: {reason}"));
            return Ok(());
        }
        // Without a cache the container would start and not find the driver.
        Err(Unavailable::Failed(reason)) => return Err(failed(reason)),
    };
    // A cache that cannot be read or understood, the loader does not use either.
    let old = root
        .read_on_same_mount(&Path::new("/etc").join(NAME), ldcache::MAX_FILE as u64)
        .ok()
        .flatten();
    let mut image = old.as_deref().and_then(|bytes| ldcache::parse(bytes).ok());
    if let Some(image) = &mut image {
        image
            .entries
            .retain(|entry| !cuda_compat::is_abandoned(&entry.path, abandoned));
    }
    let new = ldcache::merge(image, libraries)
        .to_bytes()
        .or_else(|_| ldcache::merge(None, libraries).to_bytes())
        .map_err(|error| failed(format!("the loader's cache cannot be written: {error}")))?;
    if old.as_deref() == Some(&new) {
        return Ok(());
    }
    etc.put_file(OsStr::new(NAME), &new, 0o644)
        .map_err(|error| failed(error.to_string()))
}

/// The path itself, or what it would lead to if the link could have been made: the loader needs no link.
fn existing(path: &Path, links: &[Link], missing: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    let mut path = path.to_owned();
    // A chain has a link for the compiler and one for the SONAME.
    for _ in 0..4 {
        if !missing.contains(&path) {
            return Some(path);
        }
        let link = links.iter().find(|link| link.path == path)?;
        path = path.parent()?.join(&link.target);
    }
    None
}

const fn abi(is_32_bit: bool) -> Abi {
    if is_32_bit {
        Abi::I386
    } else if cfg!(target_arch = "aarch64") {
        Abi::Aarch64
    } else {
        Abi::X86_64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_link_stands_for_the_file_behind_it() {
        let link = |path: &str, target: &str| Link {
            path: path.into(),
            target: target.into(),
            yields_to_image: false,
        };
        let links = [
            link("/l/libx.so", "libx.so.1"),
            link("/l/libx.so.1", "libx.so.550.1"),
        ];
        let missing: BTreeSet<PathBuf> = links.iter().map(|link| link.path.clone()).collect();
        let file = Some(PathBuf::from("/l/libx.so.550.1"));
        assert_eq!(existing(Path::new("/l/libx.so"), &links, &missing), file);
        assert_eq!(existing(Path::new("/l/libx.so.1"), &links, &missing), file);
        let none = BTreeSet::new();
        let itself = Some(PathBuf::from("/l/libx.so"));
        assert_eq!(existing(Path::new("/l/libx.so"), &links, &none), itself);
        let circle = [link("/l/a", "b"), link("/l/b", "a")];
        let missing = circle.iter().map(|link| link.path.clone()).collect();
        assert_eq!(existing(Path::new("/l/a"), &circle, &missing), None);
    }
}
