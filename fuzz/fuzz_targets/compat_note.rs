//! Feeds bytes as a library of an image's that may be newer than the driver: a note of bounded length or none, and a decision.
//!
//! Also as the text of such a note, and what is before the first line's end as the version in a file's name. What
//! has no note is never taken for a host whose CUDA version is told.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use liftgate_elf::note::{MAX_NOTE, read};
use liftgate_plan::{
    COMPAT_NOTE_OWNER, COMPAT_NOTE_SECTION, CompatNote, CudaCompat, compat_version,
};

fuzz_target!(|bytes: &[u8]| {
    let host = |driver: Option<&str>, cuda: Option<&str>| CudaCompat {
        driver: driver.map(str::to_owned),
        cuda: cuda.map(str::to_owned),
        root: None,
        ..CudaCompat::default()
    };
    let hosts = [
        host(Some("550.54.15"), None),
        host(None, Some("12.6")),
        host(Some("550.54.15"), Some("12.6")),
        host(None, None),
    ];
    let (line, rest) = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 1..]));
    let version = String::from_utf8_lossy(line);
    assert!(compat_version(&version).is_none_or(|found| found.contains('.')));

    let note = match read(Cursor::new(bytes), COMPAT_NOTE_SECTION, COMPAT_NOTE_OWNER) {
        Ok(note) => note,
        Err(error) => {
            assert!(error.to_string().len() < 4096);
            None
        }
    };
    if let Some(note) = &note {
        assert!(note.len() <= MAX_NOTE && note.len() < bytes.len());
    }
    let texts = [note.as_deref(), Some(rest)];
    let notes = texts.map(|text| text.and_then(|text| CompatNote::parse(text).ok()));
    for note in notes.iter().chain([&None]) {
        let [driver, cuda, both, none] = hosts
            .each_ref()
            .map(|host| host.prefers_image(&version, note.as_ref()));
        assert!(!none);
        if note.is_none() {
            assert!(!cuda && !both);
        }
        assert!(!driver || version.contains(|one: char| one.is_ascii_digit()));
    }
});
