//! JSON as people write it into `daemon.json`.
//!
//! The tree is jsonc-parser's, which keeps comments, order, indentation and numbers as they were written. What Go's decoder, which
//! will read the result, takes for something else than people do is refused where it matters: a key that is there twice (the last
//! one counts, or both are merged, by its type). Comments are kept though no Go program reads them: whoever wrote them has a daemon
//! that does not start, and an edit that dropped them would only hide that.

use crate::{Position, Refused};
use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

/// The byte order mark that some editors put in front, and that dockerd skips.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What is read where there is nothing, or an object that says nothing about how its members are written: by this they
/// are, as NVIDIA's documentation shows them.
const EMPTY: &str = "{\n    \"\": 0\n}\n";

/// A document whose outermost value is an object.
#[derive(Debug)]
pub(crate) struct Json<'t> {
    text: &'t str,
    root: CstRootNode,
    object: CstObject,
    has_comments: bool,
}

impl<'t> Json<'t> {
    /// Reads a document; a text of nothing but blanks is an object without members, as it is for dockerd.
    pub(crate) fn parse(text: &'t str) -> Result<Self, Refused> {
        let body = body_of(text);
        let collect = CollectOptions {
            comments: CommentCollectionStrategy::Separate,
            tokens: false,
        };
        let is_empty = is_nothing(body);
        let read = if is_empty { EMPTY } else { body };
        let parsed = parse_to_ast(read, &collect, &options()).map_err(|error| {
            Refused::at(
                Position::of(read, error.range().start),
                format!("not JSON: {}", error.kind()),
            )
        })?;
        let has_comments = parsed.comments.is_some_and(|comments| !comments.is_empty());
        let found = match &parsed.value {
            Some(Value::Object(_)) => None,
            Some(other) => Some((other.start(), kind(other))),
            None => Some((0, "nothing but comments")),
        };
        if let Some((start, found)) = found {
            return Err(Refused::at(
                Position::of(read, start),
                format!("{found}, where an object has to be"),
            ));
        }
        let root = CstRootNode::parse(read, &options())
            .map_err(|error| Refused::new(format!("not JSON: {}", error.kind())))?;
        let object = root.object_value_or_set();
        Ok(Self {
            text,
            root,
            object,
            has_comments,
        })
    }

    /// The document's text now.
    pub(crate) fn text(&self) -> String {
        // What stood for nothing has done its work: the indentation was taken from it.
        if is_nothing(body_of(self.text)) {
            remove(&self.object, "");
        }
        let mark = if self.text.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.to_string()
        } else {
            String::new()
        };
        format!("{mark}{}", self.root)
    }

    /// Whether there is nothing in it, not even a comment.
    pub(crate) fn is_empty(&self) -> bool {
        let is_nothing = is_nothing(body_of(self.text));
        is_nothing || (self.object.properties().is_empty() && !self.has_comments)
    }

    /// Whether there are comments in it.
    pub(crate) const fn has_comments(&self) -> bool {
        self.has_comments
    }

    /// The outermost object.
    pub(crate) const fn object(&self) -> &CstObject {
        &self.object
    }

    /// The object at `path`; `None` if it is not there, or `null`.
    pub(crate) fn object_at(&self, path: &[&str]) -> Result<Option<CstObject>, Refused> {
        let mut object = self.object.clone();
        for depth in 0..path.len() {
            let path = &path[..=depth];
            let Some(value) = self.value_in(&object, path)? else {
                return Ok(None);
            };
            match value.as_object() {
                Some(inner) => object = inner,
                None if value.as_null_keyword().is_some() => return Ok(None),
                None => return Err(self.wrong(path, "an object")),
            }
        }
        Ok(Some(object))
    }

    /// The object at `path`, made where it is not.
    pub(crate) fn object_or_new(&self, path: &[&str]) -> Result<CstObject, Refused> {
        // Refuses what is no object.
        self.object_at(path)?;
        let mut object = self.object.clone();
        for name in path {
            object = object.object_value_or_set(name);
        }
        Ok(object)
    }

    /// The text at `path`; `None` if it is not there, or `null`.
    pub(crate) fn string_at(&self, path: &[&str]) -> Result<Option<String>, Refused> {
        let text = |value: CstNode| value.as_string_lit()?.decoded_value().ok();
        self.at(path, "a text", text)
    }

    /// The boolean at `path`; `None` if it is not there, or `null`.
    pub(crate) fn boolean_at(&self, path: &[&str]) -> Result<Option<bool>, Refused> {
        let boolean = |value: CstNode| Some(value.as_boolean_lit()?.value());
        self.at(path, "true or false", boolean)
    }

    /// What `read` makes of the value at `path`, which has to be what is expected.
    fn at<T>(
        &self,
        path: &[&str],
        expected: &str,
        read: impl Fn(CstNode) -> Option<T>,
    ) -> Result<Option<T>, Refused> {
        let Some((_, above)) = path.split_last() else {
            return Ok(None);
        };
        let Some(object) = self.object_at(above)? else {
            return Ok(None);
        };
        match self.value_in(&object, path)? {
            None => Ok(None),
            Some(value) if value.as_null_keyword().is_some() => Ok(None),
            Some(value) => read(value)
                .map(Some)
                .ok_or_else(|| self.wrong(path, expected)),
        }
    }

    /// Refuses a key that is there more than once, and gives the value of the last part of `path` in `object`.
    fn value_in(&self, object: &CstObject, path: &[&str]) -> Result<Option<CstNode>, Refused> {
        let Some(name) = path.last() else {
            return Ok(None);
        };
        let mut named = members(object, name);
        let first = named.next();
        if named.next().is_some() {
            let at = places(body_of(self.text), path).get(1).copied();
            return Err(Refused {
                at,
                reason: format!(
                    "`{name}` is there a second time: one of the two has to go, and only you know which"
                ),
            });
        }
        Ok(first.and_then(|member| member.value()))
    }

    fn wrong(&self, path: &[&str], expected: &str) -> Refused {
        Refused {
            at: places(body_of(self.text), path).first().copied(),
            reason: format!("`{}` is not {expected}", path.join(".")),
        }
    }
}

/// Sets a member of an object, in its place if it is there.
pub(crate) fn set(object: &CstObject, name: &str, value: CstInputValue) {
    let member = members(object, name).next();
    match member {
        Some(member) => member.set_value(value),
        None => drop(object.append(name, value)),
    }
}

/// Takes a member out of an object.
pub(crate) fn remove(object: &CstObject, name: &str) {
    for member in members(object, name).collect::<Vec<_>>() {
        member.remove();
    }
}

/// Members by that name; there should be one. The name is compared as it is meant, not as it is escaped.
fn members<'o>(
    object: &'o CstObject,
    name: &'o str,
) -> impl Iterator<Item = CstObjectProp> + use<'o> {
    let properties = object.properties().into_iter();
    properties.filter(move |member| member.decoded_name().as_deref() == Some(name))
}

/// Whether there is nothing in the text that an edit would have to keep.
fn is_nothing(body: &str) -> bool {
    let text = body.trim();
    text.is_empty() || (text.starts_with('{') && text[1..].trim() == "}")
}

fn body_of(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// JSON, and comments: nothing else that the parser would take.
const fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// Where the keys of `path` stand in the text: every place where the last of them does.
fn places(text: &str, path: &[&str]) -> Vec<Position> {
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::Off,
        tokens: false,
    };
    let parsed = parse_to_ast(text, &collect, &options());
    let mut values: Vec<Value<'_>> = parsed
        .ok()
        .and_then(|parsed| parsed.value)
        .into_iter()
        .collect();
    let mut starts = Vec::new();
    for name in path {
        let members: Vec<ObjectProp<'_>> = values
            .into_iter()
            .filter_map(|value| match value {
                Value::Object(object) => Some(object.properties),
                _ => None,
            })
            .flatten()
            .filter(|member| member.name.as_str() == *name)
            .collect();
        starts = members.iter().map(|member| member.range.start).collect();
        values = members.into_iter().map(|member| member.value).collect();
    }
    starts
        .into_iter()
        .map(|start| Position::of(text, start))
        .collect()
}

fn kind(value: &Value<'_>) -> &'static str {
    match value {
        Value::Array(_) => "an array",
        Value::StringLit(_) => "a text",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "true or false",
        Value::NullKeyword(_) => "null",
        Value::Object(_) => "an object",
    }
}
