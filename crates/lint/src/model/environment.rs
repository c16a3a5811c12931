//! What a variable is at a place of a Dockerfile.
//!
//! `ARG` before the first `FROM` is for `FROM` lines, and for stages that name it again. `ARG` in a stage lives until the
//! stage ends and is overridden by an `ENV` of the same name; `ENV` lives on in whatever is built on the stage. A default
//! of an `ARG` is what most builds use, and no more than that: what hangs on it is less sure.

use liftgate_dockerfile::Span;
use std::collections::HashMap;

/// How sure a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Part of it is not known: the text is as it is written, with its variables.
    Unknown,
    /// It is so unless somebody passes another build argument.
    Default,
    /// It is so.
    Written,
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The value, with its variables put in; as it is written where one of them is not known.
    pub text: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where it is written; `None`: it is the base image's.
    pub span: Option<Span>,
}

/// A longer value is not kept: `ENV A=$A$A` thirty times would be a gigabyte.
pub(crate) const LONGEST_VALUE: usize = 32 * 1024;

/// Changes of variables in a stage, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    by_name: HashMap<String, Vec<(usize, Value)>>,
}

impl Changes {
    /// From the step `order` on, `name` is `value`. Orders come in ascending order.
    pub(crate) fn set(&mut self, order: usize, name: &str, value: Value) {
        self.by_name
            .entry(name.to_owned())
            .or_default()
            .push((order, value));
    }

    /// What the last change before the step `order` has made of `name`.
    pub(crate) fn before(&self, order: usize, name: &str) -> Option<&Value> {
        let changes = self.by_name.get(name)?;
        let after = changes.partition_point(|change| change.0 < order);
        changes.get(after.checked_sub(1)?).map(|change| &change.1)
    }

    /// Every variable that is changed.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}
