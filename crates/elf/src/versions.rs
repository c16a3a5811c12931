//! Which glibc a library needs, and which one a C library is: the tables of symbol versions.
//!
//! A library built on a newer system than the image's fails in the loader (``version `GLIBC_2.26' not found``),
//! and whoever reads that thinks of the image. What it needs stands in the table behind `DT_VERNEED`, by the name
//! of the file that is to have it; what a C library has, in the one behind `DT_VERDEF`. The loader looks for each
//! needed name among those of that one file, so only what is needed of `libc.so.6` is held against what
//! `libc.so.6` has: a glibc whose `libm.so.6` is newer than its own newest symbol is no contradiction.
//!
//! Both tables are chains of offsets, in a container the image's. They are read from one piece of limited size,
//! every link leads forward, and all steps together have a limit; without it a chain of files that share one
//! chain of names takes the square of the piece's size. `GLIBC_PRIVATE` and `GLIBC_ABI_DT_RELR` are no versions.

use std::fmt;
use std::io::{Read, Seek};

use object::{Endian, Endianness};

use crate::facts::ElfError;
use crate::facts::blocks::Blocks;
use crate::facts::dynamic::StringTable;

/// The longest table looked at. glibc's own, with the versions of 25 years, has 1.4 KiB.
pub const MAX_TABLE: usize = 4 << 10;
/// The most files and versions looked at, together. glibc has 60.
pub const MAX_VERSIONS: usize = 1024;

/// The file whose versions count.
pub const LIBC: &str = "libc.so.6";
const PREFIX: &str = "GLIBC_";

/// A version of glibc, such as 2.17 or 2.2.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GlibcVersion(u16, u16, u16);

impl GlibcVersion {
    /// Reads `2.17`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| {
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| is_number)
        });
        let version = Self(
            parts.next()??,
            parts.next()??,
            parts.next().unwrap_or(Some(0))?,
        );
        parts.next().is_none().then_some(version)
    }
}

/// As it is displayed: `2.17`.
#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for GlibcVersion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no version of glibc")))
    }
}

impl fmt::Display for GlibcVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, patch) = self;
        write!(formatter, "{major}.{minor}")?;
        if *patch != 0 {
            write!(formatter, ".{patch}")?;
        }
        Ok(())
    }
}

/// Where a table is in the file, and where its fields are: in both, an entry leads to the names that belong to it,
/// and to the next entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) kind: TableKind,
}

/// `Elf64_Verneed` with `Elf64_Vernaux`, or `Elf64_Verdef` with `Elf64_Verdaux`; the classes do not differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableKind {
    Needs,
    Definitions,
}

const WHAT: &str = "symbol versions";

impl Table {
    /// The greatest version of glibc that is needed of the C library, or defined by it.
    pub(crate) fn greatest<R: Read + Seek>(
        self,
        blocks: &mut Blocks<R>,
        strings: StringTable,
        endian: Endianness,
    ) -> Result<Option<GlibcVersion>, ElfError> {
        self.greatest_of::<false, R>(blocks, strings, endian)
    }

    /// As [`Table::greatest`], of the C library alone or of all files: those of one glibc have one version, and what
    /// `libm.so.6` lacks keeps a library from loading as well.
    pub(crate) fn greatest_of<const ALL: bool, R: Read + Seek>(
        self,
        blocks: &mut Blocks<R>,
        strings: StringTable,
        endian: Endianness,
    ) -> Result<Option<GlibcVersion>, ElfError> {
        let mut greatest = None;
        for name in self.names::<ALL, R>(blocks, strings, endian)? {
            let name = strings.string(blocks, WHAT, name)?;
            greatest = greatest.max(name.strip_prefix(PREFIX).and_then(GlibcVersion::parse));
        }
        Ok(greatest)
    }

    /// Where the names of the versions are among the strings.
    fn names<const ALL: bool, R: Read + Seek>(
        self,
        blocks: &mut Blocks<R>,
        strings: StringTable,
        endian: Endianness,
    ) -> Result<Vec<u64>, ElfError> {
        let is_needs = self.kind == TableKind::Needs;
        // Of an entry, where its first name and the next entry are; of a name, its text and the next name.
        let (first, next, text, next_name) = if is_needs {
            (8, 12, 8, 12)
        } else {
            (12, 16, 0, 4)
        };
        let size = usize::try_from(self.size)
            .unwrap_or(MAX_TABLE)
            .min(MAX_TABLE);
        let piece = blocks.up_to(WHAT, self.offset, size)?.to_vec();
        let word = |at: usize| {
            let bytes = piece.get(at..).and_then(<[u8]>::first_chunk);
            bytes
                .and_then(|bytes| usize::try_from(endian.read_u32(*bytes)).ok())
                .ok_or(ElfError::Malformed {
                    what: WHAT,
                    offset: self.offset,
                })
        };
        let too_many = ElfError::TooMany {
            what: WHAT,
            count: MAX_VERSIONS as u64 + 1,
            limit: MAX_VERSIONS,
        };
        let mut names = Vec::new();
        let mut entry = 0;
        for _ in 0..MAX_VERSIONS {
            let mut is_more =
                ALL || !is_needs || strings.string(blocks, WHAT, word(entry + 4)? as u64)? == LIBC;
            let mut name = entry + word(entry + first)?;
            while is_more {
                if names.len() == MAX_VERSIONS {
                    return Err(too_many);
                }
                names.push(word(name + text)? as u64);
                // Behind the name of a definition come those that it takes the place of.
                let further = word(name + next_name)?;
                name += further;
                is_more = is_needs && further != 0;
            }
            match word(entry + next)? {
                0 => return Ok(names),
                further => entry += further,
            }
        }
        Err(too_many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers() {
        let version = |text| GlibcVersion::parse(text).unwrap();
        let ascending = ["2.0", "2.2.5", "2.3", "2.3.4", "2.9", "2.10", "2.38", "3.0"];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
            assert_eq!(version(pair[0]).to_string(), pair[0]);
        }
    }

    #[test]
    fn what_is_no_version() {
        for text in [
            "",
            "2",
            "2.",
            ".17",
            "2.17.1.1",
            "PRIVATE",
            "ABI_DT_RELR",
            "2.+7",
            "2.70000",
            "2.1x",
        ] {
            assert_eq!(GlibcVersion::parse(text), None, "{text}");
        }
    }
}
