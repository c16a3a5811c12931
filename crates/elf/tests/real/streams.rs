//! Files that pass by once, against the same files read by seeking.

use crate::support::{library, run};
use liftgate_elf::facts::{self, ElfError, ElfFacts};
use liftgate_elf::stream::{BEGINNING, Linking, Stream, Unknown};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn streamed(path: &Path, step: usize) -> Result<Result<Linking, Unknown>, ElfError> {
    let mut file = File::open(path).expect("open");
    let mut stream = Stream::new(file.metadata().expect("metadata").len());
    let mut buffer = vec![0; step];
    loop {
        match file.read(&mut buffer).expect("read") {
            0 => break,
            size => stream.feed(&buffer[..size]),
        }
    }
    stream.finish().map(|facts| facts.linking)
}

fn sought(path: &Path) -> Result<ElfFacts, ElfError> {
    facts::read(File::open(path).expect("open"))
}

/// This machine's own libraries, as many as there are.
#[test]
fn libraries_of_this_machine_read_the_same() {
    let mut compared = 0;
    for directory in [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
    ] {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let files: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .collect();
        for file in files.iter().take(400) {
            match (streamed(file, 10_000), sought(file)) {
                (Ok(Ok(linking)), Ok(facts)) => {
                    assert_eq!(linking.facts, facts, "{}", file.display());
                    assert!(linking.needs_glibc >= facts.needs_glibc);
                    compared += 1;
                }
                (Err(ElfError::NotElf), Err(ElfError::NotElf)) => {}
                (streamed, sought) => panic!("{}: {streamed:?}, {sought:?}", file.display()),
            }
        }
    }
    assert!(compared > 10, "{compared} libraries");
}

/// One that is larger than its kept beginning, so that its dynamic segment and section headers lie behind it; and the same
/// after `patchelf` has moved its strings to the end.
#[test]
fn a_large_library_reads_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("libbig.so");
    let size = BEGINNING + (4 << 20);
    let source = format!("const char big[{size}] = {{1}}; int f(int i) {{ return big[i]; }}");
    library(
        &path,
        &source,
        &[
            "-Wl,-soname,libbig.so.1",
            "-Wl,--no-as-needed",
            "-lm",
            "-lc",
        ],
    );
    for step in [4096, 1 << 20, 64 << 20] {
        let linking = streamed(&path, step).unwrap().unwrap();
        assert_eq!(linking.facts, sought(&path).unwrap());
        assert_eq!(linking.facts.soname.as_deref(), Some("libbig.so.1"));
        assert!(linking.run_path.rpath.is_empty() && linking.run_path.runpath.is_empty());
    }
    if Command::new("patchelf").arg("--version").output().is_err() {
        // As the tests' harness has no skip, it is said.
        eprintln!("skipped: strings that were moved [needs patchelf]");
        return;
    }
    let text = path.to_str().unwrap();
    let long = format!("$ORIGIN/{}:/b", "long/".repeat(50));
    run("patchelf", &["--set-rpath", &long, text]);
    let linking = streamed(&path, 10_000).unwrap().unwrap();
    assert_eq!(linking.facts, sought(&path).unwrap());
    assert_eq!(linking.run_path.runpath.join(":"), long);
}
