//! `environment`, `args`, `labels`: names with values, as a mapping or as a list.

use liftgate_dockerfile::Span;

use super::Reader;
use crate::sources::yaml::{Shape, Value};

/// Where something is used, and where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where it is used: the alias (`*env`), or where it is written.
    pub used: Span,
    /// Where it is written.
    pub written: Span,
}

/// A name with a value.
///
/// Of a list each item is `NAME=value`; white space before the equals sign is refused (`environment variable A is declared with a
/// trailing space`, types/mapping.go), and quotes behind it are part of the value, which people do not expect.
#[derive(Debug, Clone, Copy)]
pub struct Assignment<'t> {
    /// The name.
    pub name: &'t str,
    /// The value, with its variables. `None`: only the name is there, and the value is that of whoever runs compose.
    pub value: Option<&'t str>,
    /// Where the name stands.
    pub name_place: Place,
    /// Where the value stands; where there is none, the name.
    pub value_place: Place,
    /// Whether it is an item of a list.
    pub in_list: bool,
}

pub(super) fn assignments<'t>(
    value: Option<Value<'t>>,
    reader: &mut Reader<'t>,
) -> Vec<Assignment<'t>> {
    let Some(value) = value else {
        return Vec::new();
    };
    if value.shape() == Shape::Mapping {
        let pairs = reader.pairs(value);
        return pairs
            .into_iter()
            .filter_map(|pair| {
                let place = |value: Value<'_>| Place {
                    used: value.used(),
                    written: value.written(),
                };
                let name_place = place(pair.key);
                let is_there = !pair.value.is_null();
                Some(Assignment {
                    name: pair.key.text()?,
                    value: pair.value.text().filter(|_| is_there),
                    name_place,
                    value_place: if is_there {
                        place(pair.value)
                    } else {
                        name_place
                    },
                    in_list: false,
                })
            })
            .collect();
    }
    let mut found = Vec::new();
    for item in value.items() {
        if !reader.charge(item) {
            break;
        }
        let Some(text) = item.text() else { continue };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let name_place = reader.part(item, 0..name.len());
        found.push(Assignment {
            name,
            value,
            name_place,
            value_place: match value {
                Some(_) => reader.part(item, name.len() + 1..text.len()),
                None => name_place,
            },
            in_list: true,
        });
    }
    found
}
