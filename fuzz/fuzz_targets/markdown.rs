//! Feeds a text as a README: its blocks follow one another, and every character of one stands in the file where it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_lint::sources::markdown::blocks;
use liftgate_lint::sources::recognise::{Kind, recognise};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(found) = recognise("README.md", bytes, bytes.len() as u64) {
        assert!(found.kind == Kind::Markdown || found.kind == Kind::ImageArchive);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut last = 0;
    for block in blocks(text) {
        assert!(block.whole.start >= last && block.whole.end <= text.len());
        last = block.whole.end;
        assert!(block.whole.contains(block.label) || block.label.is_empty());
        assert!(text.is_char_boundary(block.whole.start) && text.is_char_boundary(block.whole.end));
        let joined = &block.text;
        assert!(joined.text().is_empty() || block.whole.contains(joined.whole()));
        let mut before = 0;
        for (at, sign) in joined.text().char_indices() {
            let place = joined.offset(at);
            assert!(text[place..].starts_with(sign) && place >= before);
            before = place;
        }
        assert!(!joined.text().contains("\r\n"));
    }
});
