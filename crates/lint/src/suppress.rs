//! Comments that silence a rule: `# liftgate: ignore[LG103, cuda-tag-gone] the reason`.
//!
//! | where | what it silences |
//! |---|---|
//! | a line of its own, before an instruction of a Dockerfile or within it | findings in the instruction |
//! | a line of its own, elsewhere | findings in the next line, and in the lines below it that are indented deeper |
//! | at the end of a line | findings in that line |
//! | `ignore-file[…]` | findings in the file |
//!
//! In a `devcontainer.json` the comment begins with `//`, in Markdown it is `<!-- liftgate: ignore[…] -->`, for the next
//! paragraph or code block. There is no word for all rules: who silences something says what. One that silences
//! nothing is a finding itself, so that they do not outlive their cause.

mod scope;

use crate::Language;
use crate::finding::{Finding, Fix, Severity};
use crate::rules::{self, lg902_unused_suppression, lg903_unknown_rule};
use crate::settings::Settings;
use liftgate_dockerfile::{Dockerfile, Item, Kind, Span};
use std::collections::BTreeMap;
use scope::Lines;

/// The word that a comment of ours begins with.
const MARK: &str = "liftgate:";
/// What of it is looked for: people write it with a capital, or without the colon.
const STEM: &str = "iftgate";

/// A comment that silences rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suppression {
    /// `liftgate: ignore[…]`.
    pub span: Span,
    /// The rules, as they are written.
    pub rules: Vec<(Span, String)>,
    /// Why; may be empty.
    pub reason: String,
    /// Where findings are silenced; `None`: everywhere.
    pub scope: Option<Span>,
    /// What is deleted where the comment is not needed any more.
    pub removal: Span,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// Finds the comments in a text.
pub(crate) fn find(text: &str, language: Language, dockerfile: Option<&Dockerfile<'_>>) -> Vec<Suppression> {
    let mut found = Vec::new();
    // What stands between comments of one instruction is looked through once.
    let lines = if text.contains(STEM) { Lines::of(text, language) } else { return found };
    for (stem, _) in text.match_indices(STEM) {
        let Some((mark, is_right)) = mark_at(text, stem) else { continue };
        let number = lines.number(mark);
        let line = lines.line(number);
        let before = text[line.start..mark].trim_end();
        let opening = match language {
            Language::Devcontainer => "//",
            Language::Markdown => "<!--",
            Language::Dockerfile | Language::Compose | Language::Shell => "#",
        };
        // In the code blocks of Markdown comments are those of the shell, or of a Dockerfile.
        let opening = if language == Language::Markdown && before.ends_with('#') { "#" } else { opening };
        let Some(lead) = before.strip_suffix(opening) else {
            continue;
        };
        let bare = lead.strip_prefix('\u{feff}').unwrap_or(lead);
        if !bare.is_empty() && !bare.ends_with([' ', '\t']) {
            continue;
        }
        let is_alone = bare.trim().is_empty();
        let comment = line.start + lead.len();
        let place = dockerfile.map(|file| place_in(file, comment));
        let scope = match place {
            Some(Place::Before(span)) => Some(span),
            Some(Place::Nowhere) => continue,
            // A comment of the shell's: what an odd number of quotes stands before is one of its texts.
            Some(Place::InScript) | None if !is_alone && bare.matches(['"', '\'']).count() % 2 == 1 => continue,
            Some(Place::InScript) | None if !is_alone => Some(line),
            Some(Place::InScript) | None => Some(lines.below(number)),
        };
        let mut suppression = if is_right { read(text, Span::new(mark, line.end)) } else { misspelt(Span::new(mark, line.end)) };
        suppression.removal = if is_alone {
            Span::new(line.start + (lead.len() - bare.len()), lines.whole(number).end)
        } else {
            Span::new(line.start + lead.trim_end().len(), line.end)
        };
        // `None` is what `ignore-file` has.
        if suppression.scope.is_some() {
            suppression.scope = scope;
        }
        found.push(suppression);
    }
    found
}

/// Takes silenced findings away, and adds those about comments that silence nothing or are wrong.
pub(crate) fn apply(suppressions: &[Suppression], findings: Vec<Finding>, settings: &Settings) -> Vec<Finding> {
    if suppressions.is_empty() {
        return findings;
    }
    // By rule: where it finds something, and where that is silenced. There may be as many of both as there are lines.
    let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for finding in &findings {
        found.entry(finding.code).or_default().push(finding.span.start);
    }
    for starts in found.values_mut() {
        starts.sort_unstable();
    }
    let mut silent: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    let mut used = Vec::with_capacity(suppressions.len());
    for suppression in suppressions {
        let scope = suppression.scope.unwrap_or(Span::new(0, usize::MAX));
        let mut used_rules = Vec::with_capacity(suppression.rules.len());
        for (_, name) in &suppression.rules {
            let code = rules::find(name).map_or("", |rule| rule.meta().code);
            silent.entry(code).or_default().push(scope);
            let starts = found.get(code).map_or(&[][..], Vec::as_slice);
            let first = starts.partition_point(|start| *start < scope.start);
            used_rules.push(starts.get(first).is_some_and(|start| *start < scope.end));
        }
        used.push(used_rules);
    }
    for spans in silent.values_mut() {
        *spans = united(std::mem::take(spans));
    }
    let mut kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| {
            let spans = silent.get(finding.code).map_or(&[][..], Vec::as_slice);
            let after = spans.partition_point(|span| span.start <= finding.span.start);
            !after.checked_sub(1).is_some_and(|last| finding.span.start < spans[last].end)
        })
        .collect();
    for (suppression, used) in suppressions.iter().zip(&used) {
        about(suppression, used, settings, &mut kept);
    }
    kept
}

/// The same places, in order, each once.
fn united(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let mut united: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match united.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => united.push(span),
        }
    }
    united
}

/// What there is to say about a comment itself.
fn about(suppression: &Suppression, used: &[bool], settings: &Settings, findings: &mut Vec<Finding>) {
    if let Some(error) = &suppression.error {
        let mut finding = Finding::new(&lg903_unknown_rule::UnknownRule::META, suppression.span, error.clone());
        finding.hint("write `liftgate: ignore[CODE, …] reason`; `liftgate rule` lists the codes");
        findings.push(finding);
        return;
    }
    let mut needless = 0;
    for ((span, rule), used) in suppression.rules.iter().zip(used) {
        let Some(meta) = rules::find(rule).map(|rule| rule.meta()) else {
            let sentence = format!("there is no rule `{rule}`");
            let mut finding = Finding::new(&lg903_unknown_rule::UnknownRule::META, *span, sentence);
            finding.hint("`liftgate rule` lists the rules, with their codes and names");
            findings.push(finding);
            continue;
        };
        // One that is not applied this time, or has nothing to compare with, may find something the next time.
        if !used && settings.applies(meta) && meta.can_find_for(&settings.target) {
            needless += 1;
            let sentence = format!("`{rule}` finds nothing here that would have to be ignored");
            let mut finding = Finding::new(&lg902_unused_suppression::UnusedSuppression::META, *span, sentence);
            finding.hint("take it away, so that it does not hide what comes later");
            if suppression.rules.len() == 1 {
                finding.fix(Fix::safe("remove the comment").delete(suppression.removal));
            }
            findings.push(finding);
        }
    }
    if settings.pedantic && suppression.reason.is_empty() && needless == 0 {
        let sentence = "a rule is ignored, and the comment does not say why";
        let mut finding = Finding::new(&lg903_unknown_rule::UnknownRule::META, suppression.span, sentence);
        finding
            .severity(Severity::Warning)
            .hint("write the reason behind the brackets");
        findings.push(finding);
    }
}

/// Reads what stands behind the mark.
fn read(text: &str, from_mark: Span) -> Suppression {
    let all = from_mark.of(text);
    let rest = &all[MARK.len()..];
    let word_at = MARK.len() + (rest.len() - rest.trim_start().len());
    let word_end = all[word_at..]
        .find(|character: char| !(character.is_ascii_lowercase() || character == '-'))
        .map_or(all.len(), |end| word_at + end);
    let is_file = &all[word_at..word_end] == "ignore-file";
    let mut suppression = Suppression {
        span: Span::new(from_mark.start, from_mark.start + all.trim_end().len()),
        rules: Vec::new(),
        reason: String::new(),
        scope: (!is_file).then_some(from_mark),
        removal: from_mark,
        error: None,
    };
    if !is_file && &all[word_at..word_end] != "ignore" {
        suppression.error = Some("a comment for liftgate says neither `ignore` nor `ignore-file`".to_owned());
        return suppression;
    }
    let list = all[word_end..].strip_prefix('[').and_then(|list| list.split_once(']'));
    let Some((list, reason)) = list else {
        suppression.error = Some("a comment that ignores rules has to name them in brackets".to_owned());
        return suppression;
    };
    let end = word_end + 1 + list.len() + 1;
    suppression.span = Span::new(from_mark.start, from_mark.start + end);
    suppression.reason = reason.trim().trim_end_matches("-->").trim().to_owned();
    let mut at = from_mark.start + word_end + 1;
    for part in list.split(',') {
        let name = part.trim();
        let start = at + (part.len() - part.trim_start().len());
        if !name.is_empty() {
            suppression.rules.push((Span::new(start, start + name.len()), name.to_owned()));
        }
        at += part.len() + 1;
    }
    if suppression.rules.is_empty() {
        suppression.error = Some("a comment that ignores rules names none".to_owned());
    }
    suppression
}

/// Where a mark begins, and whether it is written right; `None`: it is none.
fn mark_at(text: &str, stem: usize) -> Option<(usize, bool)> {
    let start = stem.checked_sub(1).filter(|start| matches!(text.as_bytes()[*start], b'l' | b'L'))?;
    let rest = &text[start..];
    if rest.starts_with(MARK) {
        return Some((start, true));
    }
    let behind = rest[STEM.len() + 1..].trim_start_matches([':', ' ', '-']);
    (behind.starts_with("ignore[") || behind.starts_with("ignore-file[")).then_some((start, false))
}

/// A comment that only looks like one of ours.
fn misspelt(span: Span) -> Suppression {
    Suppression {
        span,
        rules: Vec::new(),
        reason: String::new(),
        scope: Some(span),
        removal: span,
        error: Some("a comment for liftgate begins with `liftgate:`, in small letters and with the colon".to_owned()),
    }
}

/// Where a comment of a Dockerfile stands.
enum Place {
    /// Before an instruction, or on a line of its own within one; behind the last one there is nothing.
    Before(Span),
    /// In what a shell reads.
    InScript,
    /// In words or in a file that is put into the image: it is no comment.
    Nowhere,
}

fn place_in(file: &Dockerfile<'_>, offset: usize) -> Place {
    let first = file.items.partition_point(|item| item.span().end <= offset);
    let next = file.items[first..].iter().find_map(|item| match item {
        Item::Instruction(instruction) => Some(instruction),
        Item::Blank(_) | Item::Comment(_) => None,
    });
    let Some(instruction) = next else {
        return Place::Before(Span::at(file.text.len()));
    };
    let is_comment = instruction.comments.iter().any(|comment| comment.start <= offset && offset < comment.end);
    if instruction.whole.start > offset || is_comment {
        Place::Before(instruction.whole)
    } else if instruction.kind == Kind::Run {
        Place::InScript
    } else {
        Place::Nowhere
    }
}
