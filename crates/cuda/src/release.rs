//! Versions of CUDA: `12.8`, which is what drivers and frameworks speak of, and `12.8.1`, which is what was released.

use std::fmt;

/// A CUDA version of two numbers: `12.8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cuda {
    /// `12` of `12.8`.
    pub major: u16,
    /// `8` of `12.8`.
    pub minor: u16,
}

impl Cuda {
    /// `12.8`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// Reads `12.8`, and of `12.8.1` the first two numbers. `None` for anything else, `12` among it.
    pub fn parse(text: &str) -> Option<Self> {
        let numbers = numbers(text)?;
        (numbers.len() >= 2).then(|| Self::new(numbers[0], numbers[1]))
    }
}

impl fmt::Display for Cuda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A release of the toolkit, of three numbers: `12.8.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// `12` of `12.8.1`.
    pub major: u16,
    /// `8` of `12.8.1`.
    pub minor: u16,
    /// `1` of `12.8.1`.
    pub patch: u16,
}

impl Release {
    /// `12.8.1`.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Reads `12.8.1`; `None` for anything else, `12.8` among it.
    pub fn parse(text: &str) -> Option<Self> {
        match *numbers(text)?.as_slice() {
            [major, minor, patch] => Some(Self::new(major, minor, patch)),
            _ => None,
        }
    }

    /// `12.8` of `12.8.1`.
    pub const fn cuda(self) -> Cuda {
        Cuda::new(self.major, self.minor)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// One to four numbers of at most five digits between dots: all that a version here consists of.
pub(crate) fn numbers(text: &str) -> Option<Vec<u16>> {
    if text.len() > 24 {
        return None;
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit());
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() > 4 || !parts.iter().all(|part| is_number(part)) {
        return None;
    }
    parts.iter().map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written() {
        assert_eq!(Cuda::parse("12.8"), Some(Cuda::new(12, 8)));
        assert_eq!(Cuda::parse("12.8.1"), Some(Cuda::new(12, 8)));
        assert_eq!(Release::parse("12.8.1"), Some(Release::new(12, 8, 1)));
        assert_eq!(Release::new(12, 8, 1).to_string(), "12.8.1");
        assert_eq!(Release::new(12, 8, 1).cuda().to_string(), "12.8");
        assert!(Cuda::new(12, 10) > Cuda::new(12, 9));
        for text in [
            "",
            "12",
            "12.",
            ".8",
            "12.x",
            "+12.8",
            "12.-8",
            "1.2.3.4.5",
            "99999.1",
            "１2.8",
        ] {
            assert_eq!(Cuda::parse(text), None, "{text:?}");
        }
        for text in ["12.8", "12.8.1.0", "v12.8.1", "12.8.1-rc"] {
            assert_eq!(Release::parse(text), None, "{text:?}");
        }
    }
}
