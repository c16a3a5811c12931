//! Bounded positioned reads over a `Read + Seek`.
//!
//! One block is kept: the header, the program headers and the interpreter are neighbours, and so are most
//! strings of one library, so a typical library costs four reads. Callers cap every size before asking, so that
//! a hostile length cannot make us allocate.

use std::io::{Read, Seek, SeekFrom};

use super::ElfError;

const BLOCK: u64 = 4096;

pub(crate) struct Blocks<R> {
    file: R,
    start: u64,
    data: Vec<u8>,
}

impl<R: Read + Seek> Blocks<R> {
    pub(crate) fn new(file: R) -> Self {
        Blocks {
            file,
            start: 0,
            data: Vec::new(),
        }
    }

    /// `size` bytes at `offset`; fewer are a malformed file.
    pub(crate) fn exact(
        &mut self,
        what: &'static str,
        offset: u64,
        size: usize,
    ) -> Result<&[u8], ElfError> {
        let bytes = self.up_to(what, offset, size)?;
        if bytes.len() < size {
            return Err(ElfError::Malformed { what, offset });
        }
        Ok(bytes)
    }

    /// Up to `size` bytes at `offset`, fewer only at the end of the file.
    pub(crate) fn up_to(
        &mut self,
        what: &'static str,
        offset: u64,
        size: usize,
    ) -> Result<&[u8], ElfError> {
        let end = u64::try_from(size)
            .ok()
            .and_then(|size| offset.checked_add(size))
            // The kernel's file offsets are signed: beyond them lseek fails with EINVAL, which
            // would look like a disk error.
            .filter(|end| i64::try_from(*end).is_ok_and(|end| end <= i64::MAX - 4096))
            .ok_or(ElfError::Malformed { what, offset })?;
        if offset < self.start || end > self.start + self.data.len() as u64 {
            self.load(offset - offset % BLOCK, end)
                .map_err(|source| ElfError::Io {
                    what,
                    offset,
                    source,
                })?;
        }
        let rest = usize::try_from(offset - self.start)
            .ok()
            .and_then(|from| self.data.get(from..))
            .unwrap_or_default();
        Ok(&rest[..rest.len().min(size)])
    }

    fn load(&mut self, start: u64, end: u64) -> std::io::Result<()> {
        let want = (end - start).next_multiple_of(BLOCK);
        self.data.clear();
        self.start = start;
        self.file.seek(SeekFrom::Start(start))?;
        self.file.by_ref().take(want).read_to_end(&mut self.data)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn blocks_are_reread_across_boundaries() {
        let bytes: Vec<u8> = (0..10_000u32)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        let mut blocks = Blocks::new(Cursor::new(bytes.clone()));
        for offset in [0usize, 4090, 10, 8191, 4096, 9990] {
            assert_eq!(
                blocks.exact("t", offset as u64, 10).unwrap(),
                &bytes[offset..offset + 10]
            );
        }
        assert_eq!(blocks.up_to("t", 9995, 10).unwrap(), &bytes[9995..]);
        assert_eq!(blocks.up_to("t", 50_000, 10).unwrap(), b"");
        assert!(matches!(
            blocks.exact("t", 9995, 10),
            Err(ElfError::Malformed {
                what: "t",
                offset: 9995
            })
        ));
    }

    #[test]
    fn offsets_the_kernel_cannot_seek_to_are_malformed() {
        let mut blocks = Blocks::new(Cursor::new(vec![0; 16]));
        for offset in [u64::MAX, u64::MAX - 3, i64::MAX as u64, i64::MAX as u64 - 4] {
            assert!(matches!(
                blocks.up_to("t", offset, 4),
                Err(ElfError::Malformed { .. })
            ));
        }
    }

    #[test]
    fn a_failing_disk_is_not_a_malformed_file() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("broken"))
            }
        }
        impl Seek for Broken {
            fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
                Ok(0)
            }
        }
        assert!(matches!(
            Blocks::new(Broken).up_to("t", 0, 4),
            Err(ElfError::Io { .. })
        ));
    }
}
