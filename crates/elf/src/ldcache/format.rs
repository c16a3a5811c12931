//! The bytes of a cache file: magics, sizes, limits.
//!
//! ```text
//! old header (optional)   "ld.so-1.7.0" NUL, count u32, count × { flags, key, value: 3 × u32 }, padding
//! header                  "glibc-ld.so.cache" "1.1", entries u32, string bytes u32,
//!                         flags u8, 3 × u8, extension offset u32, 3 × u32
//! entries                 { flags i32, name u32, path u32, os version u32, hwcap u64 }
//! strings                 NUL-terminated
//! extensions              magic u32, count u32, count × { tag u32, flags u32, offset u32, size u32 }
//! ```
//!
//! Names and paths are offsets from the (new) header; everything about extensions, the hwcaps strings included,
//! is relative to the start of the file. The two differ only behind an old header.

/// The largest file accepted. A full desktop has 300 KiB.
pub const MAX_FILE: usize = 16 << 20;
/// The most entries accepted.
pub const MAX_ENTRIES: usize = 65_536;
/// The most `glibc-hwcaps` subdirectories accepted. glibc knows three for x86-64.
pub const MAX_HWCAPS: usize = 1024;
/// The longest name, path or generator accepted: `PATH_MAX`.
pub const MAX_STRING: usize = 4096;
/// The most bytes of all strings together. Strings may overlap in the file, so without this limit a file of
/// 2 MiB could make us allocate 512 MiB.
pub(super) const MAX_STRINGS: usize = MAX_FILE / 2;

pub(super) const OLD_MAGIC: &[u8] = b"ld.so-1.7.0";
pub(super) const OLD_HEADER: usize = 16;
pub(super) const OLD_COUNT_AT: usize = 12;
pub(super) const OLD_ENTRY: usize = 12;

pub(super) const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
pub(super) const HEADER: usize = 48;
pub(super) const ENTRY: usize = 24;

/// The byte-order field within the header's flags. No flags at all (glibc before 2.33) is accepted.
pub(super) const ENDIAN_MASK: u8 = 3;
pub(super) const ENDIAN_CURRENT: u8 = if cfg!(target_endian = "little") { 2 } else { 3 };

pub(super) const EXTENSION_MAGIC: u32 = 0xeaa4_2174;
pub(super) const EXTENSION_HEADER: usize = 8;
pub(super) const SECTION: usize = 16;
pub(super) const TAG_GENERATOR: u32 = 0;
pub(super) const TAG_HWCAPS: u32 = 1;
