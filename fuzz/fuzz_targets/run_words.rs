//! Feeds a line as the value of `--gpus`, a text as an engine's `--help`, and words as those of `liftgate run`: no word is lost, none is
//! taken twice, and the image is the same without our own options.
//!
//! The parts are parted by `\x01`, words by NUL bytes, as the kernel keeps them.
#![no_main]

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/cli/src/commands/run/command_line.rs"]
#[expect(
    dead_code,
    reason = "the program uses more of it"
)]
mod command_line;
#[path = "../../crates/cli/src/commands/run/flags.rs"]
#[expect(
    unused_imports,
    reason = "the program uses more of it"
)]
mod flags;
#[path = "../../crates/cli/src/commands/run/gpus.rs"]
#[expect(
    dead_code,
    clippy::struct_excessive_bools,
    reason = "the program uses more of it, and its workspace allows them"
)]
mod gpus;

use command_line::CommandLine;
use flags::{FlagError, Flags, OWN, PODMAN, RUN};
use gpus::{Devices, Wish};

const OURS: [&str; 4] = ["gpus", "engine", "dry-run", "no-check"];

fn check_gpus(value: &str) {
    for wish in [
        Wish::parse(&[value.to_owned()]).ok(),
        Some(Wish::of_variable(value)),
    ]
    .into_iter()
    .flatten()
    {
        if let Devices::Count(count) = wish.devices {
            assert!(count <= 1024);
        }
        if let Devices::Named(names) = &wish.devices {
            assert!(!names.is_empty());
            let unique: HashSet<&String> = names.iter().collect();
            assert_eq!(unique.len(), names.len());
            // A name never parts into several, or ends the quotation marks around them.
            let is_clean =
                |name: &String| !name.is_empty() && !name.contains([',', '"', '\'', ' ']);
            assert!(names.iter().all(is_clean));
        }
    }
    if let Err(error) = Wish::parse(&[value.to_owned()]) {
        assert!(error.sentence.len() < 800 && !error.hint.is_empty());
    }
}

fn check_words(words: &[OsString], flags: &Flags) {
    let line = match CommandLine::parse(words, flags) {
        Ok(line) => line,
        Err(FlagError::Unknown(name) | FlagError::NoValue(name)) => {
            assert!(name.starts_with('-'));
            return;
        }
    };
    let mut at = 0;
    for given in &line.options.given {
        // Each option begins where the one before ends, or in the same word.
        assert!(given.words.start == at || given.words.end == at);
        assert!(matches!(given.words.len(), 1 | 2));
        at = given.words.end;
    }
    let operands = line.options.operands;
    let has_end = at < operands;
    assert_eq!(operands, at + usize::from(has_end));
    if has_end {
        assert_eq!(words[at], "--");
    } else if let Some(image) = words.get(operands) {
        assert!(!image.as_bytes().starts_with(b"-") || image == "-");
    }

    let passed_on: Vec<OsString> = line.passed_on().cloned().collect();
    let again = CommandLine::parse(&passed_on, flags).expect("less of the same");
    assert_eq!(again.image(), line.image());
    assert!(
        again
            .options
            .given
            .iter()
            .all(|given| !OURS.contains(&&*given.name))
    );
    let kept = line
        .options
        .given
        .iter()
        .filter(|given| !OURS.contains(&&*given.name));
    assert!(
        kept.map(|given| (&given.name, &given.value)).eq(again
            .options
            .given
            .iter()
            .map(|given| (&given.name, &given.value)))
    );
}

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == 1);
    let (gpus, help) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    check_gpus(&String::from_utf8_lossy(gpus));
    let words: Vec<OsString> = parts
        .next()
        .unwrap_or_default()
        .split(|byte| *byte == 0)
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect();
    let mut flags = Flags::of(&[RUN, OWN, PODMAN]);
    check_words(&words, &flags);
    flags.add(&Flags::of_help(&String::from_utf8_lossy(help)));
    check_words(&words, &flags);
});
