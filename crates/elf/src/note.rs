//! Notes of an ELF file, by the name of their section.
//!
//! Unlike a library's other facts these are found through section headers: what is looked for has a name, and
//! only sections have one. The file is fetched through `blocks`, as for [`crate::facts`], and every count and
//! length of it is bounded before anything is read.

use std::io::{Read, Seek};

use object::Endianness;
use object::elf;
use object::pod;
use object::read::elf::{FileHeader, SectionHeader};

use crate::facts::blocks::Blocks;
use crate::facts::{self, Class, ElfError};

/// The most sections looked at. Real libraries have about forty.
pub const MAX_SECTIONS: usize = 1024;
/// The longest content of a note that is read.
pub const MAX_NOTE: usize = 16 << 10;
/// The longest owner's name that is read, with the NUL at its end.
pub const MAX_OWNER: usize = 256;

/// Lengths of name and content, and the kind.
const HEADER: usize = 12;

/// The content of the first note in the section `section`, if `owner` has written it.
///
/// `None`: there is no such section, or another owner's note in it.
pub fn read<R: Read + Seek>(
    file: R,
    section: &str,
    owner: &str,
) -> Result<Option<Vec<u8>>, ElfError> {
    let mut blocks = Blocks::new(file);
    match facts::class(&mut blocks)? {
        Class::Elf32 => read_class::<elf::FileHeader32<Endianness>, R>(&mut blocks, section, owner),
        Class::Elf64 => read_class::<elf::FileHeader64<Endianness>, R>(&mut blocks, section, owner),
    }
}

fn read_class<Elf, R>(
    blocks: &mut Blocks<R>,
    section: &str,
    owner: &str,
) -> Result<Option<Vec<u8>>, ElfError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: Read + Seek,
{
    let (header, endian) = facts::header::<Elf, R>(blocks)?;
    let sections = sections(blocks, &header, endian)?;
    let Some(names) = sections.get(usize::from(header.e_shstrndx(endian).0)) else {
        return Ok(None);
    };
    let names: (u64, u64) = (names.sh_offset(endian).into(), names.sh_size(endian).into());
    for candidate in &sections {
        if candidate.sh_type(endian) != elf::SHT_NOTE
            || !is_named(blocks, names, candidate.sh_name(endian), section)?
        {
            continue;
        }
        let place = Place {
            offset: candidate.sh_offset(endian).into(),
            size: candidate.sh_size(endian).into(),
            alignment: candidate.sh_addralign(endian).into(),
        };
        return place.note(blocks, owner, endian);
    }
    Ok(None)
}

pub(crate) fn sections<Elf, R>(
    blocks: &mut Blocks<R>,
    header: &Elf,
    endian: Endianness,
) -> Result<Vec<Elf::SectionHeader>, ElfError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: Read + Seek,
{
    const WHAT: &str = "section headers";
    let count = usize::from(header.e_shnum(endian));
    let offset: u64 = header.e_shoff(endian).into();
    if count == 0 {
        return Ok(Vec::new());
    }
    if count > MAX_SECTIONS {
        return Err(ElfError::TooMany {
            what: WHAT,
            count: count as u64,
            limit: MAX_SECTIONS,
        });
    }
    let malformed = ElfError::Malformed { what: WHAT, offset };
    if usize::from(header.e_shentsize(endian)) != size_of::<Elf::SectionHeader>() {
        return Err(malformed);
    }
    let bytes = blocks.exact(WHAT, offset, count * size_of::<Elf::SectionHeader>())?;
    let (sections, _) =
        pod::slice_from_bytes::<Elf::SectionHeader>(bytes, count).map_err(|()| malformed)?;
    Ok(sections.to_vec())
}

/// Whether the string at `index` of the table of names is `name`.
pub(crate) fn is_named<R: Read + Seek>(
    blocks: &mut Blocks<R>,
    (table, size): (u64, u64),
    index: u32,
    name: &str,
) -> Result<bool, ElfError> {
    const WHAT: &str = "section name";
    let index = u64::from(index);
    let offset = table.checked_add(index);
    let offset = offset.filter(|_| index < size).ok_or(ElfError::Malformed {
        what: WHAT,
        offset: table,
    })?;
    let found = blocks.up_to(WHAT, offset, name.len() + 1)?;
    Ok(found.strip_suffix(b"\0") == Some(name.as_bytes()))
}

/// Where a section is in the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    size: u64,
    alignment: u64,
}

impl Place {
    /// The content of the note that the section begins with, if it is the owner's.
    fn note<R: Read + Seek>(
        self,
        blocks: &mut Blocks<R>,
        owner: &str,
        endian: Endianness,
    ) -> Result<Option<Vec<u8>>, ElfError> {
        const WHAT: &str = "note";
        let offset = self.offset;
        let malformed = || ElfError::Malformed { what: WHAT, offset };
        let header = blocks.exact(WHAT, offset, HEADER)?;
        let word = |at: usize| -> usize {
            let bytes = [header[at], header[at + 1], header[at + 2], header[at + 3]];
            let word = match endian {
                Endianness::Little => u32::from_le_bytes(bytes),
                Endianness::Big => u32::from_be_bytes(bytes),
            };
            usize::try_from(word).unwrap_or(usize::MAX)
        };
        let (name, content) = (word(0), word(4));
        for (what, count, limit) in [
            ("bytes of a note's owner", name, MAX_OWNER),
            ("bytes of a note", content, MAX_NOTE),
        ] {
            if count > limit {
                return Err(ElfError::TooMany {
                    what,
                    count: count as u64,
                    limit,
                });
            }
        }
        // An alignment is a power of two, and for a note none that is greater makes sense.
        let alignment = usize::try_from(self.alignment.max(1))
            .ok()
            .filter(|alignment| alignment.is_power_of_two() && *alignment <= 64)
            .ok_or_else(malformed)?;
        let start = HEADER + name.next_multiple_of(alignment);
        if (start + content) as u64 > self.size {
            return Err(malformed());
        }
        let bytes = blocks.exact(WHAT, offset, start + content)?;
        let found = bytes[HEADER..HEADER + name].split(|byte| *byte == 0).next();
        if found != Some(owner.as_bytes()) {
            return Ok(None);
        }
        Ok(Some(bytes[start..].to_vec()))
    }
}
