//! Fat binaries, made by hand: what counts, what does not, and that the pieces a file comes in do not matter.
//!
//! Real ones are held against NVIDIA's `cuobjdump` in `conformance/tests/fat_binaries.rs`.

use liftgate_elf::fatbin::{CodeCounts, FatBinaries, Scanner};
use liftgate_testhost::{FatBinary, Piece};
use std::ops::Range;

fn scan(bytes: &[u8], step: usize, sections: &[Range<u64>]) -> FatBinaries {
    let mut scanner = Scanner::new(bytes.len() as u64);
    for piece in bytes.chunks(step) {
        scanner.feed(piece);
    }
    scanner.finish(sections)
}

/// `sm_90a×2 compute_90`
fn shown(counts: &CodeCounts) -> String {
    let words = counts.iter().map(|(code, count)| match count {
        1 => code.to_string(),
        count => format!("{code}×{count}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// All of it, read in one piece; read in pieces of any other size it must come to the same.
fn found(bytes: &[u8]) -> String {
    let whole = scan(bytes, bytes.len().max(1), &[]);
    for step in [1, 3, 7, 8, 13, 16, 63, 64, 65, 1000] {
        assert_eq!(scan(bytes, step, &[]), whole, "in pieces of {step} bytes");
    }
    shown(&whole.all())
}

#[test]
fn every_sort_of_code_has_its_name() {
    let names = [
        "sm_52",
        "sm_90",
        "sm_90a",
        "sm_100f",
        "sm_121",
        "compute_90",
        "compute_120f",
        "lto_50",
    ];
    let bytes = FatBinary::of(&names).bytes();
    assert_eq!(
        found(&bytes),
        "sm_52 sm_90 sm_90a sm_100f sm_121 compute_90 compute_120f lto_50"
    );
}

#[test]
fn containers_are_found_among_other_bytes_and_counted() {
    let mut bytes = vec![7_u8; 4096];
    for gap in [0, 8, 40, 4096] {
        bytes.extend(FatBinary::of(&["sm_80", "sm_90", "compute_90"]).bytes());
        bytes.extend(vec![0xba; gap]);
    }
    assert_eq!(found(&bytes), "sm_80×4 sm_90×4 compute_90×4");
}

#[test]
fn the_sections_tell_what_is_registered() {
    let one = FatBinary::of(&["sm_80"]).bytes();
    let other = FatBinary::of(&["sm_90"]).bytes();
    let start = one.len() as u64;
    let bytes = [one, other].concat();
    let section = start..bytes.len() as u64;
    let all = scan(&bytes, 100, &[section]);
    assert_eq!(
        (shown(&all.sections), shown(&all.elsewhere)),
        ("sm_90".into(), "sm_80".into())
    );
}

/// The magic number is in every program that looks for it.
#[test]
fn a_magic_number_is_no_container() {
    let container = FatBinary::of(&["sm_90"]).bytes();
    let magic = &container[..4];
    assert_eq!(found(&magic.repeat(64)), "");
    assert_eq!(found(&container[..16].repeat(16)), "");
    // A container that begins within what has looked like one.
    for head in [&container[..8], &container[..16], &container[..40]] {
        let mut bytes = head.to_vec();
        bytes.extend(&container);
        assert_eq!(found(&bytes), "sm_90", "behind {} bytes", head.len());
    }
}

#[test]
fn what_is_wrong_in_a_container_makes_it_none() {
    let whole = FatBinary::of(&["sm_80", "sm_90"]).bytes();
    let second = 16 + 64 + 160;
    assert_eq!(whole[second..second + 4], [2, 0, 1, 1], "the second piece");
    for (at, value) in [
        (0, 0x51),           // the magic number
        (4, 2),              // the version
        (6, 24),             // the header's length
        (8, whole[8] + 8),   // longer than the file
        (8, whole[8] - 8),   // shorter than its pieces
        (8, whole[8] + 1),   // no multiple of eight
        (16, 3),             // a kind that is two
        (16, 0),             // no kind
        (18, 2),             // a piece's version
        (20, 56),            // a piece's header too short
        (20, 68),            // no multiple of eight
        (24, 150),           // so neither
        (32, 255),           // more that is compressed than there is
        (44, 9),             // an architecture that never was
        (second, 3),         // the same of the second
        (second + 8, 0),     // its end is not the container's
        (second + 15, 0x80), // and far from it
        (second + 28, 0),
    ] {
        let mut bytes = whole.clone();
        assert_ne!(bytes[at], value, "byte {at}");
        bytes[at] = value;
        assert_eq!(found(&bytes), "", "byte {at} is {value}");
    }
    assert_eq!(found(&whole[..whole.len() - 8]), "", "cut off");
    let mut shifted = vec![0; 4];
    shifted.extend(&whole);
    assert_eq!(found(&shifted), "", "not aligned");
}

/// Of a container that breaks off in its third piece nothing counts, and the next one does.
#[test]
fn a_broken_container_leaves_nothing_behind() {
    let mut bytes = FatBinary::of(&["sm_70", "sm_75", "sm_80"]).bytes();
    let third = 16 + 2 * (64 + 160);
    assert_eq!(bytes[third..third + 4], [2, 0, 1, 1], "the third piece");
    bytes[third] = 3;
    bytes.extend(FatBinary::of(&["sm_90"]).bytes());
    assert_eq!(found(&bytes), "sm_90");
}

#[test]
fn lengths_near_the_greatest_number_are_no_overflow() {
    for at in [8, 16 + 8] {
        for value in [u64::MAX, u64::MAX - 7, 1 << 63, u64::MAX - 63] {
            let mut bytes = FatBinary::of(&["sm_80"]).bytes();
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
            assert_eq!(found(&bytes), "");
        }
    }
}

/// Beyond the number that is told apart by place they are still counted.
#[test]
fn so_many_that_places_are_not_kept() {
    let piece = Piece {
        code: Vec::new(),
        ..Piece::named("sm_90")
    };
    let bytes = FatBinary {
        pieces: vec![piece; 1 << 10],
    }
    .bytes()
    .repeat(300);
    let section = 0..bytes.len() as u64;
    let all = scan(&bytes, 1 << 20, &[section]);
    assert_eq!(shown(&all.sections), "sm_90×262144");
    assert_eq!(
        shown(&all.elsewhere),
        format!("sm_90×{}", 300 * 1024 - 262_144)
    );
}

proptest::proptest! {
    /// Whatever is put together, the scanner finds it, however it comes.
    #[test]
    fn what_was_put_in_is_found(
        parts in proptest::collection::vec(
            (0_usize..6, proptest::collection::vec(10_u32..130, 1..4)), 0..12),
        step in 1_usize..200,
    ) {
        let mut bytes = Vec::new();
        let mut expected = CodeCounts::new();
        for (noise, architectures) in parts {
            bytes.extend(vec![0x50; noise * 8]);
            let pieces: Vec<Piece> = architectures
                .iter()
                .map(|architecture| Piece::named(&format!("sm_{architecture}")))
                .collect();
            let container = FatBinary { pieces }.bytes();
            for (code, count) in scan(&container, container.len(), &[]).all() {
                *expected.entry(code).or_default() += count;
            }
            bytes.extend(container);
        }
        proptest::prop_assert_eq!(scan(&bytes, step, &[]).all(), expected);
    }

    /// Bytes that are changed anywhere do no more than change the list.
    #[test]
    fn changed_bytes_do_no_harm(
        at in 0_usize..700, value in 0_u8.., step in 1_usize..100,
    ) {
        let mut bytes = FatBinary::of(&["sm_80", "compute_90", "sm_120f"]).bytes();
        let at = at % bytes.len();
        bytes[at] = value;
        proptest::prop_assert_eq!(
            scan(&bytes, step, &[]), scan(&bytes, bytes.len(), &[]));
    }
}
