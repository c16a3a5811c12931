//! How well a fact is known.
//!
//! Every row of every table carries one of these, and a verdict carries the worst of the rows that it rests on: whoever
//! shows a verdict to people, or fails a build by it, can tell what NVIDIA has written from what follows from it.

/// How well a fact is known, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Read in a primary source: NVIDIA's pages and images, the framework's own files, a package index.
    Verified,
    /// Read in somebody's project that quotes or uses the primary source.
    Secondary,
    /// Follows from verified rows by a rule that the table states.
    Derived,
    /// Common knowledge that nobody has looked up.
    Unverified,
}

impl Mark {
    /// Its letter, as documents write it.
    pub fn letter(self) -> char {
        match self {
            Self::Verified => 'V',
            Self::Secondary => 'S',
            Self::Derived => 'D',
            Self::Unverified => 'U',
        }
    }

    /// Whether a verdict of it may be stated without a "probably".
    pub fn is_firm(self) -> bool {
        matches!(self, Self::Verified | Self::Derived)
    }
}
