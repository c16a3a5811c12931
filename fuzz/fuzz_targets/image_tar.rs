//! Feeds bytes as an image's archive, and as one layer between two others: facts or an error, paths that stay in, and the same facts
//! however the bytes come.
//!
//! Blocks with the mark of a header get its right sum, or mutation would get no further than that.
#![no_main]

use std::io::{self, Read};

use libfuzzer_sys::fuzz_target;
use liftgate_image::facts::ImageFacts;
use liftgate_image::{Wanted, read_archive};

const BLOCK: usize = 512;

struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = buffer.len().min(self.1);
        self.0.read(&mut buffer[..size])
    }
}

fn with_sums(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for block in bytes.chunks_exact_mut(BLOCK) {
        if block[257..262] == *b"ustar" {
            block[148..156].copy_from_slice(b"        ");
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
    bytes
}

fn entry(path: &str, kind: u8, target: &str, content: &[u8]) -> Vec<u8> {
    let mut block = vec![0; BLOCK];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    block[156] = kind;
    block[157..157 + target.len()].copy_from_slice(target.as_bytes());
    block[257..265].copy_from_slice(b"ustar\x0000");
    block.extend(content);
    block.resize(block.len().next_multiple_of(BLOCK), 0);
    with_sums(&block[..BLOCK]).into_iter().chain(block[BLOCK..].iter().copied()).collect()
}

fn between(layer: &[u8]) -> Vec<u8> {
    let lower = [
        entry("lib", b'2', "usr/lib", b""),
        entry("usr/lib/libcuda.so.1", b'0', "", b"x"),
        entry("opt/a/libx.so", b'0', "", b"x"),
        entry("opt/b", b'2', "a", b""),
    ];
    let upper = [
        entry("usr/lib/.wh.libcuda.so.1", b'0', "", b""),
        entry("opt/b/liby.so", b'1', "lib/libx.so", b""),
        entry("etc/ld.so.conf", b'0', "", b"/opt/b\n"),
    ];
    let manifest = br#"[{"Config": "c", "RepoTags": ["x"], "Layers": ["1", "2", "3"]}]"#;
    [
        entry("1", b'0', "", &lower.concat()),
        entry("2", b'0', "", layer),
        entry("3", b'0', "", &upper.concat()),
        entry("c", b'0', "", br#"{"os": "linux", "config": {"Env": ["LD_LIBRARY_PATH=/lib:/opt"]}}"#),
        entry("manifest.json", b'0', "", manifest),
    ]
    .concat()
}

fn check(facts: &ImageFacts) {
    let paths = facts.libraries.iter().map(|library| &library.path);
    let paths = paths.chain(facts.dangling.iter().map(|link| &link.path));
    let paths = paths.chain(facts.search.iter().map(|directory| &directory.path));
    let paths = paths.chain(facts.python.iter().map(|package| &package.directory));
    for path in paths.chain(facts.present.values().flatten()) {
        assert!(path.starts_with('/'), "{path:?}");
        assert!(path.split('/').all(|part| part != "." && part != ".."), "{path:?}");
    }
    for library in &facts.libraries {
        assert!(library.layer < facts.layers.len());
        facts.missing(library);
    }
    assert!(facts.gaps.iter().all(|gap| gap.len() < 1000));
}

fuzz_target!(|bytes: &[u8]| {
    let bytes = with_sums(bytes);
    let wanted = Wanted::default();
    for archive in [between(&bytes), bytes] {
        let mut told = 0;
        let found = read_archive(archive.as_slice(), &wanted, &mut |read| told = read);
        let slow = read_archive(Slow(&archive, 311), &wanted, &mut |_| ());
        match (found, slow) {
            (Ok(found), Ok(slow)) => {
                assert_eq!(told, archive.len() as u64);
                check(&found);
                assert_eq!(format!("{found:?}"), format!("{slow:?}"));
            }
            (Err(found), Err(slow)) => {
                // Which of two errors comes first may depend on how much a packed stream gives at once.
                assert!(found.to_string().len() < 4096 && slow.to_string().len() < 4096);
            }
            (found, slow) => panic!("{found:?} {slow:?}"),
        }
    }
});
