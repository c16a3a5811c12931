//! Properties of the cache parser and writer for arbitrary and for damaged input.

use std::fs;

use liftgate_elf::ldcache::{
    Abi, Cache, CacheError, Entry, Library, MAX_ENTRIES, MAX_FILE, MAX_HWCAPS, MAX_STRING, merge,
    order, parse,
};
use proptest::prelude::*;
use proptest::sample::Index;

fn small_cache() -> Cache {
    let entry = |name: &str, path: &str, hwcap| Entry {
        flags: 0x303,
        name: name.into(),
        path: path.into(),
        os_version: 0,
        hwcap,
    };
    Cache {
        entries: vec![
            entry("libz.so.1", "/lib/libz.so.1", 0),
            entry(
                "libx.so.10",
                "/lib/glibc-hwcaps/x86-64-v3/libx.so.10",
                1 << 62,
            ),
            entry("libx.so.10", "/lib/libx.so.10", 0),
            entry("libx.so.9", "/lib/libx.so.9", 0),
        ],
        hwcaps: vec![b"x86-64-v3".to_vec()],
        generator: Some(b"test".to_vec()),
    }
}

/// The cache behind an old header with `count` entries, padded to `alignment`.
fn behind_old_header(count: u32, alignment: usize) -> Vec<u8> {
    let mut bytes = b"ld.so-1.7.0\0".to_vec();
    bytes.extend(count.to_ne_bytes());
    bytes.resize(
        (bytes.len() + 12 * count as usize).next_multiple_of(alignment),
        0,
    );
    let inner = Cache {
        hwcaps: vec![],
        generator: None,
        ..small_cache()
    };
    bytes.extend(inner.to_bytes().expect("bytes of a cache"));
    bytes
}

fn strings() -> impl Strategy<Value = Vec<u8>> {
    proptest::string::bytes_regex("(?-u)(lib)?([a-c./\\xff]|[0-9]{1,12}){0,6}")
        .expect("a regular expression")
}

fn caches() -> impl Strategy<Value = Cache> {
    let entries = (
        any::<i32>(),
        strings(),
        strings(),
        any::<u32>(),
        any::<u64>(),
    )
        .prop_map(|(flags, name, path, os_version, hwcap)| Entry {
            flags,
            name,
            path,
            os_version,
            hwcap,
        });
    (
        prop::collection::vec(entries, 0..40),
        prop::collection::vec(strings(), 0..4),
        prop::option::of(prop::collection::vec(any::<u8>(), 0..20)),
    )
        .prop_map(|(entries, hwcaps, generator)| Cache {
            entries,
            hwcaps,
            generator,
        })
}

fn libraries() -> impl Strategy<Value = Vec<Library>> {
    let abi = prop::sample::select(vec![Abi::X86_64, Abi::I386, Abi::Aarch64]);
    let library = ("lib[ab]([0-9]{1,2})?", "/[ab]", abi).prop_map(|(name, path, abi)| Library {
        name,
        path,
        abi,
    });
    prop::collection::vec(library, 0..8)
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in any::<bool>()) {
        let mut file = if magic { b"glibc-ld.so.cache1.1".to_vec() } else { b"ld.so-1.7.0\0".to_vec() };
        file.extend(&bytes);
        drop(parse(&file));
        drop(parse(&bytes));
    }

    #[test]
    fn damaged_caches_do_not_panic_and_what_parses_can_be_written(
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8),
        old in any::<bool>(),
    ) {
        let mut bytes = if old { behind_old_header(2, 8) } else { small_cache().to_bytes().unwrap() };
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(mut cache) = parse(&bytes) {
            let again = parse(&cache.to_bytes().unwrap()).unwrap();
            cache.sort();
            prop_assert_eq!(again, cache);
        }
    }

    #[test]
    fn writing_and_parsing_gives_the_sorted_cache(mut cache in caches()) {
        let bytes = cache.to_bytes().unwrap();
        cache.sort();
        prop_assert!(cache.entries.is_sorted_by(|a, b| order::in_file(&a.name, &b.name).is_le()));
        prop_assert_eq!(&parse(&bytes).unwrap(), &cache);
        prop_assert_eq!(cache.to_bytes().unwrap(), bytes);
    }

    #[test]
    fn merging_twice_is_merging_once(image in prop::option::of(caches()), ours in libraries()) {
        let once = merge(image.clone(), &ours);
        prop_assert_eq!(&merge(Some(once.clone()), &ours), &once);
        for library in &ours {
            // The first entry of the name and ABI is one of ours.
            let first = once.lookup(library.name.as_bytes()).find(|entry| entry.flags == library.abi.flags());
            prop_assert!(ours.iter().any(|library| library.path.as_bytes() == first.unwrap().path));
        }
        // What the image has besides ours is still there, in its order.
        let foreign = |entry: &&Entry| !ours.iter().any(|library| {
            (library.name.as_bytes(), library.path.as_bytes(), library.abi.flags())
                == (&*entry.name, &*entry.path, entry.flags)
        });
        let mut image = image.unwrap_or_default();
        image.sort();
        prop_assert!(once.entries.iter().filter(foreign).eq(image.entries.iter().filter(foreign)));
    }
}

#[test]
fn damaged_real_caches_do_not_panic() {
    let real = fs::read("/etc/ld.so.cache").unwrap();
    let mut runner = proptest::test_runner::TestRunner::default();
    let changes = prop::collection::vec((any::<Index>(), any::<u8>()), 1..20);
    runner
        .run(&(changes, any::<Index>()), |(changes, cut)| {
            let mut bytes = real.clone();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            drop(parse(&bytes));
            drop(parse(&bytes[..cut.index(bytes.len())]));
            Ok(())
        })
        .unwrap();
}

#[test]
fn every_truncation_of_a_cache_is_an_error() {
    let bytes = small_cache().to_bytes().unwrap();
    for length in 0..bytes.len() {
        assert!(
            parse(&bytes[..length]).is_err(),
            "{length} of {}",
            bytes.len()
        );
    }
    assert_eq!(parse(b""), Err(CacheError::NotCache));
}

#[test]
fn a_cache_behind_an_old_header_is_found_at_either_alignment() {
    for (count, alignment) in [(0, 8), (1, 8), (2, 8), (1, 4), (3, 4)] {
        let cache = parse(&behind_old_header(count, alignment)).unwrap();
        assert_eq!(
            cache.entries,
            small_cache().entries,
            "{count} old entries aligned to {alignment}"
        );
    }
    assert_eq!(
        parse(&behind_old_header(2, 8)[..40]),
        Err(CacheError::OldFormatOnly)
    );
}

#[test]
fn headers_are_judged_as_by_the_loader() {
    let bytes = small_cache().to_bytes().unwrap();
    let with = |at: usize, value: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        parse(&bytes)
    };
    assert_eq!(with(28, &[0]), Ok(small_cache()), "no byte order");
    assert_eq!(
        with(28, &[1]),
        Err(CacheError::ForeignByteOrder { flags: 1 })
    );
    assert_eq!(
        with(28, &[3]),
        Err(CacheError::ForeignByteOrder { flags: 3 })
    );
    assert_eq!(with(17, b"1.2"), Err(CacheError::NotCache));
    let past = u32::try_from(bytes.len()).unwrap();
    assert!(matches!(
        with(20, &100u32.to_ne_bytes()),
        Err(CacheError::OutOfBounds {
            what: "entries",
            ..
        })
    ));
    assert!(matches!(
        with(20, &u32::MAX.to_ne_bytes()),
        Err(CacheError::TooMany {
            what: "entries",
            ..
        })
    ));
    assert!(matches!(
        with(52, &past.to_ne_bytes()),
        Err(CacheError::OutOfBounds { what: "name", .. })
    ));
    assert!(matches!(
        with(56, &u32::MAX.to_ne_bytes()),
        Err(CacheError::OutOfBounds { what: "path", .. })
    ));
    assert_eq!(with(32, &[0; 4]).unwrap().generator, None, "no extensions");
    assert!(matches!(
        with(32, &50u32.to_ne_bytes()),
        Err(CacheError::BadExtension { offset: 50 })
    ));
    assert!(matches!(
        with(32, &48u32.to_ne_bytes()),
        Err(CacheError::BadExtension { offset: 48 })
    ));
}

#[test]
fn limits_hold_when_reading() {
    assert!(matches!(
        parse(&vec![0; MAX_FILE + 1]),
        Err(CacheError::TooMany { what: "bytes", .. })
    ));

    // 20,000 entries that all name one string of 4,000 bytes: 500 KiB on disk, 160 MB in memory.
    let count = 20_000u32;
    let mut bytes = Cache::default().to_bytes().unwrap();
    bytes[20..24].copy_from_slice(&count.to_ne_bytes());
    let at = 48 + 24 * count;
    for _ in 0..count {
        bytes.extend([0; 4]);
        bytes.extend([at.to_ne_bytes(), at.to_ne_bytes()].concat());
        bytes.extend([0; 12]);
    }
    bytes.extend([b'x'; 4000]);
    bytes.push(0);
    assert!(matches!(
        parse(&bytes),
        Err(CacheError::TooMany {
            what: "bytes in strings",
            ..
        })
    ));
    bytes.pop();
    bytes.extend([b'x'; 97]);
    assert!(matches!(
        parse(&bytes),
        Err(CacheError::TooMany {
            what: "bytes in one string",
            ..
        })
    ));
}

#[test]
fn limits_hold_when_writing() {
    let entry = |name: Vec<u8>| Entry {
        flags: 0,
        name,
        path: vec![],
        os_version: 0,
        hwcap: 0,
    };
    let cache = |entries| Cache {
        entries,
        ..Cache::default()
    };
    let refused = |cache: Cache, what| match cache.to_bytes() {
        Err(
            CacheError::TooMany { what: found, .. } | CacheError::EmbeddedNul { what: found, .. },
        ) => {
            assert_eq!(found, what);
        }
        other => panic!("{other:?}"),
    };
    refused(cache(vec![entry(vec![]); MAX_ENTRIES + 1]), "entries");
    refused(
        cache(vec![entry(vec![b'x'; MAX_STRING + 1])]),
        "bytes in one string",
    );
    refused(
        cache(vec![entry(vec![b'x'; MAX_STRING]); 2049]),
        "bytes in strings",
    );
    refused(cache(vec![entry(b"lib\0x".to_vec())]), "name");
    refused(
        Cache {
            hwcaps: vec![vec![]; MAX_HWCAPS + 1],
            ..Cache::default()
        },
        "hwcaps",
    );
    let fits = cache(vec![entry(vec![b'x'; MAX_STRING]); 2]);
    assert_eq!(parse(&fits.to_bytes().unwrap()), Ok(fits));
}

#[test]
fn strings_are_stored_once() {
    let bytes = merge(Some(small_cache()), &[]).to_bytes().unwrap();
    assert_eq!(
        bytes
            .windows(11)
            .filter(|window| window == b"\0libx.so.10")
            .count(),
        1
    );
}
