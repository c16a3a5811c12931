//! Layers as they are packed: plain, gzip or zstd, told by their first bytes, whatever the manifest calls them.
//!
//! What comes out is counted, and so is what goes in. A gzip stream may make a thousand bytes out of one, and a zstd
//! stream any number: a layer that unpacks to far more than layers do is given up with a sentence.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::error::ImageError;

/// The most bytes that one image may unpack to. The largest in use have 100 GB.
pub(crate) const MOST_UNPACKED: u64 = 512 << 30;
/// From here on it matters how well a layer has been packed …
const SUSPECT: u64 = 1 << 30;
/// … and no layer of files is packed better than this, but for one of zeros.
const BEST_RATIO: u64 = 250;
/// The largest window of zstd that is held in memory. Level 19 has 8 MiB, the builders' levels less.
const LARGEST_WINDOW: u64 = 64 << 20;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &0xfd2f_b528_u32.to_le_bytes();

/// A stream of which the beginning can be looked at.
#[derive(Debug)]
pub(crate) struct Peeked<R> {
    ahead: Vec<u8>,
    source: R,
}

impl<R: Read> Peeked<R> {
    pub(crate) const fn new(source: R) -> Self {
        Self {
            ahead: Vec::new(),
            source,
        }
    }

    /// The next bytes, fewer only at the end.
    pub(crate) fn peek(&mut self, size: usize) -> io::Result<&[u8]> {
        let lacking = size.saturating_sub(self.ahead.len());
        let mut source = self.source.by_ref().take(lacking as u64);
        source.read_to_end(&mut self.ahead)?;
        Ok(&self.ahead[..size.min(self.ahead.len())])
    }
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() {
            return self.source.read(buffer);
        }
        let size = Cursor::new(&self.ahead).read(buffer)?;
        self.ahead.drain(..size);
        Ok(size)
    }
}

/// Whether a stream that begins so is packed.
pub(crate) fn is_packed(beginning: &[u8]) -> bool {
    beginning.starts_with(GZIP) || beginning.starts_with(ZSTD)
}

/// The unpacked stream. `left` is what the image may still unpack to.
pub(crate) fn unpack<'a, R: Read + 'a>(
    what: &str,
    mut source: Peeked<R>,
    left: &'a Cell<u64>,
) -> io::Result<Box<dyn Read + 'a>> {
    let beginning = source.peek(4)?;
    let (is_gzip, is_zstd) = (beginning.starts_with(GZIP), beginning.starts_with(ZSTD));
    let packed = Rc::new(Cell::new(0));
    let source = Counted {
        source,
        count: Rc::clone(&packed),
    };
    let source: Box<dyn Read + 'a> = if is_gzip {
        Box::new(MultiGzDecoder::new(io::BufReader::with_capacity(
            64 << 10,
            source,
        )))
    } else if is_zstd {
        Box::new(Zstd::new(io::BufReader::with_capacity(64 << 10, source)))
    } else {
        Box::new(source)
    };
    Ok(Box::new(Unpacked {
        what: what.to_owned(),
        source,
        read: packed,
        given: 0,
        left,
    }))
}

struct Counted<R> {
    source: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.source.read(buffer)?;
        self.count.set(self.count.get() + size as u64);
        Ok(size)
    }
}

struct Unpacked<'a> {
    what: String,
    source: Box<dyn Read + 'a>,
    read: Rc<Cell<u64>>,
    given: u64,
    left: &'a Cell<u64>,
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.source.read(buffer)?;
        self.given += size as u64;
        let Some(left) = self.left.get().checked_sub(size as u64) else {
            return Err(ImageError::TooMuch {
                what: "the image, unpacked,".to_owned(),
                limit: MOST_UNPACKED,
                unit: "bytes",
            }
            .into());
        };
        self.left.set(left);
        if self.given > SUSPECT && self.given / BEST_RATIO > self.read.get() {
            return Err(ImageError::Bomb {
                what: self.what.clone(),
                packed: self.read.get(),
                unpacked: self.given,
            }
            .into());
        }
        Ok(size)
    }
}

/// zstd with any number of frames, as parallel packers and `zstd:chunked` write it; the decoder reads one.
struct Zstd<R> {
    source: Peeked<R>,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: Read> Zstd<R> {
    fn new(source: R) -> Self {
        Self {
            source: Peeked::new(source),
            decoder: FrameDecoder::new(),
            is_in_frame: false,
        }
    }

    /// Begins the next frame that has content; false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            let beginning = self.source.peek(14)?;
            if beginning.is_empty() {
                return Ok(false);
            }
            if let Some(window) = window(beginning).filter(|window| *window > LARGEST_WINDOW) {
                return Err(io::Error::other(format!(
                    "packed with a window of {window} bytes, more than {LARGEST_WINDOW}"
                )));
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => {
                    self.is_in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let mut skipped = self.source.by_ref().take(length);
                    if io::copy(&mut skipped, &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(invalid(&error)),
            }
        }
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const STEP: usize = 128 << 10;
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_in_frame && !self.begin()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let step = BlockDecodingStrategy::UptoBytes(STEP);
                self.decoder
                    .decode_blocks(&mut self.source, step)
                    .map_err(|error| invalid(&error))?;
            }
            let size = self.decoder.read(buffer)?;
            if size > 0 {
                return Ok(size);
            }
            self.is_in_frame = false;
        }
    }
}

fn invalid(error: &FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

/// The window of a frame, from its header; none if that is no frame with content.
fn window(header: &[u8]) -> Option<u64> {
    let descriptor = *header.strip_prefix(ZSTD)?.first()?;
    let is_single = descriptor & 0x20 != 0;
    if !is_single {
        let byte = *header.get(5)?;
        let base = 1_u64 << (10 + (byte >> 3));
        return Some(base + base / 8 * u64::from(byte & 7));
    }
    // The window is the content; its length follows the number of a dictionary.
    let at = 5 + [0, 1, 2, 4][usize::from(descriptor & 3)];
    let mut bytes = [0; 8];
    let length = [1, 2, 4, 8][usize::from(descriptor >> 6)];
    let field = header.get(at..(at + length).min(header.len()))?;
    bytes[..field.len()].copy_from_slice(field);
    let size = u64::from_le_bytes(bytes);
    Some(if length == 2 { size + 256 } else { size })
}
