//! Feeds bytes as a library that passes by: what is found does not depend on the pieces it comes in, and no code is found without
//! the bytes for it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_elf::fatbin::{FatBinaries, Scanner};
use liftgate_elf::stream::Stream;

fn scanned(bytes: &[u8], step: usize) -> FatBinaries {
    let mut scanner = Scanner::new(bytes.len() as u64);
    for piece in bytes.chunks(step) {
        scanner.feed(piece);
    }
    let starts: Vec<u64> = scanner.containers().collect();
    assert!(starts.windows(2).all(|pair| pair[0] + 80 <= pair[1]));
    assert!(starts.iter().all(|start| start % 8 == 0));
    let half = bytes.len() as u64 / 2;
    scanner.finish(&[0..half, u64::MAX..u64::MAX])
}

fn streamed(bytes: &[u8], step: usize) -> Option<String> {
    let mut stream = Stream::new(bytes.len() as u64);
    for piece in bytes.chunks(step) {
        stream.feed(piece);
    }
    let facts = stream.finish().ok()?;
    Some(format!("{facts:?}"))
}

fuzz_target!(|bytes: &[u8]| {
    let whole = scanned(bytes, bytes.len().max(1));
    let pieces: u64 = whole.all().values().map(|count| u64::from(*count)).sum();
    assert!(pieces * 64 <= bytes.len() as u64);
    let of_file = streamed(bytes, bytes.len().max(1));
    let step = bytes.first().map_or(1, |byte| usize::from(*byte) + 1);
    for step in [step, 5, 64] {
        assert_eq!(scanned(bytes, step), whole);
        assert_eq!(streamed(bytes, step), of_file);
    }
});
