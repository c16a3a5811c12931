//! A text without the breaks of continued lines, that still knows where it stands.
//!
//! `RUN a \` and `b` on the next line is one text to whoever runs it, `a b`; a finding about `b` has to point at the
//! second line.

use crate::span::Span;

/// Text, put together from pieces of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Joined {
    text: String,
    /// Where pieces begin: in the text, and in the source. In ascending order in both.
    pieces: Vec<(usize, usize)>,
    /// Where the last piece ends in the source.
    end: usize,
}

impl Joined {
    /// A text of one piece.
    pub fn of(source: &str, span: Span) -> Self {
        let mut joined = Self::default();
        joined.push(source, span);
        joined
    }

    /// Nothing, which stands at an offset.
    pub fn empty(offset: usize) -> Self {
        Self {
            end: offset,
            ..Self::default()
        }
    }

    /// Adds a piece, which stands behind all that there are.
    pub fn push(&mut self, source: &str, span: Span) {
        if span.is_empty() && !self.pieces.is_empty() {
            return;
        }
        self.pieces.push((self.text.len(), span.start));
        self.text.push_str(span.of(source));
        self.end = span.end;
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A part of it, which knows its places as the whole does.
    #[must_use]
    pub fn part(&self, span: Span) -> Self {
        let text = span.of(&self.text).to_owned();
        let start = self.offset(span.start);
        let after = self.pieces.partition_point(|piece| piece.0 <= span.start);
        let mut pieces = vec![(0, start)];
        let later = self.pieces.get(after..).unwrap_or_default();
        let within = later.iter().take_while(|piece| piece.0 < span.end);
        pieces.extend(within.map(|&(at, source)| (at - span.start, source)));
        let end = self.source(span).end;
        Self { text, pieces, end }
    }

    /// Where in the source the character at an offset of the text stands.
    pub fn offset(&self, offset: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.0 <= offset);
        match after.checked_sub(1).and_then(|at| self.pieces.get(at)) {
            Some(&(start, source)) if offset < self.text.len() => source + (offset - start),
            _ => self.end,
        }
    }

    /// The part of the source that a part of the text was made of: continued lines in between are part of it. Nothing
    /// stands behind the character before it.
    pub fn source(&self, span: Span) -> Span {
        let Some(last) = span.end.checked_sub(1) else {
            return Span::at(self.offset(span.start));
        };
        // The last character may be longer than a byte; its bytes stand together.
        let end = self.offset(last.min(self.text.len())) + 1;
        let end = if last < self.text.len() {
            end
        } else {
            self.end
        };
        let start = if span.is_empty() {
            end
        } else {
            self.offset(span.start)
        };
        Span::new(start, end.max(start))
    }

    /// The whole in the source.
    pub fn whole(&self) -> Span {
        let start = self.pieces.first().map_or(self.end, |piece| piece.1);
        Span::new(start, self.end.max(start))
    }
}
