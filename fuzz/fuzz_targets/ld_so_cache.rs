//! Feeds bytes as an image's `ld.so.cache`, or as lines to make one of: after merging, ours come first, twice is once, memory is bounded.
//!
//! Bytes without a magic are `NAME PATH FLAGS HWCAP` lines, so that mutation reaches the merging of well-formed caches too. Numbers
//! are hexadecimal, a line `hwcap NAME` is a subdirectory's name.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use liftgate_elf::ldcache::{
    Abi, Cache, CacheError, Entry, GENERATOR, Library, MAX_ENTRIES, MAX_FILE, MAX_HWCAPS,
    MAX_STRING, merge, order, parse,
};

static OURS: LazyLock<Vec<Library>> = LazyLock::new(|| {
    [
        ("libcuda.so.1", "/usr/lib64/libcuda.so.1", Abi::X86_64),
        ("libcuda.so.1", "/usr/lib/libcuda.so.1", Abi::I386),
        ("libcuda.so", "/usr/lib64/libcuda.so", Abi::X86_64),
        ("libcuda.so.1", "/opt/libcuda.so.1", Abi::X86_64),
        (
            "libnvidia-ml.so.1",
            "/usr/lib64/libnvidia-ml.so.1",
            Abi::X86_64,
        ),
        ("libcuda.so.1", "/usr/lib64/libcuda.so.1", Abi::X86_64),
    ]
    .map(|(name, path, abi)| Library {
        name: name.to_owned(),
        path: path.to_owned(),
        abi,
    })
    .to_vec()
});

fn is_ours(entry: &Entry) -> bool {
    OURS.iter().any(|library| {
        (
            library.name.as_bytes(),
            library.path.as_bytes(),
            library.abi.flags(),
        ) == (&*entry.name, &*entry.path, entry.flags)
    })
}

/// The bytes of the strings in it; with the entries themselves, what it costs.
fn size_of_strings(cache: &Cache) -> usize {
    let entries = cache
        .entries
        .iter()
        .map(|entry| entry.name.len() + entry.path.len());
    let hwcaps = cache.hwcaps.iter().map(Vec::len);
    entries.chain(hwcaps).sum::<usize>() + cache.generator.as_ref().map_or(0, Vec::len)
}

fn check_limits(cache: &Cache) {
    assert!(cache.entries.len() <= MAX_ENTRIES && cache.hwcaps.len() <= MAX_HWCAPS);
    assert!(size_of_strings(cache) <= MAX_FILE);
    let entries = cache
        .entries
        .iter()
        .flat_map(|entry| [&entry.name, &entry.path]);
    for string in entries.chain(&cache.hwcaps) {
        assert!(string.len() <= MAX_STRING && !string.contains(&0));
    }
}

/// A cache from lines of text.
fn made_of(text: &[u8]) -> Cache {
    let number = |word: Option<&[u8]>| {
        word.and_then(|word| std::str::from_utf8(word).ok())
            .and_then(|word| u64::from_str_radix(word, 16).ok())
            .unwrap_or_default()
    };
    let mut cache = Cache::default();
    for line in text.split(|byte| *byte == b'\n') {
        let mut words = line.split(|byte| *byte == b' ');
        let name = words.next().unwrap_or_default().to_vec();
        let path = words.next().unwrap_or_default().to_vec();
        if name == b"hwcap" {
            cache.hwcaps.push(path);
            continue;
        }
        #[expect(clippy::cast_possible_truncation, reason = "any flags will do")]
        let flags = number(words.next()) as i32;
        cache.entries.push(Entry {
            flags,
            name,
            path,
            os_version: 0,
            hwcap: number(words.next()),
        });
    }
    cache
}

fn check_merging(image: Cache) {
    let mut foreign: Vec<Entry> = image
        .entries
        .iter()
        .filter(|entry| !is_ours(entry))
        .cloned()
        .collect();
    foreign.sort_by(|a, b| order::in_file(&a.name, &b.name));
    let hwcaps = image.hwcaps.clone();

    let merged = merge(Some(image), &OURS);
    assert!(
        merged
            .entries
            .is_sorted_by(|a, b| order::in_file(&a.name, &b.name).is_le())
    );
    for library in OURS.iter() {
        let found: Vec<&Entry> = merged.lookup(library.name.as_bytes()).collect();
        let ours = found.iter().take_while(|entry| is_ours(entry)).count();
        assert!(
            found[..ours]
                .iter()
                .any(|entry| entry.path == library.path.as_bytes())
        );
        assert!(
            !found[ours..].iter().any(|entry| is_ours(entry)),
            "ours come first, each once"
        );
    }
    let kept: Vec<Entry> = merged
        .entries
        .iter()
        .filter(|entry| !is_ours(entry))
        .cloned()
        .collect();
    assert_eq!(
        kept, foreign,
        "what the image has besides stays, in its order"
    );
    assert_eq!(merged.hwcaps, hwcaps);
    assert_eq!(merged.generator.as_deref(), Some(GENERATOR));
    assert_eq!(merge(Some(merged.clone()), &OURS), merged, "twice is once");

    let bytes = match merged.to_bytes() {
        Ok(bytes) => bytes,
        Err(CacheError::TooMany { .. } | CacheError::EmbeddedNul { .. }) => return,
        Err(error) => panic!("cannot be written: {error}"),
    };
    assert!(bytes.len() <= MAX_FILE);
    let parsed = parse(&bytes).expect("what was written parses");
    assert_eq!(parsed, merged);
    let again = merge(Some(parsed), &OURS).to_bytes();
    assert_eq!(
        again.as_ref(),
        Ok(&bytes),
        "a second start writes nothing new"
    );
}

fuzz_target!(|bytes: &[u8]| {
    match parse(bytes) {
        Ok(image) => {
            check_limits(&image);
            check_merging(image);
        }
        Err(CacheError::NotCache) => check_merging(made_of(bytes)),
        Err(error) => assert!(error.to_string().len() < 4096),
    }
});
