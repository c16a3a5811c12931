//! A value of the tree, looked at from where it is used.

use std::collections::HashSet;

use liftgate_dockerfile::{Joined, Span};

use super::scalar::{Meaning, meaning};
use super::{Kind, Mapping, NodeId, Style, Yaml};

/// A value, and the way to it.
#[derive(Debug, Clone, Copy)]
pub struct Value<'t> {
    yaml: &'t Yaml,
    /// Never an alias.
    id: NodeId,
    /// The alias that led here, where one did.
    used: Option<Span>,
}

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'t> {
    /// The key.
    pub key: Value<'t>,
    /// The value. Nothing behind the colon is an empty scalar there.
    pub value: Value<'t>,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text, a number, a switch, or nothing.
    Scalar,
    /// A list.
    Sequence,
    /// Keys with values.
    Mapping,
}

impl<'t> Value<'t> {
    pub(super) fn new(yaml: &'t Yaml, id: NodeId) -> Self {
        Self {
            yaml,
            id,
            used: None,
        }
        .child(id)
    }

    fn child(self, id: NodeId) -> Self {
        let id_behind = self.yaml.behind(id);
        let alias = (id_behind != id).then(|| self.yaml.node(id).span);
        Self {
            yaml: self.yaml,
            id: id_behind,
            used: self.used.or(alias),
        }
    }

    /// Where it is used: the outermost alias on the way to it (`*gpu`), or where it is written.
    pub fn used(self) -> Span {
        self.used.unwrap_or_else(|| self.written())
    }

    /// Where it is written.
    pub fn written(self) -> Span {
        self.yaml.node(self.id).span
    }

    /// Whether it is written elsewhere than it is used.
    pub fn is_shared(self) -> bool {
        self.used.is_some()
    }

    /// What it is.
    pub fn shape(self) -> Shape {
        match self.yaml.node(self.id).kind {
            Kind::Sequence(_) => Shape::Sequence,
            Kind::Mapping(_) => Shape::Mapping,
            Kind::Scalar { .. } | Kind::Alias(_) => Shape::Scalar,
        }
    }

    /// Its tag, as it is written (`!reset`, `!!str`).
    pub fn tag(self) -> Option<&'t str> {
        self.yaml.node(self.id).tag.as_deref()
    }

    /// How a scalar is written.
    pub fn style(self) -> Option<Style> {
        match self.yaml.node(self.id).kind {
            Kind::Scalar { style, .. } => Some(style),
            _ => None,
        }
    }

    /// The text of a scalar, whatever it means.
    pub fn text(self) -> Option<&'t str> {
        self.yaml.scalar(self.id)
    }

    /// What a scalar means.
    pub fn meaning(self) -> Option<Meaning> {
        let Kind::Scalar { text, style } = &self.yaml.node(self.id).kind else {
            return None;
        };
        Some(match (style, self.tag()) {
            (_, Some("!!str" | "!")) => Meaning::Text,
            (Style::Plain, _) => meaning(text),
            _ => Meaning::Text,
        })
    }

    /// The text of a scalar that is a text: `yes`, but not `true` and not `1`.
    pub fn as_str(self) -> Option<&'t str> {
        match self.meaning()? {
            Meaning::Text | Meaning::OldSwitch(_) => self.text(),
            _ => None,
        }
    }

    /// The switch that a scalar is, to readers of YAML 1.1 as well as of 1.2.
    pub fn as_bool(self) -> Option<bool> {
        match self.meaning()? {
            Meaning::Switch(on) | Meaning::OldSwitch(on) => Some(on),
            _ => None,
        }
    }

    /// The number without a fraction that a scalar is.
    pub fn as_int(self) -> Option<i64> {
        match self.meaning()? {
            Meaning::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// Whether it is nothing: `~`, `null`, or no text.
    pub fn is_null(self) -> bool {
        self.meaning() == Some(Meaning::Null)
    }

    /// The items of a list; none of anything else.
    pub fn items(self) -> Items<'t> {
        let ids = match &self.yaml.node(self.id).kind {
            Kind::Sequence(items) => items.as_slice(),
            _ => &[],
        };
        Items {
            of: self,
            ids: ids.iter(),
        }
    }

    /// The pairs of a mapping as they are written, `<<` and those that are there twice too; none of anything else.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> {
        let pairs = self.mapping().map_or(&[][..], |mapping| &mapping.pairs);
        pairs.iter().map(move |(key, value)| Entry {
            key: self.child(*key),
            value: self.child(*value),
        })
    }

    /// The pairs of a mapping as they are meant: what is merged stands behind its own, `<<` is not among them, and each
    /// key is there once.
    pub fn merged(self) -> Vec<Entry<'t>> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        self.merge_into(&mut seen, &mut found);
        found
    }

    fn merge_into(self, seen: &mut HashSet<&'t str>, found: &mut Vec<Entry<'t>>) {
        let Some(mapping) = self.mapping() else {
            return;
        };
        for (at, (key, value)) in mapping.pairs.iter().enumerate() {
            if let Some(text) = self.yaml.scalar(*key) {
                let is_last = mapping.find(self.yaml, text) == Some(at);
                if !is_last || self.is_merge(*key) || !seen.insert(text) {
                    continue;
                }
            }
            found.push(Entry {
                key: self.child(*key),
                value: self.child(*value),
            });
        }
        for source in self.sources() {
            source.merge_into(seen, found);
        }
    }

    fn is_merge(self, key: NodeId) -> bool {
        matches!(&self.yaml.node(key).kind,
            Kind::Scalar { text, style: Style::Plain } if text == "<<")
    }

    /// The mappings that it merges.
    fn sources(self) -> impl Iterator<Item = Self> {
        let merges = self.mapping().map_or(&[][..], |mapping| &mapping.merges);
        merges.iter().map(move |(id, span)| Self {
            yaml: self.yaml,
            id: *id,
            used: self.used.or(Some(*span)),
        })
    }

    fn mapping(self) -> Option<&'t Mapping> {
        match &self.yaml.node(self.id).kind {
            Kind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The value of a key, merged ones too.
    pub fn get(self, key: &str) -> Option<Self> {
        self.entry(key).map(|entry| entry.value)
    }

    /// A key with its value, merged ones too.
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        let mapping = self.mapping()?;
        if let Some(at) = mapping.find(self.yaml, key) {
            let (key, value) = mapping.pairs[at];
            return Some(Entry {
                key: self.child(key),
                value: self.child(value),
            });
        }
        self.sources().find_map(|source| source.entry(key))
    }

    /// The value at the end of several keys.
    pub fn get_path(self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// A scalar's text with its places in `source`, the text that was read, where it stands there letter by letter: without
    /// escapes, and not folded. Line by line of a literal (`|`).
    pub fn joined(self, source: &str) -> Option<Joined> {
        let text = self.text()?;
        let span = self.written();
        let mut joined = Joined::default();
        match self.style()? {
            Style::Plain => joined.push(source, span),
            Style::SingleQuoted | Style::DoubleQuoted => {
                let inner = span.len().checked_sub(1).filter(|end| *end > 0)?;
                joined.push(source, Span::new(span.start + 1, span.start + inner));
            }
            Style::Literal | Style::Folded => return literal(text, source, span),
        }
        (joined.text() == text).then_some(joined)
    }
}

/// Each line of the text is the end of a line of the source.
fn literal(text: &str, source: &str, span: Span) -> Option<Joined> {
    let mut joined = Joined::default();
    let mut at = span.start + span.of(source).find('\n')? + 1;
    for line in text.split_inclusive('\n') {
        let written = source.get(at..)?.split_inclusive('\n').next()?;
        let end = at + written.len();
        let content = line.trim_end_matches('\n');
        let shown = written.trim_end_matches('\n').trim_end_matches('\r');
        let start = at + shown.len().checked_sub(content.len())?;
        if !shown.ends_with(content) {
            return None;
        }
        let has_break = line.len() > content.len() && written.ends_with('\n');
        // A line end of two characters is one in the text.
        joined.push(source, Span::new(start, start + content.len()));
        if has_break {
            joined.push(source, Span::new(end - 1, end));
        }
        at = end;
    }
    (joined.text() == text).then_some(joined)
}

impl Mapping {
    /// The last pair with this key.
    fn find(&self, yaml: &Yaml, key: &str) -> Option<usize> {
        let text = |at: usize| yaml.scalar(self.pairs[at].0).unwrap_or_default();
        let behind = self.index.partition_point(|at| text(*at) <= key);
        let at = *self.index.get(behind.checked_sub(1)?)?;
        (text(at) == key).then_some(at)
    }
}

/// The items of a list.
#[derive(Debug, Clone)]
pub struct Items<'t> {
    of: Value<'t>,
    ids: std::slice::Iter<'t, NodeId>,
}

impl<'t> Iterator for Items<'t> {
    type Item = Value<'t>;

    fn next(&mut self) -> Option<Value<'t>> {
        self.ids.next().map(|id| self.of.child(*id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ids.size_hint()
    }
}
