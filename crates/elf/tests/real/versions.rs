//! Versions of glibc: what `objdump` reads of this machine's own files, and tables that no linker would write.

use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use crate::support::{REAL_CACHE, library, run};
use liftgate_elf::facts::{ElfError, ElfFacts, read};
use liftgate_elf::ldcache::{Abi, parse};
use liftgate_elf::versions::{GlibcVersion, MAX_VERSIONS};

fn facts(path: &Path) -> ElfFacts {
    read(File::open(path).expect("open")).expect("facts")
}

fn version(text: &str) -> Option<GlibcVersion> {
    let version = GlibcVersion::parse(text);
    assert!(version.is_some(), "{text}");
    version
}

/// The 64-bit libraries that this machine's loader knows.
fn libraries() -> Vec<PathBuf> {
    let cache = parse(&std::fs::read(REAL_CACHE).expect("read cache")).expect("parse cache");
    let own = |flags| flags == Abi::X86_64.flags() || flags == Abi::Aarch64.flags();
    let entries = cache.entries.iter().filter(|entry| own(entry.flags));
    let path = |path: &[u8]| PathBuf::from(String::from_utf8(path.to_vec()).expect("text path"));
    entries.map(|entry| path(&entry.path)).collect()
}

/// The greatest version in one part of what `objdump -p` says: the needs of `libc.so.6`, or the definitions.
fn dumped(text: &str, mark: &str) -> Option<GlibcVersion> {
    let lines = text
        .lines()
        .skip_while(|line| !line.trim().starts_with(mark));
    lines
        .skip(1)
        .take_while(|line| !line.is_empty() && !line.trim().starts_with("required from"))
        .filter_map(|line| line.split_whitespace().last()?.strip_prefix("GLIBC_"))
        .filter_map(GlibcVersion::parse)
        .max()
}

#[test]
fn every_library_of_this_machine_reads_as_objdump_reads_it() {
    let mut needing = 0;
    let mut having = 0;
    for path in libraries().into_iter().take(80) {
        let text = run("objdump", &["-p", path.to_str().unwrap()]);
        let facts = facts(&path);
        let needs = dumped(&text, "required from libc.so.6");
        assert_eq!(facts.needs_glibc, needs, "{}", path.display());
        let has = dumped(&text, "Version definitions:");
        assert_eq!(facts.has_glibc, has, "{}", path.display());
        needing += usize::from(needs.is_some());
        having += usize::from(has.is_some());
    }
    assert!(needing > 3 && having > 0, "{needing} {having}");
}

#[test]
fn the_greatest_need_counts_and_other_files_do_not() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let make = |soname: &str, versions: &[&str]| {
        let script = at("versions");
        let text = versions.join(
            " { };
",
        ) + " { };
";
        std::fs::write(&script, text).unwrap();
        let functions = versions.iter().enumerate().map(|(index, name)| {
            format!("void {soname}{index}(void) {{}} __asm__(\".symver {soname}{index},{soname}@{name}\");\n")
        });
        let file = at(&format!("{soname}.so.6"));
        library(
            &file,
            &functions.collect::<String>(),
            &[
                &format!("-Wl,-soname,{soname}.so.6"),
                &format!("-Wl,--version-script={}", script.display()),
            ],
        );
        file
    };
    let libc = make(
        "libc",
        &["GLIBC_2.2.5", "GLIBC_2.10", "GLIBC_2.9", "GLIBC_PRIVATE"],
    );
    let mathematics = make("libm", &["GLIBC_2.40"]);
    assert_eq!(facts(&libc).has_glibc, version("2.10"));
    assert_eq!(facts(&libc).needs_glibc, None);
    let user = at("libuser.so");
    library(
        &user,
        "void a(void); void b(void); void c(void);\n\
         __asm__(\".symver a,libc@GLIBC_2.2.5\"); __asm__(\".symver b,libc@GLIBC_2.9\"); \
         __asm__(\".symver c,libm@GLIBC_2.40\");\n\
         void user(void) { a(); b(); c(); }",
        &[libc.to_str().unwrap(), mathematics.to_str().unwrap()],
    );
    let found = facts(&user);
    assert_eq!((found.needs_glibc, found.has_glibc), (version("2.9"), None));
}

const LOAD: u64 = 64 + 2 * 56;
const STRINGS: &[u8] = b"\0libc.so.6\0GLIBC_2.17\0GLIBC_2.5\0libm.so.6\0GLIBC_PRIVATE\0";
const LIBC: u32 = 1;
const V2_17: u32 = 11;
const V2_5: u32 = 22;
const LIBM: u32 = 32;
const PRIVATE: u32 = 42;
const VERNEED: u64 = 0x6fff_fffe;
const VERDEF: u64 = 0x6fff_fffc;

/// A library of nothing but a string table and a table of versions.
fn with_table(tag: u64, table: &[u8]) -> Result<ElfFacts, ElfError> {
    let dynamic: [u64; 8] = [tag, 0, 5, 0, 10, STRINGS.len() as u64, 0, 0];
    let strings_at = LOAD + size_of_val(&dynamic) as u64;
    let table_at = (strings_at + STRINGS.len() as u64).next_multiple_of(8);
    let end = table_at + table.len() as u64;
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
    for value in [0, 64, 0_u64] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(0_u32.to_le_bytes());
    for value in [64, 56, 2, 0, 0, 0_u16] {
        bytes.extend(value.to_le_bytes());
    }
    for (kind, offset, size) in [(1_u32, 0, end), (2, LOAD, strings_at - LOAD)] {
        bytes.extend(kind.to_le_bytes());
        bytes.extend(4_u32.to_le_bytes());
        for value in [offset, offset, offset, size, size, 8] {
            bytes.extend(value.to_le_bytes());
        }
    }
    for value in [tag, table_at, 5, strings_at, 10, STRINGS.len() as u64, 0, 0] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(STRINGS);
    bytes.resize(usize::try_from(table_at).expect("a small file"), 0);
    bytes.extend(table);
    read(Cursor::new(bytes))
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// An entry of needs: the file, where its first name is, and where the next entry is.
const fn file(name: u32, first: u32, next: u32) -> [u32; 4] {
    [1, name, first, next]
}

const fn name(name: u32, next: u32) -> [u32; 4] {
    [0, 0, name, next]
}

#[test]
fn tables_by_hand() {
    let needs = |table: &[[u32; 4]]| with_table(VERNEED, &words(table.as_flattened()));
    let two = [file(LIBC, 16, 0), name(V2_5, 16), name(V2_17, 0)];
    assert_eq!(needs(&two).unwrap().needs_glibc, version("2.17"));
    let cut = [file(LIBC, 16, 0), name(V2_5, 0), name(V2_17, 0)];
    assert_eq!(needs(&cut).unwrap().needs_glibc, version("2.5"));
    let other = [
        file(LIBM, 16, 32),
        name(V2_17, 0),
        file(LIBC, 16, 0),
        name(PRIVATE, 0),
    ];
    assert_eq!(needs(&other).unwrap().needs_glibc, None);
    let definitions = [1, 0, 0, 20, 0, V2_17, 8, V2_5, 0];
    let facts = with_table(VERDEF, &words(&definitions)).unwrap();
    // The second name of one definition is the one before it, which is defined elsewhere.
    assert_eq!(
        (facts.has_glibc, facts.needs_glibc),
        (version("2.17"), None)
    );
}

#[test]
fn hostile_tables_are_refused() {
    let refused = |table: &[u8]| match with_table(VERNEED, table) {
        Err(ElfError::Malformed { what, .. } | ElfError::TooMany { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    // Out of the file: no entry, its first name, the next entry, a text.
    assert_eq!(refused(&[0; 8]), "symbol versions");
    for table in [
        [file(LIBC, 400, 0)],
        [file(LIBC, u32::MAX, 0)],
        [file(LIBM, 0, u32::MAX)],
        [file(4000, 0, 0)],
    ] {
        assert_eq!(refused(&words(table.as_flattened())), "symbol versions");
    }
    let text = [file(LIBC, 16, 0), name(4000, 0)];
    assert_eq!(refused(&words(text.as_flattened())), "symbol versions");
    // A table where nothing is mapped.
    assert_eq!(refused(&[]), "symbol version address");
    // Files, one byte after the other; each would have the same thousand names.
    let overlapping = [[1, LIBC, 1, 1].map(|_: u32| 0x0101_0101_u32); 1000];
    assert_eq!(
        refused(&words(overlapping.as_flattened())),
        "symbol versions"
    );
    let files = (0..100).map(|index| file(LIBC, 16 * (100 - index), 16));
    let mut shared: Vec<[u32; 4]> = files.collect();
    shared.extend([name(V2_5, 16); 100]);
    shared.push(name(V2_5, 0));
    match with_table(VERNEED, &words(shared.as_flattened())) {
        Err(ElfError::TooMany { limit, .. }) => assert_eq!(limit, MAX_VERSIONS),
        other => panic!("{other:?}"),
    }
}
