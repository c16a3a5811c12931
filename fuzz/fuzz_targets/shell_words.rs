//! Feeds a text as a shell script: commands and words are in order and where they say, two bytes further the same is read, and a literal word in single quotes is the same word.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/dockerfile/tests/checks/mod.rs"]
#[expect(dead_code, reason = "the other target needs the rest")]
mod checks;

fuzz_target!(|text: &str| checks::shell(text));
