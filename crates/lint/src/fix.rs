//! Fixes, carried out on a text.
//!
//! A fix is a few edits that belong together. Those of one round must not touch one another; what is left over has its
//! turn when the result has been looked at anew, until nothing is left to do or a round changes nothing.

use crate::finding::{Applicability, Edit, Finding};

/// More rounds than this have never been needed; a fix that brings its own cause back would need any number.
const ROUNDS: usize = 10;

/// What fixing has made of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was done, in order.
    pub titles: Vec<(&'static str, String)>,
}

/// Applies fixes until there are none.
pub fn fix(text: &str, unsafe_too: bool, lint: impl Fn(&str) -> Vec<Finding>) -> Fixed {
    let mut fixed = Fixed {
        text: text.to_owned(),
        titles: Vec::new(),
    };
    for _ in 0..ROUNDS {
        let findings = lint(&fixed.text);
        let (edits, titles) = of_a_round(&findings, unsafe_too);
        if edits.is_empty() {
            break;
        }
        let Some(text) = apply(&fixed.text, &edits) else {
            break;
        };
        if text == fixed.text {
            break;
        }
        fixed.text = text;
        fixed.titles.extend(titles);
    }
    fixed
}

/// The edits of fixes that do not touch one another, in order of their places.
fn of_a_round(findings: &[Finding], unsafe_too: bool) -> (Vec<Edit>, Vec<(&'static str, String)>) {
    let mut edits: Vec<Edit> = Vec::new();
    let mut titles = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        if fix.applicability == Applicability::Unsafe && !unsafe_too {
            continue;
        }
        // Two fixes may want the same edit: it is made once.
        let new: Vec<&Edit> = fix.edits.iter().filter(|edit| !edits.contains(edit)).collect();
        let touches = |one: &Edit, other: &Edit| one.span.start <= other.span.end && other.span.start <= one.span.end;
        if new.iter().any(|edit| edits.iter().any(|other| touches(edit, other))) {
            continue;
        }
        if new.is_empty() {
            continue;
        }
        edits.extend(new.into_iter().cloned());
        titles.push((finding.code, fix.title.clone()));
    }
    edits.sort_by_key(|edit| edit.span);
    (edits, titles)
}

/// The text with the edits made; `None`: they overlap, or do not fit.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result.push_str(text.get(at..edit.span.start)?);
        result.push_str(&edit.replacement);
        at = edit.span.end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_dockerfile::Span;

    fn edit(start: usize, end: usize, replacement: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            replacement: replacement.to_owned(),
        }
    }

    #[test]
    fn edits_in_order() {
        assert_eq!(apply("abcdef", &[edit(1, 2, "X"), edit(3, 3, "Y"), edit(5, 6, "")]).as_deref(), Some("aXcYde"));
        assert_eq!(apply("abc", &[edit(1, 3, ""), edit(2, 3, "")]), None);
        assert_eq!(apply("é", &[edit(1, 2, "")]), None);
        assert_eq!(apply("abc", &[edit(2, 9, "")]), None);
    }
}
