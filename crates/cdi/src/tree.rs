//! The text of a specification as a tree, with the place of every node.
//!
//! YAML and JSON come through the same parser, for the engines do it so: a `.json` file with comments works
//! with them. It refuses what can cost more than the file is worth before or while it is read: more than
//! [`MAX_BYTES`], deeper nesting than any specification has, and aliases that unfold to more than a file
//! could hold (an anchor of nine aliases of an anchor of nine aliases …, the bomb that has ended more than one
//! YAML reader). Of several documents the first counts; what follows it must at least be another document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::shown::Shown;
use crate::source::{MAX_BYTES, ReadError, text_of};

/// The most nodes, after aliases are unfolded; and the most signs in a text that could begin or end one.
const MAX_NODES: usize = 1 << 19;

/// The deepest nesting. `devices[0].containerEdits.deviceNodes[0].path` has seven levels.
const MAX_DEPTH: usize = 32;

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub(crate) value: Value<'a>,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Scalar {
        text: Cow<'a, str>,
        /// Whether it stands without quotes, so that it may be something else than a string.
        is_plain: bool,
    },
    List(Vec<Node<'a>>),
    Map(Vec<(Node<'a>, Node<'a>)>),
}

/// A collection that has begun.
struct Open<'a> {
    node: Node<'a>,
    anchor: usize,
    /// The key whose value comes next.
    key: Option<Node<'a>>,
}

struct Builder<'a> {
    /// How many there are.
    lines: u32,
    open: Vec<Open<'a>>,
    /// Nodes with an anchor, by the parser's number for it; `None` while one is not complete.
    anchors: BTreeMap<usize, Option<Node<'a>>>,
    /// Nodes that may still be made, and bytes of text in copies of them.
    nodes_left: usize,
    bytes_left: usize,
}

/// The first document in `bytes`, or `None` where there is no document at all.
pub(crate) fn tree(bytes: &[u8]) -> Result<Option<Node<'_>>, ReadError> {
    let text = text_of(bytes, MAX_NODES)?;
    let mut parser = Parser::new_from_str(text);
    let breaks = text.bytes().filter(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = u32::try_from(breaks.count() + 1).unwrap_or(u32::MAX);
    let mut builder = Builder {
        lines,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        nodes_left: MAX_NODES,
        bytes_left: MAX_BYTES,
    };
    let mut root = None;
    loop {
        let Some(next) = parser.next_event() else {
            return Ok(root);
        };
        let (event, span) = next.map_err(|error| syntax(&error, lines))?;
        match event {
            Event::StreamEnd => return Ok(root),
            Event::DocumentEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
            event => {
                if let Some(whole) = builder.take(event, span)? {
                    root = Some(whole);
                }
            }
        }
    }
    match parser.next_event() {
        Some(Err(error)) => Err(syntax(&error, lines)),
        _ => Ok(root),
    }
}

impl<'a> Builder<'a> {
    /// One event; the whole tree with the last of them.
    fn take(&mut self, event: Event<'a>, span: Span) -> Result<Option<Node<'a>>, ReadError> {
        let (line, column) = place(span, self.lines);
        let error = |reason: &str| ReadError {
            line,
            column,
            field: String::new(),
            reason: reason.to_owned(),
        };
        let at = |value| Node {
            value,
            line,
            column,
        };
        self.charge(1, 0).map_err(error)?;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                check_tag(tag.as_deref(), "str").map_err(|reason| error(&reason))?;
                let node = at(Value::Scalar { text, is_plain });
                self.complete(node, anchor).map_err(error)
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq").map_err(|reason| error(&reason))?;
                let node = at(Value::List(Vec::new()));
                self.begin(node, anchor).map_err(error)?;
                Ok(None)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map").map_err(|reason| error(&reason))?;
                let node = at(Value::Map(Vec::new()));
                self.begin(node, anchor).map_err(error)?;
                Ok(None)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.complete(open.node, open.anchor).map_err(error),
                None => Ok(None),
            },
            Event::Alias(anchor) => {
                let node = match self.anchors.get(&anchor) {
                    Some(Some(node)) => node,
                    Some(None) => return Err(error("an alias within its own anchor")),
                    None => return Err(error("an alias without its anchor")),
                };
                let size = size(node);
                let copy = node.clone();
                self.charge(size.nodes, size.bytes).map_err(error)?;
                if self.open.len() + size.depth > MAX_DEPTH {
                    return Err(error(TOO_DEEP));
                }
                self.complete(copy, 0).map_err(error)
            }
            _ => Ok(None),
        }
    }

    fn begin(&mut self, node: Node<'a>, anchor: usize) -> Result<(), &'static str> {
        if self.open.len() == MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.open.push(Open {
            node,
            anchor,
            key: None,
        });
        Ok(())
    }

    /// Puts a node where it belongs.
    fn complete(
        &mut self,
        node: Node<'a>,
        anchor: usize,
    ) -> Result<Option<Node<'a>>, &'static str> {
        if anchor != 0 {
            let size = size(&node);
            self.charge(size.nodes, size.bytes)?;
            self.anchors.insert(anchor, Some(node.clone()));
        }
        let Some(parent) = self.open.last_mut() else {
            return Ok(Some(node));
        };
        match &mut parent.node.value {
            Value::List(items) => items.push(node),
            Value::Map(pairs) => match parent.key.take() {
                None => parent.key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
            Value::Scalar { .. } => {}
        }
        Ok(None)
    }

    fn charge(&mut self, nodes: usize, bytes: usize) -> Result<(), &'static str> {
        let left = |have: usize, cost| {
            have.checked_sub(cost)
                .ok_or("too many nodes, once aliases are unfolded")
        };
        self.nodes_left = left(self.nodes_left, nodes)?;
        self.bytes_left = left(self.bytes_left, bytes)?;
        Ok(())
    }
}

const TOO_DEEP: &str = "nested deeper than any specification is";

/// What a copy of a node costs.
struct Size {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

/// Not deep itself: [`MAX_DEPTH`] bounds what is complete, aliases unfolded or not.
fn size(node: &Node<'_>) -> Size {
    let mut total = Size {
        nodes: 1,
        bytes: 0,
        depth: 0,
    };
    let mut add = |part: &Node<'_>| {
        let part = size(part);
        total.nodes += part.nodes;
        total.bytes += part.bytes;
        total.depth = total.depth.max(part.depth + 1);
    };
    match &node.value {
        Value::Scalar { text, .. } => total.bytes = text.len(),
        Value::List(items) => items.iter().for_each(add),
        Value::Map(pairs) => {
            for (key, value) in pairs {
                add(key);
                add(value);
            }
        }
    }
    total
}

/// `!!str` and its like say what is so anyway. Any other tag asks for a type that a specification has no use for.
fn check_tag(tag: Option<&Tag>, own: &str) -> Result<(), String> {
    match tag {
        None => Ok(()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == own => Ok(()),
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Ok(()),
        Some(tag) => Err(format!(
            "the tag `{}{}`",
            Shown(&tag.handle),
            Shown(&tag.suffix)
        )),
    }
}

/// Line and column. At the end of the text the parser may be a line ahead of it.
fn place(span: Span, lines: u32) -> (u32, u32) {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (
        number(span.start.line()).min(lines),
        number(span.start.col()).saturating_add(1),
    )
}

fn syntax(error: &ScanError, lines: u32) -> ReadError {
    let (line, column) = place(Span::empty(*error.marker()), lines);
    let reason = match error.info() {
        // In their own way the parser's words are right: it wants a space as well.
        "':' must be followed by a valid YAML whitespace" => {
            "a tab behind a `:`, where a space belongs"
        }
        "recursion limit exceeded" => TOO_DEEP,
        other => other,
    };
    ReadError {
        line,
        column,
        field: String::new(),
        reason: Shown(reason).to_string(),
    }
}
