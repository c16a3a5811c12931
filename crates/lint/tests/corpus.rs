//! Real files, reduced: what the rules find in them is frozen, and each finding has been looked at.
//!
//! Each case names the file that it was reduced from. `LIFTGATE_BLESS=1 cargo test -p liftgate-lint --test corpus` writes the
//! findings anew; whoever does that looks at every line that has changed.

use liftgate_lint::{Finding, Language, Persona, Settings, Severity, Target, fix, lint};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders, with how many cases each has at least.
const FOLDERS: &[(&str, usize)] = &[
    ("dockerfiles", 200),
    ("compose", 50),
    ("devcontainer", 10),
    ("commands", 20),
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(name)
}

fn language(path: &Path) -> Language {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    match (
        folder.to_str(),
        path.extension().and_then(|extension| extension.to_str()),
    ) {
        (Some("dockerfiles"), _) => Language::Dockerfile,
        (Some("compose"), _) => Language::Compose,
        (Some("devcontainer"), _) => Language::Devcontainer,
        (_, Some("md")) => Language::Markdown,
        _ => Language::Shell,
    }
}

fn cases(name: &str) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut cases: Vec<(PathBuf, String)> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.is_file()
                && path
                    .extension()
                    .is_none_or(|extension| extension != "notes")
        })
        .map(|path| {
            let text = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, text)
        })
        .collect();
    cases.sort();
    cases
}

fn every_case() -> Vec<(PathBuf, String)> {
    FOLDERS.iter().flat_map(|(name, _)| cases(name)).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn found_in(path: &Path, text: &str, settings: &Settings) -> Vec<Finding> {
    lint(text, language(path), settings)
}

/// What is found without any machine in mind, by the rules that everybody gets.
fn findings(name: &str) -> String {
    let mut written = String::new();
    for (path, text) in cases(name) {
        let found = found_in(&path, &text, &Settings::default());
        writeln!(written, "{}", name_of(&path)).expect("a string takes all");
        for finding in found {
            let line = text[..finding.span.start].matches('\n').count() + 1;
            let confidence = finding.confidence.text();
            writeln!(
                written,
                "  {line}: {} {} ({confidence}) {}",
                finding.code, finding.severity, finding.message
            )
            .expect("a string takes all");
        }
    }
    written
}

#[test]
fn findings_are_those_that_were_looked_at() {
    let mut changed = Vec::new();
    for (name, least) in FOLDERS {
        assert!(
            cases(name).len() >= *least,
            "{name}: {} cases",
            cases(name).len()
        );
        compare(
            &folder(&format!("{name}.findings")),
            &findings(name),
            &mut changed,
        );
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// How often each rule finds something, in the documentation.
#[test]
fn counts_in_the_documentation_are_true() {
    let mut counts: BTreeMap<&str, (usize, BTreeSet<String>)> = BTreeMap::new();
    for (path, text) in every_case() {
        for finding in found_in(&path, &text, &Settings::default()) {
            let count = counts.entry(finding.code).or_default();
            count.0 += 1;
            count.1.insert(name_of(&path));
        }
    }
    let mut written = String::from(
        "# What the rules find in real files\n\nThe corpus is made of reductions of files in public repositories, each with its source \
         (`crates/lint/tests/corpus`). Written by its test, without a machine in mind and without `--pedantic`.\n\n",
    );
    for (name, _) in FOLDERS {
        writeln!(written, "- {name}: {} files", cases(name).len()).expect("a string takes all");
    }
    written.push_str("\n| rule | findings | files |\n|---|---|---|\n");
    for (code, (findings, files)) in counts {
        writeln!(
            written,
            "| [{code}](rules/{code}.md) | {findings} | {} |",
            files.len()
        )
        .expect("a string takes all");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint-corpus.md");
    let mut changed = Vec::new();
    compare(&path, &written, &mut changed);
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// Machines that are compared with: nothing may break, whatever is asked.
fn machines() -> Vec<Settings> {
    let gpus = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    [
        (None, gpus(&[])),
        (Some("470.82.01"), gpus(&["K80", "V100"])),
        (Some("535.183.01"), gpus(&["A100"])),
        (Some("550.54.14"), gpus(&["RTX 4090", "GTX 1080"])),
        (Some("580.95.05"), gpus(&["B200", "H100"])),
    ]
    .into_iter()
    .map(|(driver, gpus)| Settings {
        pedantic: true,
        target: Target::new(driver, &gpus).expect("a machine that is known"),
        ..Settings::default()
    })
    .collect()
}

/// A safe fix takes its finding away and brings nothing else. One that is not safe may show what was hidden before (an image
/// that can be pulled is an image that can be looked at), but no new error. A second round has nothing left to do.
#[test]
fn fixes_mend_and_break_nothing() {
    let mut mistakes = Vec::new();
    for (path, text) in every_case() {
        for settings in machines() {
            let look = |text: &str| found_in(&path, text, &settings);
            let found = look(&text);
            if found.iter().all(|finding| finding.fix.is_none()) {
                continue;
            }
            let before: BTreeSet<&str> = found.iter().map(|finding| finding.code).collect();
            for unsafe_too in [false, true] {
                let fixed = fix::fix(&text, unsafe_too, look);
                if fixed.text == text {
                    continue;
                }
                let is_bad =
                    |finding: &&Finding| !unsafe_too || finding.severity == Severity::Error;
                let after = look(&fixed.text);
                let new: Vec<&str> = after
                    .iter()
                    .filter(is_bad)
                    .map(|finding| finding.code)
                    .filter(|code| !before.contains(code))
                    .collect();
                // What was named for no machine may be wrong for this one.
                let is_of_machine =
                    |code: &&str| matches!(*code, "LG105" | "LG107" | "LG109" | "LG502" | "LG503");
                if !new.iter().all(is_of_machine) {
                    mistakes.push(format!("{}: fixing brings {new:?}", name_of(&path)));
                }
                if fix::fix(&fixed.text, unsafe_too, look).text != fixed.text {
                    mistakes.push(format!("{}: a second round goes on", name_of(&path)));
                }
            }
        }
    }
    mistakes.dedup();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Every span is one of the text, and every edit, too; no finding stands there twice.
#[test]
fn findings_stand_in_their_text() {
    for (path, text) in every_case() {
        for settings in machines() {
            let found = found_in(&path, &text, &settings);
            for finding in &found {
                let spans = std::iter::once(finding.span)
                    .chain(finding.related.iter().map(|related| related.span))
                    .chain(
                        finding
                            .fix
                            .iter()
                            .flat_map(|fix| fix.edits.iter().map(|edit| edit.span)),
                    );
                for span in spans {
                    assert!(
                        text.get(span.start..span.end).is_some(),
                        "{} {}",
                        name_of(&path),
                        finding.code
                    );
                }
                let same = found.iter().filter(|other| {
                    (other.code, other.span, &other.message)
                        == (finding.code, finding.span, &finding.message)
                });
                assert_eq!(
                    same.count(),
                    1,
                    "{} {} {}",
                    name_of(&path),
                    finding.code,
                    finding.message
                );
                assert!(finding.persona == Persona::Default || settings.pedantic);
            }
        }
    }
}

/// Each case says where it comes from, and is no longer than a reduction is.
#[test]
fn cases_name_their_source() {
    for (path, text) in every_case() {
        // A parser directive has to be the first line.
        let head: Vec<&str> = text.lines().take(2).collect();
        let has_source = head
            .iter()
            .any(|line| line.contains("source: https://github.com/"));
        assert!(has_source, "{}: {head:?}", path.display());
        assert!(
            text.lines().count() <= 80,
            "{}: {} lines",
            path.display(),
            text.lines().count()
        );
    }
}

fn compare(path: &Path, now: &str, changed: &mut Vec<String>) {
    if std::env::var_os("LIFTGATE_BLESS").is_some() {
        fs::write(path, now).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let before = fs::read_to_string(path).unwrap_or_default();
    if before != now {
        let diff = similar::TextDiff::from_lines(before.as_str(), now);
        changed.push(format!(
            "{} is not what is found now:\n{}",
            path.display(),
            diff.unified_diff().context_radius(2)
        ));
    }
}
