//! An ELF file that passes by once, and may be gigabytes long: what it links to, and the CUDA code in it.
//!
//! The files of an image come as a stream. What [`crate::facts`] fetches by seeking lies at both ends of a file: headers
//! and most tables at its beginning, the dynamic segment behind the code, section headers at the end, and the names
//! wherever a tool has put them (`patchelf` writes them anew, behind everything else). So the beginning is kept, and it
//! tells what else to keep: the dynamic segment, the beginnings of the segments that are still to come, the section
//! headers. All of it together has a limit, and what is out of reach is said to be so, not guessed.

mod kept;

use std::ops::Range;

use object::Endianness;
use object::elf;
use object::read::elf::{FileHeader, SectionHeader};

use crate::facts::blocks::Blocks;
use crate::facts::dynamic::{Segments, Wishes};
use crate::facts::{self, Class, ElfError, ElfFacts, Machine};
use crate::fatbin::{FatBinaries, Scanner};
use crate::note;
use crate::versions::GlibcVersion;
use kept::Kept;

pub use crate::facts::dynamic::RunPath;

/// How much of the beginning is kept. Of `PyTorch`'s largest library everything is in its first 8 MB but what `patchelf`
/// has moved; `TensorFlow`'s table of strings begins at 16 MB.
pub const BEGINNING: u64 = 32 << 20;
/// How much is kept beside it.
pub const FURTHER: u64 = 32 << 20;
/// How much of one segment is kept.
const SEGMENT: u64 = 16 << 20;
/// How much before the section headers: their names, where the linker puts them.
const NAMES: u64 = 64 << 10;

/// The sections that fat binaries lie in.
const SECTIONS: [&str; 2] = [".nv_fatbin", "__nv_relfatbin"];

/// What has been found out of a file.
#[derive(Debug)]
pub struct StreamFacts {
    /// 32 or 64 bits.
    pub class: Class,
    /// The processor.
    pub machine: Machine,
    /// What it links to.
    pub linking: Result<Linking, Unknown>,
    /// The CUDA code in it.
    pub code: FatBinaries,
}

/// The facts that seeking would have found, and the directories that the file names to the loader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linking {
    /// The facts.
    pub facts: ElfFacts,
    /// `DT_RPATH` and `DT_RUNPATH`.
    pub run_path: RunPath,
    /// The greatest version of glibc that it needs any of glibc's files to have.
    pub needs_glibc: Option<GlibcVersion>,
}

/// Why it is not known what a file links to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// It lies in a part of the file that was not kept.
    #[error("its tables lie too deep in the file")]
    OutOfReach,
    /// The file breaks the rules of ELF.
    #[error("it is malformed")]
    Malformed,
}

/// Takes a file in pieces of any size.
#[derive(Debug)]
pub struct Stream {
    offset: u64,
    kept: Kept,
    is_planned: bool,
    scanner: Scanner,
}

impl Stream {
    /// For a file of this length.
    pub fn new(length: u64) -> Self {
        let mut kept = Kept::new(length, BEGINNING + FURTHER);
        kept.want(0..BEGINNING);
        Self {
            offset: 0,
            kept,
            is_planned: length <= BEGINNING,
            scanner: Scanner::new(length),
        }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.scanner.feed(bytes);
        let mut rest = bytes;
        if !self.is_planned && self.offset + rest.len() as u64 >= BEGINNING {
            let size = usize::try_from(BEGINNING - self.offset).unwrap_or(usize::MAX);
            let (piece, further) = rest.split_at(size.min(rest.len()));
            self.keep(piece);
            rest = further;
            self.is_planned = true;
            // A file without headers that can be read has nothing else to keep.
            self.plan().ok();
        }
        self.keep(rest);
    }

    /// What has been found, or that it is no ELF file.
    pub fn finish(mut self) -> Result<StreamFacts, ElfError> {
        let mut blocks = Blocks::new(&mut self.kept);
        let class = facts::class(&mut blocks)?;
        let machine = match class {
            Class::Elf32 => machine::<elf::FileHeader32<Endianness>>(&mut blocks)?,
            Class::Elf64 => machine::<elf::FileHeader64<Endianness>>(&mut blocks)?,
        };
        self.kept.has_missed = false;
        let linking = match class {
            Class::Elf32 => linking::<elf::FileHeader32<Endianness>>(&mut self.kept),
            Class::Elf64 => linking::<elf::FileHeader64<Endianness>>(&mut self.kept),
        };
        let linking = linking.map_err(|_| {
            if self.kept.has_missed {
                Unknown::OutOfReach
            } else {
                Unknown::Malformed
            }
        });
        let starts: Vec<u64> = self.scanner.containers().collect();
        let sections = if starts.is_empty() {
            Vec::new()
        } else {
            sections(&mut self.kept, &starts).unwrap_or_default()
        };
        Ok(StreamFacts {
            class,
            machine,
            linking,
            code: self.scanner.finish(&sections),
        })
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.kept.pass(self.offset, bytes);
        self.offset += bytes.len() as u64;
    }

    /// Asks for what the beginning says is to come. Fat binaries are in 64-bit files only, and so are all files of this
    /// size that matter.
    fn plan(&mut self) -> Result<(), ElfError> {
        let mut blocks = Blocks::new(&mut self.kept);
        let (header, endian) = facts::header::<elf::FileHeader64<Endianness>, _>(&mut blocks)?;
        let segments = Segments::read(&mut blocks, &header, endian).unwrap_or_default();
        let headers = header.e_phoff(endian);
        let table = header.e_shoff(endian);
        let sections = u64::from(header.e_shnum(endian)) * u64::from(header.e_shentsize(endian));
        let mut wanted: Vec<Range<u64>> = segments.dynamic_place().into_iter().collect();
        wanted.push(table.saturating_sub(NAMES)..table.saturating_add(sections.min(NAMES)));
        // Program headers that a tool has moved, and what it has moved along with them.
        wanted.push(headers..headers.saturating_add(SEGMENT));
        // The last first: it is there that strings are moved to.
        let loaded = segments.loaded_places();
        wanted.extend(
            loaded
                .into_iter()
                .rev()
                .map(|place| place.start..place.end.min(place.start.saturating_add(SEGMENT))),
        );
        for place in wanted {
            if place.start >= BEGINNING {
                self.kept.want(place);
            }
        }
        Ok(())
    }
}

fn machine<Elf: FileHeader<Endian = Endianness>>(
    blocks: &mut Blocks<&mut Kept>,
) -> Result<Machine, ElfError> {
    let (header, endian) = facts::header::<Elf, _>(blocks)?;
    Ok(Machine::of(header.e_machine(endian)))
}

fn linking<Elf: FileHeader<Endian = Endianness>>(kept: &mut Kept) -> Result<Linking, ElfError> {
    let facts = facts::read(&mut *kept)?;
    let mut blocks = Blocks::new(&mut *kept);
    let (header, endian) = facts::header::<Elf, _>(&mut blocks)?;
    let wishes = match facts.kind {
        facts::Kind::Other => Wishes::default(),
        _ => Segments::read(&mut blocks, &header, endian)?.wishes::<Elf, _>(&mut blocks, endian)?,
    };
    Ok(Linking {
        facts,
        run_path: wishes.run_path,
        needs_glibc: wishes.needs_glibc,
    })
}

/// Where the sections of fat binaries are. Where the names of the sections are out of reach, a section that begins
/// with a container is one: no other section does.
fn sections(kept: &mut Kept, containers: &[u64]) -> Result<Vec<Range<u64>>, ElfError> {
    let mut blocks = Blocks::new(&mut *kept);
    let (header, endian) = facts::header::<elf::FileHeader64<Endianness>, _>(&mut blocks)?;
    let sections = note::sections(&mut blocks, &header, endian)?;
    let names = sections.get(usize::from(header.e_shstrndx(endian).0));
    let names = names.map(|names| (names.sh_offset(endian), names.sh_size(endian)));
    let names = names.filter(|(start, size)| kept.has(*start..start.saturating_add(*size)));
    let mut blocks = Blocks::new(&mut *kept);
    let mut found = Vec::new();
    for section in &sections {
        if section.sh_type(endian) != elf::SHT_PROGBITS {
            continue;
        }
        let start = section.sh_offset(endian);
        let is_one = match names {
            Some(names) => SECTIONS.iter().any(|known| {
                note::is_named(&mut blocks, names, section.sh_name(endian), known)
                    .unwrap_or_default()
            }),
            None => containers.binary_search(&start).is_ok(),
        };
        if is_one {
            found.push(start..start.saturating_add(section.sh_size(endian)));
        }
    }
    Ok(found)
}
