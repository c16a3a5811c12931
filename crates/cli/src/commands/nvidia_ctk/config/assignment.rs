//! `key`, `key=value`: what `--set` takes.
//!
//! Commas part assignments (`--set a=1,b=2`), and so the reference cannot set a value that has one: it takes what is
//! behind it for a key, and fails. Here that belongs to the value, unless it could be a key: a misspelt one must not
//! become part of a value that happens to stand before it.

use crate::commands::nvidia_ctk::flags::boolean;
use liftgate_config::edit::Setting;
use liftgate_config::{KeyKind, kind_of_key};

/// Where lists are parted unless a separator is given.
const SEPARATORS: [char; 2] = [':', ','];

/// The assignments of one `--set`.
pub(super) fn split(word: &str) -> Vec<String> {
    let mut assignments: Vec<String> = Vec::new();
    for part in word.split(',') {
        match assignments.last_mut() {
            Some(last) if is_rest_of(last, part) => {
                last.push(',');
                last.push_str(part);
            }
            _ => assignments.push(part.to_owned()),
        }
    }
    assignments
}

/// Whether what stands behind a comma is part of the value before it.
fn is_rest_of(assignment: &str, part: &str) -> bool {
    let kind = assignment
        .split_once('=')
        .and_then(|(key, _)| kind_of_key(key));
    let (name, has_value) = match part.split_once('=') {
        Some((name, _)) => (name, true),
        None => (part, false),
    };
    let first = name.split('.').next().unwrap_or_default();
    if kind_of_key(name).is_some() || kind_of_key(first) == Some(KeyKind::Table) {
        return false;
    }
    match kind {
        // Elements of a list may be assignments themselves: those of variables, which have no such names as keys.
        Some(KeyKind::List) => !has_value || !name.contains(['-', '.']),
        Some(KeyKind::Text) => !has_value,
        _ => false,
    }
}

/// The key of an assignment, and what it is set to; or what is wrong, in the words that scripts know.
pub(super) fn read<'a>(
    assignment: &'a str,
    separator: Option<&str>,
) -> Result<(&'a str, Setting), String> {
    let (key, value) = match assignment.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (assignment, None),
    };
    let Some(kind) = kind_of_key(key) else {
        let name = first_unknown(key);
        return Err(format!("invalid config option: undefined field: {name:?}"));
    };
    let setting = match (kind, value) {
        (KeyKind::Boolean, None) => Setting::Boolean(true),
        (KeyKind::Boolean, Some("nil")) if key.starts_with("features.") => Setting::Absent,
        (KeyKind::Boolean, Some(value)) => {
            let read = boolean(value);
            Setting::Boolean(read.ok_or_else(|| {
                format!("invalid format: parsing {value:?}: not true and not false")
            })?)
        }
        (_, None) => {
            return Err(format!(
                "invalid format: expected key=value; got {assignment}"
            ));
        }
        (KeyKind::Table, Some(_)) => {
            return Err(format!(
                "unsupported type for [{key}]: it is a table; hint: set a key of it"
            ));
        }
        (KeyKind::Text, Some(value)) => Setting::Text(value.to_owned()),
        (KeyKind::List, Some(value)) => Setting::List(match separator {
            Some(separator) => elements(value.split(separator)),
            None => elements(value.split(SEPARATORS)),
        }),
    };
    Ok((key, setting))
}

/// The elements of a list that are any.
fn elements<'v>(parts: impl Iterator<Item = &'v str>) -> Vec<String> {
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The part of a key by which it is none.
fn first_unknown(key: &str) -> &str {
    let ends = key.match_indices('.').map(|(at, _)| at).chain([key.len()]);
    let unknown = ends
        .map(|end| &key[..end])
        .find(|path| kind_of_key(path) != Some(KeyKind::Table));
    let path = unknown.unwrap_or(key);
    // What stands behind a key that is no table is looked for in vain, too.
    match kind_of_key(path) {
        Some(_) => key[path.len()..].trim_start_matches('.'),
        None => path.rsplit('.').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas() {
        for (word, expected) in [
            ("disable-require", &["disable-require"][..]),
            (
                "disable-require=true,swarm-resource=A",
                &["disable-require=true", "swarm-resource=A"],
            ),
            (
                "nvidia-container-runtime.runtimes=a,b,c,disable-require",
                &["nvidia-container-runtime.runtimes=a,b,c", "disable-require"],
            ),
            (
                "supported-driver-capabilities=utility,compute",
                &["supported-driver-capabilities=utility,compute"],
            ),
            (
                "nvidia-container-cli.environment=A=1,B=2,disable-require=1",
                &[
                    "nvidia-container-cli.environment=A=1,B=2",
                    "disable-require=1",
                ],
            ),
            // Misspelt keys stay visible.
            ("disable-require,swarm", &["disable-require", "swarm"]),
            (
                "swarm-resource=A,disable-requir=1",
                &["swarm-resource=A", "disable-requir=1"],
            ),
            (
                "nvidia-container-cli.environment=A=1,disable-requir=1",
                &["nvidia-container-cli.environment=A=1", "disable-requir=1"],
            ),
            (
                "swarm-resource=A,features.nope",
                &["swarm-resource=A", "features.nope"],
            ),
            ("nope=A,b", &["nope=A", "b"]),
            ("", &[""]),
        ] {
            assert_eq!(split(word), expected, "{word}");
        }
    }

    #[test]
    fn settings() {
        let list = |elements: &[&str]| {
            Setting::List(elements.iter().map(|text| (*text).to_owned()).collect())
        };
        let runtimes = "nvidia-container-runtime.runtimes";
        let feature = "features.disable-imex-channel-creation";
        for (assignment, separator, expected) in [
            ("disable-require", None, Setting::Boolean(true)),
            ("disable-require=F", None, Setting::Boolean(false)),
            (&*format!("{feature}=nil"), None, Setting::Absent),
            (feature, None, Setting::Boolean(true)),
            (
                "swarm-resource=a=b,c:d",
                None,
                Setting::Text("a=b,c:d".to_owned()),
            ),
            ("swarm-resource=", None, Setting::Text(String::new())),
            (&*format!("{runtimes}=a:b,c"), None, list(&["a", "b", "c"])),
            (
                &*format!("{runtimes}=a;b:c"),
                Some(";"),
                list(&["a", "b:c"]),
            ),
            (
                &*format!("{runtimes}=a,b:c"),
                Some(","),
                list(&["a", "b:c"]),
            ),
            (&*format!("{runtimes}="), None, list(&[])),
            (&*format!("{runtimes}=a::b:"), None, list(&["a", "b"])),
        ] {
            let (_, setting) = read(assignment, separator).unwrap();
            assert_eq!(setting, expected, "{assignment}");
        }
    }

    #[test]
    fn mistakes_are_worded_as_scripts_know_them() {
        for (assignment, expected) in [
            ("nope=1", "invalid config option: undefined field: \"nope\""),
            ("", "invalid config option: undefined field: \"\""),
            (
                "nvidia-container-cli.nope=1",
                "invalid config option: undefined field: \"nope\"",
            ),
            (
                "nvidia-container-runtime.modes.nope.x",
                "invalid config option: undefined field: \"nope\"",
            ),
            (
                "disable-require.x",
                "invalid config option: undefined field: \"x\"",
            ),
            (
                "swarm-resource",
                "invalid format: expected key=value; got swarm-resource",
            ),
            (
                "features",
                "invalid format: expected key=value; got features",
            ),
            (
                "features=1",
                "unsupported type for [features]: it is a table; hint: set a key of it",
            ),
            (
                "disable-require=nil",
                "invalid format: parsing \"nil\": not true and not false",
            ),
        ] {
            assert_eq!(
                read(assignment, None).unwrap_err(),
                expected,
                "{assignment}"
            );
        }
    }
}
