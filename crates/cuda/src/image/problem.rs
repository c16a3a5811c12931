//! What is wrong with a tag.

use super::os::Os;
use super::parts::{OsWord, Parts};
use super::tag::{CudnnSpelling, Flavour};
use crate::release::{Cuda, Release};
use std::fmt;

/// Why there is no such tag, and never was. `Display` says it in a sentence without its full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No version in it.
    NoVersion,
    /// `12.4` or `12`: since CUDA 11 tags have all three numbers.
    ShortVersion {
        /// As written.
        written: String,
    },
    /// There has been no CUDA of that number.
    NoToolkit(Cuda),
    /// There has been such a CUDA, but no patch of that number, or no image of it.
    NoImageOf(Release),
    /// Neither `base` nor `runtime` nor `devel`.
    NoFlavour,
    /// No operating system: tags without one were given up with CUDA 11.
    NoOs,
    /// The operating system is spelled in another way.
    OsSpelling {
        /// As written.
        written: String,
        /// The right one.
        right: Os,
    },
    /// No image was ever made on it.
    UnknownOs {
        /// As written.
        written: String,
    },
    /// The release was not made on that operating system.
    NotOnOs {
        /// `13.0.0`
        release: Release,
        /// `ubuntu20.04`
        os: Os,
    },
    /// cuDNN comes with `runtime` and `devel` only.
    CudnnInBase,
    /// cuDNN is spelled in another way in this release.
    CudnnSpelling {
        /// As written.
        written: String,
        /// The right one.
        right: CudnnSpelling,
    },
    /// The release has no image with cuDNN, or not on that operating system.
    NoCudnn {
        /// `12.4.0`
        release: Release,
        /// `ubuntu22.04`
        os: Os,
    },
    /// The order is version, cuDNN, flavour, operating system, all in small letters.
    Order,
    /// A word that no tag has.
    UnknownWord(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVersion => f.write_str("the tag has no CUDA version"),
            Self::ShortVersion { written } => write!(
                f,
                "`{written}` is no whole version: since CUDA 11 tags have three numbers"
            ),
            Self::NoToolkit(cuda) => write!(f, "there is no CUDA {cuda}"),
            Self::NoImageOf(release) => write!(f, "there is no image of CUDA {release}"),
            Self::NoFlavour => {
                f.write_str("the tag does not say which flavour: base, runtime or devel")
            }
            Self::NoOs => f.write_str(
                "the tag has no operating system, and those without one were given up with CUDA 11",
            ),
            Self::OsSpelling { written, right } => write!(f, "`{written}` is spelled `{right}`"),
            Self::UnknownOs { written } => write!(f, "there is no image on `{written}`"),
            Self::NotOnOs { release, os } => write!(f, "CUDA {release} was not made on {os}"),
            Self::CudnnInBase => {
                f.write_str("there is no `base` with cuDNN, only `runtime` and `devel`")
            }
            Self::CudnnSpelling { written, right } => write!(
                f,
                "cuDNN is spelled `{}` in this release, not `{written}`",
                right.text()
            ),
            Self::NoCudnn { release, os } => {
                write!(f, "there is no image of CUDA {release} with cuDNN on {os}")
            }
            Self::Order => f.write_str(
                "the order is version, cuDNN, flavour, operating system, in small letters",
            ),
            Self::UnknownWord(word) => write!(f, "no tag has the word `{word}`"),
        }
    }
}

impl Problem {
    /// What can be told from the words alone.
    pub(super) fn of_words(parts: &Parts) -> Vec<Self> {
        let mut problems = Vec::new();
        match (&parts.version, parts.release()) {
            (None, _) => problems.push(Self::NoVersion),
            (Some(written), None) => problems.push(Self::ShortVersion {
                written: written.clone(),
            }),
            (Some(_), Some(_)) => {}
        }
        if parts.flavour.is_none() {
            problems.push(Self::NoFlavour);
        }
        match &parts.os {
            OsWord::Missing => problems.push(Self::NoOs),
            OsWord::Exact(_) => {}
            OsWord::Misspelled { written, os } => problems.push(Self::OsSpelling {
                written: written.clone(),
                right: *os,
            }),
            OsWord::Foreign(written) => problems.push(Self::UnknownOs {
                written: written.clone(),
            }),
        }
        if parts.cudnn.is_some() && parts.flavour == Some(Flavour::Base) {
            problems.push(Self::CudnnInBase);
        }
        if !parts.is_in_order {
            problems.push(Self::Order);
        }
        problems.extend(parts.others.iter().cloned().map(Self::UnknownWord));
        problems
    }
}
