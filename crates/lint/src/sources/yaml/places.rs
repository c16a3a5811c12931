//! The parser counts characters, a span counts bytes.

use liftgate_dockerfile::Span;

/// How many characters apart the remembered places are.
const STEP: usize = 64;

/// Where characters stand in a text.
pub(super) struct Places<'t> {
    text: &'t str,
    /// The offset of every [`STEP`]th character. Empty where each is a byte.
    every: Vec<usize>,
}

impl<'t> Places<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let every = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .step_by(STEP)
                .map(|(offset, _)| offset)
                .collect()
        };
        Self { text, every }
    }

    /// The offset of a character; of one behind the end, the end.
    pub(super) fn byte(&self, character: usize) -> usize {
        if self.every.is_empty() {
            return character.min(self.text.len());
        }
        let Some(&start) = self.every.get(character / STEP) else {
            return self.text.len();
        };
        let rest = self.text.get(start..).unwrap_or_default();
        rest.char_indices()
            .nth(character % STEP)
            .map_or(self.text.len(), |(offset, _)| start + offset)
    }

    pub(super) fn span(&self, of: saphyr_parser::Span) -> Span {
        let start = self.byte(of.start.index());
        Span::new(start, self.byte(of.end.index()).max(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_is_found() {
        for text in ["", "abc", "a\r\nb", &"aé€😀\r\n".repeat(60)] {
            let places = Places::of(text);
            for (at, (offset, _)) in text.char_indices().enumerate() {
                assert_eq!(places.byte(at), offset);
            }
            assert_eq!(places.byte(text.chars().count()), text.len());
            assert_eq!(places.byte(usize::MAX), text.len());
        }
    }
}
