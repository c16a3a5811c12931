//! Why there is no such file.

use std::fmt;

/// Nothing fits what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Impossible {
    /// One sentence, without its full stop.
    pub(crate) sentence: String,
    /// What to do instead.
    pub(crate) hint: String,
}

impl Impossible {
    pub(crate) fn new(sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            hint: hint.into(),
        }
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}
