//! Feeds bytes as a library's file: facts or an error, a SONAME that joins to no other directory, strings of bounded length.
#![no_main]

use std::io::Cursor;
use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use liftgate_elf::facts::{Kind, MAX_DYNAMIC, MAX_STRING, read};

fuzz_target!(|bytes: &[u8]| {
    let facts = match read(Cursor::new(bytes)) {
        Ok(facts) => facts,
        Err(error) => {
            assert!(error.to_string().len() < 4096);
            return;
        }
    };
    if let Some(soname) = &facts.soname {
        assert!(!soname.contains(['/', '\0']) && !matches!(soname.as_str(), "" | "." | ".."));
        let components: Vec<Component<'_>> = Path::new(soname).components().collect();
        assert_eq!(components, [Component::Normal(soname.as_ref())]);
    }
    assert!(facts.needed.len() <= MAX_DYNAMIC);
    let strings = facts
        .needed
        .iter()
        .chain(&facts.soname)
        .chain(&facts.interpreter);
    for string in strings {
        assert!(string.len() <= MAX_STRING && !string.contains('\0'));
    }
    if facts.kind == Kind::Other {
        assert!(facts.soname.is_none() && facts.needed.is_empty() && facts.interpreter.is_none());
        assert!(facts.needs_glibc.is_none() && facts.has_glibc.is_none());
    }

    // The position on entry does not matter.
    let mut elsewhere = Cursor::new(bytes);
    elsewhere.set_position(7);
    assert_eq!(read(elsewhere).ok(), Some(facts));
});
