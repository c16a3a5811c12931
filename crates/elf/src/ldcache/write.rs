//! Writing a cache file: the current format alone, as ldconfig does since glibc 2.32.
//!
//! What is written can be parsed again with the same result; a cache beyond the limits of [`super::parse`] is
//! refused instead. Each distinct string is stored once. A loader of glibc 2.1 or older finds nothing in it.

use std::collections::HashMap;

use super::format::{
    ENDIAN_CURRENT, ENTRY, EXTENSION_HEADER, EXTENSION_MAGIC, HEADER, MAGIC, MAX_ENTRIES, MAX_FILE,
    MAX_HWCAPS, MAX_STRING, MAX_STRINGS, SECTION, TAG_GENERATOR, TAG_HWCAPS,
};
use super::read::at_most;
use super::{Cache, CacheError, Entry, order};

impl Cache {
    /// The bytes of the cache file, with the entries in the order of [`Cache::sort`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, CacheError> {
        at_most("entries", self.entries.len(), MAX_ENTRIES)?;
        at_most("hwcaps", self.hwcaps.len(), MAX_HWCAPS)?;
        let generator = self.generator.as_deref();
        at_most(
            "bytes of generator",
            generator.map_or(0, <[u8]>::len),
            MAX_STRING,
        )?;

        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by(|a, b| order::in_file(&a.name, &b.name));

        let mut strings = Strings::starting_at(HEADER + entries.len() * ENTRY);
        let mut table = Vec::with_capacity(entries.len() * ENTRY);
        for entry in entries {
            table.extend(entry.flags.to_ne_bytes());
            table.extend(strings.offset("name", &entry.name)?.to_ne_bytes());
            table.extend(strings.offset("path", &entry.path)?.to_ne_bytes());
            table.extend(entry.os_version.to_ne_bytes());
            table.extend(entry.hwcap.to_ne_bytes());
        }
        let mut hwcaps = Vec::with_capacity(self.hwcaps.len() * 4);
        for name in &self.hwcaps {
            hwcaps.extend(strings.offset("hwcaps name", name)?.to_ne_bytes());
        }
        // The extension directory has to be aligned.
        strings
            .bytes
            .resize(strings.bytes.len().next_multiple_of(4), 0);
        let extensions = extensions(strings.end(), generator, &hwcaps)?;

        let mut file = Vec::with_capacity(strings.end() + extensions.len());
        file.extend(MAGIC);
        file.extend(word(self.entries.len())?);
        file.extend(word(strings.bytes.len())?);
        file.extend([ENDIAN_CURRENT, 0, 0, 0]);
        file.extend(word(if extensions.is_empty() {
            0
        } else {
            strings.end()
        })?);
        file.extend([0; 12]);
        file.extend(table);
        file.extend(strings.bytes);
        file.extend(extensions);
        at_most("bytes", file.len(), MAX_FILE)?;
        Ok(file)
    }
}

/// The extension directory at offset `at` of the file and, behind it, what it points to.
fn extensions(at: usize, generator: Option<&[u8]>, hwcaps: &[u8]) -> Result<Vec<u8>, CacheError> {
    // The hwcaps first: they have to be aligned, the generator does not.
    let hwcaps = (TAG_HWCAPS, (!hwcaps.is_empty()).then_some(hwcaps));
    let sections: Vec<(u32, &[u8])> = [hwcaps, (TAG_GENERATOR, generator)]
        .into_iter()
        .filter_map(|(tag, content)| Some((tag, content?)))
        .collect();
    if sections.is_empty() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    bytes.extend(EXTENSION_MAGIC.to_ne_bytes());
    bytes.extend(word(sections.len())?);
    let mut offset = at + EXTENSION_HEADER + sections.len() * SECTION;
    for (tag, content) in &sections {
        bytes.extend(tag.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(word(offset)?);
        bytes.extend(word(content.len())?);
        offset += content.len();
    }
    for (_, content) in sections {
        bytes.extend(content);
    }
    Ok(bytes)
}

fn word(value: usize) -> Result<[u8; 4], CacheError> {
    u32::try_from(value)
        .map(u32::to_ne_bytes)
        .map_err(|_| CacheError::TooMany {
            what: "bytes",
            count: value,
            limit: MAX_FILE,
        })
}

/// The string table, with each string once.
struct Strings<'a> {
    start: usize,
    bytes: Vec<u8>,
    known: HashMap<&'a [u8], u32>,
    /// What a reader will count, which does not know of shared strings.
    total: usize,
}

impl<'a> Strings<'a> {
    fn starting_at(start: usize) -> Self {
        Strings {
            start,
            bytes: Vec::new(),
            known: HashMap::new(),
            total: 0,
        }
    }

    fn end(&self) -> usize {
        self.start + self.bytes.len()
    }

    fn offset(&mut self, what: &'static str, string: &'a [u8]) -> Result<u32, CacheError> {
        at_most("bytes in one string", string.len(), MAX_STRING)?;
        self.total += string.len();
        at_most("bytes in strings", self.total, MAX_STRINGS)?;
        if let Some(offset) = self.known.get(string) {
            return Ok(*offset);
        }
        if string.contains(&0) {
            return Err(CacheError::EmbeddedNul {
                what,
                value: string.to_vec(),
            });
        }
        let offset = u32::from_ne_bytes(word(self.end())?);
        self.bytes.extend(string);
        self.bytes.push(0);
        self.known.insert(string, offset);
        Ok(offset)
    }
}
