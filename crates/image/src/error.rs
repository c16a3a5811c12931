//! Why an image cannot be looked into.

use std::io;

/// Why an image cannot be looked into. Everything that is quoted has been shortened and has no control characters.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The stream broke off or could not be read.
    #[error("cannot read {what}")]
    Io {
        /// What was being read.
        what: String,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// It breaks the rules of its format.
    #[error("{what} is malformed: {reason}")]
    Malformed {
        /// The part.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// More of something than is looked at.
    #[error("{what} has more than {limit} {unit}")]
    TooMuch {
        /// The part.
        what: String,
        /// How much is looked at.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// A small stream that unpacks to a large one.
    #[error(
        "{what} unpacks {packed} bytes to more than {unpacked}, which no real layer does; it is not looked at any further"
    )]
    Bomb {
        /// The layer.
        what: String,
        /// What has been read.
        packed: u64,
        /// What has come out of it.
        unpacked: u64,
    },
    /// A tar or a directory, but no image in it.
    #[error("no image: neither `manifest.json` nor `index.json` is in it")]
    NotAnImage,
    /// An image that lacks a part.
    #[error("the image lacks {0}")]
    Lacks(String),
}

impl ImageError {
    pub(crate) fn malformed(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Malformed {
            what: what.into(),
            reason: reason.into(),
        }
    }

    /// What a reader failed with: one of ours, if it was one of our readers.
    pub(crate) fn reading(what: &str, source: io::Error) -> Self {
        match source.downcast::<Self>() {
            Ok(own) => own,
            Err(source) => Self::Io {
                what: what.to_owned(),
                source,
            },
        }
    }
}

impl From<ImageError> for io::Error {
    fn from(error: ImageError) -> Self {
        Self::other(error)
    }
}

/// A name of the image's, fit to be shown.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut shown: String = text
        .chars()
        .map(|character| {
            if character.is_control() {
                '?'
            } else {
                character
            }
        })
        .take(LONGEST)
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
