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

use crate::Language;
use crate::finding::{Finding, Fix, Severity};
use crate::rules::{self, lg902_unused_suppression, lg903_unknown_rule};
use liftgate_dockerfile::{Dockerfile, Item, Span};

/// The word that a comment of ours begins with.
const MARK: &str = "liftgate:";

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
    let mut from = 0;
    while let Some(at) = text[from..].find(MARK) {
        let mark = from + at;
        from = mark + MARK.len();
        let line = line_at(text, mark);
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
        if !lead.is_empty() && !lead.ends_with([' ', '\t']) {
            continue;
        }
        let mut suppression = read(text, Span::new(mark, line.end));
        let comment = line.start + lead.len();
        let is_alone = lead.trim().is_empty();
        suppression.removal = if is_alone {
            Span::new(line.start, (line.end + 1).min(text.len()))
        } else {
            Span::new(line.start + lead.trim_end().len(), line.end)
        };
        if suppression.scope.is_none() {
            found.push(suppression);
            continue;
        }
        suppression.scope = match (language, dockerfile) {
            (Language::Dockerfile, Some(file)) => instruction_at(file, comment),
            _ if !is_alone => Some(line),
            (Language::Markdown, _) if opening == "<!--" => Some(paragraph_after(text, line.end)),
            _ => Some(block_after(text, line)),
        };
        if suppression.scope.is_some() {
            found.push(suppression);
        }
    }
    found
}

/// Takes silenced findings away, and adds those about comments that silence nothing or are wrong.
pub(crate) fn apply(suppressions: &[Suppression], findings: Vec<Finding>, wants_reasons: bool) -> Vec<Finding> {
    let mut used: Vec<Vec<bool>> = suppressions
        .iter()
        .map(|suppression| vec![false; suppression.rules.len()])
        .collect();
    let mut kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| {
            let mut is_silenced = false;
            for (suppression, used) in suppressions.iter().zip(&mut used) {
                let is_inside = suppression
                    .scope
                    .is_none_or(|scope| scope.start <= finding.span.start && finding.span.start <= scope.end);
                for ((_, rule), used) in suppression.rules.iter().zip(used) {
                    if is_inside && (rule.eq_ignore_ascii_case(finding.code) || rule == finding.name) {
                        *used = true;
                        is_silenced = true;
                    }
                }
            }
            !is_silenced
        })
        .collect();
    for (suppression, used) in suppressions.iter().zip(&used) {
        about(suppression, used, wants_reasons, &mut kept);
    }
    kept
}

/// What there is to say about a comment itself.
fn about(suppression: &Suppression, used: &[bool], wants_reasons: bool, findings: &mut Vec<Finding>) {
    if let Some(error) = &suppression.error {
        let mut finding = Finding::new(&lg903_unknown_rule::UnknownRule::META, suppression.span, error.clone());
        finding.hint("write `liftgate: ignore[CODE, …] reason`; `liftgate rule` lists the codes");
        findings.push(finding);
        return;
    }
    let mut needless = 0;
    for ((span, rule), used) in suppression.rules.iter().zip(used) {
        if rules::find(rule).is_none() {
            let sentence = format!("there is no rule `{rule}`");
            let mut finding = Finding::new(&lg903_unknown_rule::UnknownRule::META, *span, sentence);
            finding.hint("`liftgate rule` lists the rules, with their codes and names");
            findings.push(finding);
        } else if !used {
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
    if wants_reasons && suppression.reason.is_empty() && needless == 0 {
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

/// The line of an offset, without its end.
fn line_at(text: &str, offset: usize) -> Span {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    Span::new(start, end)
}

/// The instruction that a comment stands in, or before.
fn instruction_at(file: &Dockerfile<'_>, offset: usize) -> Option<Span> {
    file.items.iter().find_map(|item| match item {
        Item::Instruction(instruction) if instruction.whole.end > offset => {
            let is_inside = instruction.whole.start <= offset;
            let is_comment = instruction
                .comments
                .iter()
                .any(|comment| comment.start <= offset && offset < comment.end);
            // A mark in a `RUN echo` is no comment.
            (!is_inside || is_comment).then_some(instruction.whole)
        }
        _ => None,
    })
}

/// The next line that is not blank, and those below it that are indented deeper.
fn block_after(text: &str, comment: Span) -> Span {
    let mut at = (comment.end + 1).min(text.len());
    let mut scope: Option<(Span, usize)> = None;
    while at < text.len() {
        let line = line_at(text, at);
        let content = line.of(text);
        let indent = content.len() - content.trim_start().len();
        let is_blank = content.trim().is_empty();
        let is_comment = content.trim_start().starts_with('#');
        match &mut scope {
            None if is_blank || is_comment => {}
            None => scope = Some((line, indent)),
            Some(_) if is_blank => {}
            Some((span, least)) if indent > *least => span.end = line.end,
            Some(_) => break,
        }
        at = line.end + 1;
    }
    scope.map_or(Span::at(text.len()), |(span, _)| span)
}

/// The next paragraph or code block of Markdown.
fn paragraph_after(text: &str, offset: usize) -> Span {
    let mut at = (offset + 1).min(text.len());
    let mut span: Option<Span> = None;
    let mut fence: Option<&str> = None;
    while at < text.len() {
        let line = line_at(text, at);
        let content = line.of(text).trim();
        at = line.end + 1;
        match (&mut span, fence) {
            (None, _) if content.is_empty() => {}
            (None, _) => {
                span = Some(line);
                fence = ["```", "~~~"].into_iter().find(|fence| content.starts_with(fence));
            }
            (Some(span), Some(mark)) => {
                span.end = line.end;
                if content.starts_with(mark) {
                    break;
                }
            }
            (Some(_), None) if content.is_empty() => break,
            (Some(span), None) => span.end = line.end,
        }
    }
    span.unwrap_or(Span::at(text.len()))
}
