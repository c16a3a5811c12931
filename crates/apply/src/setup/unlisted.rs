//! Libraries that an image has in a directory of its loader's configuration, and its cache does not have: somebody has
//! copied them there and not run `ldconfig`.
//!
//! Such images are many, because NVIDIA's hook runs `ldconfig` at every start and so makes them work: a library of
//! one's own in `/usr/local/lib`, built with nvcc, is the usual case. Here names are compared with the cache, and only
//! what it does not have is looked at. It comes behind everything that the cache has; an image without a cache gets one.
//!
//! Directories that the loader looks into without a cache are passed over, and so is what lies on another mount.

use super::directory::{Found, Listing, entries};
use super::loader_configuration::{self, Configuration};
use liftgate_elf::ldcache::{Cache, Entry, Library};
use liftgate_sys::Root;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The image chooses the directories, their names, and the files. What is beyond stays as unknown as it was.
const MOST_DIRECTORIES: usize = 64;
const MOST_NAMES: usize = 4096;
const MOST_FILES: usize = 128;

/// Adds them to the image's cache, behind what it has; but for the directories of our own libraries.
pub(super) fn add(
    root: &Root,
    configuration: &Configuration,
    cache: &mut Option<Cache>,
    ours: &[Library],
) {
    let ours: BTreeSet<&Path> = ours
        .iter()
        .filter_map(|library| Path::new(&library.path).parent())
        .collect();
    let mut left = MOST_FILES;
    let mut found = Vec::new();
    for directory in configuration.configured().take(MOST_DIRECTORIES) {
        if ours.contains(directory) {
            continue;
        }
        let (Ok(Some(opened)), Some(place)) = (
            root.open_directory(directory),
            loader_configuration::as_line(directory),
        ) else {
            continue;
        };
        if !root.is_same_mount(&opened).unwrap_or(false) {
            continue;
        }
        let Ok(listing) = Listing::read(&opened, MOST_NAMES) else {
            continue;
        };
        let known = names_in(cache.as_ref(), directory);
        let libraries = listing.libraries(&mut |name| {
            let is_unknown = !known.contains(OsStr::new(name))
                && !listing.has_link(name)
                && !listing
                    .links_to(name)
                    .iter()
                    .any(|link| known.contains(OsStr::new(link)));
            let is_taken = is_unknown && left > 0;
            left -= usize::from(is_taken);
            is_taken
        });
        found.extend(as_entries(&libraries, place));
    }
    if !found.is_empty() {
        cache
            .get_or_insert_with(Cache::default)
            .entries
            .extend(found);
    }
}

/// The names of the files of the directory that the cache has.
fn names_in<'a>(cache: Option<&'a Cache>, directory: &Path) -> BTreeSet<&'a OsStr> {
    let entries = cache.into_iter().flat_map(|cache| &cache.entries);
    let paths = entries.map(|entry| Path::new(OsStr::from_bytes(&entry.path)));
    paths
        .filter(|path| path.parent() == Some(directory))
        .filter_map(Path::file_name)
        .collect()
}

fn as_entries(libraries: &[Found], place: &str) -> impl Iterator<Item = Entry> {
    entries(libraries, place).into_iter().map(|library| Entry {
        flags: library.abi.flags(),
        name: library.name.into_bytes(),
        path: library.path.into_bytes(),
        os_version: 0,
        hwcap: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::super::work;
    use super::*;
    use liftgate_elf::ldcache;
    use liftgate_plan::{ContainerSetup, LoaderEntry};
    use liftgate_testhost::{Class, shared_object};
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, symlink};
    use std::path::PathBuf;

    struct Image(tempfile::TempDir);

    impl Image {
        /// Its loader looks into `/usr/local/lib` and the driver's directory.
        fn new() -> Self {
            let image = Self(tempfile::tempdir().unwrap());
            for directory in ["etc", "usr/local/lib", "opt/nvidia"] {
                fs::create_dir_all(image.at(directory)).unwrap();
            }
            fs::write(
                image.at("etc/ld.so.conf"),
                "/usr/local/lib\n/opt/nvidia\n/none\n",
            )
            .unwrap();
            image
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn library(&self, path: &str, soname: &str) {
            let bytes = shared_object(Class::Elf64, soname, &["libc.so.6".to_owned()]);
            fs::write(self.at(path), bytes).unwrap();
        }

        fn start(&self) {
            let setup = ContainerSetup {
                loader_entries: vec![LoaderEntry {
                    name: "libcuda.so.1".to_owned(),
                    path: "/opt/nvidia/libcuda.so.1".into(),
                    is_32_bit: false,
                }],
                ..ContainerSetup::default()
            };
            let root = Root::open(self.0.path()).unwrap();
            assert_eq!(work(&root, &setup).unwrap(), Vec::<String>::new());
        }

        fn cache(&self, name: &str) -> Vec<String> {
            let bytes = fs::read(self.at("etc/ld.so.cache")).unwrap();
            let cache = ldcache::parse(&bytes).unwrap();
            cache
                .lookup(name.as_bytes())
                .map(|entry| String::from_utf8_lossy(&entry.path).into_owned())
                .collect()
        }
    }

    #[test]
    fn a_library_that_was_copied_is_found() {
        let image = Image::new();
        image.library("usr/local/lib/libown.so.1.2", "libown.so.1");
        symlink("libown.so.1.2", image.at("usr/local/lib/libown.so")).unwrap();
        fs::write(image.at("usr/local/lib/libtext.so"), "INPUT(-lown)").unwrap();
        // Of our own directory only what is named counts.
        image.library("opt/nvidia/libother.so.1", "libother.so.1");
        image.start();
        assert_eq!(image.cache("libown.so.1"), ["/usr/local/lib/libown.so.1.2"]);
        assert_eq!(image.cache("libown.so"), ["/usr/local/lib/libown.so"]);
        assert_eq!(image.cache("libcuda.so.1"), ["/opt/nvidia/libcuda.so.1"]);
        assert_eq!(image.cache("libother.so.1"), Vec::<String>::new());
        // Nothing is made beside it, and a restart changes nothing.
        assert!(!image.at("usr/local/lib/libown.so.1").exists());
        let state = || {
            let cache = image.at("etc/ld.so.cache");
            (
                fs::metadata(&cache).unwrap().ino(),
                fs::read(cache).unwrap(),
            )
        };
        let first = state();
        image.start();
        assert_eq!(state(), first);
    }

    /// What the image's cache has comes first, as it was.
    #[test]
    fn what_is_listed_stays_first() {
        let image = Image::new();
        let listed = Library {
            name: "libown.so.1".to_owned(),
            path: "/opt/first/libown.so.1".to_owned(),
            abi: ldcache::Abi::X86_64,
        };
        let cache = ldcache::merge(None, &[listed]).to_bytes().unwrap();
        fs::write(image.at("etc/ld.so.cache"), cache).unwrap();
        image.library("usr/local/lib/libown.so.1", "libown.so.1");
        image.start();
        assert_eq!(
            image.cache("libown.so.1"),
            ["/opt/first/libown.so.1", "/usr/local/lib/libown.so.1"]
        );
    }

    #[test]
    fn files_that_are_looked_at_are_bounded() {
        let image = Image::new();
        for number in 0..2 * MOST_FILES {
            image.library(
                &format!("usr/local/lib/libn{number}.so"),
                &format!("libn{number}.so"),
            );
        }
        image.start();
        let bytes = fs::read(image.at("etc/ld.so.cache")).unwrap();
        let entries = ldcache::parse(&bytes).unwrap().entries.len();
        assert_eq!(entries, MOST_FILES + 1);
    }
}
