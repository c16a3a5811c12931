//! What is kept of a file that passes by: its beginning, and places asked for, behind `Read + Seek`.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// The parsers read blocks of this size at multiples of it, so what is kept are whole blocks.
const BLOCK: u64 = 4096;

/// The places that are kept, sorted and apart, and where a reader is.
#[derive(Debug)]
pub(super) struct Kept {
    places: Vec<Place>,
    length: u64,
    /// How many more bytes may be asked for.
    budget: u64,
    position: u64,
    /// Whether something was read that has not been kept.
    pub(super) has_missed: bool,
}

#[derive(Debug)]
struct Place {
    wanted: Range<u64>,
    bytes: Vec<u8>,
}

impl Kept {
    /// Of a file of this length.
    pub(super) fn new(length: u64, budget: u64) -> Self {
        Self {
            places: Vec::new(),
            length,
            budget,
            position: 0,
            has_missed: false,
        }
    }

    /// Asks for a place that has not passed yet: for those parts of it that are not asked for already.
    pub(super) fn want(&mut self, place: Range<u64>) {
        let end = place.end.min(self.length).next_multiple_of(BLOCK);
        let mut at = place.start - place.start % BLOCK;
        while at < end {
            let next = self.places.partition_point(|known| known.wanted.end <= at);
            let next_start = match self.places.get(next) {
                Some(known) if known.wanted.start <= at => {
                    at = known.wanted.end;
                    continue;
                }
                Some(known) => known.wanted.start.min(end),
                None => end,
            };
            let size = (next_start - at).min(self.budget - self.budget % BLOCK);
            if size == 0 {
                return;
            }
            self.budget -= size;
            let place = Place {
                wanted: at..at + size,
                bytes: Vec::new(),
            };
            self.places.insert(next, place);
            at += size;
        }
    }

    /// Keeps of the bytes at `offset` what was asked for.
    pub(super) fn pass(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset + bytes.len() as u64;
        for place in &mut self.places {
            let from = place.wanted.start.max(offset);
            let to = place.wanted.end.min(end);
            // Anything else would leave a gap: the place was asked for when it had begun to pass.
            if from < to && from == place.wanted.start + place.bytes.len() as u64 {
                let range = usize::try_from(from - offset).unwrap_or(usize::MAX)
                    ..usize::try_from(to - offset).unwrap_or(usize::MAX);
                place
                    .bytes
                    .extend_from_slice(bytes.get(range).unwrap_or_default());
            }
        }
    }

    /// Whether all of a place is kept.
    pub(super) fn has(&self, place: Range<u64>) -> bool {
        let mut at = place.start;
        while at < place.end {
            match self.at(at) {
                Some(rest) => at += rest.len() as u64,
                None => return false,
            }
        }
        true
    }

    /// What is kept at this offset.
    fn at(&self, offset: u64) -> Option<&[u8]> {
        let place = self
            .places
            .iter()
            .find(|place| place.wanted.contains(&offset))?;
        let into = usize::try_from(offset - place.wanted.start).ok()?;
        place.bytes.get(into..).filter(|rest| !rest.is_empty())
    }
}

impl Read for &mut Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length || buffer.is_empty() {
            return Ok(0);
        }
        let Some(rest) = self.at(self.position) else {
            // To who reads a file it ends here; whether it does matters only if they miss something.
            self.has_missed = true;
            return Ok(0);
        };
        let size = rest.len().min(buffer.len());
        buffer[..size].copy_from_slice(&rest[..size]);
        self.position += size as u64;
        Ok(size)
    }
}

impl Seek for &mut Kept {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(position) = to else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        self.position = position;
        Ok(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kept: &mut Kept, from: u64, size: usize) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        kept.has_missed = false;
        let mut reader = &mut *kept;
        reader.seek(SeekFrom::Start(from)).unwrap();
        reader.take(size as u64).read_to_end(&mut bytes).unwrap();
        (bytes, kept.has_missed)
    }

    fn file(length: usize) -> Vec<u8> {
        let byte = |at: usize| u8::try_from((at / 4096 + at % 251) % 256).unwrap();
        (0..length).map(byte).collect()
    }

    #[test]
    fn places_are_whole_blocks_and_asked_for_once() {
        let bytes = file(100_000);
        let mut kept = Kept::new(100_000, 1 << 20);
        kept.want(0..8192);
        kept.want(5000..9000); // one block more
        kept.want(40_000..40_001);
        kept.want(30_000..50_000); // before and behind the one above
        kept.want(99_000..u64::MAX);
        let mut offset = 0;
        for piece in bytes.chunks(777) {
            kept.pass(offset, piece);
            offset += piece.len() as u64;
        }
        let sizes: Vec<_> = kept
            .places
            .iter()
            .map(|place| (place.wanted.start, place.bytes.len()))
            .collect();
        assert_eq!(
            sizes,
            [
                (0, 8192),
                (8192, 4096),
                (28_672, 8192),
                (36_864, 4096),
                (40_960, 12_288),
                (98_304, 1696)
            ]
        );
        // Across places that touch each other.
        assert_eq!(
            read(&mut kept, 8000, 4000),
            (bytes[8000..12_000].to_vec(), false)
        );
        assert_eq!(
            read(&mut kept, 99_990, 100),
            (bytes[99_990..].to_vec(), false)
        );
        assert_eq!(
            read(&mut kept, 12_000, 1000),
            (bytes[12_000..12_288].to_vec(), true)
        );
        assert_eq!(read(&mut kept, 60_000, 10), (vec![], true));
        assert!(kept.has(100..12_288) && !kept.has(100..12_289) && kept.has(99_000..100_000));
    }

    #[test]
    fn no_more_is_kept_than_the_budget() {
        let mut kept = Kept::new(1 << 40, 10_000);
        kept.want(0..1 << 40);
        kept.pass(0, &file(1 << 20));
        assert_eq!(kept.places[0].bytes.len(), 8192);
        kept.want(1 << 30..1 << 31);
        assert_eq!(kept.places.len(), 1);
    }
}
