//! The lines of a Markdown text, with the signs of quotation before them.

use liftgate_dockerfile::Span;

/// The deepest quotation: more signs are text.
const MAX_QUOTES: usize = 8;

/// A line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    text: &'t str,
    /// Where it begins, with its signs of quotation.
    pub(super) start: usize,
    /// Where it ends, with its line end.
    pub(super) end: usize,
    /// How many signs of quotation there are.
    pub(super) quotes: usize,
    /// How many columns its content is indented, behind the signs.
    pub(super) indent: usize,
    /// Where its content begins and ends.
    content: Span,
}

impl<'t> Line<'t> {
    fn of(text: &'t str, start: usize, end: usize) -> Self {
        let line = &text[start..end];
        let content_end = start + line.trim_end_matches(['\n', '\r']).len();
        let (mut at, mut quotes) = (start, 0);
        while quotes < MAX_QUOTES {
            let rest = &text[at..content_end];
            let blanks = rest.len() - rest.trim_start_matches(' ').len();
            if blanks > 3 || !rest[blanks..].starts_with('>') {
                break;
            }
            at += blanks + 1;
            at += usize::from(text[at..content_end].starts_with(' '));
            quotes += 1;
        }
        let rest = &text[at..content_end];
        let (content, indent) = blanks(rest, usize::MAX);
        Self {
            text,
            start,
            end,
            quotes,
            indent,
            content: Span::new(at + content, content_end),
        }
    }

    pub(super) fn content(&self) -> &'t str {
        self.content.of(self.text)
    }

    pub(super) fn content_start(&self) -> usize {
        self.content.start
    }

    pub(super) fn is_blank(&self) -> bool {
        self.content().trim().is_empty()
    }

    /// The line with its end, behind at most so many columns of blanks and signs of quotation. What is a sign of quotation in
    /// a README may be a sign of the shell's in a block: only those of the block's beginning are taken away.
    pub(super) fn without_indent(&self, indent: usize, quotes: usize) -> Span {
        let mut at = self.start;
        for _ in 0..quotes.min(self.quotes) {
            let rest = &self.text[at..self.end];
            at += rest.find('>').map_or(0, |offset| offset + 1);
            at += usize::from(self.text[at..self.end].starts_with(' '));
        }
        let (offset, _) = blanks(&self.text[at..self.content.end], indent);
        Span::new(at + offset, self.end)
    }
}

/// How many bytes of blanks there are, up to so many columns, and how many columns they are. A tab goes on to the next fourth.
fn blanks(text: &str, most: usize) -> (usize, usize) {
    let mut columns = 0;
    for (at, byte) in text.bytes().enumerate() {
        let wide = match byte {
            b' ' => 1,
            b'\t' => 4 - columns % 4,
            _ => return (at, columns),
        };
        if columns >= most {
            return (at, columns);
        }
        columns += wide;
    }
    (text.len(), columns)
}

/// The lines of a text.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        // A byte order mark is none of the first line.
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, at }
    }

    /// The same line is the next one, again.
    pub(super) fn again(&mut self, line: Line<'_>) {
        self.at = line.start;
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        self.at = start + rest.find('\n').map_or(rest.len(), |at| at + 1);
        Some(Line::of(self.text, start, self.at))
    }
}
