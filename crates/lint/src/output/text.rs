//! Findings with the lines that they are about, in the manner of the Rust compiler.

use super::{Lines, Linted, tame};
use crate::finding::{Applicability, Finding, Severity};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use liftgate_dockerfile::Span;
use std::borrow::Cow;
use std::fmt::Write as _;

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub struct TextStyle {
    /// Whether there are colours. They say nothing that the words do not.
    pub color: bool,
    /// The width of the terminal.
    pub width: usize,
}

/// More lines than these are not shown of one place: a `RUN` of a hundred lines says no more than its first.
const MOST_LINES: usize = 6;
/// Longer lines than these, in bytes, are not shown.
const LONGEST_LINES: usize = 8 * 1024;

/// Writes all findings of a file.
pub fn text(linted: &Linted<'_>, style: TextStyle) -> String {
    let renderer = if style.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer
        .decor_style(DecorStyle::Ascii)
        .term_width(style.width.max(60));
    // Lines, paths and sentences have words of others in them. The renderer tames some of these, in some places.
    let (path, text) = (tame(linted.path), tame(linted.text));
    let linted = &Linted {
        path: &path,
        text: &text,
        findings: linted.findings,
    };
    let lines = Lines::of(linted.text);
    let mut written = String::new();
    for finding in linted.findings {
        written.push_str(&renderer.render(&[group(linted, &lines, finding)]));
        written.push_str("\n\n");
    }
    written
}

fn group<'a>(linted: &'a Linted<'_>, lines: &Lines<'a>, finding: &'a Finding) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut title = format!("{} ({}", tame(&finding.message), finding.name);
    if finding.confidence < crate::finding::Confidence::High {
        write!(title, ", {} confidence", finding.confidence.text()).ok();
    }
    title.push(')');
    let mut group = Group::with_title(level.primary_title(title).id(finding.code));
    if linted.text.is_empty() {
        // An image has no lines.
        group = group.element(Origin::path(linted.path));
    } else {
        let (first, around) = lines.around(finding.span);
        if around.len() > LONGEST_LINES {
            // Nobody reads such a line, and it would be shown with each of its findings.
            let (_, column) = lines.place(finding.span.start);
            group = group.element(Origin::path(linted.path).line(first).char_column(column));
        } else {
            for snippet in snippets(linted, lines, finding) {
                group = group.element(snippet);
            }
        }
    }
    let because = Level::NOTE.with_name("because");
    for reason in &finding.reasons {
        group = group.element(because.clone().message(tame(reason)));
    }
    if !finding.hint.is_empty() {
        group = group.element(Level::HELP.with_name("hint").message(tame(&finding.hint)));
    }
    if let Some(fix) = &finding.fix {
        let flag = match fix.applicability {
            Applicability::Safe => "--fix",
            Applicability::Unsafe => "--fix --unsafe-fixes",
        };
        let text = format!("{} (`{flag}`)", fix.title);
        group = group.element(
            Level::HELP
                .with_name("fix")
                .message(tame(&text).into_owned()),
        );
    }
    group
}

/// The lines of the finding and of what is related to it: one snippet for what stands close together.
fn snippets<'a>(
    linted: &'a Linted<'_>,
    lines: &Lines<'a>,
    finding: &'a Finding,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut places = vec![(
        shortened(linted.text, lines, finding.span),
        tame(&finding.label),
        true,
    )];
    for related in &finding.related {
        let span = shortened(linted.text, lines, related.span);
        if lines.around(span).1.len() <= LONGEST_LINES {
            places.push((span, tame(&related.text), false));
        }
    }
    let mut snippets = Vec::new();
    // What is far away gets a snippet of its own, so that a file is not shown whole.
    let (first, around) = lines.around(places[0].0);
    let mut taken = vec![false; places.len()];
    let mut window = around;
    let mut line = first;
    for (at, (span, ..)) in places.iter().enumerate() {
        let (other, lines_of) = lines.around(*span);
        if at == 0 || other.abs_diff(first) <= 12 {
            taken[at] = true;
            window = window.to(lines_of);
            line = line.min(other);
        }
    }
    let snippet_of = |window: Span, line: usize, chosen: Vec<&(Span, Cow<'a, str>, bool)>| {
        let mut snippet = Snippet::source(window.of(linted.text))
            .line_start(line)
            .path(linted.path)
            .fold(true);
        for (span, label, is_primary) in chosen {
            let kind = if *is_primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let range = span.start - window.start..span.end - window.start;
            let annotation = kind.span(range);
            let annotation = if label.is_empty() {
                annotation
            } else {
                annotation.label(label.clone())
            };
            snippet = snippet.annotation(annotation);
        }
        snippet
    };
    let chosen = places
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| **taken)
        .map(|(place, _)| place)
        .collect();
    snippets.push(snippet_of(window, line, chosen));
    for (place, _) in places.iter().zip(&taken).filter(|(_, taken)| !**taken) {
        let (line, window) = lines.around(place.0);
        snippets.push(snippet_of(window, line, vec![place]));
    }
    snippets
}

/// A span that is not longer than a few lines, without the white space at its end.
fn shortened(text: &str, lines: &Lines<'_>, span: Span) -> Span {
    let start = span.start.min(text.len());
    let end = span.end.min(text.len()).max(start);
    let (first, _) = lines.place(start);
    let (last, _) = lines.place(end);
    let mut end = end;
    if last >= first + MOST_LINES {
        end = text[start..].find('\n').map_or(end, |at| start + at);
    }
    let written = text.get(start..end).unwrap_or_default().trim_end();
    Span::new(start, start + written.len())
}
