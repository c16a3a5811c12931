//! Putting our libraries into an image's cache.
//!
//! ld.so takes the first entry of a name that fits, so ours stand before the image's of the same name: a
//! container that ships its own (older) `libcuda.so.1` gets the one that matches the kernel module. They also
//! stand before the image's `glibc-hwcaps` variants of that name, and end the loader's search there. Everything
//! else of the image stays as and where it is.

use std::collections::HashSet;

use super::{Abi, Cache, Entry};

/// What a merged cache names as its writer.
pub const GENERATOR: &[u8] = b"liftgate";

/// A library to be found in the container.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Library {
    /// What programs ask for: the SONAME, or the name of a development link such as `libcuda.so`.
    pub name: String,
    /// Where it is in the container, absolute.
    pub path: String,
    /// What it is built for.
    pub abi: Abi,
}

/// The image's cache with `ours` in front, in the order given for each name.
///
/// Merging the same libraries again changes nothing: an entry of the image with name, path and flags of one of
/// ours is taken to be that one, whatever hardware it was said to need.
pub fn merge(image: Option<Cache>, ours: &[Library]) -> Cache {
    let image = image.unwrap_or_default();
    let mut entries = Vec::with_capacity(ours.len() + image.entries.len());
    let mut known = HashSet::with_capacity(ours.len());
    for library in ours {
        let (name, path, flags) = (
            library.name.as_bytes(),
            library.path.as_bytes(),
            library.abi.flags(),
        );
        if known.insert((name, path, flags)) {
            entries.push(Entry {
                flags,
                name: name.to_vec(),
                path: path.to_vec(),
                os_version: 0,
                hwcap: 0,
            });
        }
    }
    entries.extend(
        image
            .entries
            .into_iter()
            .filter(|entry| !known.contains(&(&*entry.name, &*entry.path, entry.flags))),
    );

    let mut cache = Cache {
        entries,
        hwcaps: image.hwcaps,
        generator: Some(GENERATOR.to_vec()),
    };
    cache.sort();
    cache
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(name: &str, path: &str, abi: Abi) -> Library {
        Library {
            name: name.into(),
            path: path.into(),
            abi,
        }
    }

    fn entry(name: &str, path: &str, hwcap: u64) -> Entry {
        Entry {
            flags: 0x303,
            name: name.into(),
            path: path.into(),
            os_version: 0,
            hwcap,
        }
    }

    fn paths(cache: &Cache) -> Vec<&str> {
        cache
            .entries
            .iter()
            .map(|entry| std::str::from_utf8(&entry.path).unwrap())
            .collect()
    }

    fn image() -> Cache {
        Cache {
            entries: vec![
                entry("libz.so.1", "/lib/libz.so.1", 0),
                entry(
                    "libcuda.so.1",
                    "/usr/lib/glibc-hwcaps/x86-64-v3/libcuda.so.1",
                    1 << 62,
                ),
                entry("libcuda.so.1", "/usr/local/cuda/compat/libcuda.so.1", 0),
                entry("libcuda.so.1", "/usr/lib/libcuda.so.1", 0),
                entry("libc.so.6", "/lib/libc.so.6", 0),
            ],
            hwcaps: vec![b"x86-64-v3".to_vec()],
            generator: Some(b"ldconfig".to_vec()),
        }
    }

    #[test]
    fn ours_stand_before_the_images_entries_of_the_name() {
        let merged = merge(
            Some(image()),
            &[
                library("libcuda.so.1", "/usr/lib64/libcuda.so.1", Abi::X86_64),
                library("libcuda.so.1", "/usr/lib32/libcuda.so.1", Abi::I386),
                library(
                    "libnvidia-ml.so.1",
                    "/usr/lib64/libnvidia-ml.so.1",
                    Abi::X86_64,
                ),
            ],
        );
        assert_eq!(
            paths(&merged),
            [
                "/lib/libz.so.1",
                "/usr/lib64/libnvidia-ml.so.1",
                "/usr/lib64/libcuda.so.1",
                "/usr/lib32/libcuda.so.1",
                "/usr/lib/glibc-hwcaps/x86-64-v3/libcuda.so.1",
                "/usr/local/cuda/compat/libcuda.so.1",
                "/usr/lib/libcuda.so.1",
                "/lib/libc.so.6",
            ]
        );
        assert_eq!(merged.hwcaps, image().hwcaps);
        assert_eq!(merged.generator.as_deref(), Some(GENERATOR));
    }

    #[test]
    fn an_entry_the_image_already_has_is_moved_not_doubled() {
        let ours = [library(
            "libcuda.so.1",
            "/usr/lib/libcuda.so.1",
            Abi::X86_64,
        )];
        let merged = merge(Some(image()), &ours);
        assert_eq!(merged.entries.len(), image().entries.len());
        assert_eq!(
            merged.lookup(b"libcuda.so.1").next().unwrap().path,
            b"/usr/lib/libcuda.so.1"
        );
        assert_eq!(merge(Some(merged.clone()), &ours), merged);
    }

    #[test]
    fn the_same_path_for_another_abi_is_another_entry() {
        let ours = [library("libcuda.so.1", "/usr/lib/libcuda.so.1", Abi::I386)];
        assert_eq!(
            merge(Some(image()), &ours).lookup(b"libcuda.so.1").count(),
            4
        );
    }

    #[test]
    fn without_an_image_cache_there_are_only_ours() {
        let one = library("liba.so.1", "/a/liba.so.1", Abi::Aarch64);
        let merged = merge(None, &[one.clone(), one]);
        assert_eq!(paths(&merged), ["/a/liba.so.1"]);
        assert_eq!(merged.entries[0].flags, 0x0a03);
    }
}
