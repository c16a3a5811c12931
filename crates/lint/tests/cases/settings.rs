//! What people may say: which rules, how bad, for whom; and what is said of a settings file that is wrong.

use crate::table::found;
use liftgate_lint::configuration::Configuration;
use liftgate_lint::{Language, Settings, Severity, lint};

/// Superseded, and not pinned, and an empty entry.
const TEXT: &str = "FROM nvidia/cuda:12.4.0-base-ubuntu22.04\nENV LD_LIBRARY_PATH=/a::$LD_LIBRARY_PATH\n";

fn settings(select: &[&str], ignore: &[&str], pedantic: bool) -> Settings {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Settings {
        select: owned(select),
        ignore: owned(ignore),
        pedantic,
        ..Settings::default()
    }
}

#[test]
fn which_rules() {
    for (select, ignore, pedantic, expected) in [
        (&[][..], &[][..], false, "LG103:1"),
        (&[], &[], true, "LG103:1 LG112:1 LG308:2"),
        (&["all"], &[], false, "LG103:1"),
        (&["all"], &[], true, "LG103:1 LG112:1 LG308:2"),
        (&["LG1"], &[], false, "LG103:1"),
        (&["lg1"], &[], true, "LG103:1 LG112:1"),
        (&["LG3"], &[], false, ""),
        (&["LG3"], &[], true, "LG308:2"),
        // Who names a rule wants it.
        (&["LG308"], &[], false, "LG308:2"),
        (&["library-path-empty-entry"], &[], false, "LG308:2"),
        (&["LG30"], &[], false, ""),
        (&["LG103", "LG112"], &[], false, "LG103:1 LG112:1"),
        (&[], &["LG103"], false, ""),
        (&[], &["cuda-tag-superseded"], true, "LG112:1 LG308:2"),
        (&[], &["LG1"], true, "LG308:2"),
        (&["LG103"], &["LG1"], false, ""),
        (&[], &["all"], true, ""),
    ] {
        let settings = settings(select, ignore, pedantic);
        assert_eq!(found(TEXT, Language::Dockerfile, &settings), expected, "{select:?} {ignore:?} {pedantic}");
    }
}

/// What is said of files and comments is chosen as everything else is.
#[test]
fn rules_about_files_and_comments() {
    let unused = "# liftgate: ignore[LG103]\nFROM ubuntu:22.04\nRUNN x\n";
    assert_eq!(found(unused, Language::Dockerfile, &Settings::default()), "LG902:1 LG901:3");
    assert_eq!(found(unused, Language::Dockerfile, &settings(&[], &["LG902"], false)), "LG901:3");
    assert_eq!(found(unused, Language::Dockerfile, &settings(&[], &["not-understood"], false)), "LG902:1");
    assert_eq!(found(unused, Language::Dockerfile, &settings(&["LG1"], &[], false)), "");
}

#[test]
fn how_bad() {
    for (rule, severity) in [("LG103", Severity::Error), ("lg103", Severity::Warning), ("cuda-tag-superseded", Severity::Error)] {
        let mut settings = settings(&["LG103"], &[], false);
        settings.severity.insert(rule.to_owned(), severity);
        let found = lint(TEXT, Language::Dockerfile, &settings);
        assert_eq!(found[0].severity, severity, "{rule}");
    }
    let mut settings = settings(&["LG103"], &[], false);
    settings.severity.insert("LG104".to_owned(), Severity::Error);
    assert_eq!(lint(TEXT, Language::Dockerfile, &settings)[0].severity, Severity::Note);
}

#[test]
fn wrong_settings_say_where() {
    for (text, line, words) in [
        ("[lint]\nselekt = []\n", 2, &["selekt"][..]),
        ("[lint]\nignore = [\"LG103\",\n  \"LG999\"]\n", 3, &["LG999"]),
        ("[lint]\nselect = [\"cuda-tag\"]\n", 2, &["cuda-tag"]),
        ("[lint.severity]\nLG103 = \"fatal\"\n", 2, &["fatal"]),
        ("[lint.severity]\nLG999 = \"error\"\n", 2, &["LG999"]),
        ("[lint]\nfail-on = \"never\"\n", 2, &["never"]),
        ("[lint]\npedantic = \"yes\"\n", 2, &["string"]),
        ("[[lint.files]]\nignore = [\"LG1\"]\n", 1, &["match"]),
        ("[[lint.files]]\nmatch = \"a\"\nignore = [\"LG999\"]\n", 3, &["LG999"]),
        ("[lint.target]\ngpu = \"A100\"\n", 2, &["gpu"]),
        ("[lint]\n[lint]\n", 2, &["duplicate"]),
        ("\n\n[lint\n", 3, &[]),
        ("[other]\n", 1, &["other"]),
    ] {
        let error = Configuration::parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(words.iter().all(|word| error.message.contains(word)), "{text}: {error}");
        assert!(!error.message.contains('\n') && !error.message.ends_with('.'), "{error}");
    }
}

#[test]
fn right_settings_are_read() {
    let text = "[lint]\nselect = [\"LG1\", \"all\"]\nignore = [\"lg103\"]\nfail-on = \"note\"\nseverity = { LG112 = \"error\", cuda-tag-gone = \"note\" }\n\n[lint.target]\ndriver = \"550\"\ngpus = [\"A100\"]\n\n[[lint.files]]\nmatch = \"a/**\"\nignore = [\"LG111\"]\n[[lint.files]]\nmatch = \"a/b\"\nignore = [\"LG112\"]\n";
    let configuration = Configuration::parse(text).expect("it is right");
    assert_eq!(configuration.lint.fail_on, Some(Severity::Note));
    assert_eq!(configuration.ignored_for("a/b"), ["lg103", "LG111", "LG112"]);
    assert_eq!(configuration.ignored_for("a/c/d"), ["lg103", "LG111"]);
    assert_eq!(configuration.ignored_for("b"), ["lg103"]);
    assert_eq!(Configuration::parse("").expect("nothing is right, too"), Configuration::default());
}
