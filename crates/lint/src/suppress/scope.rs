//! For which part of a text a comment stands.
//!
//! A text may have as many comments as it has lines. What follows a line is therefore found once for all of them: to look
//! for each comment anew would take a quarter of a million looks at a million bytes.

use crate::Language;
use liftgate_dockerfile::Span;

/// The lines of a text, and what belongs to each.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    lines: Vec<Line>,
    /// The next line at or below each one that says something: neither blank nor a comment.
    next: Vec<usize>,
    /// Behind the last line that belongs to each one that says something.
    end: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    /// Without its end.
    span: Span,
    indent: usize,
    is_blank: bool,
    is_comment: bool,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str, language: Language) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for whole in text.split_inclusive('\n') {
            let content = whole.trim_end_matches(['\n', '\r']);
            let bare = content.trim_start();
            lines.push(Line {
                span: Span::new(start, start + content.len()),
                indent: content.len() - bare.len(),
                is_blank: bare.is_empty(),
                is_comment: is_comment(bare.trim_end(), language),
            });
            start += whole.len();
        }
        let mut next = vec![lines.len(); lines.len() + 1];
        for at in (0..lines.len()).rev() {
            let line = &lines[at];
            next[at] = if line.is_blank || line.is_comment { next[at + 1] } else { at };
        }
        let end = match language {
            Language::Markdown => paragraphs(text, &lines),
            _ => blocks(&lines),
        };
        Self { text, lines, next, end }
    }

    /// The number of the line of an offset.
    pub(super) fn number(&self, offset: usize) -> usize {
        self.lines.partition_point(|line| line.span.start <= offset).saturating_sub(1)
    }

    /// A line, without its end.
    pub(super) fn line(&self, number: usize) -> Span {
        self.lines.get(number).map_or(Span::at(self.text.len()), |line| line.span)
    }

    /// A line with its end.
    pub(super) fn whole(&self, number: usize) -> Span {
        let next = self.lines.get(number + 1).map_or(self.text.len(), |line| line.span.start);
        Span::new(self.line(number).start, next)
    }

    /// Up to and with the end of the text, what stands at that end is part of the last line.
    fn behind(&self, number: usize) -> usize {
        self.lines.get(number + 1).map_or(usize::MAX, |line| line.span.start)
    }

    /// What follows a line: the next one that says something, with what belongs to it. In Markdown that is a paragraph or
    /// a block of code, elsewhere the lines below it that are indented deeper.
    pub(super) fn below(&self, number: usize) -> Span {
        let first = self.next.get(number + 1).copied().unwrap_or(self.lines.len());
        match (self.lines.get(first), self.end.get(first)) {
            (Some(line), Some(end)) => Span::new(line.span.start, self.behind(end - 1)),
            _ => Span::at(self.text.len()),
        }
    }
}

fn is_comment(line: &str, language: Language) -> bool {
    match language {
        Language::Devcontainer => line.starts_with("//"),
        Language::Markdown => line.starts_with("<!--") && line.ends_with("-->"),
        Language::Dockerfile | Language::Compose | Language::Shell => line.starts_with('#'),
    }
}

/// For each line the end of the lines below it that are indented deeper.
fn blocks(lines: &[Line]) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..=lines.len()).collect();
    // Lines whose block goes on, each deeper than the one before it.
    let mut open: Vec<usize> = Vec::new();
    let mut last = 0;
    for (at, line) in lines.iter().enumerate() {
        if line.is_blank {
            continue;
        }
        while let Some(above) = open.pop_if(|above| lines[*above].indent >= line.indent) {
            ends[above] = last + 1;
        }
        open.push(at);
        last = at;
    }
    for above in open {
        ends[above] = last + 1;
    }
    ends
}

/// For each line the end of its paragraph, or of the block of code that begins with it.
fn paragraphs(text: &str, lines: &[Line]) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..=lines.len()).collect();
    let mut end = lines.len();
    for at in (0..lines.len()).rev() {
        if lines[at].is_blank {
            end = at;
        }
        ends[at] = end.max(at + 1);
    }
    let mut fence: Option<(&str, usize)> = None;
    for (at, line) in lines.iter().enumerate() {
        let content = line.span.of(text).trim();
        match fence {
            None => fence = ["```", "~~~"].into_iter().find(|mark| content.starts_with(mark)).map(|mark| (mark, at)),
            Some((mark, first)) if content.starts_with(mark) => {
                ends[first] = at + 1;
                fence = None;
            }
            Some(_) => {}
        }
    }
    if let Some((_, first)) = fence {
        ends[first] = lines.len();
    }
    ends
}
