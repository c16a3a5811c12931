//! ELF facts of files made by the real tool chain.

use std::cell::Cell;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use crate::support::{REAL_CACHE, compile, library, run};
use liftgate_elf::facts::{Class, ElfError, ElfFacts, Kind, Machine, read};
use liftgate_elf::ldcache::{Abi, parse};
use proptest::prelude::*;
use proptest::sample::Index;

const SOURCE: &str = "int x(void) { return 1; }";

fn facts(path: &Path) -> ElfFacts {
    read(File::open(path).expect("open")).expect("facts")
}

fn libc() -> std::path::PathBuf {
    let cache = parse(&std::fs::read(REAL_CACHE).expect("read cache")).expect("parse cache");
    let entry = cache
        .lookup(b"libc.so.6")
        .find(|entry| entry.flags != Abi::I386.flags());
    String::from_utf8(entry.expect("libc in the cache").path.clone())
        .expect("text path")
        .into()
}

/// A small library as bytes.
fn small_library() -> Vec<u8> {
    let directory = tempfile::tempdir().expect("temporary directory");
    let path = directory.path().join("liby.so");
    library(
        &path,
        SOURCE,
        &["-Wl,-soname,liby.so.2", "-Wl,-z,noseparate-code", "-s"],
    );
    std::fs::read(path).expect("read library")
}

#[test]
fn libc_is_a_library_though_it_has_an_interpreter() {
    let facts = facts(&libc());
    assert_eq!(facts.soname.as_deref(), Some("libc.so.6"));
    assert_eq!(facts.kind, Kind::SharedObject);
    assert!(
        facts.needed.iter().any(|name| name.starts_with("ld-linux")),
        "{:?}",
        facts.needed
    );
    assert!(facts.interpreter.unwrap().contains("ld-linux"));
    assert_eq!(facts.class, Class::Elf64);
    let expected = if cfg!(target_arch = "aarch64") {
        Machine::Aarch64
    } else {
        Machine::X86_64
    };
    assert_eq!(facts.machine, expected);
}

#[test]
fn programs_of_every_kind_are_executable() {
    let this = facts(Path::new("/proc/self/exe"));
    assert_eq!((this.kind, &this.soname), (Kind::Executable, &None));
    assert!(this.needed.contains(&"libc.so.6".to_owned()));
    assert!(this.interpreter.unwrap().contains("ld-linux"));

    let directory = tempfile::tempdir().unwrap();
    for (flags, interpreter) in [
        (["-pie", "-fPIE"].as_slice(), true),
        (&["-no-pie"], true),
        (&["-static"], false),
        (&["-static-pie", "-fPIE"], false),
    ] {
        let path = directory.path().join("prog");
        compile(&path, "int main(void) { return 0; }", flags);
        let facts = facts(&path);
        assert_eq!(
            (facts.kind, facts.interpreter.is_some()),
            (Kind::Executable, interpreter),
            "{flags:?}"
        );
        assert_eq!(facts.needed.is_empty(), !interpreter, "{flags:?}");
    }
}

#[test]
fn a_library_reads_the_same_without_section_headers() {
    let directory = tempfile::tempdir().unwrap();
    let [first, second] = ["libfirst.so", "libsecond.so"].map(|name| directory.path().join(name));
    library(&first, SOURCE, &["-Wl,-soname,libfirst.so.1"]);
    library(
        &second,
        "int x(void); int y(void) { return x(); }",
        &[
            "-Wl,-soname,libsecond.so.1",
            "-Wl,--no-as-needed",
            first.to_str().unwrap(),
        ],
    );
    let expected = ElfFacts {
        class: Class::Elf64,
        machine: facts(&libc()).machine,
        kind: Kind::SharedObject,
        soname: Some("libsecond.so.1".into()),
        needed: vec!["libfirst.so.1".into()],
        interpreter: None,
        needs_glibc: None,
        has_glibc: None,
    };
    assert_eq!(facts(&second), expected);

    run("strip", &[second.to_str().unwrap()]);
    let mut bytes = std::fs::read(&second).unwrap();
    let sections = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().unwrap())).unwrap();
    bytes.truncate(sections);
    bytes[40..48].fill(0);
    bytes[58..64].fill(0);
    assert_eq!(read(Cursor::new(bytes)).unwrap(), expected);
    assert!(Abi::of(&expected).is_some());
}

#[test]
fn a_soname_that_is_not_a_file_name_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lib.so");
    for soname in ["../../etc/cron.d/x", "/lib/libx.so.1", "..", "."] {
        library(&path, SOURCE, &[&format!("-Wl,-soname,{soname}")]);
        let result = read(File::open(&path).unwrap());
        assert!(
            matches!(
                result,
                Err(ElfError::Malformed {
                    what: "DT_SONAME",
                    ..
                })
            ),
            "{soname}: {result:?}"
        );
    }
    library(&path, SOURCE, &[]);
    assert_eq!(facts(&path).soname, None);
}

#[test]
fn what_is_not_elf_is_told_from_what_is_broken() {
    for text in [
        &b""[..],
        b"\x7fEL",
        b"/* GNU ld script */\nINPUT(libx.so.1)",
        b"!<arch>\n",
    ] {
        assert!(matches!(read(Cursor::new(text)), Err(ElfError::NotElf)));
    }
    assert!(matches!(
        read(Cursor::new(b"\x7fELF")),
        Err(ElfError::Malformed { what: "class", .. })
    ));
    assert!(matches!(
        read(Cursor::new(b"\x7fELF\x02\x01\x01")),
        Err(ElfError::Malformed { what: "header", .. })
    ));
    assert!(matches!(
        read(File::open("/").unwrap()),
        Err(ElfError::Io { .. })
    ));
}

#[test]
fn object_files_are_neither() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.o");
    compile(&path, SOURCE, &["-c"]);
    assert_eq!(facts(&path).kind, Kind::Other);
}

#[test]
fn only_a_little_of_a_file_is_read() {
    struct Counted<'a>(File, &'a Cell<usize>);
    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1.set(self.1.get() + read);
            Ok(read)
        }
    }
    impl Seek for Counted<'_> {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    let path = libc();
    let total = Cell::new(0);
    read(Counted(File::open(&path).unwrap(), &total)).unwrap();
    assert!(
        total.get() <= 48 << 10,
        "{} of {} bytes",
        total.get(),
        path.metadata().unwrap().len()
    );
}

#[test]
fn no_truncation_panics() {
    let bytes = small_library();
    let whole = read(Cursor::new(&bytes)).unwrap();
    assert_eq!(whole.soname.as_deref(), Some("liby.so.2"));
    for length in 0..bytes.len() {
        match read(Cursor::new(&bytes[..length])) {
            Ok(facts) => assert_eq!(facts, whole, "cut at {length}"),
            Err(ElfError::NotElf) => assert!(length < 4),
            Err(ElfError::Malformed { .. }) => {}
            Err(other) => panic!("cut at {length}: {other}"),
        }
    }
}

#[test]
fn no_damage_panics() {
    let original = small_library();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(4000));
    // Mostly in the headers and the dynamic segment, where the damage matters.
    let position = prop_oneof![
        any::<Index>().prop_map(|at| at.index(0x400)),
        any::<Index>().prop_map(|at| at.index(1 << 20))
    ];
    runner
        .run(
            &prop::collection::vec((position, any::<u8>()), 1..12),
            |changes| {
                let mut bytes = original.clone();
                for (at, value) in changes {
                    let at = at % bytes.len();
                    bytes[at] = value;
                }
                match read(Cursor::new(&bytes)) {
                    Ok(ElfFacts {
                        soname: Some(soname),
                        ..
                    }) => {
                        prop_assert!(
                            !soname.is_empty() && !soname.contains(['/', '\0']) && soname != ".."
                        );
                    }
                    Err(ElfError::Io { source, .. }) => prop_assert!(false, "{source}"),
                    _ => {}
                }
                Ok(())
            },
        )
        .unwrap();
}
