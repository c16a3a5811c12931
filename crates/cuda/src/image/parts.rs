//! What a tag says, right or not.
//!
//! People write `12.4-devel`, `devel-12.4.1-ubuntu22.04` and `12.4.1-devel-cudnn8-ubuntu2204`, and mean something. Each
//! word is understood for itself; what they are together is judged elsewhere.

use super::os::Os;
use super::tag::Flavour;
use crate::release::{Cuda, Release, numbers};

/// The operating system of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OsWord {
    /// There is none.
    Missing,
    /// One that images have, as tags spell it.
    Exact(Os),
    /// One that images have, spelled in another way.
    Misspelled {
        /// As written.
        written: String,
        /// What is meant.
        os: Os,
    },
    /// One that images do not have.
    Foreign(String),
}

/// The words of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The version as written: `12.4.1`, `12.4`, `12`.
    pub version: Option<String>,
    numbers: Vec<u16>,
    /// The word of cuDNN as written: `cudnn`, `cudnn8`.
    pub cudnn: Option<String>,
    /// What it is for.
    pub flavour: Option<Flavour>,
    /// What it is made on.
    pub os: OsWord,
    /// Words that mean nothing here, and second ones.
    pub others: Vec<String>,
    /// Whether the words stand in the order version, cuDNN, flavour, operating system, in small letters.
    pub is_in_order: bool,
}

/// Beginnings of names of operating systems that no image was made on, or none for a long time.
const FOREIGN: &[&str] = &[
    "alpine",
    "debian",
    "bookworm",
    "bullseye",
    "buster",
    "trixie",
    "fedora",
    "ubuntu",
    "centos",
    "stream",
    "ubi",
    "rhel",
    "rocky",
    "alma",
    "oracle",
    "amzn",
    "amazonlinux",
    "opensuse",
    "suse",
    "sles",
    "arch",
    "photon",
    "windows",
    "l4t",
];

impl Parts {
    /// Takes a tag apart. Whatever it is, something comes out.
    pub fn of(tag: &str) -> Self {
        let mut parts = Self {
            version: None,
            numbers: Vec::new(),
            cudnn: None,
            flavour: None,
            os: OsWord::Missing,
            others: Vec::new(),
            is_in_order: true,
        };
        let mut place = 0;
        let mut words = tag.split('-').peekable();
        while let Some(word) = words.next() {
            // `ubuntu-22.04`
            let next = words.peek().copied().unwrap_or_default();
            let joined = format!("{word}{next}");
            let is_pair = word.bytes().all(|one| one.is_ascii_alphabetic()) && !word.is_empty();
            if is_pair && numbers(next).is_some() && Os::of_name(&joined).is_some() {
                words.next();
                parts.take(&joined, true, &mut place);
            } else {
                parts.take(word, false, &mut place);
            }
        }
        parts
    }

    fn take(&mut self, word: &str, is_pair: bool, place: &mut u8) {
        let own = if let Some(numbers) = version_of(word).filter(|_| self.version.is_none()) {
            self.version = Some(
                word.trim_start_matches(|one: char| !one.is_ascii_digit())
                    .to_owned(),
            );
            self.numbers = numbers;
            // `cuda12.4.1` and `v12.4.1` are understood, but not right.
            self.is_in_order &= word.starts_with(|one: char| one.is_ascii_digit());
            1
        } else if is_cudnn(word) && self.cudnn.is_none() {
            self.cudnn = Some(word.to_owned());
            2
        } else if let Some(flavour) = Flavour::of(word).filter(|_| self.flavour.is_none()) {
            self.flavour = Some(flavour);
            self.is_in_order &= word == flavour.text();
            3
        } else if let Some(os) = os_of(word, is_pair).filter(|_| self.os == OsWord::Missing) {
            self.os = os;
            4
        } else {
            self.others.push(word.to_owned());
            return;
        };
        self.is_in_order &= own > *place;
        *place = own;
    }

    /// The release, if the version has three numbers.
    pub fn release(&self) -> Option<Release> {
        match *self.numbers {
            [major, minor, patch] => Some(Release::new(major, minor, patch)),
            _ => None,
        }
    }

    /// The CUDA version, if the version has two numbers or more.
    pub fn cuda(&self) -> Option<Cuda> {
        match *self.numbers {
            [major, minor, ..] => Some(Cuda::new(major, minor)),
            _ => None,
        }
    }

    /// The first number of the version.
    pub fn major(&self) -> Option<u16> {
        self.numbers.first().copied()
    }

    /// The operating system that is meant.
    pub fn meant_os(&self) -> Option<Os> {
        match self.os {
            OsWord::Exact(os) | OsWord::Misspelled { os, .. } => Some(os),
            OsWord::Missing | OsWord::Foreign(_) => None,
        }
    }
}

fn version_of(word: &str) -> Option<Vec<u16>> {
    let bare = word
        .strip_prefix("cuda")
        .or(word.strip_prefix('v'))
        .unwrap_or(word);
    numbers(bare)
}

fn is_cudnn(word: &str) -> bool {
    let version = word.strip_prefix("cudnn");
    version.is_some_and(|version| {
        version
            .bytes()
            .all(|one| one.is_ascii_digit() || one == b'.')
    })
}

fn os_of(word: &str, is_pair: bool) -> Option<OsWord> {
    if let Some(os) = Os::of_tag(word).filter(|_| !is_pair) {
        return Some(OsWord::Exact(os));
    }
    if let Some(os) = Os::of_name(word) {
        let written = word.to_owned();
        return Some(OsWord::Misspelled { written, os });
    }
    let lower = word.to_ascii_lowercase();
    let is_foreign = FOREIGN.iter().any(|start| lower.starts_with(start));
    is_foreign.then(|| OsWord::Foreign(word.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_whatever_order() {
        for tag in [
            "12.4.1-cudnn-devel-ubuntu22.04",
            "12.4.1-devel-cudnn-ubuntu22.04",
            "devel-12.4.1-ubuntu22.04-cudnn",
            "ubuntu22.04-cudnn-devel-12.4.1",
        ] {
            let parts = Parts::of(tag);
            assert_eq!(parts.release(), Some(Release::new(12, 4, 1)), "{tag}");
            assert_eq!(parts.cudnn.as_deref(), Some("cudnn"), "{tag}");
            assert_eq!(parts.flavour, Some(Flavour::Devel), "{tag}");
            assert_eq!(parts.os, OsWord::Exact(Os::Ubuntu2204), "{tag}");
            assert!(parts.others.is_empty(), "{tag}");
            assert_eq!(parts.is_in_order, tag.starts_with("12.4.1-cudnn"), "{tag}");
        }
    }

    #[test]
    fn pieces() {
        let parts = Parts::of("12.4-devel");
        assert_eq!(
            (parts.cuda(), parts.release()),
            (Some(Cuda::new(12, 4)), None)
        );
        assert_eq!(parts.os, OsWord::Missing);
        let parts = Parts::of("12-base-debian12");
        assert_eq!((parts.major(), parts.cuda()), (Some(12), None));
        assert_eq!(parts.os, OsWord::Foreign("debian12".into()));
        let parts = Parts::of("12.4.1-base-ubuntu-22.04");
        assert_eq!(parts.meant_os(), Some(Os::Ubuntu2204));
        assert!(matches!(parts.os, OsWord::Misspelled { .. }));
        let parts = Parts::of("cuda12.4.1-Devel-jammy");
        assert_eq!(parts.version.as_deref(), Some("12.4.1"));
        assert!(!parts.is_in_order && parts.meant_os() == Some(Os::Ubuntu2204));
        let parts = Parts::of("12.4.1-12.5.1-base-base-ubuntu22.04-ubi9-rc");
        assert_eq!(parts.others, ["12.5.1", "base", "ubi9", "rc"]);
        assert_eq!(Parts::of("").others, [""]);
    }
}
