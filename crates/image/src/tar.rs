//! Tar, as layers and archives come: read once, from front to back, with a bound on everything that is kept.
//!
//! Why not a ready reader: those that there are keep a long name whole, and how long it is the archive says. Here a long
//! name, the records of pax and everything else that is kept is a part of the limits below; a file's content only
//! passes by.
//!
//! Read are the formats in which layers occur: ustar, GNU's (long names, base-256 numbers, sparse files) and pax
//! (`path`, `linkpath`, `size`, sparse files of all three versions). Of a sparse file nothing is put together: its content is not
//! looked at.

use std::io::{self, Read};

use crate::error::ImageError;

const BLOCK: usize = 512;
/// The longest path or target; the kernel's is 4096, a tar's may be in front of a prefix.
pub(crate) const LONGEST_PATH: usize = 8 << 10;
/// The longest record of pax as a whole. Extended attributes are among them, and may have 64 KiB each.
const LONGEST_RECORD: u64 = 1 << 20;
/// The most headers in front of one entry: a long name, a long target, pax, and then some.
const MOST_HEADERS: usize = 16;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    /// A file whose content is stored without its holes.
    Sparse,
    HardLink,
    Link,
    Directory,
    /// Nodes and what nobody knows.
    Other,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) kind: Kind,
    /// Of a link.
    pub(crate) target: String,
    /// The length of the file, which for a sparse one is not that of the content.
    pub(crate) size: u64,
}

/// A tar that is being read. As a reader it gives the content of the entry that came last.
#[derive(Debug)]
pub(crate) struct Tar<R> {
    what: String,
    source: R,
    /// What is left of an entry's content, and of what fills its last block.
    left: u64,
    padding: u64,
    has_ended: bool,
}

/// What headers in front of an entry say of it.
#[derive(Debug, Default)]
struct Ahead {
    path: Option<String>,
    target: Option<String>,
    size: Option<u64>,
    real_size: Option<u64>,
    is_sparse: bool,
}

impl<R: Read> Tar<R> {
    /// `what`: how sentences call it.
    pub(crate) fn new(what: &str, source: R) -> Self {
        Self {
            what: what.to_owned(),
            source,
            left: 0,
            padding: 0,
            has_ended: false,
        }
    }

    /// What the tar is read from, for what stands behind its end.
    pub(crate) fn into_source(self) -> R {
        self.source
    }

    /// The next entry; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, ImageError> {
        let mut ahead = Ahead::default();
        for _ in 0..MOST_HEADERS {
            self.skip()?;
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let stored = number(&header[124..136]).ok_or_else(|| self.malformed("a size"))?;
            self.left = stored;
            self.padding = stored.next_multiple_of(BLOCK as u64) - stored;
            match header[156] {
                b'L' => ahead.path = Some(self.long_name()?),
                b'K' => ahead.target = Some(self.long_name()?),
                b'x' => self.records(&mut ahead)?,
                // Records for all that follows; nothing that matters here is said that way.
                b'g' => {}
                kind => return self.entry(&header, kind, ahead).map(Some),
            }
        }
        Err(self.malformed("headers without an entry"))
    }

    fn entry(&mut self, header: &[u8; BLOCK], kind: u8, ahead: Ahead) -> Result<Entry, ImageError> {
        if let Some(size) = ahead.size {
            self.left = size;
            self.padding = size
                .checked_next_multiple_of(BLOCK as u64)
                .ok_or_else(|| self.malformed("a size"))?
                - size;
        }
        let mut path = text(&header[..100]);
        // In GNU's format other things stand where ustar has the front part of a path.
        if &header[257..263] == b"ustar\0" && header[345] != 0 {
            path = format!("{}/{path}", text(&header[345..500]));
        }
        let path = ahead.path.unwrap_or(path);
        let mut kind = match kind {
            // Before POSIX a directory was a file with a slash at its end.
            0 | b'0' | b'7' if path.ends_with('/') => Kind::Directory,
            0 | b'0' | b'7' => Kind::File,
            b'1' => Kind::HardLink,
            b'2' => Kind::Link,
            b'5' => Kind::Directory,
            b'S' => Kind::Sparse,
            _ => Kind::Other,
        };
        let mut size = self.left;
        if kind == Kind::Sparse {
            size = number(&header[483..495]).ok_or_else(|| self.malformed("a size"))?;
            self.skip_sparse_map(header[482] != 0)?;
        } else if kind == Kind::File && ahead.is_sparse {
            kind = Kind::Sparse;
            size = ahead.real_size.unwrap_or(size);
        }
        if matches!(kind, Kind::HardLink | Kind::Link | Kind::Directory) {
            // Whatever size is said: GNU tar, Go and libarchive agree that these have no content, but for a
            // hard link in pax, which may have one and whose header then says so. It is skipped by its size.
            size = 0;
        }
        Ok(Entry {
            path,
            kind,
            target: ahead.target.unwrap_or_else(|| text(&header[157..257])),
            size,
        })
    }

    /// What is left of the entry is passed over.
    fn skip(&mut self) -> Result<(), ImageError> {
        let rest = self.left.saturating_add(self.padding);
        (self.left, self.padding) = (0, 0);
        self.pass(rest)
    }

    fn pass(&mut self, size: u64) -> Result<(), ImageError> {
        let passed = io::copy(&mut self.source.by_ref().take(size), &mut io::sink())
            .map_err(|error| ImageError::reading(&self.what, error))?;
        if passed < size {
            return Err(self.malformed("it is cut off"));
        }
        Ok(())
    }

    /// A block that is a header; none at the end, which is a block of zeros, or nothing.
    fn header(&mut self) -> Result<Option<[u8; BLOCK]>, ImageError> {
        let mut block = [0; BLOCK];
        if self.has_ended || !self.block(&mut block)? {
            self.has_ended = true;
            return Ok(None);
        }
        if block.iter().all(|byte| *byte == 0) {
            self.has_ended = true;
            return Ok(None);
        }
        if !is_header(&block) {
            return Err(self.malformed("a header with a wrong sum"));
        }
        Ok(Some(block))
    }

    /// Fills a block; false if there is nothing any more.
    fn block(&mut self, block: &mut [u8; BLOCK]) -> Result<bool, ImageError> {
        let mut filled = 0;
        while filled < BLOCK {
            match self.source.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(false),
                Ok(0) => return Err(self.malformed("it is cut off")),
                Ok(size) => filled += size,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ImageError::reading(&self.what, error)),
            }
        }
        Ok(true)
    }

    /// The content of the entry as a whole, if it is not longer than this.
    pub(crate) fn content(&mut self, most: u64) -> Result<Vec<u8>, ImageError> {
        if self.left > most {
            return Err(ImageError::TooMuch {
                what: format!("a record of {}", self.what),
                limit: most,
                unit: "bytes",
            });
        }
        let mut bytes = Vec::new();
        let expected = self.left;
        self.read_to_end(&mut bytes)
            .map_err(|error| ImageError::reading(&self.what.clone(), error))?;
        if bytes.len() as u64 != expected {
            return Err(self.malformed("it is cut off"));
        }
        Ok(bytes)
    }

    fn long_name(&mut self) -> Result<String, ImageError> {
        Ok(text(&self.content(LONGEST_PATH as u64)?))
    }

    /// `LENGTH KEY=VALUE\n`, and so on.
    fn records(&mut self, ahead: &mut Ahead) -> Result<(), ImageError> {
        let bytes = self.content(LONGEST_RECORD)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let record = record(rest).ok_or_else(|| self.malformed("a record of pax"))?;
            rest = &rest[record.length..];
            let (key, value) = (record.key, record.value);
            let bounded = || String::from_utf8_lossy(&value[..value.len().min(LONGEST_PATH)]);
            match key {
                // The name that a sparse file has once it is put together.
                b"GNU.sparse.name" => {
                    ahead.path = Some(bounded().into_owned());
                    ahead.is_sparse = true;
                }
                b"path" if !ahead.is_sparse || ahead.path.is_none() => {
                    ahead.path = Some(bounded().into_owned());
                }
                b"linkpath" => ahead.target = Some(bounded().into_owned()),
                b"size" => {
                    let size = std::str::from_utf8(value)
                        .ok()
                        .and_then(|size| size.parse().ok());
                    ahead.size = Some(size.ok_or_else(|| self.malformed("a size"))?);
                }
                b"GNU.sparse.size" | b"GNU.sparse.realsize" => {
                    let size = std::str::from_utf8(value)
                        .ok()
                        .and_then(|size| size.parse().ok());
                    ahead.real_size = size;
                    ahead.is_sparse = true;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The rest of an old sparse file's map, block by block, in front of its content.
    fn skip_sparse_map(&mut self, mut is_more: bool) -> Result<(), ImageError> {
        const IS_MORE: usize = 504;
        let mut block = [0; BLOCK];
        while is_more {
            if !self.block(&mut block)? {
                return Err(self.malformed("it is cut off"));
            }
            is_more = block[IS_MORE] != 0;
        }
        Ok(())
    }

    fn malformed(&self, reason: &str) -> ImageError {
        ImageError::malformed(self.what.clone(), reason)
    }
}

impl<R: Read> Read for Tar<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let size = self.source.read(&mut buffer[..most])?;
        if size == 0 {
            return Err(self.malformed("it is cut off").into());
        }
        self.left -= size as u64;
        Ok(size)
    }
}

/// Whether a block is a header: its sum says so. Archives from before POSIX have no other mark.
pub(crate) fn is_header(block: &[u8; BLOCK]) -> bool {
    let Some(expected) = number(&block[148..156]) else {
        return false;
    };
    let bytes = block.iter().enumerate();
    let (unsigned, signed) = bytes.fold((0_u64, 0_i64), |(unsigned, signed), (at, byte)| {
        let byte = if (148..156).contains(&at) {
            b' '
        } else {
            *byte
        };
        let as_signed = i64::from(byte.cast_signed());
        (unsigned + u64::from(byte), signed + as_signed)
    });
    // Some of the oldest added up signed bytes.
    expected == unsigned || i64::try_from(expected) == Ok(signed)
}

/// A number in octal digits, or in base 256 where its first bit is set; more than 63 bits are none.
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        let mut number = u64::from(field[0] & 0x7f);
        for byte in &field[1..] {
            number = number.checked_mul(256)?.checked_add(u64::from(*byte))?;
        }
        return Some(number).filter(|number| *number < 1 << 62);
    }
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches([' ', '\0']);
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8)
        .ok()
        .filter(|_| !text.starts_with('+'))
}

/// What stands before the first NUL.
fn text(field: &[u8]) -> String {
    let text = field.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

struct Record<'a> {
    length: usize,
    key: &'a [u8],
    value: &'a [u8],
}

fn record(bytes: &[u8]) -> Option<Record<'_>> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    let record = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some(Record {
        length,
        key: &record[..equals],
        value: &record[equals + 1..],
    })
}
