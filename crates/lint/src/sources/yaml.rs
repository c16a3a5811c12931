//! YAML as a tree with places, for whoever has to point at what is wrong.
//!
//! - Aliases are references: `*gpu` is the node of `&gpu` and never a copy, so ten levels of ten aliases cost a hundred nodes
//!   and not ten milliards. An alias within its own anchor is an error, and so the tree has no circle.
//! - `<<:` is resolved when a key is looked up. What is found that way has two places: where it is
//!   [used](Value::used), and where it is [written](Value::written), where a fix has to go.
//! - Keys keep their order. One that is there twice is [named](Yaml::duplicates), and the last one counts, as with most readers;
//!   docker compose refuses the file (`mapping key "image" already defined at line 3`).
//! - An error ends the reading, as the grammar allows no other way; what was read up to there is kept.
//! - Of several documents the first is read. Docker compose reads all of them and merges them, so the others
//!   are [named](Yaml::others).
//!
//! Refused before anything is parsed: more than [`MAX_BYTES`], and more signs that may begin a node than [`MAX_NODES`],
//! because the parser takes in a whole `[…]` before it says a word of it. Refused while parsing: nesting deeper than
//! [`MAX_DEPTH`], and mappings that merge more than [`MAX_MERGED`] others, once all is followed.

mod build;
mod places;
mod scalar;
mod value;

#[cfg(test)]
mod tests;

pub use scalar::Meaning;
pub use value::{Entry, Items, Shape, Value};

use liftgate_dockerfile::Span;

/// The largest text that is read. The longest compose file in public repositories has a third of a megabyte.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The most signs in a text that could begin or end a node.
pub const MAX_NODES: usize = 1 << 19;

/// The deepest nesting. `services.a.deploy.resources.reservations.devices[0].capabilities[0]` has nine levels.
pub const MAX_DEPTH: usize = 64;

/// The most mappings that one may merge, with all that these merge.
pub const MAX_MERGED: usize = 64;

/// A document, read.
#[derive(Debug, Clone, Default)]
pub struct Yaml {
    nodes: Vec<Node>,
    root: Option<NodeId>,
    errors: Vec<YamlError>,
    duplicates: Vec<Duplicate>,
    others: Vec<Span>,
}

/// What could not be read, or not as it is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Where.
    pub span: Span,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// Whether nothing behind it was read.
    pub fatal: bool,
}

/// A key that is in a mapping already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub name: String,
    /// Where it was before.
    pub first: Span,
    /// Where it is again.
    pub again: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NodeId(usize);

#[derive(Debug, Clone)]
struct Node {
    span: Span,
    kind: Kind,
    tag: Option<String>,
}

#[derive(Debug, Clone)]
enum Kind {
    Scalar {
        text: String,
        style: Style,
    },
    Sequence(Vec<NodeId>),
    Mapping(Mapping),
    /// Never of another alias.
    Alias(NodeId),
}

#[derive(Debug, Clone, Default)]
struct Mapping {
    pairs: Vec<(NodeId, NodeId)>,
    /// The pairs whose keys are scalars, by the keys' texts; of those with the same text, as they are written.
    index: Vec<usize>,
    /// What `<<` names: the mappings, and where they are named. The first that has a key counts.
    merges: Vec<(NodeId, Span)>,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: it may be something else than text.
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`.
    DoubleQuoted,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

impl Yaml {
    /// Reads a text.
    pub fn read(text: &str) -> Self {
        build::read(text)
    }

    /// The outermost value. There is none in an empty file.
    pub fn root(&self) -> Option<Value<'_>> {
        self.root.map(|root| Value::new(self, root))
    }

    /// What could not be read.
    pub fn errors(&self) -> &[YamlError] {
        &self.errors
    }

    /// Keys that are in a mapping twice.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// Where further documents begin.
    pub fn others(&self) -> &[Span] {
        &self.others
    }

    /// An error of the first to be read; nothing else was.
    fn refused(message: String) -> Self {
        let error = YamlError {
            span: Span::at(0),
            message,
            fatal: true,
        };
        Self {
            errors: vec![error],
            ..Self::default()
        }
    }

    fn node(&self, id: NodeId) -> &Node {
        // Ids are made by the builder alone, from nodes that it has pushed.
        &self.nodes[id.0]
    }

    /// The node itself, where it is an alias.
    fn behind(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Alias(target) => target,
            _ => id,
        }
    }

    fn scalar(&self, id: NodeId) -> Option<&str> {
        match &self.node(self.behind(id)).kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}
