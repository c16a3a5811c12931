//! Feeds a text to every rule, as a language that its first byte chooses: places are on characters, edits of a fix do not overlap, and a fix makes a text that can be looked at again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_lint::output::{Linted, TextStyle, github, json, sarif, text};
use liftgate_lint::{Language, Settings, Target, fix, lint};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let Ok(source) = std::str::from_utf8(rest) else {
        return;
    };
    let language = match first % 5 {
        0 => Language::Dockerfile,
        1 => Language::Compose,
        2 => Language::Devcontainer,
        3 => Language::Shell,
        _ => Language::Markdown,
    };
    let target = Target::new(Some("535.183.01"), &["A100".to_owned(), "GTX 1080".to_owned()]);
    let settings = Settings {
        pedantic: true,
        target: target.expect("they are known"),
        ..Settings::default()
    };
    let findings = lint(source, language, &settings);
    for finding in &findings {
        assert!(!finding.message.is_empty() && !finding.hint.is_empty(), "{finding:?}");
        for span in std::iter::once(finding.span).chain(finding.related.iter().map(|related| related.span)) {
            assert!(source.get(span.start..span.end).is_some(), "{finding:?}");
        }
        let mut edits = finding.fix.clone().map_or(Vec::new(), |fix| fix.edits);
        edits.sort_by_key(|edit| edit.span);
        assert!(edits.iter().all(|edit| source.get(edit.span.start..edit.span.end).is_some()), "{finding:?}");
        assert!(edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{finding:?}");
    }
    let linted = Linted {
        path: "D",
        text: source,
        findings: &findings,
    };
    let shown = text(&linted, TextStyle { color: false, width: 80 });
    assert!(!shown.contains(|sign: char| sign.is_control() && sign != '\n'));
    assert_eq!(github(&linted).lines().count(), findings.len());
    json(std::slice::from_ref(&linted));
    sarif(std::slice::from_ref(&linted), "1");
    fix::fix(source, true, |text| lint(text, language, &settings));
});
