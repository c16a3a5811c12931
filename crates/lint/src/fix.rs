//! Fixes, carried out on a text.
//!
//! A fix is a few edits that belong together. Those of one round must not touch one another; what is left over has its
//! turn when the result has been looked at anew, until nothing is left to do or a round changes nothing.

use crate::finding::{Applicability, Edit, Finding};
use liftgate_dockerfile::Span;
use std::collections::BTreeMap;

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
    // By their places: there may be as many as there are lines.
    let mut edits: BTreeMap<Span, &str> = BTreeMap::new();
    let mut titles = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        if fix.applicability == Applicability::Unsafe && !unsafe_too {
            continue;
        }
        // Two fixes may want the same edit: it is made once.
        let is_there = |edit: &&Edit| edits.get(&edit.span) == Some(&edit.replacement.as_str());
        let new: Vec<&Edit> = fix.edits.iter().filter(|edit| !is_there(edit)).collect();
        let touches = |one: Span, other: Span| one.start <= other.end && other.start <= one.end;
        let is_in_the_way = |edit: &Edit| {
            let before = edits.range(..=edit.span).next_back();
            let behind = edits.range(edit.span..).next();
            before.into_iter().chain(behind).any(|(other, _)| touches(edit.span, *other))
        };
        let is_tangled = new.iter().enumerate().any(|(at, one)| new[..at].iter().any(|other| touches(one.span, other.span)));
        if new.is_empty() || is_tangled || new.iter().any(|edit| is_in_the_way(edit)) {
            continue;
        }
        edits.extend(new.into_iter().map(|edit| (edit.span, edit.replacement.as_str())));
        titles.push((finding.code, fix.title.clone()));
    }
    let edits = edits.into_iter().map(|(span, replacement)| Edit {
        span,
        replacement: replacement.to_owned(),
    });
    (edits.collect(), titles)
}

/// The text with the edits made; `None`: they overlap, or do not fit.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    // New lines end as the others do.
    let is_of_dos = text.find('\n').is_some_and(|end| text[..end].ends_with('\r'));
    for edit in edits {
        result.push_str(text.get(at..edit.span.start)?);
        if is_of_dos && edit.replacement.contains('\n') {
            result.push_str(&edit.replacement.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            result.push_str(&edit.replacement);
        }
        at = edit.span.end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Fix;

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

    #[test]
    fn new_lines_end_as_the_others_do() {
        assert_eq!(apply("a\r\nb\r\n", &[edit(3, 3, "x\ny\r\n")]).as_deref(), Some("a\r\nx\r\ny\r\nb\r\n"));
        assert_eq!(apply("a\nb\r\n", &[edit(2, 2, "x\n")]).as_deref(), Some("a\nx\nb\r\n"));
    }

    #[test]
    fn fixes_of_a_round_do_not_touch() {
        let finding = |edits: Vec<Edit>| {
            let mut finding = Finding::new(&crate::rules::RULES[0].meta(), Span::at(0), "");
            finding.fix(Fix { edits, ..Fix::safe("") });
            finding
        };
        let round = |findings: &[Finding]| of_a_round(findings, false).0.len();
        assert_eq!(round(&[finding(vec![edit(0, 1, "x")]), finding(vec![edit(0, 1, "x")])]), 1, "the same edit");
        assert_eq!(round(&[finding(vec![edit(0, 1, "x")]), finding(vec![edit(0, 1, "y")])]), 1, "another one there");
        assert_eq!(round(&[finding(vec![edit(0, 1, "x")]), finding(vec![edit(1, 2, "y")])]), 1, "beside it");
        assert_eq!(round(&[finding(vec![edit(0, 9, "x")]), finding(vec![edit(3, 4, "y")])]), 1, "within it");
        assert_eq!(round(&[finding(vec![edit(3, 4, "x")]), finding(vec![edit(0, 9, "y")])]), 1, "around it");
        assert_eq!(round(&[finding(vec![edit(0, 1, "x")]), finding(vec![edit(2, 3, "y")])]), 2, "apart");
        assert_eq!(round(&[finding(vec![edit(5, 6, "x"), edit(5, 7, "y")])]), 0, "one that is wrong in itself");
        assert_eq!(round(&[finding(vec![edit(0, 1, "x")]), finding(vec![edit(1, 2, "y"), edit(8, 9, "z")])]), 1, "all or nothing");
    }
}
