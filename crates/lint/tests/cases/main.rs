//! Edge cases of rules: a table a family. What is not in a row's list must not be found.

mod build;
mod commands;
mod compose;
mod contract;
mod devcontainer;
mod finished;
mod frameworks;
mod images;
mod loader;
mod settings;
mod silence;
mod table;

use liftgate_lint::rules::RULES;
use liftgate_lint::{Language, Settings, lint};
use std::collections::BTreeSet;

/// A name, a text, and what is found in it: `LINE: CODE`.
pub(crate) type Row = (&'static str, &'static str, &'static [&'static str]);

/// Looks at the rows of a table, with everything that anybody may ask for.
pub(crate) fn check(language: Language, rows: &[Row]) {
    let settings = Settings {
        pedantic: true,
        ..Settings::default()
    };
    let mut mistakes = Vec::new();
    for (name, text, expected) in rows {
        let found = lint(text, language, &settings);
        let found = found.iter().map(|finding| {
            let line = text[..finding.span.start].matches('\n').count() + 1;
            format!("{line}: {}", finding.code)
        });
        let found: Vec<String> = found.collect();
        if found != *expected {
            mistakes.push(format!("{name}: {found:?}, and not {expected:?}\n{text}"));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Looks at the rows of a table for one family of rules, and not at what the others find.
pub(crate) fn check_family(family: &str, rows: &[Row]) {
    let mut mistakes = Vec::new();
    for (name, text, expected) in rows {
        let found = lint(text, Language::Dockerfile, &Settings::default());
        let own = found
            .iter()
            .filter(|finding| finding.code.starts_with(family));
        let own = own.map(|finding| {
            let line = text[..finding.span.start].matches('\n').count() + 1;
            format!("{line}: {}", finding.code)
        });
        let own: Vec<String> = own.collect();
        if own != *expected {
            mistakes.push(format!("{name}: {own:?}, and not {expected:?}\n{text}"));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Each rule of a family is found in some row: without it the table fails.
pub(crate) fn covers(family: &str, tables: &[&[Row]]) {
    let rows = tables.iter().flat_map(|table| table.iter());
    let found: BTreeSet<&str> = rows
        .flat_map(|(_, _, expected)| expected.iter())
        .filter_map(|line| line.split(": ").nth(1))
        .collect();
    let codes = RULES
        .iter()
        .map(|rule| rule.meta().code)
        .filter(|code| code.starts_with(family));
    let missing: Vec<&str> = codes.filter(|code| !found.contains(code)).collect();
    assert!(missing.is_empty(), "no row finds {missing:?}");
}
