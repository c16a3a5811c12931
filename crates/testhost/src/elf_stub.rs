//! Small real shared objects, written byte by byte: no compiler is needed and a hundred cost nothing.
//!
//! A stub has what three readers insist on. The loader wants a loadable segment that covers everything,
//! writable because glibc relocates the dynamic section in place, and a symbol table with a hash, however
//! empty. `ldconfig` wants the program headers and `libc.so.6` among the needed libraries, without which
//! glibc before 2.33 does not believe that a 32-bit library is for this C library. Readers of section headers
//! (Go's `debug/elf` is one) find the dynamic section by its section only, so there is a section table too.
//!
//! What a stub needs of `libc.so.6` it needs in a version, as a real library does, and glibc's loader refuses
//! it where that is not to be had. A stub can also play a C library that has certain versions.

/// Word size and machine of a stub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// 64-bit, x86-64.
    Elf64,
    /// 32-bit, i386.
    Elf32,
}

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_GNU_STACK: u32 = 0x6474_e551;
const READ_WRITE: u32 = 6;

const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
const DT_HASH: u64 = 4;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_STRSZ: u64 = 10;
const DT_SYMENT: u64 = 11;
const DT_SONAME: u64 = 14;
const DT_VERSYM: u64 = 0x6fff_fff0;
const DT_VERDEF: u64 = 0x6fff_fffc;
const DT_VERDEFNUM: u64 = 0x6fff_fffd;
const DT_VERNEED: u64 = 0x6fff_fffe;
const DT_VERNEEDNUM: u64 = 0x6fff_ffff;

const SECTION_NAMES: &[u8] = b"\0.hash\0.dynsym\0.dynstr\0.dynamic\0.shstrtab\0";
/// Bucket count, chain count, one bucket, one chain: a table over nothing but the null symbol.
const EMPTY_HASH: [u32; 4] = [1, 1, 0, 0];
const ALIGNMENT: usize = 8;

/// A shared object with this SONAME and these needed libraries, and no code. Of `libc.so.6` it needs what
/// every glibc has.
pub fn shared_object(class: Class, soname: &str, needed: &[String]) -> Vec<u8> {
    let oldest = match class {
        Class::Elf64 => "2.2.5",
        Class::Elf32 => "2.0",
    };
    shared_object_needing(class, soname, needed, oldest)
}

/// As [`shared_object`], needing `libc.so.6`, if at all, in this version of glibc.
pub fn shared_object_needing(
    class: Class,
    soname: &str,
    needed: &[String],
    glibc: &str,
) -> Vec<u8> {
    write(class, soname, needed, glibc, &[])
}

/// What could be the `libc.so.6` that has these versions of glibc, and no code.
pub fn c_library(class: Class, versions: &[&str]) -> Vec<u8> {
    write(class, "libc.so.6", &[], "", versions)
}

fn write(class: Class, soname: &str, needed: &[String], needs: &str, versions: &[&str]) -> Vec<u8> {
    let wide = class == Class::Elf64;
    let (header, program_header, symbol) = if wide { (64, 56, 24) } else { (52, 32, 16) };
    let (section_header, dynamic_entry) = if wide { (64, 16) } else { (40, 8) };

    let mut strings = vec![0_u8];
    let mut intern = |text: &str| {
        let offset = strings.len();
        strings.extend_from_slice(text.as_bytes());
        strings.push(0);
        offset as u64
    };
    let mut dynamic: Vec<(u64, u64)> = needed
        .iter()
        .map(|name| (DT_NEEDED, intern(name)))
        .collect();
    let own_name = intern(soname);
    dynamic.push((DT_SONAME, own_name));
    let (needs_table, definitions) = (
        needs_table(needed, needs, &mut intern),
        definitions(soname, own_name, versions, &mut intern),
    );

    let hash_at = align(header + 3 * program_header);
    let symbols_at = align(hash_at + 16);
    let strings_at = align(symbols_at + symbol);
    let needs_at = align(strings_at + strings.len());
    let definitions_at = needs_at + needs_table.len();
    // For the null symbol, whose version is none.
    let symbol_versions_at = definitions_at + definitions.len();
    let dynamic_at = align(symbol_versions_at + 2);
    for (tag, at, count_tag, count) in [
        (
            DT_VERNEED,
            needs_at,
            DT_VERNEEDNUM,
            needs_table.len().min(1),
        ),
        (
            DT_VERDEF,
            definitions_at,
            DT_VERDEFNUM,
            definitions.len() / DEFINITION,
        ),
    ] {
        if count > 0 {
            dynamic.extend([(tag, at as u64), (count_tag, count as u64)]);
            dynamic.push((DT_VERSYM, symbol_versions_at as u64));
        }
    }
    dynamic.extend([
        (DT_HASH, hash_at as u64),
        (DT_STRTAB, strings_at as u64),
        (DT_SYMTAB, symbols_at as u64),
        (DT_STRSZ, strings.len() as u64),
        (DT_SYMENT, symbol as u64),
        (DT_NULL, 0),
    ]);
    let dynamic_size = dynamic.len() * dynamic_entry;
    let names_at = align(dynamic_at + dynamic_size);
    let sections_at = align(names_at + SECTION_NAMES.len());
    let loaded = dynamic_at + dynamic_size;

    let mut out = Writer {
        bytes: Vec::with_capacity(sections_at + 6 * section_header),
        wide,
    };
    out.bytes.extend_from_slice(b"\x7fELF");
    out.bytes
        .extend_from_slice(&[if wide { 2 } else { 1 }, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    out.half(3); // a shared object
    out.half(if wide { 62 } else { 3 });
    out.word(1);
    out.address(0);
    out.address(header as u64);
    out.address(sections_at as u64);
    out.word(0);
    for value in [header, program_header, 3, section_header, 6, 5] {
        out.half(u16::try_from(value).unwrap_or(u16::MAX));
    }
    out.segment(PT_LOAD, 0, loaded, 0x1000);
    out.segment(PT_DYNAMIC, dynamic_at, dynamic_size, ALIGNMENT);
    out.segment(PT_GNU_STACK, 0, 0, 16);
    out.pad_to(hash_at);
    for value in EMPTY_HASH {
        out.word(value);
    }
    out.pad_to(strings_at); // the null symbol is all zeros
    out.bytes.extend_from_slice(&strings);
    out.pad_to(needs_at);
    out.bytes.extend_from_slice(&needs_table);
    out.bytes.extend_from_slice(&definitions);
    out.pad_to(dynamic_at);
    for (tag, value) in &dynamic {
        out.address(*tag);
        out.address(*value);
    }
    out.pad_to(names_at);
    out.bytes.extend_from_slice(SECTION_NAMES);
    out.pad_to(sections_at + section_header); // the null section is all zeros
    // Name, type, flags, place, size, linked section, first global symbol, size of an entry.
    out.section(1, 5, 2, hash_at, 16, 2, 0, 4);
    out.section(7, 11, 2, symbols_at, symbol, 3, 1, symbol);
    out.section(15, 3, 2, strings_at, strings.len(), 0, 0, 0);
    out.section(23, 6, 3, dynamic_at, dynamic_size, 3, 0, dynamic_entry);
    out.section(32, 3, 0, names_at, SECTION_NAMES.len(), 0, 0, 0);
    out.bytes
}

/// A definition and its name.
const DEFINITION: usize = 28;

/// What is needed of `libc.so.6`, if it is: a file and one version of it.
fn needs_table(needed: &[String], glibc: &str, intern: &mut impl FnMut(&str) -> u64) -> Vec<u8> {
    if !needed.iter().any(|name| name == "libc.so.6") {
        return Vec::new();
    }
    let name = format!("GLIBC_{glibc}");
    let mut table = Writer::table();
    table.half(1);
    table.half(1);
    for value in [intern("libc.so.6"), 16, 0] {
        table.address(value);
    }
    table.word(hash(&name));
    table.half(0);
    table.half(2);
    for value in [intern(&name), 0] {
        table.address(value);
    }
    table.bytes
}

/// The versions that a library defines: the first is the library itself.
fn definitions(
    soname: &str,
    own_name: u64,
    versions: &[&str],
    intern: &mut impl FnMut(&str) -> u64,
) -> Vec<u8> {
    let mut names = vec![(own_name, hash(soname))];
    for version in versions {
        let name = format!("GLIBC_{version}");
        names.push((intern(&name), hash(&name)));
    }
    let mut table = Writer::table();
    if versions.is_empty() {
        return table.bytes;
    }
    for (index, (name, hash)) in names.iter().enumerate() {
        let number = u16::try_from(index + 1).unwrap_or(u16::MAX);
        for value in [1, u16::from(index == 0), number, 1] {
            table.half(value);
        }
        table.word(*hash);
        let is_last = index + 1 == names.len();
        for value in [20, if is_last { 0 } else { DEFINITION as u64 }, *name, 0] {
            table.address(value);
        }
    }
    table.bytes
}

/// The hash of a name, by which the loader compares versions first.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0, |hash: u32, byte| {
        let hash = (hash << 4).wrapping_add(u32::from(byte));
        let high = hash & 0xf000_0000;
        (hash ^ (high >> 24)) & !high
    })
}

/// A 64-bit shared object of [`shared_object`] with a note more, in a section of its own.
pub fn with_note(object: &[u8], section: &str, owner: &str, content: &[u8]) -> Vec<u8> {
    const NOTE: u32 = 7;
    let mut note = Writer::table();
    for length in [owner.len() + 1, content.len(), 1] {
        note.word(u32::try_from(length).unwrap_or(u32::MAX));
    }
    note.bytes.extend_from_slice(owner.as_bytes());
    let padded = (owner.len() + 1).next_multiple_of(ALIGNMENT);
    note.pad_to(12 + padded);
    note.bytes.extend_from_slice(content);
    with_further(object, NOTE, &[(section, &note.bytes)])
}

/// A 64-bit shared object of [`shared_object`] with data in further sections.
pub fn with_sections(object: &[u8], sections: &[(&str, &[u8])]) -> Vec<u8> {
    const PROGBITS: u32 = 1;
    with_further(object, PROGBITS, sections)
}

fn with_further(object: &[u8], kind: u32, sections: &[(&str, &[u8])]) -> Vec<u8> {
    const SECTION_HEADER: usize = 64;
    let sections_at = object.len() - 6 * SECTION_HEADER;
    let mut names = SECTION_NAMES.to_vec();
    let mut out = Writer {
        bytes: object[..sections_at].to_vec(),
        wide: true,
    };
    let mut further = Vec::new();
    for (section, content) in sections {
        let name = u32::try_from(names.len()).unwrap_or(u32::MAX);
        names.extend_from_slice(section.as_bytes());
        names.push(0);
        let at = align(out.bytes.len());
        out.pad_to(at);
        out.bytes.extend_from_slice(content);
        further.push((name, at, content.len()));
    }
    let names_at = align(out.bytes.len());
    out.pad_to(names_at);
    out.bytes.extend_from_slice(&names);
    let table_at = align(out.bytes.len());
    out.pad_to(table_at);
    // All but the names' own header, which is the last.
    let old = &object[sections_at..object.len() - SECTION_HEADER];
    out.bytes.extend_from_slice(old);
    out.section(32, 3, 0, names_at, names.len(), 0, 0, 0);
    for (name, at, size) in &further {
        out.section(*name, kind, 0, *at, *size, 0, 0, 0);
    }
    let mut bytes = out.bytes;
    let count = u16::try_from(6 + further.len()).unwrap_or(u16::MAX);
    bytes[0x28..0x30].copy_from_slice(&(table_at as u64).to_le_bytes());
    bytes[0x3c..0x3e].copy_from_slice(&count.to_le_bytes());
    bytes
}

fn align(offset: usize) -> usize {
    offset.next_multiple_of(ALIGNMENT)
}

struct Writer {
    bytes: Vec<u8>,
    wide: bool,
}

impl Writer {
    /// For a table that both classes have alike.
    const fn table() -> Self {
        Self {
            bytes: Vec::new(),
            wide: false,
        }
    }

    fn half(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn word(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// An address, an offset or a size: as wide as the class.
    fn address(&mut self, value: u64) {
        if self.wide {
            self.bytes.extend_from_slice(&value.to_le_bytes());
        } else {
            // A stub is a few hundred bytes long, so no value exceeds 32 bits.
            self.word(u32::try_from(value).unwrap_or(u32::MAX));
        }
    }

    fn size(&mut self, value: usize) {
        self.address(value as u64);
    }

    fn pad_to(&mut self, offset: usize) {
        self.bytes.resize(offset, 0);
    }

    /// The address of a segment is its offset. The two classes differ in where the flags stand.
    fn segment(&mut self, kind: u32, offset: usize, size: usize, alignment: usize) {
        self.word(kind);
        if self.wide {
            self.word(READ_WRITE);
        }
        for value in [offset, offset, offset, size, size] {
            self.size(value);
        }
        if !self.wide {
            self.word(READ_WRITE);
        }
        self.size(alignment);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a section header has this many fields"
    )]
    fn section(
        &mut self,
        name: u32,
        kind: u32,
        flags: u64,
        offset: usize,
        size: usize,
        link: u32,
        info: u32,
        entry: usize,
    ) {
        self.word(name);
        self.word(kind);
        self.address(flags);
        self.size(if flags == 0 { 0 } else { offset });
        self.size(offset);
        self.size(size);
        self.word(link);
        self.word(info);
        self.size(ALIGNMENT);
        self.size(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_names_are_where_the_headers_say() {
        for (offset, name) in [
            (1, ".hash"),
            (7, ".dynsym"),
            (15, ".dynstr"),
            (23, ".dynamic"),
            (32, ".shstrtab"),
        ] {
            let end = offset + name.len();
            assert_eq!(&SECTION_NAMES[offset..end], name.as_bytes());
            assert_eq!(SECTION_NAMES[end], 0);
        }
    }

    /// glibc's own files say `0x09691a75` and `0x0d696910` for these.
    #[test]
    fn names_have_the_hash_that_the_loader_compares() {
        assert_eq!(hash("GLIBC_2.2.5"), 0x0969_1a75);
        assert_eq!(hash("GLIBC_2.0"), 0x0d69_6910);
    }

    #[test]
    fn both_classes_end_with_their_section_table() {
        for (class, header, section_header) in [(Class::Elf64, 0x28, 64), (Class::Elf32, 0x20, 40)]
        {
            let bytes = shared_object(class, "libx.so.1", &["libc.so.6".to_owned()]);
            let sections_at = u16::from_le_bytes([bytes[header], bytes[header + 1]]);
            assert_eq!(bytes.len(), usize::from(sections_at) + 6 * section_header);
        }
    }
}
