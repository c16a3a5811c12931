//! `/etc/ld.so.cache`: the driver's libraries are merged into the image's own cache.
//!
//! Running `ldconfig` instead would mean to run glibc's parser of ELF files, as root, over files of the
//! image's choosing (CVE-2025-23267), and to scan every library directory of the container at each start.

use super::cuda_compat::{self, Compat};
use super::failed;
use super::loader_configuration::Configuration;
use super::place::{self, Unavailable};
use super::unlisted;
use liftgate_elf::ldcache::{self, Abi, Cache, Library};
use liftgate_elf::versions::LIBC;
use liftgate_plan::{ContainerSetup, Link, Refusal};
use liftgate_sys::Root;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

const NAME: &str = "ld.so.cache";

/// Writes the driver's libraries, and those of the image that go before them, into the cache. The image's own C library
/// comes back, if its cache has one.
pub(super) fn update(
    root: &Root,
    setup: &ContainerSetup,
    compat: &Compat,
    missing_links: &BTreeSet<PathBuf>,
    configuration: &Configuration,
    notes: &mut Vec<String>,
) -> Result<Option<PathBuf>, Refusal> {
    if setup.loader_entries.is_empty() {
        return Ok(None);
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
    write(root, &libraries, &compat.abandoned, configuration, notes)
}

/// Writes the cache, with the libraries first and without what is in the abandoned directories, unless that is what
/// it is already.
pub(super) fn write(
    root: &Root,
    libraries: &[Library],
    abandoned: &[PathBuf],
    configuration: &Configuration,
    notes: &mut Vec<String>,
) -> Result<Option<PathBuf>, Refusal> {
    let etc = match place::open(root, Path::new("/etc")) {
        Ok(etc) => etc,
        // A volume over `/etc` is somebody's whole configuration, and may well have the entries.
        Err(Unavailable::Volume(reason)) => {
            notes.push(format!("the loader's cache is not updated: {reason}"));
            return Ok(None);
        }
        // Without a cache the container would start and not find the driver.
        Err(Unavailable::Failed(reason)) => return Err(failed(reason)),
    };
    // A cache that cannot be read or understood, the loader does not use either.
    let old = root
        .read_on_same_mount(&Path::new("/etc").join(NAME), ldcache::MAX_FILE as u64)
        .ok()
        .flatten();
    let mut image = match old.as_deref().map(ldcache::parse) {
        Some(Ok(image)) => Some(image),
        Some(Err(error)) => {
            notes.push(format!(
                "the image's loader cache is replaced, because it cannot be used: {error}"
            ));
            None
        }
        None => None,
    };
    if let Some(image) = &mut image {
        image
            .entries
            .retain(|entry| !cuda_compat::is_abandoned(&entry.path, abandoned));
    }
    let libc = image.as_ref().and_then(c_library);
    unlisted::add(root, configuration, &mut image, libraries);
    let new = ldcache::merge(image, libraries)
        .to_bytes()
        .or_else(|_| ldcache::merge(None, libraries).to_bytes())
        .map_err(|error| failed(format!("the loader's cache cannot be written: {error}")))?;
    if old.as_deref() != Some(&new) {
        etc.put_file(OsStr::new(NAME), &new, 0o644)
            .map_err(|error| failed(error.to_string()))?;
    }
    Ok(libc)
}

/// Where the cache has the C library of the machine's own word size.
fn c_library(cache: &Cache) -> Option<PathBuf> {
    let found = cache
        .lookup(LIBC.as_bytes())
        .find(|entry| entry.flags == abi(false).flags() && entry.hwcap == 0)?;
    Some(PathBuf::from(OsStr::from_bytes(&found.path)))
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

pub(super) const fn abi(is_32_bit: bool) -> Abi {
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
    use super::super::work;
    use super::*;
    use liftgate_elf::ldcache::Entry;
    use liftgate_plan::LoaderEntry;
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    const CACHE: &str = "etc/ld.so.cache";

    /// A driver with libraries of both word sizes.
    fn setup() -> ContainerSetup {
        let entry = |path: &str, is_32_bit| LoaderEntry {
            name: "libcuda.so.1".to_owned(),
            path: path.into(),
            is_32_bit,
        };
        ContainerSetup {
            loader_entries: vec![
                entry("/usr/lib64/libcuda.so.1", false),
                entry("/usr/lib/libcuda.so.1", true),
            ],
            library_directories: vec!["/usr/lib64".into(), "/usr/lib".into()],
            ..ContainerSetup::default()
        }
    }

    fn entry(name: &str, path: &str, abi: Abi, hwcap: u64) -> Entry {
        Entry {
            flags: abi.flags(),
            name: name.into(),
            path: path.into(),
            os_version: 0,
            hwcap,
        }
    }

    /// What the cache lists after a start, and what was said of it. A second start changes nothing.
    fn after(image: &Path) -> (Vec<(String, String, i32)>, Vec<String>) {
        let root = Root::open(image).unwrap();
        let file = image.join(CACHE);
        let notes = work(&root, &setup()).unwrap();
        let first = (fs::metadata(&file).unwrap().ino(), fs::read(&file).unwrap());
        assert_eq!(work(&root, &setup()).unwrap(), Vec::<String>::new());
        let second = (fs::metadata(&file).unwrap().ino(), fs::read(&file).unwrap());
        assert_eq!(first, second);
        let entries = ldcache::parse(&first.1).unwrap().entries.into_iter();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let shown = |entry: Entry| (text(entry.name), text(entry.path), entry.flags);
        (entries.map(shown).collect(), notes)
    }

    fn ours() -> [(String, String, i32); 2] {
        let one = |path: &str, abi: Abi| ("libcuda.so.1".to_owned(), path.to_owned(), abi.flags());
        [
            one("/usr/lib64/libcuda.so.1", abi(false)),
            one("/usr/lib/libcuda.so.1", Abi::I386),
        ]
    }

    #[test]
    fn an_image_without_a_cache_gets_one_with_both_word_sizes() {
        // Of scratch, of distroless, and of a distribution before its first `ldconfig`.
        for files in [&["app"][..], &["etc/passwd"], &["etc/ld.so.conf"]] {
            let image = tempfile::tempdir().unwrap();
            for file in files {
                let path = image.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            assert_eq!(after(image.path()), (ours().to_vec(), Vec::new()));
        }
    }

    #[test]
    fn a_cache_that_cannot_be_used_is_replaced_and_that_is_said() {
        // From before glibc 2.2, and from after whatever comes next.
        let mut old = b"ld.so-1.7.0\0".to_vec();
        old.extend([0; 4]);
        for content in [old, b"glibc-ld.so.cache9.9".to_vec(), b"text".to_vec()] {
            let image = tempfile::tempdir().unwrap();
            fs::create_dir(image.path().join("etc")).unwrap();
            fs::write(image.path().join(CACHE), content).unwrap();
            let (entries, notes) = after(image.path());
            assert_eq!(entries, ours());
            assert!(
                notes.len() == 1 && notes[0].contains("replaced"),
                "{notes:?}"
            );
        }
    }

    #[test]
    fn the_entries_of_the_image_keep_their_order_behind_ours() {
        let image = tempfile::tempdir().unwrap();
        fs::create_dir(image.path().join("etc")).unwrap();
        let own = abi(false);
        let hwcaps = 1 << 62;
        let theirs = [
            entry(
                "libz.so.1",
                "/lib64/glibc-hwcaps/x86-64-v3/libz.so.1",
                own,
                hwcaps,
            ),
            entry("libz.so.1", "/lib64/libz.so.1", own, 0),
            entry("libz.so.1", "/lib/libz.so.1", Abi::I386, 0),
            entry("libcuda.so.1", "/stubs/libcuda.so.1", own, 0),
            entry("libc.so.6", "/lib64/libc.so.6", own, 0),
        ];
        let cache = Cache {
            entries: theirs.into(),
            hwcaps: vec![b"x86-64-v3".to_vec()],
            generator: None,
        };
        fs::write(image.path().join(CACHE), cache.to_bytes().unwrap()).unwrap();
        let (entries, notes) = after(image.path());
        assert_eq!(notes, Vec::<String>::new());
        let paths: Vec<&str> = entries.iter().map(|entry| entry.1.as_str()).collect();
        assert_eq!(
            paths,
            [
                "/lib64/glibc-hwcaps/x86-64-v3/libz.so.1",
                "/lib64/libz.so.1",
                "/lib/libz.so.1",
                "/usr/lib64/libcuda.so.1",
                "/usr/lib/libcuda.so.1",
                "/stubs/libcuda.so.1",
                "/lib64/libc.so.6",
            ]
        );
        let bytes = fs::read(image.path().join(CACHE)).unwrap();
        let cache = ldcache::parse(&bytes).unwrap();
        assert_eq!(cache.hwcaps, [b"x86-64-v3"]);
        assert_eq!(c_library(&cache), Some("/lib64/libc.so.6".into()));
    }

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
