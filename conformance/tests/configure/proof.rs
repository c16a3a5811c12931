//! The proof of the judges, on data alone: each sees what it is for, and lets pass what it should; and the tables
//! are sound.

use crate::cases::{self, Engine, Expected};
use crate::layout::corpus;
use crate::lossless::lost;
use crate::meaning::{Language, differences, normal, patched, read};
use crate::steps::places;
use crate::touched::{touched_json, touched_toml};
use crate::tree::Tree;
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{fail, trial};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

type Case = fn() -> Result<(), Failed>;

/// The trials, which need nothing of the machine that they run on.
pub(crate) fn trials() -> Vec<Trial> {
    let cases: [(&str, Case); 8] = [
        ("proof::numbers-are-texts", numbers_are_texts),
        ("proof::as-good-as-absent", as_good_as_absent),
        ("proof::lossless-json", lossless_json),
        ("proof::lossless-toml", lossless_toml),
        ("proof::places-are-read", places_are_read),
        ("proof::a-tree-is-seen", a_tree_is_seen),
        ("proof::every-file-has-a-case", every_file_has_a_case),
        ("proof::every-case-has-a-source", every_case_has_a_source),
    ];
    cases
        .into_iter()
        .map(|(name, case)| trial(name, None, case))
        .collect()
}

fn numbers_are_texts() -> Result<(), Failed> {
    let json = |text: &str| read(Language::Json, text.as_bytes());
    let toml = |text: &str| read(Language::Toml, text.as_bytes());
    expect(
        json("[12345678901234567890]") != json("[12345678901234567000]"),
        "long",
    )?;
    expect(json("1.0") != json("1"), "1.0 and 1")?;
    expect(json("1") != json("\"1\""), "a number and a text")?;
    expect(
        json("{\"a\": 1, \"a\": 2}") == json("{\"a\": 2}"),
        "the last one",
    )?;
    expect(json("\u{feff}{}") == json(" {\n}"), "a byte order mark")?;
    expect(
        json("{/* , */ \"a\": \"//\"}// x\n") == json("{\"a\": \"//\"}"),
        "comments",
    )?;
    expect(json("{,}").is_none() && toml("a = ").is_none(), "broken")?;
    expect(
        toml("a.b = 1") == json("{\"a\": {\"b\": 1}}"),
        "both languages",
    )?;
    expect(toml("a = 1") != toml("a = '1'"), "a TOML number and a text")
}

fn as_good_as_absent() -> Result<(), Failed> {
    let long = json!({"runtimes": {"nvidia": {"path": "x", "args": []}}});
    let short = json!({"runtimes": {"nvidia": {"path": "x"}}});
    let other = json!({"runtimes": {"nvidia": {"path": "x", "args": ["-x"]}}});
    let equal = |a: &serde_json::Value, b: &serde_json::Value| {
        differences("", Some(&normal(a.clone())), Some(&normal(b.clone()))).is_empty()
    };
    expect(equal(&long, &short), "no arguments")?;
    expect(!equal(&other, &short), "an argument")?;
    expect(!equal(&json!({"args": []}), &json!({})), "elsewhere")?;
    let patch = json!({"runtimes": {"nvidia": {"args": null}}});
    expect(patched(&long, &patch) == short, "a patch")?;
    let found = differences("f", Some(&short), Some(&other));
    expect(
        found == ["f/runtimes/nvidia/args: nothing, not [\"-x\"]"],
        "the words",
    )
}

fn lossless_json() -> Result<(), Failed> {
    let old = "{\n  \"a\": 1.50,\n  \"features\": { \"b\": true }\n}\n";
    let judge = |new: &str| {
        let touched = touched_json(old, "nvidia", true, true);
        lost(Language::Json, old, new, &touched, 3)
    };
    let good = "{\n  \"a\": 1.50,\n  \"features\": { \"b\": true, \"cdi\": true },\n  \"runtimes\": {\n    \"nvidia\": {}\n  }\n}\n";
    expect(judge(good).is_none(), &format!("{:?}", judge(good)))?;
    expect(judge(old).is_none(), "nothing done")?;
    for (new, what) in [
        (good.replace("1.50", "1.5"), "a number"),
        (good.replace("\"b\": true, ", ""), "a feature"),
        (
            good.replace("{\n  \"a\"", "{\n    \"a\""),
            "the indentation",
        ),
        (good.replace("}\n}\n", "}\n}"), "the line end"),
        (
            "{\"features\": {\"b\": true}, \"a\": 1.50}".to_owned(),
            "the order",
        ),
        (
            good.replace("\"a\"", "\"x\": 1, \"a\"")
                .replace("1.50,", "1.50, \"z\": 3,")
                .replace("{ \"b\"", "{ \"y\": 2, \"b\""),
            "many places",
        ),
    ] {
        expect(judge(&new).is_some(), what)?;
    }
    let value = |old: &str, new: &str| {
        lost(
            Language::Json,
            old,
            new,
            &touched_json(old, "nvidia", true, false),
            3,
        )
    };
    let default = [
        "{\"default-runtime\": \"runc\"}",
        "{\"default-runtime\": \"nvidia\"}",
    ];
    expect(
        value(default[0], default[1]).is_none(),
        "the default runtime",
    )?;
    let nested = [
        "{\"x\": {\"default-runtime\": \"runc\"}}",
        "{\"x\": {\"default-runtime\": \"nvidia\"}}",
    ];
    expect(value(nested[0], nested[1]).is_some(), "that of another")?;
    expect(value("", "{\"runtimes\": {}}").is_none(), "an empty file")?;
    expect(
        value("{ \n }", "{\n  \"runtimes\": {}\n}\n").is_none(),
        "an empty object",
    )?;
    expect(
        value(
            "{\"a\":1, \"b\":2}",
            "{\n  \"a\":1,\n  \"b\":2,\n  \"c\":3\n}",
        )
        .is_none(),
        "one line",
    )?;
    expect(
        value(
            "{\"a\":1,\n \"b\":2}",
            "{\n  \"a\":1,\n  \"b\":2,\n  \"c\":3\n}",
        )
        .is_some(),
        "two lines",
    )?;
    let path = [
        "{\"runtimes\":{\"nvidia\":{\"path\":\"/a\",\"x\":1}}}",
        "{\"runtimes\":{\"nvidia\":{\"path\":\"/b\",\"x\":1}}}",
    ];
    expect(value(path[0], path[1]).is_none(), "the path")?;
    expect(
        value(path[0], &path[1].replace(",\"x\":1", "")).is_some(),
        "a key of the entry",
    )
}

fn lossless_toml() -> Result<(), Failed> {
    let old = "# top\nversion = 2 # two\nimports = [\n  'a', # first\n]\n[debug]\n";
    let judge = |new: &str| lost(Language::Toml, old, new, &touched_toml(old, &[], &[]), 2);
    let good = old.replace("  'a', # first\n", "  'a', # first\n  \"/c/*.toml\",\n");
    expect(judge(&good).is_none(), &format!("{:?}", judge(&good)))?;
    for (new, what) in [
        (good.replace("# top\n", ""), "a comment"),
        (good.replace(" # first", ""), "a comment behind"),
        (good.replace("'a'", "\"a\""), "the quotes"),
        (
            good.replace("[debug]", "b = 1\n[debug]")
                .replace("version", "a = 1\nversion"),
            "many places",
        ),
    ] {
        expect(judge(&new).is_some(), what)?;
    }
    let old = "[runtimes.nvidia]\npath = 'a' # why\n[runtimes.runc]\npath = 'a'\n";
    let judge = |new: &str| {
        lost(
            Language::Toml,
            old,
            new,
            &touched_toml(old, &[], &["runtimes.nvidia".to_owned()]),
            2,
        )
    };
    expect(
        judge(&old.replacen("'a'", "'b'", 1)).is_none(),
        "the runtime's path",
    )?;
    expect(
        judge(&old.replace("'a'", "'b'")).is_some(),
        "another's path",
    )?;
    expect(
        judge(&old.replace(" # why", "")).is_some(),
        "a comment of the runtime",
    )
}

fn places_are_read() -> Result<(), Failed> {
    expect(places("x: line 3, column 14: y") == [(3, 14)], "words")?;
    expect(places("error: /a/b.json:12:7: y") == [(12, 7)], "numbers")?;
    expect(
        places("at 10:20, line 3").is_empty() || !places("line 3").contains(&(3, 0)),
        "half",
    )
}

fn a_tree_is_seen() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let root = directory.path();
    fs::create_dir(root.join("d"))?;
    fs::write(root.join("d/f"), "a")?;
    let before = Tree::of(root)?;
    expect(
        Tree::of(root)?.written_since(&before).is_empty(),
        "nothing done",
    )?;
    fs::write(root.join("d/f"), "a")?;
    let after = Tree::of(root)?;
    expect(
        after.written_since(&before) == ["d/f"],
        "the same bytes written",
    )?;
    expect(after.differences(&before).is_empty(), "and no difference")?;
    fs::write(root.join("d/g"), "")?;
    fs::remove_file(root.join("d/g"))?;
    expect(
        Tree::of(root)?.written_since(&after) == ["d"],
        "a file that came and went",
    )?;
    fs::set_permissions(root.join("d/f"), fs::Permissions::from_mode(0o600))?;
    expect(Tree::of(root)?.differences(&before).len() == 1, "a mode")
}

fn every_file_has_a_case() -> Result<(), Failed> {
    let cases = cases::all();
    let mut count = 0;
    for engine in Engine::ALL {
        for entry in fs::read_dir(corpus().join(engine.name()))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let name = name.trim_end_matches(".json").trim_end_matches(".toml");
            let has_case = |case: &cases::Case| case.engine == engine && case.file == Some(name);
            expect(cases.iter().any(has_case), name)?;
            count += 1;
        }
    }
    expect(count >= 70, &format!("{count} configurations"))
}

fn every_case_has_a_source() -> Result<(), Failed> {
    let mut names = BTreeSet::new();
    for case in cases::all() {
        expect(!case.seen.is_empty(), &case.name())?;
        let differs = matches!(
            case.expected,
            Expected::Differs { .. } | Expected::InMain { .. } | Expected::Meant { .. }
        );
        expect(
            !differs || case.why().is_some(),
            &format!("why {}", case.name()),
        )?;
        expect(names.insert(case.name()), &format!("{} once", case.name()))?;
    }
    Ok(())
}

fn expect(is_so: bool, what: &str) -> Result<(), Failed> {
    if is_so {
        Ok(())
    } else {
        Err(fail(format!("not so: {what}")))
    }
}
