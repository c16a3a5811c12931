//! ELF files laid out by hand: both classes, both byte orders, and what no linker would write.

use std::io::Cursor;

use liftgate_elf::facts::{
    Class, ElfError, ElfFacts, Kind, MAX_DYNAMIC, MAX_PROGRAM_HEADERS, MAX_STRING, Machine, read,
};

const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_STRSZ: u64 = 10;
const DT_SONAME: u64 = 14;
const ADDRESS: u64 = 0x40_0000;

/// A library with one `PT_LOAD` over the whole file, a dynamic segment and its strings.
#[derive(Clone)]
struct Layout {
    wide: bool,
    big: bool,
    machine: u16,
    dynamic: Vec<(u64, u64)>,
    strings: Vec<u8>,
    /// What `DT_STRTAB` says, relative to where the strings are.
    skew: u64,
    /// How many bytes before the end of the strings the `PT_LOAD` ends.
    short: u64,
    /// `PT_INTERP`s, by offset and size within the strings.
    interpreters: Vec<(u64, u64)>,
    extra_headers: usize,
}

impl Layout {
    fn new() -> Self {
        Layout {
            wide: true,
            big: false,
            machine: 62,
            dynamic: vec![(DT_SONAME, 1), (DT_NEEDED, 11), (DT_NEEDED, 20)],
            strings: b"\0libx.so.1\0libc.so.6\0/opt/liby.so\0".to_vec(),
            skew: 0,
            short: 0,
            interpreters: vec![],
            extra_headers: 0,
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

    fn program_header(&self, kind: u64, offset: u64, size: u64) -> Vec<u8> {
        let [kind, flags] = [kind, 4].map(|value| self.number(value, 4));
        let [offset, address, size, align] =
            [offset, ADDRESS + offset, size, 8].map(|value| self.word(value));
        if self.wide {
            [
                kind,
                flags,
                offset,
                address.clone(),
                address,
                size.clone(),
                size,
                align,
            ]
            .concat()
        } else {
            [
                kind,
                offset,
                address.clone(),
                address,
                size.clone(),
                size,
                flags,
                align,
            ]
            .concat()
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let (header, program_header, entry) = if self.wide { (64, 56, 16) } else { (52, 32, 8) };
        let headers = 2 + self.interpreters.len() + self.extra_headers;
        let dynamic_at = (header + headers * program_header) as u64;
        let dynamic_size = ((self.dynamic.len() + 3) * entry) as u64;
        let strings_at = dynamic_at + dynamic_size;
        let end = strings_at + self.strings.len() as u64;

        let mut bytes = vec![
            0x7f,
            b'E',
            b'L',
            b'F',
            if self.wide { 2 } else { 1 },
            if self.big { 2 } else { 1 },
            1,
        ];
        bytes.resize(16, 0);
        for value in [3, u64::from(self.machine)] {
            bytes.extend(self.number(value, 2));
        }
        bytes.extend(self.number(1, 4));
        for value in [0, header as u64, 0] {
            bytes.extend(self.word(value));
        }
        bytes.extend(self.number(0, 4));
        for value in [header, program_header, headers, 0, 0, 0] {
            bytes.extend(self.number(value as u64, 2));
        }
        assert_eq!(bytes.len(), header);
        bytes.extend(self.program_header(1, 0, end - self.short));
        bytes.extend(self.program_header(2, dynamic_at, dynamic_size));
        for (offset, size) in &self.interpreters {
            bytes.extend(self.program_header(3, strings_at + offset, *size));
        }
        bytes.resize(header + headers * program_header, 0);
        let table = [
            (DT_STRTAB, ADDRESS + strings_at + self.skew),
            (DT_STRSZ, self.strings.len() as u64),
            (0, 0),
        ];
        for (tag, value) in self.dynamic.iter().chain(&table) {
            bytes.extend(self.word(*tag));
            bytes.extend(self.word(*value));
        }
        bytes.extend(&self.strings);
        bytes
    }

    fn read(&self) -> Result<ElfFacts, ElfError> {
        read(Cursor::new(self.bytes()))
    }
}

fn refused(layout: &Layout, expected: &str) {
    match layout.read() {
        Err(ElfError::Malformed { what, .. } | ElfError::TooMany { what, .. }) => {
            assert_eq!(what, expected);
        }
        other => panic!("{expected}: {other:?}"),
    }
}

#[test]
fn both_classes_and_both_byte_orders() {
    for (wide, big, number, machine) in [
        (true, false, 62, Machine::X86_64),
        (true, false, 183, Machine::Aarch64),
        (false, false, 3, Machine::I386),
        (true, true, 22, Machine::Other(22)),
        (false, true, 8, Machine::Other(8)),
    ] {
        let layout = Layout {
            wide,
            big,
            machine: number,
            ..Layout::new()
        };
        let expected = ElfFacts {
            class: if wide { Class::Elf64 } else { Class::Elf32 },
            machine,
            kind: Kind::SharedObject,
            soname: Some("libx.so.1".into()),
            needed: vec!["libc.so.6".into(), String::new()],
            interpreter: None,
            needs_glibc: None,
            has_glibc: None,
        };
        assert_eq!(layout.read().unwrap(), expected);
    }
}

#[test]
fn a_needed_path_is_kept_and_an_empty_soname_is_none() {
    let layout = Layout {
        dynamic: vec![(DT_NEEDED, 21), (DT_SONAME, 0)],
        ..Layout::new()
    };
    let facts = layout.read().unwrap();
    assert_eq!(facts.needed, ["/opt/liby.so"]);
    assert_eq!(facts.soname, None);
}

#[test]
fn the_last_of_two_sonames_counts() {
    let layout = Layout {
        dynamic: vec![(DT_SONAME, 1), (DT_SONAME, 11)],
        ..Layout::new()
    };
    assert_eq!(layout.read().unwrap().soname.as_deref(), Some("libc.so.6"));
}

#[test]
fn strings_stay_within_their_table_and_limits() {
    let with = |dynamic: Vec<(u64, u64)>, strings: &[u8]| Layout {
        dynamic,
        strings: strings.into(),
        ..Layout::new()
    };
    refused(&with(vec![(DT_SONAME, 1)], b"\0libx.so.1"), "DT_SONAME");
    refused(&with(vec![(DT_NEEDED, 200)], b"\0libx.so.1\0"), "DT_NEEDED");
    refused(
        &with(vec![(DT_NEEDED, u64::MAX)], b"\0libx.so.1\0"),
        "DT_NEEDED",
    );
    refused(&with(vec![(DT_NEEDED, 0)], b"\xff\xfe\0"), "DT_NEEDED");

    let long = |length| [vec![b'x'; length], vec![0]].concat();
    let longest = with(vec![(DT_SONAME, 0)], &long(MAX_STRING));
    assert_eq!(
        longest.read().unwrap().soname.map(|name| name.len()),
        Some(MAX_STRING)
    );
    refused(
        &with(vec![(DT_SONAME, 0)], &long(MAX_STRING + 1)),
        "DT_SONAME",
    );
}

#[test]
fn a_string_table_outside_every_segment_is_malformed() {
    refused(
        &Layout {
            skew: 1 << 20,
            ..Layout::new()
        },
        "string table address",
    );
    refused(
        &Layout {
            skew: ADDRESS.wrapping_neg() - 0x1000,
            ..Layout::new()
        },
        "string table address",
    );
}

#[test]
fn counts_are_limited() {
    let headers = Layout {
        extra_headers: MAX_PROGRAM_HEADERS - 2,
        ..Layout::new()
    };
    assert!(headers.read().is_ok());
    refused(
        &Layout {
            extra_headers: MAX_PROGRAM_HEADERS - 1,
            ..Layout::new()
        },
        "program headers",
    );
    let most = Layout {
        dynamic: vec![(DT_NEEDED, 11); MAX_DYNAMIC - 3],
        ..Layout::new()
    };
    assert_eq!(most.read().unwrap().needed.len(), MAX_DYNAMIC - 3);
    refused(
        &Layout {
            dynamic: vec![(DT_NEEDED, 11); MAX_DYNAMIC - 2],
            ..Layout::new()
        },
        "dynamic entries",
    );
}

#[test]
fn strings_stay_within_their_segment() {
    // DT_STRSZ says more than is mapped.
    let cut = |short| Layout {
        short,
        dynamic: vec![(DT_SONAME, 1)],
        ..Layout::new()
    };
    let after_name = Layout::new().strings.len() as u64 - 11;
    assert!(cut(after_name).read().is_ok());
    refused(&cut(after_name + 1), "DT_SONAME");
}

#[test]
fn the_first_of_two_interpreters_counts() {
    let layout = Layout {
        interpreters: vec![(1, 10), (11, 10)],
        ..Layout::new()
    };
    assert_eq!(
        layout.read().unwrap().interpreter.as_deref(),
        Some("libx.so.1")
    );
    refused(
        &Layout {
            interpreters: vec![(1, 9)],
            ..Layout::new()
        },
        "interpreter",
    );
}

#[test]
fn a_program_that_does_not_say_so_is_told_by_its_missing_soname() {
    let kind = |dynamic| {
        Layout {
            interpreters: vec![(1, 10)],
            dynamic,
            ..Layout::new()
        }
        .read()
        .unwrap()
        .kind
    };
    assert_eq!(kind(vec![(DT_NEEDED, 11)]), Kind::Executable);
    assert_eq!(
        kind(vec![(DT_NEEDED, 11), (DT_SONAME, 1)]),
        Kind::SharedObject
    );
}
