//! Parsing a cache file, which in a container was written by the image.
//!
//! Accepts what ld.so accepts, with every offset checked and sizes capped. An hwcaps name outside the file is
//! refused too: a loader of glibc 2.33 or later that meets one writes past the end of an array.

use super::format::{
    ENDIAN_CURRENT, ENDIAN_MASK, ENTRY, EXTENSION_HEADER, EXTENSION_MAGIC, HEADER, MAGIC,
    MAX_ENTRIES, MAX_FILE, MAX_HWCAPS, MAX_STRING, MAX_STRINGS, OLD_COUNT_AT, OLD_ENTRY,
    OLD_HEADER, OLD_MAGIC, SECTION, TAG_GENERATOR, TAG_HWCAPS,
};
use super::{Cache, CacheError, Entry};

/// Parses a cache file.
pub fn parse(bytes: &[u8]) -> Result<Cache, CacheError> {
    at_most("bytes", bytes.len(), MAX_FILE)?;
    let file = File { bytes };
    let base = file.new_header()?;
    let flags = file.array::<1>("flags", base + 28)?[0];
    if flags != 0 && flags & ENDIAN_MASK != ENDIAN_CURRENT {
        return Err(CacheError::ForeignByteOrder { flags });
    }
    let count = file.word("entry count", base + 20)? as usize;
    let extension = file.word("extension offset", base + 32)?;
    at_most("entries", count, MAX_ENTRIES)?;
    file.slice("entries", base + HEADER, count * ENTRY)?;

    let mut strings = Strings { file, total: 0 };
    let mut cache = Cache {
        entries: Vec::with_capacity(count),
        ..Cache::default()
    };
    for index in 0..count {
        let at = base + HEADER + index * ENTRY;
        cache.entries.push(Entry {
            flags: i32::from_ne_bytes(file.array("entry", at)?),
            name: strings.read("name", base + file.word("entry", at + 4)? as usize)?,
            path: strings.read("path", base + file.word("entry", at + 8)? as usize)?,
            os_version: file.word("entry", at + 12)?,
            hwcap: u64::from_ne_bytes(file.array("entry", at + 16)?),
        });
    }
    if extension != 0 {
        read_extensions(file, &mut strings, extension, &mut cache)?;
    }
    Ok(cache)
}

fn read_extensions(
    file: File,
    strings: &mut Strings,
    offset: u32,
    cache: &mut Cache,
) -> Result<(), CacheError> {
    let at = offset as usize;
    let bad = CacheError::BadExtension { offset };
    if !offset.is_multiple_of(4) || file.word("extension magic", at)? != EXTENSION_MAGIC {
        return Err(bad);
    }
    let count = file.word("extension count", at + 4)? as usize;
    let size = count.checked_mul(SECTION).ok_or(bad)?;
    let (sections, _) = file
        .slice("extension directory", at + EXTENSION_HEADER, size)?
        .as_chunks::<SECTION>();

    // Of two sections with one tag the loader uses the second, and it looks at the bounds of unknown ones too.
    let mut hwcaps: &[u8] = &[];
    for section in sections {
        let [tag, _flags, offset, size] = words(section);
        let content = file.slice("extension", offset as usize, size as usize)?;
        match tag {
            TAG_GENERATOR => {
                at_most("bytes of generator", content.len(), MAX_STRING)?;
                cache.generator = Some(content.to_vec());
            }
            // The loader leaves out a misaligned section without giving up the cache.
            TAG_HWCAPS if offset % 4 != 0 || size % 4 != 0 => hwcaps = &[],
            TAG_HWCAPS => hwcaps = content,
            _ => {}
        }
    }
    let (names, _) = hwcaps.as_chunks::<4>();
    at_most("hwcaps", names.len(), MAX_HWCAPS)?;
    for name in names {
        cache
            .hwcaps
            .push(strings.read("hwcaps name", u32::from_ne_bytes(*name) as usize)?);
    }
    Ok(())
}

fn words(section: &[u8; SECTION]) -> [u32; 4] {
    let (words, _) = section.as_chunks::<4>();
    std::array::from_fn(|index| words.get(index).map_or(0, |word| u32::from_ne_bytes(*word)))
}

pub(super) fn at_most(what: &'static str, count: usize, limit: usize) -> Result<(), CacheError> {
    if count > limit {
        Err(CacheError::TooMany { what, count, limit })
    } else {
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct File<'a> {
    bytes: &'a [u8],
}

impl<'a> File<'a> {
    /// Where the header of the current format is.
    fn new_header(self) -> Result<usize, CacheError> {
        if self.bytes.starts_with(MAGIC) {
            return Ok(0);
        }
        if !self.bytes.starts_with(OLD_MAGIC) {
            return Err(CacheError::NotCache);
        }
        let count = self.word("old entry count", OLD_COUNT_AT)? as usize;
        let size = count.saturating_mul(OLD_ENTRY);
        self.slice("old entries", OLD_HEADER, size)?;
        // The header is aligned for its u64: to 8 bytes, on 32-bit x86 to 4. ldconfig writes an even number of
        // old entries so that both come out the same; otherwise the cache was meant for one of them.
        [8, 4]
            .into_iter()
            .map(|alignment| (OLD_HEADER + size).next_multiple_of(alignment))
            .find(|at| {
                self.bytes
                    .get(*at..)
                    .is_some_and(|rest| rest.starts_with(MAGIC))
            })
            .ok_or(CacheError::OldFormatOnly)
    }

    fn slice(self, what: &'static str, at: usize, size: usize) -> Result<&'a [u8], CacheError> {
        at.checked_add(size)
            .and_then(|end| self.bytes.get(at..end))
            .ok_or(CacheError::OutOfBounds {
                what,
                offset: at as u64,
                size: self.bytes.len(),
            })
    }

    fn array<const N: usize>(self, what: &'static str, at: usize) -> Result<[u8; N], CacheError> {
        let out = CacheError::OutOfBounds {
            what,
            offset: at as u64,
            size: self.bytes.len(),
        };
        self.bytes
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .copied()
            .ok_or(out)
    }

    fn word(self, what: &'static str, at: usize) -> Result<u32, CacheError> {
        self.array(what, at).map(u32::from_ne_bytes)
    }
}

/// The strings of a file, with an account of how much was copied from it.
struct Strings<'a> {
    file: File<'a>,
    total: usize,
}

impl Strings<'_> {
    fn read(&mut self, what: &'static str, at: usize) -> Result<Vec<u8>, CacheError> {
        let out = CacheError::OutOfBounds {
            what,
            offset: at as u64,
            size: self.file.bytes.len(),
        };
        let rest = self.file.bytes.get(at..).ok_or_else(|| out.clone())?;
        let window = &rest[..rest.len().min(MAX_STRING + 1)];
        let Some(length) = window.iter().position(|byte| *byte == 0) else {
            at_most("bytes in one string", window.len(), MAX_STRING)?;
            return Err(out);
        };
        self.total += length;
        at_most("bytes in strings", self.total, MAX_STRINGS)?;
        Ok(window[..length].to_vec())
    }
}
