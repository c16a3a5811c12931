//! `/etc/ld.so.cache`: the driver's libraries are merged into the image's own cache.
//!
//! Running `ldconfig` instead would mean to run glibc's parser of ELF files, as root, over files of the
//! image's choosing (CVE-2025-23267), and to scan every library directory of the container at each start.

use super::{failed, place};
use liftgate_elf::ldcache::{self, Abi, Library};
use liftgate_plan::{LoaderEntry, Refusal};
use liftgate_sys::Root;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const NAME: &str = "ld.so.cache";

/// Writes the cache, unless it has the entries already.
pub(super) fn update(
    root: &Root,
    entries: &[LoaderEntry],
    missing_links: &BTreeSet<PathBuf>,
    notes: &mut Vec<String>,
) -> Result<(), Refusal> {
    if entries.is_empty() {
        return Ok(());
    }
    let etc = match place::open(root, Path::new("/etc")) {
        Ok(etc) => etc,
        Err(reason) => {
            notes.push(format!("the loader's cache is not updated: {reason}"));
            return Ok(());
        }
    };
    // A cache that cannot be read or understood, the loader does not use either.
    let old = root
        .read_on_same_mount(&Path::new("/etc").join(NAME), ldcache::MAX_FILE as u64)
        .ok()
        .flatten();
    let image = old.as_deref().and_then(|bytes| ldcache::parse(bytes).ok());
    let libraries: Vec<Library> = entries
        .iter()
        .filter(|entry| !missing_links.contains(&entry.path))
        .map(|entry| Library {
            name: entry.name.clone(),
            path: entry.path.to_string_lossy().into_owned(),
            abi: abi(entry.is_32_bit),
        })
        .collect();
    let new = ldcache::merge(image, &libraries)
        .to_bytes()
        .or_else(|_| ldcache::merge(None, &libraries).to_bytes())
        .map_err(|error| failed(format!("the loader's cache cannot be written: {error}")))?;
    if old.as_deref() == Some(&new) {
        return Ok(());
    }
    etc.put_file(OsStr::new(NAME), &new, 0o644)
        .map_err(|error| failed(error.to_string()))
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
