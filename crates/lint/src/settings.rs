//! What is looked for, how bad it is taken, and for which machine.

use crate::finding::{Finding, Persona, Severity};
use crate::rule::Meta;
use crate::target::Target;
use std::collections::BTreeMap;

/// The settings of a run, all of them resolved.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Codes, beginnings of codes (`LG1`) or names of the rules that are applied; empty: all.
    pub select: Vec<String>,
    /// Those that are not, though they are selected.
    pub ignore: Vec<String>,
    /// Other severities than the rules' own, by code or name.
    pub severity: BTreeMap<String, Severity>,
    /// Whether the rules that only some want are applied, and reasons are wanted of comments that ignore rules.
    pub pedantic: bool,
    /// The machine that images are meant for.
    pub target: Target,
}

/// Whether a word of a setting means a rule: its code, the beginning of it, or its name.
pub(crate) fn means(word: &str, rule: &Meta) -> bool {
    let is_code = word.len() >= 2
        && word.is_char_boundary(word.len())
        && rule
            .code
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word));
    is_code || word == rule.name || word == "all"
}

impl Settings {
    /// Whether a rule is applied.
    pub fn applies(&self, rule: &Meta) -> bool {
        let named = |words: &[String]| words.iter().any(|word| means(word, rule));
        // A rule that is selected by its own code or name is wanted, whoever it is for.
        let by_itself = self
            .select
            .iter()
            .any(|word| word == rule.name || word.eq_ignore_ascii_case(rule.code));
        (self.select.is_empty() || named(&self.select))
            && !named(&self.ignore)
            && (rule.persona == Persona::Default || self.pedantic || by_itself)
    }

    /// Gives a finding the severity that is set for its rule.
    pub(crate) fn grade(&self, finding: &mut Finding) {
        let set = self
            .severity
            .iter()
            .find(|(rule, _)| rule.eq_ignore_ascii_case(finding.code) || *rule == finding.name);
        if let Some((_, severity)) = set {
            finding.severity = *severity;
        }
    }
}
