//! Two observations of one container, fact by fact, and the differences that are meant.

use liftgate_conformance::observe::{Kind, Observation, matches};
use std::fmt;

/// How a fact differs, seen from the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// The reference has it and we have not.
    Missing,
    /// We have it and the reference has not.
    Extra,
    /// Both have it, with other values.
    Other,
}

/// One fact on which the two do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What it is about.
    pub(crate) kind: Kind,
    /// How it differs.
    pub(crate) change: Change,
    /// The path, the name, the variable.
    pub(crate) subject: String,
    /// The reference's value, then ours; empty where there is none.
    pub(crate) values: [String; 2],
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [reference, ours] = &self.values;
        let (kind, subject) = (self.kind, &self.subject);
        match self.change {
            Change::Missing => write!(
                formatter,
                "missing {kind:?} `{subject}`\n    reference: {reference}"
            ),
            Change::Extra => write!(
                formatter,
                "extra {kind:?} `{subject}`\n    here:      {ours}"
            ),
            Change::Other => write!(
                formatter,
                "other {kind:?} `{subject}`\n    reference: {reference}\n    here:      {ours}"
            ),
        }
    }
}

/// A difference that is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meant {
    /// The setting in which it occurs, in which a `*` is any text; it occurs in one at least.
    pub(crate) setting: &'static str,
    /// What it is about: one of these.
    pub(crate) kinds: &'static [Kind],
    /// How it differs.
    pub(crate) change: Change,
    /// The subject, in which a `*` is any text.
    pub(crate) pattern: &'static str,
    /// The first cell of a row of `docs/differences.md`, which says why.
    pub(crate) reason: &'static str,
}

impl Meant {
    /// Whether this row speaks of that difference.
    pub(crate) fn covers(&self, setting: &str, difference: &Difference) -> bool {
        matches(self.setting, setting)
            && self.kinds.contains(&difference.kind)
            && self.change == difference.change
            && matches(self.pattern, &difference.subject)
    }
}

/// Every difference between the two.
pub(crate) fn compare(reference: &Observation, ours: &Observation) -> Vec<Difference> {
    let (reference, ours) = (reference.facts(), ours.facts());
    let mut differences = Vec::new();
    for ((kind, subject), value) in &reference {
        let (change, other) = match ours.get(&(*kind, subject)) {
            None => (Change::Missing, String::new()),
            Some(other) if other == value => continue,
            Some(other) => (Change::Other, other.clone()),
        };
        differences.push(Difference {
            kind: *kind,
            change,
            subject: (*subject).to_owned(),
            values: [value.clone(), other],
        });
    }
    for ((kind, subject), value) in ours {
        if !reference.contains_key(&(kind, subject)) {
            differences.push(Difference {
                kind,
                change: Change::Extra,
                subject: subject.to_owned(),
                values: [String::new(), value],
            });
        }
    }
    differences
}
