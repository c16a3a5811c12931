//! One value of a file changed, and nothing else of it.
//!
//! The file is the administrator's: their comments, the order of their keys, keys of other versions and the ends of their
//! lines stay. So the text is not printed anew from what was parsed. The parser says where a value stands, and those bytes
//! alone are replaced; a new key is a line more, in the place of the comment that shows it as an example, or else below the last key of its
//! table. Whether a place was the right one is not argued but tried: the new text is parsed, and the key must be there with
//! its value. A text that no place does justice to is refused.

mod addition;

use crate::default_text::quoted;
use crate::error::{ConfigError, Position};
use crate::field::type_of;
use crate::parse::document;
use addition::Addition;
use std::ops::Range;
use toml_edit::{Item, Key, TableLike, Value};

/// What a key is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// A boolean.
    Boolean(bool),
    /// A string.
    Text(String),
    /// An array of strings.
    List(Vec<String>),
    /// Nothing: the key is taken out.
    Absent,
}

/// Why a key was not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text cannot be used as it is.
    #[error(transparent)]
    Unusable(#[from] ConfigError),

    /// Something else has the key's name.
    #[error("`{key}` is {found} at {at}, and no value that could be set")]
    NoValue {
        /// The key, with its tables.
        key: String,
        /// What it is.
        found: &'static str,
        /// Where it is.
        at: Position,
    },

    /// The table of the key is written in a way that leaves no room for it.
    #[error("there is no place for `{key}`; hint: write its table as a section, `[{table}]`")]
    NoPlace {
        /// The key, with its tables.
        key: String,
        /// Its table.
        table: String,
    },
}

/// The text with `key` set. Where it has that value already, the text comes back as it was.
pub fn set(text: &str, key: &str, setting: &Setting) -> Result<String, EditError> {
    let document = document(text)?;
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let new = match find(document.as_table(), key) {
        Some(found) if setting.is(found.item) => return Ok(text.to_owned()),
        Some(found) => {
            let Item::Value(value) = found.item else {
                return Err(EditError::NoValue {
                    key: key.to_owned(),
                    found: type_of(found.item),
                    at: Position::of(text, found.key.span().map_or(0, |span| span.start)),
                });
            };
            match (value.span(), setting.text()) {
                (Some(span), Some(value)) => Some(splice(text, span, &value)),
                (Some(span), None) => taken_out(text, &found, span),
                (None, _) => None,
            }
            .filter(|new| holds(new, key, setting))
        }
        None => match setting.text() {
            None => return Ok(text.to_owned()),
            Some(value) => Addition { text, table, name }
                .places(document.as_table(), &value)
                .find(|new| holds(new, key, setting)),
        },
    };
    new.ok_or_else(|| EditError::NoPlace {
        key: key.to_owned(),
        table: table.to_owned(),
    })
}

impl Setting {
    /// How TOML writes it; `None` for nothing.
    fn text(&self) -> Option<String> {
        match self {
            Self::Boolean(value) => Some(value.to_string()),
            Self::Text(value) => Some(quoted(value)),
            Self::List(values) => {
                let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
                Some(format!("[{}]", values.join(", ")))
            }
            Self::Absent => None,
        }
    }

    fn is(&self, item: &Item) -> bool {
        match self {
            Self::Boolean(value) => item.as_bool() == Some(*value),
            Self::Text(value) => item.as_str() == Some(value),
            Self::List(values) => item.as_array().is_some_and(|array| {
                let found = array.iter().map(Value::as_str);
                found.eq(values.iter().map(|value| Some(value.as_str())))
            }),
            Self::Absent => false,
        }
    }
}

/// A key that the text has.
struct Found<'d> {
    key: &'d Key,
    item: &'d Item,
    is_in_inline_table: bool,
}

fn find<'d>(root: &'d dyn TableLike, key: &str) -> Option<Found<'d>> {
    let mut table = root;
    let mut is_in_inline_table = false;
    let mut names = key.split('.').peekable();
    loop {
        let (key, item) = table.get_key_value(names.next()?)?;
        if names.peek().is_none() {
            return Some(Found {
                key,
                item,
                is_in_inline_table,
            });
        }
        is_in_inline_table |= item.is_inline_table();
        table = item.as_table_like()?;
    }
}

/// Whether a text is a configuration in which `key` has been set.
fn holds(text: &str, key: &str, setting: &Setting) -> bool {
    let Ok(document) = document(text) else {
        return false;
    };
    match find(document.as_table(), key) {
        None => *setting == Setting::Absent,
        Some(found) => setting.is(found.item),
    }
}

fn splice(text: &str, place: Range<usize>, new: &str) -> String {
    let mut spliced = text.to_owned();
    spliced.replace_range(place, new);
    spliced
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// Behind the end of the line, or the end of the text.
fn line_end(text: &str, offset: usize) -> usize {
    text[offset..]
        .find('\n')
        .map_or(text.len(), |at| offset + at + 1)
}

/// The text without a key: its lines, with what is said behind it; or its part of an inline table, with one comma.
fn taken_out(text: &str, found: &Found<'_>, value: Range<usize>) -> Option<String> {
    let start = found.key.span()?.start;
    if !found.is_in_inline_table {
        let lines = line_start(text, start)..line_end(text, value.end);
        return Some(splice(text, lines, ""));
    }
    let before = text[..start].trim_end();
    if !before.ends_with(['{', ',']) {
        // A key with dots: what remained of it would become part of the next.
        return None;
    }
    let behind = text[value.end..].trim_start();
    if let Some(behind) = behind.strip_prefix(',') {
        let end = text.len() - behind.trim_start().len();
        return Some(splice(text, start..end, ""));
    }
    let before = before.strip_suffix(',').unwrap_or(before);
    Some(splice(text, before.len()..value.end, ""))
}
