//! A tag that is whole.

use super::os::Os;
use crate::mark::Mark;
use crate::release::Release;
use crate::tables::image_cudnn;
use crate::tables::image_tags::{ROWS, Row};
use std::fmt;

/// How an image's tag says that it has cuDNN. There is one right way for each release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CudnnSpelling {
    /// `cudnn8`, up to 12.2.2.
    Eight,
    /// `cudnn9`: 12.3.2 alone.
    Nine,
    /// `cudnn`, from 12.4.1 on.
    Plain,
}

impl CudnnSpelling {
    /// As it stands in a tag.
    pub fn text(self) -> &'static str {
        match self {
            Self::Eight => "cudnn8",
            Self::Nine => "cudnn9",
            Self::Plain => "cudnn",
        }
    }

    pub(crate) fn of(text: &str) -> Option<Self> {
        [Self::Eight, Self::Nine, Self::Plain]
            .into_iter()
            .find(|one| one.text() == text)
    }
}

/// What an image is for. Each has what those before it have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flavour {
    /// The CUDA runtime library, and the libraries of forward compatibility.
    Base,
    /// The mathematical libraries and NCCL.
    Runtime,
    /// The compiler, headers, static libraries and stubs.
    Devel,
}

impl Flavour {
    /// As it stands in a tag.
    pub fn text(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Runtime => "runtime",
            Self::Devel => "devel",
        }
    }

    pub(crate) fn of(text: &str) -> Option<Self> {
        [Self::Base, Self::Runtime, Self::Devel]
            .into_iter()
            .find(|one| text.eq_ignore_ascii_case(one.text()))
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A whole tag: `12.4.1-cudnn-devel-ubuntu22.04`. `Display` writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    /// `12.4.1`
    pub release: Release,
    /// `cudnn`
    pub cudnn: Option<CudnnSpelling>,
    /// `devel`
    pub flavour: Flavour,
    /// `ubuntu22.04`
    pub os: Os,
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.release)?;
        if let Some(cudnn) = self.cudnn {
            write!(f, "{}-", cudnn.text())?;
        }
        write!(f, "{}-{}", self.flavour, self.os)
    }
}

impl Tag {
    /// Every tag that can be recommended: those that are, or were lately, in NVIDIA's lists. With the mark of each.
    pub fn all() -> impl Iterator<Item = (Self, Mark)> {
        let rows = ROWS.iter().filter(|row| !super::verdict::is_gone(row));
        rows.flat_map(|row| {
            let oses = row.with_cudnn.iter().chain(row.without_cudnn);
            oses.flat_map(move |os| Self::of_row(row, *os).map(move |tag| (tag, row.mark)))
        })
    }

    fn of_row(row: &'static Row, os: Os) -> impl Iterator<Item = Self> {
        let has_cudnn = row.with_cudnn.contains(&os);
        let shapes = [
            (None, Flavour::Base),
            (None, Flavour::Runtime),
            (None, Flavour::Devel),
            (Some(row.spelling), Flavour::Runtime),
            (Some(row.spelling), Flavour::Devel),
        ];
        let shapes = shapes
            .into_iter()
            .filter(move |(cudnn, _)| cudnn.is_none() || has_cudnn);
        shapes.map(move |(cudnn, flavour)| Self {
            release: row.release,
            cudnn,
            flavour,
            os,
        })
    }

    /// The version of cuDNN inside, of the newest build of the image; `None`: it has none, or it is not known.
    pub fn cudnn_version(&self) -> Option<&'static str> {
        self.cudnn?;
        // Was not rebuilt when its siblings were.
        if self.release == Release::new(11, 8, 0) && self.os == Os::Ubuntu1804 {
            return Some("8.6.0.163");
        }
        let row = image_cudnn::ROWS
            .iter()
            .find(|row| row.release == self.release);
        row.map(|row| row.cudnn)
    }

    /// The major version of cuDNN inside, which decides what can be linked to it: `8` or `9`.
    pub fn cudnn_major(&self) -> Option<u16> {
        self.cudnn.map(|spelling| match spelling {
            CudnnSpelling::Eight => 8,
            CudnnSpelling::Nine | CudnnSpelling::Plain => 9,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_it_is_pulled() {
        let tag = Tag {
            release: Release::new(12, 4, 1),
            cudnn: Some(CudnnSpelling::Plain),
            flavour: Flavour::Devel,
            os: Os::Ubuntu2204,
        };
        assert_eq!(tag.to_string(), "12.4.1-cudnn-devel-ubuntu22.04");
        assert_eq!(tag.cudnn_version(), Some("9.1.0.70"));
        assert_eq!(Tag { cudnn: None, ..tag }.cudnn_version(), None);
        assert_eq!(
            Tag { cudnn: None, ..tag }.to_string(),
            "12.4.1-devel-ubuntu22.04"
        );
    }

    #[test]
    fn versions_of_cudnn_begin_with_its_major() {
        for (tag, _) in Tag::all() {
            let Some(version) = tag.cudnn_version() else {
                continue;
            };
            let major = tag.cudnn_major().unwrap().to_string();
            assert_eq!(version.split('.').next(), Some(&*major), "{tag}");
        }
    }
}
