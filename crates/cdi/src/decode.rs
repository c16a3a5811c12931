//! From nodes of the tree to typed values.
//!
//! It is strict where a mistake would otherwise change what a container gets: a field that no version of CDI
//! knows, a field twice (also in two spellings: the engines take names in any letter case), a string that
//! should be a number. It coerces where the engines coerce (see [`scalar`](crate::scalar)), for a name that
//! the engine reads as `0` must be `0` here.

use std::collections::BTreeMap;
use std::fmt;

use crate::scalar::{Plain, float_text, meaning};
use crate::shown::Shown;
use crate::source::ReadError;
use crate::tree::{Node, Value, tree};

/// The way to a node; only written out for an error.
#[derive(Clone, Copy)]
pub(crate) enum Way<'w> {
    Root,
    Field(&'w Way<'w>, &'static str),
    Item(&'w Way<'w>, usize),
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

pub(crate) type Reading<T> = Result<T, ReadError>;

fn error<T>(node: &Node<'_>, way: Way<'_>, reason: impl Into<String>) -> Reading<T> {
    Err(ReadError {
        line: node.line,
        column: node.column,
        field: way.to_string(),
        reason: reason.into(),
    })
}

/// The values of a map's fields, in the order of `names`; those that are absent or null stay `None`.
pub(crate) fn fields<'n, 'a>(
    node: &'n Node<'a>,
    way: Way<'_>,
    names: &[&'static str],
    found: &mut [Option<&'n Node<'a>>],
) -> Reading<()> {
    let mut seen = 0_u32;
    for (key, value) in entries(node, way)? {
        let name = key_text(key, way)?;
        let Some(at) = names.iter().position(|known| folds_to(&name, known)) else {
            return error(
                key,
                way,
                format!("has no field `{}` in any CDI version", Shown(&name)),
            );
        };
        if seen & (1 << at) != 0 {
            return error(key, way, format!("has the field `{}` twice", names[at]));
        }
        seen |= 1 << at;
        found[at] = Some(value).filter(|value| !is_null(value));
    }
    Ok(())
}

pub(crate) fn annotations(
    node: Option<&Node<'_>>,
    way: Way<'_>,
) -> Reading<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let Some(node) = node else {
        return Ok(all);
    };
    for (key, value) in entries(node, way)? {
        let name = key_text(key, way)?;
        if all.contains_key(&name) {
            return error(key, way, format!("has the key `{}` twice", Shown(&name)));
        }
        all.insert(name, text(value, way)?);
    }
    Ok(all)
}

/// Keys and values of a map. Those of a map under the key `<<` (or of each of a list of maps) stand with them.
fn entries<'n, 'a>(node: &'n Node<'a>, way: Way<'_>) -> Reading<Vec<(&'n Node<'a>, &'n Node<'a>)>> {
    let Value::Map(pairs) = &node.value else {
        return error(node, way, format!("is {}, not a map", kind_of(node)));
    };
    let mut all = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let is_merge = matches!(&key.value, Value::Scalar { text, is_plain: true } if text == "<<");
        match &value.value {
            _ if !is_merge => all.push((key, value)),
            Value::List(maps) => {
                for map in maps {
                    all.extend(entries(map, way)?);
                }
            }
            _ => all.extend(entries(value, way)?),
        }
    }
    Ok(all)
}

/// A key. The engines write an infinite number as YAML does here, and as Go does where it is a value.
fn key_text(key: &Node<'_>, way: Way<'_>) -> Reading<String> {
    let found = match &key.value {
        Value::Scalar {
            text,
            is_plain: true,
        } => meaning(text),
        Value::Scalar { .. } => Plain::Text,
        _ => Plain::Null,
    };
    match found {
        Plain::Null => error(key, way, format!("has {} for a key", kind_of(key))),
        Plain::Float(number) => Ok(match float_text(number) {
            text if text == "NaN" => ".nan".to_owned(),
            text if text == "+Inf" => ".inf".to_owned(),
            text if text == "-Inf" => "-.inf".to_owned(),
            text => text,
        }),
        _ => text(key, way),
    }
}

pub(crate) fn list<T>(
    node: Option<&Node<'_>>,
    way: Way<'_>,
    item: fn(&Node<'_>, Way<'_>) -> Reading<T>,
) -> Reading<Vec<T>> {
    let Some(node) = node else {
        return Ok(Vec::new());
    };
    let Value::List(items) = &node.value else {
        return error(node, way, format!("is {}, not a list", kind_of(node)));
    };
    let items = items.iter().enumerate();
    items
        .map(|(index, node)| item(node, Way::Item(&way, index)))
        .collect()
}

/// A string: what is written, or what the engines make of a number or a switch.
pub(crate) fn text(node: &Node<'_>, way: Way<'_>) -> Reading<String> {
    let Value::Scalar { text, is_plain } = &node.value else {
        return error(node, way, format!("is {}, not a string", kind_of(node)));
    };
    if !is_plain {
        return Ok(text.clone().into_owned());
    }
    Ok(match meaning(text) {
        Plain::Null => String::new(),
        Plain::Bool(switch) => switch.to_string(),
        Plain::Int(number) => number.to_string(),
        Plain::Float(number) => float_text(number),
        Plain::Text => text.clone().into_owned(),
    })
}

pub(crate) fn text_of(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<String> {
    node.map_or_else(|| Ok(String::new()), |node| text(node, way))
}

/// A string that is as good as absent when it is empty.
pub(crate) fn some_text_of(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<Option<String>> {
    let text = text_of(node, way)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn number(node: &Node<'_>, way: Way<'_>, low: i128, high: i128) -> Reading<i128> {
    let found = match &node.value {
        Value::Scalar {
            text,
            is_plain: true,
        } => meaning(text),
        _ => return error(node, way, format!("is {}, not a number", kind_of(node))),
    };
    let number = match found {
        Plain::Int(number) => number,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole, and a range check follows"
        )]
        Plain::Float(number) if number.fract() == 0.0 => number as i128,
        _ => {
            return error(
                node,
                way,
                format!("is {}, not a whole number", kind_of(node)),
            );
        }
    };
    if number < low || number > high {
        return error(
            node,
            way,
            format!("is {number}, which is not within {low} and {high}"),
        );
    }
    Ok(number)
}

pub(crate) fn number_of(
    node: Option<&Node<'_>>,
    way: Way<'_>,
    low: i128,
    high: i128,
) -> Reading<Option<i128>> {
    node.map(|node| number(node, way, low, high)).transpose()
}

/// A user, a group, a mode: 32 bits.
pub(crate) fn id(node: &Node<'_>, way: Way<'_>) -> Reading<u32> {
    // Null in a list is zero to the engines.
    if is_null(node) {
        return Ok(0);
    }
    number(node, way, 0, u32::MAX.into()).map(|number| u32::try_from(number).unwrap_or(0))
}

pub(crate) fn id_of(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<Option<u32>> {
    node.map(|node| id(node, way)).transpose()
}

pub(crate) fn switch_of(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<bool> {
    let Some(node) = node else { return Ok(false) };
    match &node.value {
        Value::Scalar {
            text,
            is_plain: true,
        } => match meaning(text) {
            Plain::Bool(switch) => Ok(switch),
            _ => error(
                node,
                way,
                format!("is {}, not `true` or `false`", kind_of(node)),
            ),
        },
        _ => error(
            node,
            way,
            format!("is {}, not `true` or `false`", kind_of(node)),
        ),
    }
}

pub(crate) fn is_null(node: &Node<'_>) -> bool {
    matches!(&node.value, Value::Scalar { text, is_plain: true } if meaning(text) == Plain::Null)
}

fn kind_of(node: &Node<'_>) -> &'static str {
    match &node.value {
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Scalar {
            is_plain: false, ..
        } => "a string",
        Value::Scalar { text, .. } => match meaning(text) {
            Plain::Null => "null",
            Plain::Bool(_) => "a switch",
            Plain::Int(_) | Plain::Float(_) => "a number",
            Plain::Text => "a string",
        },
    }
}

/// Equality as Go's `encoding/json` compares keys: by simple folding, in which two characters beyond ASCII reach ASCII letters.
fn folds_to(key: &str, name: &str) -> bool {
    let fold = |character: char| match character {
        '\u{017F}' => 's',
        '\u{212A}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(name.chars().map(fold))
}

/// The line of a field, named as in [`ReadError::field`]; that of the innermost part of it that is there.
pub(crate) fn line_of(bytes: &[u8], field: &str) -> Option<u32> {
    let root = tree(bytes).ok()??;
    let (mut node, mut line) = (&root, root.line);
    for step in field.split(['.', '[']) {
        let next = match (&node.value, step.strip_suffix(']')) {
            (Value::List(items), Some(index)) => {
                index.parse().ok().and_then(|index: usize| items.get(index))
            }
            (Value::Map(_), None) => {
                let pairs = entries(node, Way::Root).ok()?;
                let is_it = |key: &Node<'_>| matches!(&key.value, Value::Scalar { text, .. } if folds_to(text, step));
                let found = pairs.into_iter().find(|(key, _)| is_it(key));
                // What stands behind a key may begin on a line below it.
                found.map(|(key, value)| {
                    line = key.line;
                    value
                })
            }
            _ => None,
        };
        let Some(next) = next else { break };
        if matches!(next.value, Value::Scalar { .. }) || step.ends_with(']') {
            line = next.line;
        }
        node = next;
    }
    Some(line)
}
