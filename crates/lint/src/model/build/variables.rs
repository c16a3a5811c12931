//! What variables are at a place, and texts with them put in.

use super::{Build, Stage};
use crate::model::base;
use crate::model::environment::{Certainty, LONGEST_VALUE, Value};
use liftgate_dockerfile::expand;
use liftgate_dockerfile::shell::ShellWord;
use std::collections::HashMap;

impl<'a> Build<'a> {
    /// What a variable is before the step `order` of a stage.
    pub fn variable(&self, stage: &Stage<'a>, order: usize, name: &str) -> Option<Value> {
        if let Some(value) = self.environment(stage, order, name) {
            return Some(value);
        }
        stage.arguments.before(order, name).cloned()
    }

    /// What a variable of the image's environment is before the step `order` of a stage.
    pub fn environment(&self, stage: &Stage<'a>, order: usize, name: &str) -> Option<Value> {
        let mut order = order;
        for ancestor in self.lineage(stage) {
            if let Some(value) = ancestor.environment.before(order, name) {
                return Some(value.clone());
            }
            order = usize::MAX;
        }
        let (reference, certainty) = self.base(stage)?;
        base::environment(reference, name).map(|text| Value {
            text,
            certainty,
            span: None,
        })
    }

    /// What a variable of the image's environment is when a stage has been built.
    pub fn final_environment(&self, stage: &Stage<'a>, name: &str) -> Option<Value> {
        self.environment(stage, usize::MAX, name)
    }

    /// The variables that a stage and those that it is built on set.
    pub fn names_set<'b>(&'b self, stage: &'b Stage<'a>) -> impl Iterator<Item = &'b str> {
        self.lineage(stage)
            .flat_map(|stage| stage.environment.names())
    }

    /// A word of a command with its variables expanded, those that the script has set itself first.
    pub(super) fn expanded_word(
        &self,
        stage: &Stage<'a>,
        order: usize,
        set: &HashMap<String, Value>,
        word: &ShellWord,
    ) -> (String, Certainty) {
        if word.literal {
            return (word.value.clone(), Certainty::Written);
        }
        if runs_command(&word.value) {
            return (word.value.clone(), Certainty::Unknown);
        }
        expanded(&word.value, |name| {
            set.get(name)
                .cloned()
                .or_else(|| self.variable(stage, order, name))
        })
    }

    /// A text of the step `order` of a stage with its variables expanded.
    pub fn expanded(&self, stage: &Stage<'a>, order: usize, text: &str) -> (String, Certainty) {
        expanded(text, |name| self.variable(stage, order, name))
    }
}

/// A text with its variables expanded, and how sure it is.
pub(super) fn expanded(text: &str, lookup: impl Fn(&str) -> Option<Value>) -> (String, Certainty) {
    let mut certainty = Certainty::Written;
    let expansion = expand(text, |name| {
        let value = lookup(name)?;
        certainty = certainty.min(value.certainty);
        Some(value.text)
    });
    let is_known = expansion.unknown.is_empty()
        && expansion.error.is_none()
        && certainty != Certainty::Unknown
        && expansion.text.len() <= LONGEST_VALUE;
    if !is_known {
        return (text.to_owned(), Certainty::Unknown);
    }
    if !expansion.defaulted.is_empty() {
        certainty = certainty.min(Certainty::Default);
    }
    (expansion.text, certainty)
}

/// Whether the shell runs a command for a part of a word.
fn runs_command(word: &str) -> bool {
    word.contains("$(") || word.contains('`')
}
