//! Notes, in ELF files laid out by hand and by the compiler.

use crate::support;
use liftgate_elf::facts::ElfError;
use liftgate_elf::note::{MAX_NOTE, MAX_OWNER, MAX_SECTIONS, read};
use std::io::Cursor;

const SECTION: &str = ".note.cuda.fwd_compatibility";
const OWNER: &str = "NVIDIA Corporation";
const TEXT: &[u8] = br#"{"Format":1,"CUDA Version":"12.9","Driver":[535,550]}"#;

/// A file with a null section, one with a note, and one with names.
#[derive(Clone)]
struct Layout {
    wide: bool,
    big: bool,
    name: &'static str,
    kind: u64,
    alignment: u64,
    owner: Vec<u8>,
    /// What the note says of its lengths, if that is not the truth.
    lengths: Option<(u64, u64)>,
    /// How many sections the header tells of.
    count: u64,
    /// Where the name of the section begins.
    index: u64,
}

impl Layout {
    fn new() -> Self {
        Layout {
            wide: true,
            big: false,
            name: SECTION,
            kind: 7,
            alignment: 4,
            owner: [OWNER.as_bytes(), b"\0"].concat(),
            lengths: None,
            count: 3,
            index: 1,
        }
    }

    fn number(&self, value: u64, size: usize) -> Vec<u8> {
        let mut bytes = value.to_le_bytes()[..size].to_vec();
        if self.big {
            bytes.reverse();
        }
        bytes
    }

    fn word(&self, value: u64) -> Vec<u8> {
        self.number(value, if self.wide { 8 } else { 4 })
    }

    fn note(&self) -> Vec<u8> {
        let (owner, text) = self
            .lengths
            .unwrap_or((self.owner.len() as u64, TEXT.len() as u64));
        let mut note: Vec<u8> = [owner, text, 1]
            .iter()
            .flat_map(|value| self.number(*value, 4))
            .collect();
        let padded = self
            .owner
            .len()
            .next_multiple_of(usize::try_from(self.alignment.max(1)).expect("a small number"));
        note.extend(&self.owner);
        note.resize(12 + padded, 0);
        note.extend(TEXT);
        note
    }

    fn bytes(&self) -> Vec<u8> {
        let note = self.note();
        let names = [b"\0", self.name.as_bytes(), b"\0"].concat();
        let header = if self.wide { 64 } else { 52 };
        let note_at = header;
        let names_at = note_at + note.len();
        let sections_at = (names_at + names.len()).next_multiple_of(8);
        let mut file = b"\x7fELF".to_vec();
        file.extend([1 + u8::from(self.wide), 1 + u8::from(self.big), 1]);
        file.resize(16, 0);
        file.extend([self.number(3, 2), self.number(62, 2), self.number(1, 4)].concat());
        file.extend([self.word(0), self.word(0), self.word(sections_at as u64)].concat());
        file.extend(self.number(0, 4));
        let section_size = if self.wide { 64 } else { 40 };
        for half in [header as u64, 0, 0, section_size, self.count, 2] {
            file.extend(self.number(half, 2));
        }
        assert_eq!(file.len(), header);
        file.extend(&note);
        file.extend(&names);
        file.resize(sections_at, 0);
        for (name, kind, at, size, alignment) in [
            (0, 0, 0, 0, 0),
            (self.index, self.kind, note_at, note.len(), self.alignment),
            (0, 3, names_at, names.len(), 1),
        ] {
            file.extend([self.number(name, 4), self.number(kind, 4)].concat());
            for value in [0, 0, at as u64, size as u64] {
                file.extend(self.word(value));
            }
            file.extend([self.number(0, 4), self.number(0, 4)].concat());
            file.extend([self.word(alignment), self.word(0)].concat());
        }
        file
    }

    fn read(&self) -> Result<Option<Vec<u8>>, ElfError> {
        read(Cursor::new(self.bytes()), SECTION, OWNER)
    }
}

#[test]
fn both_classes_and_both_byte_orders() {
    for (wide, big, alignment) in [
        (true, false, 4),
        (true, false, 8),
        (true, false, 0),
        (false, false, 4),
        (true, true, 4),
        (false, true, 1),
    ] {
        let layout = Layout {
            wide,
            big,
            alignment,
            ..Layout::new()
        };
        assert_eq!(
            layout.read().unwrap().as_deref(),
            Some(TEXT),
            "{wide} {big}"
        );
    }
    let without_nul = Layout {
        owner: OWNER.as_bytes().to_vec(),
        ..Layout::new()
    };
    assert_eq!(without_nul.read().unwrap().as_deref(), Some(TEXT));
}

#[test]
fn what_is_not_the_note() {
    let plain = Layout::new;
    for layout in [
        Layout {
            name: ".note.cuda.fwd_compatibility2",
            ..plain()
        },
        Layout {
            name: ".note.cuda.fwd",
            ..plain()
        },
        Layout { kind: 1, ..plain() },
        Layout {
            owner: b"NVIDIA\0".to_vec(),
            ..plain()
        },
        Layout {
            owner: Vec::new(),
            ..plain()
        },
        Layout {
            count: 0,
            ..plain()
        },
        // Without a table of names no section has one.
        Layout {
            count: 2,
            ..plain()
        },
    ] {
        assert_eq!(layout.read().unwrap(), None);
    }
}

#[test]
fn what_is_refused() {
    let plain = Layout::new;
    let (owner, text) = (OWNER.len() as u64 + 1, TEXT.len() as u64);
    for layout in [
        Layout {
            index: 500,
            ..plain()
        },
        Layout {
            index: u64::from(u32::MAX),
            ..plain()
        },
        Layout {
            alignment: 12,
            ..plain()
        },
        Layout {
            alignment: 128,
            ..plain()
        },
        Layout {
            lengths: Some((owner, text + 100)),
            ..plain()
        },
        Layout {
            lengths: Some((owner + 200, text)),
            ..plain()
        },
        Layout {
            lengths: Some((owner, MAX_NOTE as u64 + 1)),
            ..plain()
        },
        Layout {
            lengths: Some((MAX_OWNER as u64 + 1, text)),
            ..plain()
        },
        Layout {
            lengths: Some((u64::from(u32::MAX), u64::from(u32::MAX))),
            ..plain()
        },
        Layout {
            count: MAX_SECTIONS as u64 + 1,
            ..plain()
        },
        Layout {
            count: 100,
            ..plain()
        },
    ] {
        let error = layout.read().unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
    }
    for text in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", b"INPUT(libx.so)"] {
        assert!(read(Cursor::new(text), SECTION, OWNER).is_err());
    }
}

/// By their limits, before anything of that size is read, and not by where the section ends.
#[test]
fn lengths_have_limits() {
    let (owner, text) = (OWNER.len() as u64 + 1, 8);
    for (lengths, limit) in [
        ((owner, MAX_NOTE as u64 + 1), MAX_NOTE),
        ((MAX_OWNER as u64 + 1, text), MAX_OWNER),
    ] {
        let layout = Layout {
            lengths: Some(lengths),
            ..Layout::new()
        };
        let error = layout.read().unwrap_err();
        assert!(
            matches!(error, ElfError::TooMany { limit: found, .. } if found == limit),
            "{error}"
        );
    }
}

#[test]
fn cut_off_files_are_refused_or_have_no_note() {
    let bytes = Layout::new().bytes();
    for length in 0..bytes.len() {
        assert!(
            !matches!(
                read(Cursor::new(&bytes[..length]), SECTION, OWNER),
                Ok(Some(_))
            ),
            "{length}"
        );
    }
}

#[test]
fn a_compilers_library() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("libx.so");
    let source = format!(
        r#"asm(".section {SECTION},\"a\",%note\n.balign 4\n.long 19, 8, 1\n.asciz \"{OWNER}\"\n.balign 4\n.ascii \"{{\\\"x\\\":1}} \"\n.text\n");"#
    );
    support::library(&path, &source, &["-Wl,-soname,libx.so.1"]);
    let file = std::fs::File::open(&path).unwrap();
    assert_eq!(
        read(file, SECTION, OWNER).unwrap().as_deref(),
        Some(&b"{\"x\":1} "[..])
    );
}

proptest::proptest! {
    #[test]
    fn changed_bytes_are_read_without_a_panic(changes in proptest::collection::vec((0..1000_usize, proptest::num::u8::ANY), 1..6)) {
        let mut bytes = Layout::new().bytes();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(Some(note)) = read(Cursor::new(bytes), SECTION, OWNER) {
            assert!(note.len() <= MAX_NOTE);
        }
    }
}
