//! From the parser's events to a tree.

use std::borrow::Cow;
use std::collections::HashMap;

use liftgate_dockerfile::Span;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::places::Places;
use super::{
    Duplicate, Kind, MAX_BYTES, MAX_DEPTH, MAX_MERGED, MAX_NODES, Mapping, Node, NodeId, Style,
    Yaml, YamlError,
};

/// The most keys that are named for being there twice.
const MOST_DUPLICATES: usize = 1000;

/// How often a text is looked at again, and the longest that is.
const MOST_RELAXED: usize = 16;
const LONGEST_RELAXED: usize = 512 * 1024;

pub(super) fn read(text: &str) -> Yaml {
    if text.len() > MAX_BYTES {
        let length = text.len();
        return Yaml::refused(format!(
            "{length} bytes are more than the {MAX_BYTES} that are read"
        ));
    }
    let signs = text
        .bytes()
        .filter(|byte| matches!(byte, b',' | b'[' | b'{' | b'\n' | b'?' | b'-'))
        .count();
    // A dash begins a node and is part of many words, so it counts where it could begin one.
    let dashes_in_words = text
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0] == b'-' && !matches!(pair[1], b' ' | b'\t' | b'\n' | b'\r'))
        .count();
    if signs.saturating_sub(dashes_in_words) > MAX_NODES {
        return Yaml::refused(format!("more than {MAX_NODES} nodes"));
    }
    let mut builder = Builder::of(text);
    let Some(mut at) = builder.all(text) else {
        return builder.yaml;
    };
    // What stands further left than the grammar allows is read all the same, as every other reader does it.
    let mut relaxed = Cow::Borrowed(text);
    for _ in 0..MOST_RELAXED {
        if text.len() > LONGEST_RELAXED {
            break;
        }
        relaxed = Cow::Owned(relax(&relaxed, at));
        let mut again = Builder::of(text);
        let error = again.all(&relaxed);
        if error.is_some_and(|error| error <= at) {
            break;
        }
        builder = again;
        match error {
            Some(error) => at = error,
            None => break,
        }
    }
    builder.yaml
}

/// A collection that has begun.
struct Open {
    id: NodeId,
    anchor: usize,
    /// The key whose value comes next.
    key: Option<NodeId>,
}

struct Builder<'t> {
    text: &'t str,
    places: Places<'t>,
    /// Where the last word ends, if no line end is the end of the text.
    open_end: Option<usize>,
    yaml: Yaml,
    open: Vec<Open>,
    /// Nodes with an anchor, by the parser's number for it. Those that are not complete are not among them.
    anchors: HashMap<usize, NodeId>,
    /// How many mappings are looked into for a key of one that merges others.
    weights: HashMap<usize, usize>,
}

impl<'t> Builder<'t> {
    fn of(text: &'t str) -> Self {
        Self {
            text,
            places: Places::of(text),
            open_end: (!text.ends_with(['\n', '\r'])).then(|| text.trim_end().len()),
            yaml: Yaml::default(),
            open: Vec::new(),
            anchors: HashMap::new(),
            weights: HashMap::new(),
        }
    }

    /// Reads the text, or the same with other blanks. The place of an error that other blanks might mend, in characters.
    fn all(&mut self, text: &str) -> Option<usize> {
        let mut parser = Parser::new_from_str(text);
        let mut documents = 0;
        let mut too_far_left = None;
        while let Some(next) = parser.next_event() {
            let (event, span) = match next {
                Ok(next) => next,
                Err(error) => {
                    // A later document's fault is not ours, but nobody can read the file.
                    self.syntax(&error);
                    let is_mendable = error.info() == "invalid indentation"
                        || error.info() == "invalid indentation in flow construct";
                    too_far_left = is_mendable.then(|| error.marker().index());
                    break;
                }
            };
            let span = self.places.span(span);
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        self.yaml.others.push(span);
                    }
                }
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
                event => {
                    if documents <= 1 && !self.take(event, span) {
                        break;
                    }
                }
            }
        }
        while let Some(open) = self.open.last() {
            let end = self.yaml.node(open.id).span.end;
            self.close(Span::at(end));
        }
        too_far_left
    }

    /// One event; whether to go on.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let span = self.without_properties(span);
                let span = match style {
                    Style::Literal | Style::Folded => self.trimmed(self.with_header(span)),
                    Style::Plain => self.trimmed(span),
                    Style::SingleQuoted | Style::DoubleQuoted => self.quoted(span),
                };
                let mut text = text.into_owned();
                // The parser makes a line end up for a block that the end of the file ends.
                let is_block = matches!(style, Style::Literal | Style::Folded);
                if is_block && self.open_end == Some(span.end) {
                    let breaks = |text: &str| text.matches('\n').count();
                    let written = self.text.get(span.start..).unwrap_or_default();
                    if breaks(&text) >= breaks(written) && text.ends_with('\n') {
                        text.pop();
                    }
                }
                let kind = Kind::Scalar { text, style };
                let id = self.push(kind, span, tag);
                self.complete(id, anchor);
                true
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(Kind::Sequence(Vec::new()), anchor, tag, span)
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(Kind::Mapping(Mapping::default()), anchor, tag, span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.close(span);
                true
            }
            Event::Alias(anchor) => {
                let kind = if let Some(target) = self.anchors.get(&anchor) {
                    Kind::Alias(*target)
                } else {
                    self.error(span, "an alias within its own anchor");
                    Kind::Scalar {
                        text: String::new(),
                        style: Style::Plain,
                    }
                };
                let id = self.push(kind, span, None);
                self.complete(id, 0);
                true
            }
            _ => true,
        }
    }

    fn push(&mut self, kind: Kind, span: Span, tag: Option<Cow<'_, Tag>>) -> NodeId {
        let tag = tag.map(|tag| {
            if tag.is_yaml_core_schema() {
                format!("!!{}", tag.suffix)
            } else {
                format!("{}{}", tag.handle, tag.suffix)
            }
        });
        self.yaml.nodes.push(Node { span, kind, tag });
        NodeId(self.yaml.nodes.len() - 1)
    }

    fn begin(&mut self, kind: Kind, anchor: usize, tag: Option<Cow<'_, Tag>>, span: Span) -> bool {
        if self.open.len() == MAX_DEPTH {
            self.yaml.errors.push(YamlError {
                span: Span::at(span.start),
                message: format!("nested deeper than {MAX_DEPTH} levels"),
                fatal: true,
            });
            return false;
        }
        let id = self.push(kind, span, tag);
        self.open.push(Open {
            id,
            anchor,
            key: None,
        });
        true
    }

    fn close(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        // The end of a block is wherever the next thing begins; what it ends with is meant.
        let end = if span.is_empty() {
            self.yaml.node(open.id).span.end
        } else {
            span.end
        };
        if let Some(key) = open.key {
            self.pair(open.id, key, None);
        }
        let node = &mut self.yaml.nodes[open.id.0];
        node.span.end = node.span.end.max(end);
        self.index(open.id);
        self.complete(open.id, open.anchor);
    }

    /// Puts a node where it belongs.
    fn complete(&mut self, id: NodeId, anchor: usize) {
        if anchor != 0 {
            let target = self.yaml.behind(id);
            self.anchors.insert(anchor, target);
        }
        let Some(parent) = self.open.last_mut() else {
            self.yaml.root.get_or_insert(id);
            return;
        };
        let parent_id = parent.id;
        let end = self.yaml.nodes[id.0].span.end;
        match &mut self.yaml.nodes[parent_id.0].kind {
            Kind::Sequence(items) => items.push(id),
            Kind::Mapping(_) => match parent.key.take() {
                None => parent.key = Some(id),
                Some(key) => self.pair(parent_id, key, Some(id)),
            },
            Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
        let parent = &mut self.yaml.nodes[parent_id.0];
        parent.span.end = parent.span.end.max(end);
    }

    fn pair(&mut self, mapping: NodeId, key: NodeId, value: Option<NodeId>) {
        let place = self.behind_colon(key);
        let value = match value {
            Some(value) => value,
            None => self.push(
                Kind::Scalar {
                    text: String::new(),
                    style: Style::Plain,
                },
                place,
                None,
            ),
        };
        // A value that is left out stands behind its colon, wherever the parser was when it found that out.
        let node = &mut self.yaml.nodes[value.0];
        if node.span.is_empty()
            && matches!(&node.kind, Kind::Scalar { text, .. } if text.is_empty())
        {
            node.span = place;
        }
        if let Kind::Mapping(inner) = &mut self.yaml.nodes[mapping.0].kind {
            inner.pairs.push((key, value));
        }
    }

    fn behind_colon(&self, key: NodeId) -> Span {
        let end = self.yaml.node(key).span.end;
        let rest = self.text.as_bytes().get(end..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
        match rest.get(blanks) {
            Some(b':') => Span::at(end + blanks + 1),
            _ => Span::at(end),
        }
    }

    /// Makes a mapping ready to be looked into.
    fn index(&mut self, id: NodeId) {
        let Kind::Mapping(mapping) = &mut self.yaml.nodes[id.0].kind else {
            return;
        };
        let mut mapping = std::mem::take(mapping);
        let key = |at: usize| self.yaml.scalar(mapping.pairs[at].0);
        let mut index: Vec<usize> = (0..mapping.pairs.len())
            .filter(|at| key(*at).is_some())
            .collect();
        index.sort_by(|left, right| key(*left).cmp(&key(*right)).then(left.cmp(right)));
        let mut duplicates = Vec::new();
        for pair in index.windows(2) {
            if let [first, again] = *pair
                && key(first) == key(again)
                && self.yaml.duplicates.len() + duplicates.len() < MOST_DUPLICATES
            {
                duplicates.push(Duplicate {
                    name: key(first).unwrap_or_default().to_owned(),
                    first: self.yaml.node(mapping.pairs[first].0).span,
                    again: self.yaml.node(mapping.pairs[again].0).span,
                });
            }
        }
        self.yaml.duplicates.append(&mut duplicates);
        mapping.index = index;
        self.merges(id, &mut mapping);
        self.yaml.nodes[id.0].kind = Kind::Mapping(mapping);
    }

    /// Finds out what a mapping merges. What is merged is complete, and so is its weight.
    fn merges(&mut self, id: NodeId, mapping: &mut Mapping) {
        let mut weight = 1;
        for at in 0..mapping.pairs.len() {
            let (key, value) = mapping.pairs[at];
            let Kind::Scalar {
                text,
                style: Style::Plain,
            } = &self.yaml.node(key).kind
            else {
                continue;
            };
            if text != "<<" {
                continue;
            }
            let named = match &self.yaml.node(self.yaml.behind(value)).kind {
                Kind::Sequence(items) => items.clone(),
                _ => vec![value],
            };
            let is_alias = matches!(self.yaml.node(value).kind, Kind::Alias(_));
            for item in named {
                let span = self.yaml.node(if is_alias { value } else { item }).span;
                let target = self.yaml.behind(item);
                if !matches!(self.yaml.node(target).kind, Kind::Mapping(_)) {
                    self.error(span, "`<<` merges mappings only");
                    break;
                }
                weight += self.weights.get(&target.0).copied().unwrap_or(1);
                if weight > MAX_MERGED {
                    self.error(span, "more mappings are merged than any file needs");
                    break;
                }
                mapping.merges.push((target, span));
            }
        }
        if weight > 1 {
            self.weights.insert(id.0, weight.min(MAX_MERGED));
        }
    }

    fn error(&mut self, span: Span, message: &str) {
        self.yaml.errors.push(YamlError {
            span,
            message: message.to_owned(),
            fatal: false,
        });
    }

    /// Without the white space behind it, which the parser counts to block scalars.
    fn trimmed(&self, span: Span) -> Span {
        let length = span.of(self.text).trim_end().len();
        Span::new(span.start, span.start + length)
    }

    /// Without the tag and the anchor before it.
    fn without_properties(&self, span: Span) -> Span {
        let mut rest = span.of(self.text);
        while rest.starts_with(['!', '&']) {
            let end = rest.find([' ', '\t', '\n', '\r']).unwrap_or(rest.len());
            rest = rest[end..].trim_start();
        }
        Span::new(span.end - rest.len(), span.end)
    }

    /// Up to the quote that ends it: the parser goes on to the end of the line, comments too.
    fn quoted(&self, span: Span) -> Span {
        let bytes = span.of(self.text).as_bytes();
        let quote = bytes.first().copied().unwrap_or_default();
        let mut at = 1;
        while let Some(byte) = bytes.get(at) {
            let is_pair = *byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote);
            if (*byte == b'\\' && quote == b'"') || is_pair {
                at += 2;
            } else if *byte == quote {
                return Span::new(span.start, span.start + at + 1);
            } else {
                at += 1;
            }
        }
        span
    }

    /// A block scalar with its header (`|-`), without which it could not be replaced: the parser's span is of the lines below.
    fn with_header(&self, span: Span) -> Span {
        let before = self.text.get(..span.start).unwrap_or_default().trim_end();
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = &before[line_start..];
        let is_header = |at: usize| {
            let rest =
                line[at + 1..].trim_start_matches(|sign: char| "+-0123456789".contains(sign));
            let is_end = rest.is_empty() || rest.trim_start().starts_with('#');
            let is_begin = line[..at].is_empty() || line[..at].ends_with([' ', '\t']);
            is_begin && is_end
        };
        let mut signs = line.match_indices(['|', '>']).map(|(at, _)| at);
        match signs.find(|at| is_header(*at)) {
            Some(at) => Span::new(line_start + at, span.end),
            None => span,
        }
    }

    fn syntax(&mut self, error: &ScanError) {
        let at = self.places.byte(error.marker().index());
        let message = match error.info() {
            // In its own way the parser is right: it wants a space as well.
            "':' must be followed by a valid YAML whitespace" => {
                "a tab behind a `:`, where a space belongs".to_owned()
            }
            other => other.chars().filter(|sign| !sign.is_control()).collect(),
        };
        self.yaml.errors.push(YamlError {
            span: Span::at(at),
            message,
            fatal: true,
        });
    }
}

/// The text with the list or mapping around a character on one line, from the line end before it on: within brackets a line end
/// is a blank, and indentation says nothing. As many characters as before.
fn relax(text: &str, at: usize) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    let at = at.min(signs.len());
    let is_end = |sign: &char| matches!(sign, '\n' | '\r');
    // From the beginning of the line before it, which may end with a comment.
    let is_blank = |sign: &char| sign.is_whitespace();
    let behind = signs[..at]
        .iter()
        .rposition(|sign| !is_blank(sign))
        .map_or(0, |last| last + 1);
    let start = signs[..behind]
        .iter()
        .rposition(is_end)
        .map_or(0, |last| last + 1);
    let mut quote = None;
    let mut is_comment = false;
    let mut depth = 0_usize;
    let mut position = start;
    while let Some(&sign) = signs.get(position) {
        let before = position
            .checked_sub(1)
            .and_then(|last| signs.get(last))
            .copied();
        let is_begin = before.is_none_or(|sign| sign.is_whitespace() || ",:[{".contains(sign));
        if is_end(&sign) {
            if quote.is_none() {
                signs[position] = ' ';
            }
            is_comment = false;
        } else if is_comment {
            signs[position] = ' ';
        } else if let Some(open) = quote {
            if sign == '\\' && open == '"' {
                position += 1;
            } else if sign == open {
                quote = None;
            }
        } else if matches!(sign, '"' | '\'') && is_begin {
            quote = Some(sign);
        } else if sign == '#' && before.is_none_or(char::is_whitespace) {
            is_comment = true;
            signs[position] = ' ';
        } else if position >= at {
            match sign {
                '[' | '{' => depth += 1,
                ']' | '}' if depth == 0 => break,
                ']' | '}' => depth -= 1,
                _ => {}
            }
        }
        position += 1;
    }
    signs.into_iter().collect()
}
