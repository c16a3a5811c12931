//! How arguments are divided into words.

use crate::span::Span;

/// `BuildKit`'s white space between words that have no quotes.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\x0b' | '\x0c' | '\r' | ' ')
}

/// Words with white space between them; quotes mean nothing. The part of the line is trimmed.
pub(crate) fn plain(line: &str, span: Span) -> Vec<Span> {
    let mut words = Vec::new();
    let text = span.of(line);
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (is_space(c), start) {
            (true, Some(from)) => {
                words.push(Span::new(span.start + from, span.start + at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    words.extend(start.map(|from| Span::new(span.start + from, span.end)));
    words
}

/// Words that may have quotes (`ENV A="b c"`), which stay with them. An escape character at the very end is no part
/// of the last.
pub(crate) fn quoted(line: &str, span: Span, escape: char) -> Vec<Span> {
    let mut words = Vec::new();
    let mut characters = span.of(line).char_indices();
    let mut start = None;
    let mut quote = None;
    let mut end = span.end;
    while let Some((at, c)) = characters.next() {
        match quote {
            None if c.is_whitespace() => {
                let word = start.take();
                words.extend(word.map(|from| Span::new(from, span.start + at)));
                continue;
            }
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        if c == escape && quote != Some('\'') && characters.next().is_none() {
            end = span.start + at;
            break;
        }
        start = start.or(Some(span.start + at));
    }
    words.extend(start.map(|from| Span::new(from, end)));
    words
}

/// A word and what follows it (`ENV A the rest`).
pub(crate) fn first(line: &str, span: Span) -> (Span, Option<Span>) {
    let text = span.of(line);
    let Some(length) = text.find(is_space) else {
        return (span, None);
    };
    let behind = text.get(length..).unwrap_or_default();
    let rest = behind.trim_start_matches(is_space);
    let word = Span::new(span.start, span.start + length);
    (word, Some(Span::new(span.end - rest.len(), span.end)))
}
