//! Texts that nobody wrote: any JSON with any blanks, and the corpus' TOML with comments and blanks anywhere.

use crate::cases::{self, Case, Engine, Expected, Lie};
use crate::layout::Place;
use crate::lossless;
use crate::meaning::{self, Language, differences, normal, patched};
use crate::steps::{Tools, taken_back, verdict};
use crate::touched::{self, Touched};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use std::fs;

type Check = fn(&Tools) -> Result<(), Failed>;

/// The checks, by name.
pub(crate) const CHECKS: [(&str, Check); 2] =
    [("random::json", json_texts), ("random::toml", toml_texts)];

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

fn json_texts(tools: &Tools) -> Result<(), Failed> {
    let case = Case {
        engine: Engine::Docker,
        file: None,
        variant: "",
        flags: &["--set-as-default", "--cdi.enabled"],
        lie: Lie::Usual,
        expected: Expected::Reference,
        is_stale: false,
        touched: &[],
        unread: &[],
        seen: "made up",
    };
    runner(96)
        .run(&document(), |text| {
            json_text(tools, case, &text).map_err(|failed| rejected(&failed))
        })
        .map_err(|error| fail(error.to_string()))
}

fn rejected(failed: &Failed) -> TestCaseError {
    TestCaseError::fail(failed.message().unwrap_or_default().to_owned())
}

fn json_text(tools: &Tools, case: Case, text: &str) -> Result<(), Failed> {
    let place = Place::of_text(case, text.as_bytes())?;
    let before = place.look()?;
    tools.configure(&place)?;
    let new = fs::read_to_string(place.main_file())?;
    let (was, is) = (
        meaning::read(Language::Json, text.as_bytes()),
        meaning::read(Language::Json, new.as_bytes()),
    );
    let asked = json!({
        "default-runtime": "nvidia",
        "features": {"cdi": true},
        "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}},
    });
    let wanted = was.map(|was| normal(patched(&was, &asked)));
    verdict(
        "the meaning",
        &differences("", is.map(normal).as_ref(), wanted.as_ref()),
    )?;
    let mut touched = touched::touched_json(text, "nvidia", true, true);
    // Blanks as strewn here are nobody's layout: an object that gets a member may be laid out anew.
    let words = lossless::words(Language::Json, text).into_iter();
    touched
        .0
        .extend(words.filter(|word| text[word.clone()].trim().is_empty()));
    let lost = lossless::lost(Language::Json, text, &new, &touched, 4);
    verdict("lossless", lost.as_slice())?;
    let settled = place.look()?;
    tools.configure(&place)?;
    verdict(
        "a second run writes",
        &place.look()?.written_since(&settled),
    )?;
    taken_back(tools, &place, &before)
}

fn blank() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "", "", " ", "  ", "\n", "\n\t", "\r\n    ", "\n\n  ", "\t ",
    ])
}

fn scalar() -> impl Strategy<Value = String> {
    let fixed = vec![
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1.0",
        "1e400",
        "12345678901234567890",
        "\"\"",
        "\"nvidia\"",
        "\"a\\\"b\\\\\"",
        "\"\\u0041\\ud83d\\ude00\"",
        "\"Zürich // /* }\"",
        "\"runtimes\"",
    ];
    prop::sample::select(fixed).prop_map(str::to_owned)
}

fn list(open: char, close: char, members: &[String], inside: &str) -> String {
    let inner = if members.is_empty() {
        inside.to_owned()
    } else {
        members.join(",")
    };
    format!("{open}{inner}{close}")
}

fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        let element = (blank(), inner, blank()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let elements = prop::collection::vec(element, 0..4);
        (elements, any::<bool>(), blank()).prop_map(|(elements, is_object, inside)| {
            if is_object {
                let named = elements.iter().enumerate();
                let members = named.map(|(at, value)| format!("{inside}\"k{at}\"{inside}:{value}"));
                list('{', '}', &members.collect::<Vec<_>>(), inside)
            } else {
                list('[', ']', &elements, inside)
            }
        })
    })
}

/// Objects whose members the edit has to find, beside any others.
fn table(names: &'static [&'static str], of: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let member = (prop::sample::select(names), blank(), of, blank());
    (prop::collection::vec(member, 0..3), blank())
        .prop_map(|(members, inside)| {
            let mut seen = Vec::new();
            let mut texts = Vec::new();
            for (name, a, value, b) in members {
                if !seen.contains(&name) {
                    seen.push(name);
                    texts.push(format!("{a}\"{name}\"{b}:{a}{value}{b}"));
                }
            }
            list('{', '}', &texts, inside)
        })
        .boxed()
}

fn document() -> impl Strategy<Value = String> {
    let path = prop::sample::select(vec!["\"/usr/bin/x\"", "\"nvidia-container-runtime\""]);
    let path = path.prop_map(str::to_owned).boxed();
    let runtimes = table(&["nvidia", "runsc", "kata"], table(&["path"], path));
    let switch = prop::sample::select(vec!["true".to_owned(), "false".to_owned()]).boxed();
    let features = table(&["cdi", "buildkit", "containerd-snapshotter"], switch);
    let default = prop::sample::select(vec!["\"runc\"", "\"nvidia\""]).prop_map(str::to_owned);
    let known = (
        prop::option::of(runtimes),
        prop::option::of(features),
        prop::option::of(default),
    );
    let others = prop::collection::vec((blank(), value(), blank()), 0..4);
    (
        known,
        others,
        blank(),
        blank(),
        any::<prop::sample::Index>(),
    )
        .prop_map(|((runtimes, features, default), others, a, b, turn)| {
            let mut members: Vec<String> = Vec::new();
            let named = [
                ("runtimes", runtimes),
                ("features", features),
                ("default-runtime", default),
            ];
            for (name, value) in named {
                members.extend(value.map(|value| format!("{a}\"{name}\":{b}{value}")));
            }
            let others = others.iter().enumerate();
            members.extend(others.map(|(at, (a, value, b))| format!("{a}\"x{at}\"{b}:{value}{b}")));
            if !members.is_empty() {
                let middle = turn.index(members.len());
                members.rotate_left(middle);
            }
            format!("{a}{}{b}", list('{', '}', &members, a))
        })
}

/// What is done to a line of a TOML file.
#[derive(Debug, Clone, Copy)]
enum Change {
    Nothing,
    Comment,
    Blank,
    Behind,
    Indent,
}

fn toml_texts(tools: &Tools) -> Result<(), Failed> {
    let cases: Vec<Case> = cases::all()
        .into_iter()
        .filter(|case| case.engine != Engine::Docker && case.lie == Lie::Usual)
        .filter(|case| case.file.is_some() && !case.is_refused())
        .filter(|case| case.flag("--drop-in-config").is_none())
        .collect();
    let change = prop::sample::select(vec![
        Change::Nothing,
        Change::Nothing,
        Change::Comment,
        Change::Blank,
        Change::Behind,
        Change::Indent,
    ]);
    let changes = prop::collection::vec(change, 1..60);
    let strategy = (prop::sample::select(cases), changes, any::<bool>());
    runner(96)
        .run(&strategy, |(case, changes, is_crlf)| {
            toml_text(tools, case, &changes, is_crlf).map_err(|failed| rejected(&failed))
        })
        .map_err(|error| fail(error.to_string()))
}

fn toml_text(tools: &Tools, case: Case, changes: &[Change], is_crlf: bool) -> Result<(), Failed> {
    let plain = Place::new(case)?;
    let edited = Place::new(case)?;
    let main = edited.main_file();
    let Ok(old) = fs::read_to_string(&main) else {
        // The tree has no main file to be changed.
        return Ok(());
    };
    let text = mutated(&old, changes, is_crlf);
    // A comment inside a string of several lines is none.
    if meaning::read(Language::Toml, text.as_bytes())
        != meaning::read(Language::Toml, old.as_bytes())
    {
        return Ok(());
    }
    fs::write(&main, &text)?;
    let before = edited.look()?;
    tools.configure(&plain)?;
    tools.configure(&edited)?;
    let says = |place: &Place| -> Result<_, Failed> {
        let text = fs::read_to_string(place.main_file())?;
        Ok(meaning::read(
            Language::Toml,
            place.emptied(&text).as_bytes(),
        ))
    };
    let (is, wanted) = (says(&edited)?, says(&plain)?);
    verdict(
        "the meaning",
        &differences("", is.as_ref(), wanted.as_ref()),
    )?;
    let new = fs::read_to_string(&main)?;
    let runtime = [format!("runtimes.{}", case.runtime())];
    let keys = ["default_runtime_name", "enable_cdi", "nvidia", "runtimes"];
    let touched = match case.engine {
        Engine::Crio => Touched::default(),
        _ => touched::touched_toml(&text, &keys, &runtime),
    };
    let lost = lossless::lost(Language::Toml, &text, &new, &touched, 6);
    verdict("lossless", lost.as_slice())?;
    if new == text && edited.look()?.entries == before.entries {
        // Nothing was done, and nothing is remembered: an undo takes the runtime out, whoever has put it there.
        return Ok(());
    }
    taken_back(tools, &edited, &before)
}

fn mutated(text: &str, changes: &[Change], is_crlf: bool) -> String {
    let is_crlf = is_crlf || text.contains("\r\n");
    let text = text.replace("\r\n", "\n");
    let mut mutated = String::new();
    for (line, change) in text.split_inclusive('\n').zip(changes.iter().cycle()) {
        let body = line.trim_end_matches('\n');
        let end = &line[body.len()..];
        match change {
            Change::Nothing => mutated.push_str(line),
            Change::Comment => mutated.extend(["  # [plugins] version = 7 \"'\n", line]),
            Change::Blank => mutated.extend([" \t\n\n", line]),
            Change::Behind => mutated.extend([body, "\t# behind", end]),
            Change::Indent => mutated.extend(["\t ", body, "  ", end]),
        }
    }
    if is_crlf {
        mutated = mutated.replace('\n', "\r\n");
    }
    mutated
}
