//! What a configuration file says, whatever way it is written: JSON and TOML as one kind of value.
//!
//! Numbers are kept as the text they were, `{"number": "1e400"}`: two parsers that read `12345678901234567890`
//! must not agree because both of them round it.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The language of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Json,
    Toml,
}

impl Language {
    /// By its name: what is no JSON is TOML, as containers' engines have nothing else.
    pub(crate) fn of(path: &str) -> Self {
        if std::path::Path::new(path)
            .extension()
            .is_some_and(|end| end == "json")
        {
            Self::Json
        } else {
            Self::Toml
        }
    }
}

/// What a text says, or `None` if it says nothing that its engine could read.
pub(crate) fn read(language: Language, text: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(text).ok()?;
    // A byte order mark says how a text is written, not what it says.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match language {
        // An engine reads a file without a value as one without a setting.
        Language::Json if text.trim().is_empty() => Some(json!({})),
        Language::Json => json_value(serde_json::from_str(&without_comments(text)).ok()?),
        Language::Toml => toml::from_str::<toml::Table>(text)
            .ok()
            .map(|table| toml_value(&toml::Value::Table(table))),
    }
}

/// A JSON text with blanks instead of `// …` and `/* … */`, byte for byte.
pub(crate) fn without_comments(text: &str) -> String {
    let mut blank = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, is_comment) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), true)
        } else if rest.starts_with("/*") {
            (rest.find("*/").map_or(rest.len(), |end| end + 2), true)
        } else if first == '"' {
            let mut is_escaped = false;
            let end = rest.char_indices().skip(1).find(|&(_, one)| {
                let is_end = one == '"' && !is_escaped;
                is_escaped = one == '\\' && !is_escaped;
                is_end
            });
            (end.map_or(rest.len(), |(at, _)| at + 1), false)
        } else {
            (first.len_utf8(), false)
        };
        if is_comment {
            blank.extend(std::iter::repeat_n(' ', length));
        } else {
            blank.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    blank
}

/// Reads JSON as Go does: of two members of one name the last one counts.
fn json_value(raw: &RawValue) -> Option<Value> {
    let text = raw.get();
    let value = match text.as_bytes().first()? {
        b'{' => {
            let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).ok()?;
            let mut map = Map::new();
            for (key, member) in members {
                map.insert(key, json_value(&member)?);
            }
            Value::Object(map)
        }
        b'[' => {
            let elements: Vec<Box<RawValue>> = serde_json::from_str(text).ok()?;
            let list: Option<_> = elements.iter().map(|one| json_value(one)).collect();
            Value::Array(list?)
        }
        b'-' | b'0'..=b'9' => number(text),
        _ => serde_json::from_str(text).ok()?,
    };
    Some(value)
}

fn toml_value(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(integer) => number(&integer.to_string()),
        toml::Value::Float(float) => number(&float.to_string()),
        toml::Value::Boolean(is) => json!(is),
        toml::Value::Datetime(time) => json!({ "time": time.to_string() }),
        toml::Value::Array(list) => Value::Array(list.iter().map(toml_value).collect()),
        toml::Value::Table(table) => {
            let members = table
                .iter()
                .map(|(key, one)| (key.clone(), toml_value(one)));
            Value::Object(members.collect())
        }
    }
}

fn number(text: &str) -> Value {
    json!({ "number": text })
}

/// Where a runtime's entries stand in a file of some engine.
const RUNTIMES: [&[&str]; 5] = [
    &["runtimes"],
    &["plugins", "cri", "containerd", "runtimes"],
    &[
        "plugins",
        "io.containerd.grpc.v1.cri",
        "containerd",
        "runtimes",
    ],
    &[
        "plugins",
        "io.containerd.cri.v1.runtime",
        "containerd",
        "runtimes",
    ],
    &["crio", "runtime", "runtimes"],
];

/// What an entry of a runtime may say or leave out, because its engine takes the one for the other.
///
/// dockerd knows no `args`, and no arguments are none; containerd's zero values are its defaults.
fn defaults() -> [(&'static str, Value); 6] {
    [
        ("args", json!([])),
        ("runtimeArgs", json!([])),
        ("privileged_without_host_devices", json!(false)),
        ("runtime_engine", json!("")),
        ("runtime_root", json!("")),
        ("runtime_path", json!("")),
    ]
}

/// The form in which two files are compared: settings that are as good as absent are left out, and tables that are
/// empty then, and the order of `imports` stays.
pub(crate) fn normal(mut value: Value) -> Value {
    for path in RUNTIMES {
        let entries = path
            .iter()
            .try_fold(&mut value, |table, key| table.get_mut(*key))
            .and_then(Value::as_object_mut);
        for entry in entries.into_iter().flat_map(Map::values_mut) {
            for (key, default) in defaults() {
                if let Some(entry) = entry.as_object_mut()
                    && entry.get(key) == Some(&default)
                {
                    entry.remove(key);
                }
            }
        }
    }
    value
}

/// The differences of two values, one a line: `/runtimes/nvidia/path: "a", not "b"`.
pub(crate) fn differences(path: &str, is: Option<&Value>, wanted: Option<&Value>) -> Vec<String> {
    match (is, wanted) {
        (Some(Value::Object(is)), Some(Value::Object(wanted))) => {
            let mut keys: Vec<&String> = is.keys().chain(wanted.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter()
                .flat_map(|key| differences(&format!("{path}/{key}"), is.get(key), wanted.get(key)))
                .collect()
        }
        (is, wanted) if is == wanted => Vec::new(),
        (is, wanted) => {
            let shown =
                |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            vec![format!("{path}: {}, not {}", shown(is), shown(wanted))]
        }
    }
}

/// Applies a merge patch (RFC 7386): a member that is `null` is taken away.
pub(crate) fn patched(value: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else {
        return patch.clone();
    };
    let mut map = value.as_object().cloned().unwrap_or_default();
    for (key, change) in patch {
        if change.is_null() {
            map.remove(key);
        } else {
            let before = map.get(key).cloned().unwrap_or(Value::Null);
            map.insert(key.clone(), patched(&before, change));
        }
    }
    Value::Object(map)
}
