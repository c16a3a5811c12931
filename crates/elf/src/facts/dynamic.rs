//! The segments of a file, and what its dynamic segment says about linking.
//!
//! The dynamic segment gives the string table by virtual address. As in ld.so that address is resolved through
//! the `PT_LOAD` segments, never through section headers, which `strip` may have removed. Where a tag occurs
//! twice the last one counts, which is what ld.so does when it fills `l_info`.

use std::io::{Read, Seek};
use std::ops::Range;

use object::Endianness;
use object::elf;
use object::pod;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

use super::blocks::Blocks;
use super::{ElfError, MAX_DYNAMIC, MAX_PROGRAM_HEADERS, MAX_STRING};
use crate::versions::{GlibcVersion, Table, TableKind};

/// The longest list of directories that is read. That of TensorFlow 2.21 has 22,000 bytes, most of them said a dozen times.
const MAX_RUN_PATH: usize = 64 << 10;
/// The most directories that are looked at.
const MAX_DIRECTORIES: usize = 2048;

/// A part of the file, and where it is mapped.
#[derive(Debug, Clone, Copy)]
struct Segment {
    offset: u64,
    address: u64,
    size: u64,
}

impl Segment {
    fn place(self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.size)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Segments {
    loads: Vec<Segment>,
    dynamic: Option<Segment>,
    interpreter: Option<Segment>,
}

/// What the dynamic segment says.
#[derive(Debug, Default)]
pub(super) struct Linking {
    pub(super) soname: Option<String>,
    pub(super) needed: Vec<String>,
    pub(super) pie: bool,
    pub(super) needs_glibc: Option<GlibcVersion>,
    pub(super) has_glibc: Option<GlibcVersion>,
}

/// The directories that a file names to the loader, as they are written: `$ORIGIN` stands where it stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct RunPath {
    /// `DT_RPATH`: looked into before `LD_LIBRARY_PATH`; ignored where there is a `DT_RUNPATH`.
    pub rpath: Vec<String>,
    /// `DT_RUNPATH`: looked into after `LD_LIBRARY_PATH`.
    pub runpath: Vec<String>,
}

/// What only those ask who look into images.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) run_path: RunPath,
    /// The greatest version of glibc that it needs any file to have.
    pub(crate) needs_glibc: Option<GlibcVersion>,
}

/// Where the strings of the dynamic segment are in the file.
#[derive(Clone, Copy)]
pub(crate) struct StringTable {
    offset: u64,
    size: u64,
}

impl Segments {
    pub(crate) fn read<Elf, R>(
        blocks: &mut Blocks<R>,
        header: &Elf,
        endian: Elf::Endian,
    ) -> Result<Self, ElfError>
    where
        Elf: FileHeader,
        R: Read + Seek,
    {
        const WHAT: &str = "program headers";

        let count = usize::from(header.e_phnum(endian));
        let offset: u64 = header.e_phoff(endian).into();
        if count == 0 {
            return Ok(Segments::default());
        }
        if count > MAX_PROGRAM_HEADERS {
            // PN_XNUM, the escape for more than 65,534, is among these.
            return Err(ElfError::TooMany {
                what: WHAT,
                count: count as u64,
                limit: MAX_PROGRAM_HEADERS,
            });
        }
        if usize::from(header.e_phentsize(endian)) != size_of::<Elf::ProgramHeader>() {
            return Err(ElfError::Malformed {
                what: "program header size",
                offset,
            });
        }
        let bytes = blocks.exact(WHAT, offset, count * size_of::<Elf::ProgramHeader>())?;
        let (headers, _) = pod::slice_from_bytes::<Elf::ProgramHeader>(bytes, count)
            .map_err(|()| ElfError::Malformed { what: WHAT, offset })?;

        let mut segments = Segments::default();
        for header in headers {
            let segment = Segment {
                offset: header.p_offset(endian).into(),
                address: header.p_vaddr(endian).into(),
                size: header.p_filesz(endian).into(),
            };
            match header.p_type(endian) {
                elf::PT_LOAD => segments.loads.push(segment),
                elf::PT_DYNAMIC => segments.dynamic = Some(segment),
                // The kernel stops at the first one.
                elf::PT_INTERP => segments.interpreter = segments.interpreter.or(Some(segment)),
                _ => {}
            }
        }
        Ok(segments)
    }

    /// The dynamic loader the file asks for.
    pub(super) fn interpreter<R: Read + Seek>(
        &self,
        blocks: &mut Blocks<R>,
    ) -> Result<Option<String>, ElfError> {
        let Some(segment) = self.interpreter else {
            return Ok(None);
        };
        let table = StringTable {
            offset: segment.offset,
            size: segment.size,
        };
        table.string(blocks, "interpreter", 0).map(Some)
    }

    /// Reads the dynamic segment and the strings it refers to. A file without one, a static program, links to
    /// nothing.
    pub(super) fn linking<Elf, R>(
        &self,
        blocks: &mut Blocks<R>,
        endian: Endianness,
    ) -> Result<Linking, ElfError>
    where
        Elf: FileHeader<Endian = Endianness>,
        R: Read + Seek,
    {
        let Some(dynamic) = self.dynamic else {
            return Ok(Linking::default());
        };
        let mut linking = Linking::default();
        let mut soname = None;
        let mut needed = Vec::new();
        let mut address = None;
        let mut size = None;
        let mut tables = [None; 2];
        for entry in dynamic_entries::<Elf, R>(blocks, dynamic)? {
            let value = entry.val(endian);
            match entry.tag(endian) {
                elf::DT_NULL => break,
                elf::DT_SONAME => soname = Some(value),
                elf::DT_NEEDED => needed.push(value),
                elf::DT_STRTAB => address = Some(value),
                elf::DT_STRSZ => size = Some(value),
                elf::DT_VERNEED => tables[0] = Some((TableKind::Needs, value)),
                elf::DT_VERDEF => tables[1] = Some((TableKind::Definitions, value)),
                elf::DT_FLAGS_1 => linking.pie = value & elf::DF_1_PIE.0 != 0,
                _ => {}
            }
        }
        let tables = tables.into_iter().flatten();
        if soname.is_none() && needed.is_empty() && tables.clone().next().is_none() {
            return Ok(linking);
        }

        let malformed = ElfError::Malformed {
            what: "string table address",
            offset: dynamic.offset,
        };
        let table = address
            .and_then(|address| self.mapped(address, size))
            .ok_or(malformed)?;
        for index in needed {
            linking
                .needed
                .push(table.string(blocks, "DT_NEEDED", index)?);
        }
        if let Some(index) = soname {
            linking.soname = match table.string(blocks, "DT_SONAME", index)? {
                name if name.is_empty() => None,
                name if is_file_name(&name) => Some(name),
                _ => {
                    return Err(ElfError::Malformed {
                        what: "DT_SONAME",
                        offset: table.offset.saturating_add(index),
                    });
                }
            };
        }
        for (kind, address) in tables {
            let place = self.mapped(address, None).ok_or(ElfError::Malformed {
                what: "symbol version address",
                offset: dynamic.offset,
            })?;
            let found = Table {
                offset: place.offset,
                size: place.size,
                kind,
            }
            .greatest(blocks, table, endian)?;
            match kind {
                TableKind::Needs => linking.needs_glibc = found,
                TableKind::Definitions => linking.has_glibc = found,
            }
        }
        Ok(linking)
    }

    /// What else the file says to the loader. Kept apart from [`Segments::linking`], which every start of a
    /// container pays for, and which has no use for them.
    pub(crate) fn wishes<Elf, R>(
        &self,
        blocks: &mut Blocks<R>,
        endian: Endianness,
    ) -> Result<Wishes, ElfError>
    where
        Elf: FileHeader<Endian = Endianness>,
        R: Read + Seek,
    {
        let Some(dynamic) = self.dynamic else {
            return Ok(Wishes::default());
        };
        let (mut rpath, mut runpath, mut address, mut size, mut needs) =
            (None, None, None, None, None);
        for entry in dynamic_entries::<Elf, R>(blocks, dynamic)? {
            let value = entry.val(endian);
            match entry.tag(endian) {
                elf::DT_NULL => break,
                elf::DT_RPATH => rpath = Some(value),
                elf::DT_RUNPATH => runpath = Some(value),
                elf::DT_VERNEED => needs = Some(value),
                elf::DT_STRTAB => address = Some(value),
                elf::DT_STRSZ => size = Some(value),
                _ => {}
            }
        }
        let malformed = || ElfError::Malformed {
            what: "string table address",
            offset: dynamic.offset,
        };
        let mapped = |address: Option<u64>, size| {
            let place = address.and_then(|address| self.mapped(address, size));
            place.ok_or_else(malformed)
        };
        let mut directories = |what, index: Option<u64>| {
            let Some(index) = index else {
                return Ok(Vec::new());
            };
            let text = mapped(address, size)?.long_string(blocks, what, index)?;
            let mut directories: Vec<String> = Vec::new();
            let parts = text.split(':').filter(|part| !part.is_empty());
            for part in parts.take(MAX_DIRECTORIES) {
                if !directories.iter().any(|known| known == part) {
                    directories.push(part.to_owned());
                }
            }
            Ok(directories)
        };
        let run_path = RunPath {
            rpath: directories("DT_RPATH", rpath)?,
            runpath: directories("DT_RUNPATH", runpath)?,
        };
        let needs_glibc = match needs {
            None => None,
            needs => {
                let place = mapped(needs, None)?;
                let table = Table {
                    offset: place.offset,
                    size: place.size,
                    kind: TableKind::Needs,
                };
                table.greatest_of::<true, R>(blocks, mapped(address, size)?, endian)?
            }
        };
        Ok(Wishes {
            run_path,
            needs_glibc,
        })
    }

    /// Where the dynamic segment is in the file.
    pub(crate) fn dynamic_place(&self) -> Option<Range<u64>> {
        self.dynamic.map(Segment::place)
    }

    /// Where the loaded segments are in the file, in their order.
    pub(crate) fn loaded_places(&self) -> Vec<Range<u64>> {
        self.loads.iter().copied().map(Segment::place).collect()
    }

    /// What is mapped at `address`, ending where its segment ends if not before.
    fn mapped(&self, address: u64, size: Option<u64>) -> Option<StringTable> {
        self.loads.iter().find_map(|load| {
            let into = address.checked_sub(load.address)?;
            let left = load.size.checked_sub(into).filter(|left| *left > 0)?;
            Some(StringTable {
                offset: load.offset.checked_add(into)?,
                size: size.map_or(left, |size| size.min(left)),
            })
        })
    }
}

fn dynamic_entries<Elf, R>(
    blocks: &mut Blocks<R>,
    dynamic: Segment,
) -> Result<Vec<Elf::Dyn>, ElfError>
where
    Elf: FileHeader,
    R: Read + Seek,
{
    const WHAT: &str = "dynamic segment";

    let entry = size_of::<Elf::Dyn>();
    let count = dynamic.size / entry as u64;
    let limited = usize::try_from(count)
        .ok()
        .filter(|count| *count <= MAX_DYNAMIC)
        .ok_or(ElfError::TooMany {
            what: "dynamic entries",
            count,
            limit: MAX_DYNAMIC,
        })?;
    let bytes = blocks.exact(WHAT, dynamic.offset, limited * entry)?;
    let (entries, _) =
        pod::slice_from_bytes::<Elf::Dyn>(bytes, limited).map_err(|()| ElfError::Malformed {
            what: WHAT,
            offset: dynamic.offset,
        })?;
    Ok(entries.to_vec())
}

impl StringTable {
    pub(crate) fn string<R>(
        self,
        blocks: &mut Blocks<R>,
        what: &'static str,
        index: u64,
    ) -> Result<String, ElfError>
    where
        R: Read + Seek,
    {
        let offset = self.offset.saturating_add(index);
        let malformed = || ElfError::Malformed { what, offset };
        let left = self.size.checked_sub(index).ok_or_else(malformed)?;
        let left = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(MAX_STRING + 1);
        // Names are short: look at one block before asking for a string of the greatest length.
        for size in [left.min(256), left] {
            let bytes = blocks.up_to(what, offset, size)?;
            if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
                return String::from_utf8(bytes[..end].to_vec()).map_err(|_| malformed());
            }
        }
        Err(malformed())
    }
}

impl StringTable {
    /// As [`StringTable::string`], for a list of directories.
    fn long_string<R>(
        self,
        blocks: &mut Blocks<R>,
        what: &'static str,
        index: u64,
    ) -> Result<String, ElfError>
    where
        R: Read + Seek,
    {
        let offset = self.offset.saturating_add(index);
        let malformed = || ElfError::Malformed { what, offset };
        let left = self.size.checked_sub(index).ok_or_else(malformed)?;
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let bytes = blocks.up_to(what, offset, left.min(MAX_RUN_PATH + 1))?;
        let mut parts = bytes.split(|byte| *byte == 0);
        let text = parts.next().unwrap_or_default().to_vec();
        parts.next().ok_or_else(malformed)?;
        String::from_utf8(text).map_err(|_| malformed())
    }
}

/// Whether joining `name` to a directory stays in that directory.
fn is_file_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}
