//! What a careful reader expected of the corpus before any rule existed.
//!
//! Beside each case stands a `.notes`: `clean` means that nothing in it is an error, `line N: …` is a defect that has to be
//! found, `line N: depends: …` one of which nothing may be said, too.

use liftgate_lint::{Finding, Language, Settings, Severity, lint};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders, and what is in them.
const FOLDERS: &[(&str, Option<Language>)] = &[
    ("compose", Some(Language::Compose)),
    ("devcontainer", Some(Language::Devcontainer)),
    ("commands", None),
];

/// Notes that are met by a finding at another line, with the reason.
const ELSEWHERE: &[(&str, usize, usize, &str)] = &[(
    "mudler.LocalAI",
    13,
    12,
    "the command was cut a line before: what is behind it is no call of an engine",
)];

fn cases() -> Vec<(PathBuf, Language)> {
    let mut cases = Vec::new();
    for (name, language) in FOLDERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/corpus")
            .join(name);
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{name}: {error}")) {
            let path = entry.expect("an entry").path();
            let language = match path.extension().and_then(|it| it.to_str()) {
                Some("notes") | None => continue,
                Some("md") => Language::Markdown,
                Some(_) => language.unwrap_or(Language::Shell),
            };
            cases.push((path, language));
        }
    }
    cases.sort_by(|one, other| one.0.cmp(&other.0));
    cases
}

fn line_of(text: &str, finding: &Finding) -> usize {
    text[..finding.span.start].matches('\n').count() + 1
}

#[test]
fn notes_are_met() {
    let (mut mistakes, mut defects, mut clean) = (Vec::new(), 0, 0);
    for (path, language) in cases() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&path).expect("a case");
        let notes = fs::read_to_string(path.with_extension("notes")).expect("its notes");
        let found = lint(&text, language, &Settings::default());
        let lines: Vec<usize> = found
            .iter()
            .map(|finding| line_of(&text, finding))
            .collect();
        if notes.lines().any(|note| note == "clean") {
            clean += 1;
            let errors = found
                .iter()
                .filter(|finding| finding.severity == Severity::Error);
            mistakes.extend(errors.map(|finding| {
                format!(
                    "{name}: {} at line {}: {}",
                    finding.code,
                    line_of(&text, finding),
                    finding.message
                )
            }));
        }
        for note in notes.lines() {
            let Some((number, what)) = note
                .strip_prefix("line ")
                .and_then(|note| note.split_once(": "))
            else {
                assert!(note == "clean" || note.is_empty(), "{name}: {note}");
                continue;
            };
            if what.starts_with("depends") {
                continue;
            }
            let number: usize = number.parse().expect("a number of a line");
            let elsewhere = ELSEWHERE
                .iter()
                .find(|(case, line, ..)| *case == name && *line == number);
            let number = elsewhere.map_or(number, |(_, _, line, _)| *line);
            defects += 1;
            // A request of several lines is found at one of them.
            if !lines.iter().any(|line| line.abs_diff(number) <= 1) {
                mistakes.push(format!("{name}: nothing is found for: {note}"));
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    assert!(
        defects >= 70 && clean >= 140,
        "{defects} defects, {clean} clean cases"
    );
}
