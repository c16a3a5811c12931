//! Where something stands in a text: two byte offsets.

/// A range of bytes of a text, always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    ///
    /// # Panics
    /// Where `end` is before `start`.
    pub const fn new(start: usize, end: usize) -> Self {
        assert!(start <= end, "a span does not end before it begins");
        Self { start, end }
    }

    /// The empty span at an offset.
    pub const fn at(offset: usize) -> Self {
        Self {
            start: offset,
            end: offset,
        }
    }

    /// What stands there.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Its length in bytes.
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether nothing stands there.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether it has all of another.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The least span that has both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The same, behind `offset` more bytes.
    #[must_use]
    pub const fn moved(self, offset: usize) -> Self {
        Self {
            start: self.start + offset,
            end: self.end + offset,
        }
    }
}
