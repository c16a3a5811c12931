//! Feeds a text as a Dockerfile: items are the text, positions are on characters and within their instruction, values can be expanded, and what goes to a shell can be taken apart.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/dockerfile/tests/checks/mod.rs"]
#[expect(dead_code, reason = "the other target needs the rest")]
mod checks;

fuzz_target!(|text: &str| checks::dockerfile(text));
