//! glibc's `/etc/ld.so.cache`: reading, merging, writing.
//!
//! Why at all: after libraries were mounted into a container, something has to tell ld.so where they are. The
//! usual way runs `ldconfig` on the container's root file system at every start: it walks directories and follows
//! links that the image laid out (CVE-2025-23267) and scans every library. Here the image's cache is parsed as
//! hostile data, our libraries are put in, and the result is written: a millisecond, nothing executed.
//!
//! The loader facts this rests on (glibc `elf/dl-cache.c`): the table is searched by bisection with
//! the order in [`order`]; among entries of one name the first that fits the process's ABI is taken, except
//! that entries for `glibc-hwcaps` subdirectories compete by priority until the first plain entry ends the
//! group.
//!
//! Refused: the format from before glibc 2.2 alone, caches of the other byte order, everything out of bounds.

mod format;
mod merge;
pub mod order;
mod read;
mod write;

use crate::facts::{Class, ElfFacts, Machine};

pub use format::{MAX_ENTRIES, MAX_FILE, MAX_HWCAPS, MAX_STRING};
pub use merge::{GENERATOR, Library, merge};
pub use read::parse;

/// The contents of a cache file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cache {
    /// The libraries, in file order.
    pub entries: Vec<Entry>,
    /// Names of the `glibc-hwcaps` subdirectories that entries refer to by index. Order is kept when writing:
    /// it is what the indices mean, and the loader relies on it being sorted.
    pub hwcaps: Vec<Vec<u8>>,
    /// Who wrote the cache; glibc writes it since 2.33.
    pub generator: Option<Vec<u8>>,
}

/// One library of a cache. Names and paths are bytes, as on disk, and for an image's cache they are hostile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Type and ABI, see [`Abi::flags`].
    pub flags: i32,
    /// The name a program asks for, usually a SONAME.
    pub name: Vec<u8>,
    /// Where the library is.
    pub path: Vec<u8>,
    /// The least kernel version, which only old loaders look at; usually 0.
    pub os_version: u32,
    /// 0, or hardware the library needs: bit 62 set means that the low half is an index into [`Cache::hwcaps`].
    pub hwcap: u64,
}

/// The ABIs that libraries are put into a cache for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Abi {
    /// 64-bit x86.
    X86_64,
    /// 32-bit x86.
    I386,
    /// 64-bit Arm.
    Aarch64,
}

impl Abi {
    /// The flags of an entry: "ELF for libc6" in the low byte, the machine in the next.
    pub const fn flags(self) -> i32 {
        match self {
            Abi::X86_64 => 0x0303,
            Abi::I386 => 0x0003,
            Abi::Aarch64 => 0x0a03,
        }
    }

    /// The ABI of a library; none for machines without a driver and for x32.
    pub const fn of(facts: &ElfFacts) -> Option<Abi> {
        match (facts.machine, facts.class) {
            (Machine::X86_64, Class::Elf64) => Some(Abi::X86_64),
            (Machine::I386, Class::Elf32) => Some(Abi::I386),
            (Machine::Aarch64, Class::Elf64) => Some(Abi::Aarch64),
            _ => None,
        }
    }
}

/// Why a cache could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// The file has neither of the two magics.
    #[error("not an ld.so cache")]
    NotCache,
    /// The file has only the format from before glibc 2.2, which says nothing of ABIs.
    #[error("ld.so cache in the old format only")]
    OldFormatOnly,
    /// The file is for a machine of the other byte order; ld.so ignores it as well.
    #[error("ld.so cache of a foreign byte order (flags {flags:#04x})")]
    ForeignByteOrder {
        /// The flags byte of the header.
        flags: u8,
    },
    /// Something lies outside the file.
    #[error("malformed ld.so cache: {what} at offset {offset} of {size} bytes")]
    OutOfBounds {
        /// The part that lies outside.
        what: &'static str,
        /// Where it should be.
        offset: u64,
        /// The size of the file.
        size: usize,
    },
    /// The extension directory breaks a rule for which ld.so ignores the whole cache.
    #[error("malformed ld.so cache: extension directory at offset {offset}")]
    BadExtension {
        /// Where the directory is.
        offset: u32,
    },
    /// More of something than is accepted, in a file or in a cache to be written.
    #[error("ld.so cache with {count} {what}, at most {limit} are accepted")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are, or at least are.
        count: usize,
        /// How many are accepted.
        limit: usize,
    },
    /// A string to be written holds a NUL, which would end it early.
    #[error("{what} with a NUL byte: `{}`", value.escape_ascii())]
    EmbeddedNul {
        /// Which string.
        what: &'static str,
        /// The string.
        value: Vec<u8>,
    },
}

impl Cache {
    /// The entries ld.so considers for `name`, in its order, provided that the cache is sorted. Names are compared
    /// as ld.so does: `libx.so.01` finds `libx.so.1`.
    pub fn lookup<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| order::compare(&entry.name, name).is_eq())
    }

    /// Puts the entries into the order that the loader's bisection needs. Entries of one name keep theirs.
    pub fn sort(&mut self) {
        self.entries
            .sort_by(|a, b| order::in_file(&a.name, &b.name));
    }
}
