//! ELF facts: what a shared library calls itself, what it needs, which machine it is for.
//!
//! Driver libraries are up to 100 MB, so the file is never read whole: the header, the program headers, the
//! dynamic segment and the handful of strings it names are fetched through `blocks`. Only program headers are
//! used, as by the kernel and ld.so; a file stripped of its section headers reads the same.
//!
//! Refused as [`ElfError::Malformed`]: anything that points outside the file, and a SONAME that is not a single
//! path component. ldconfig (and tools modelled on it) makes links named after the SONAME, so a library with the
//! SONAME `../../etc/cron.d/x` would choose where that link lands; here such a name never leaves the parser.

pub(crate) mod blocks;
pub(crate) mod dynamic;

use std::io::{self, Read, Seek};

use object::Endianness;
use object::elf;
use object::read::elf::FileHeader;

use crate::versions::GlibcVersion;
use blocks::Blocks;

/// The longest string read: a SONAME, a NEEDED name or an interpreter. The kernel's `PATH_MAX`.
pub const MAX_STRING: usize = 4096;
/// The most entries of the dynamic segment looked at. Real libraries have about thirty.
pub const MAX_DYNAMIC: usize = 4096;
/// The most program headers accepted. Real libraries have about ten.
pub const MAX_PROGRAM_HEADERS: usize = 128;

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElfFacts {
    /// 32 or 64 bits.
    pub class: Class,
    /// The processor the code is for.
    pub machine: Machine,
    /// Program, library, or neither.
    pub kind: Kind,
    /// `DT_SONAME`: a single path component, neither `.` nor `..`. An empty SONAME counts as none.
    pub soname: Option<String>,
    /// `DT_NEEDED` in file order. May hold slashes, which ld.so takes as a path: never use one as a file name.
    pub needed: Vec<String>,
    /// `PT_INTERP`, the program's dynamic loader. A few libraries that can be run, libc first, have one too.
    pub interpreter: Option<String>,
    /// The greatest version of glibc that it needs `libc.so.6` to have.
    pub needs_glibc: Option<GlibcVersion>,
    /// The greatest version of glibc that it has: of `libc.so.6`, the one that it is, or the last one that
    /// brought a function.
    pub has_glibc: Option<GlibcVersion>,
}

/// The word size of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Class {
    /// `ELFCLASS32`.
    Elf32,
    /// `ELFCLASS64`.
    Elf64,
}

/// `e_machine`, for the machines that have an NVIDIA driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Machine {
    /// `EM_X86_64`; with [`Class::Elf32`] this is the x32 ABI.
    X86_64,
    /// `EM_386`.
    I386,
    /// `EM_AARCH64`.
    Aarch64,
    /// Any other, by number.
    Other(u16),
}

impl Machine {
    pub(crate) const fn of(machine: elf::Machine) -> Self {
        match machine {
            elf::EM_X86_64 => Self::X86_64,
            elf::EM_386 => Self::I386,
            elf::EM_AARCH64 => Self::Aarch64,
            other => Self::Other(other.0),
        }
    }
}

/// What the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A program, position-independent or not.
    Executable,
    /// A shared library.
    SharedObject,
    /// Object files, core dumps and the rest; their other facts are left empty.
    Other,
}

/// Why a file has no facts.
#[derive(Debug, thiserror::Error)]
pub enum ElfError {
    /// The file does not start with the ELF magic: a linker script, a text file, an empty file.
    #[error("not an ELF file")]
    NotElf,
    /// The file starts like ELF and then breaks its rules, or stops short.
    #[error("malformed ELF file: {what} at offset {offset:#x}")]
    Malformed {
        /// The part that is wrong.
        what: &'static str,
        /// Where in the file that part is.
        offset: u64,
    },
    /// More of something than this parser is willing to look at.
    #[error("ELF file with {count} {what}, at most {limit} are read")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many the file has.
        count: u64,
        /// How many are accepted.
        limit: usize,
    },
    /// The file could not be read; says nothing about its contents.
    #[error("cannot read {what} at offset {offset:#x}")]
    Io {
        /// The part that was being read.
        what: &'static str,
        /// Where in the file.
        offset: u64,
        /// The reason.
        #[source]
        source: io::Error,
    },
}

/// Reads the facts of the file behind `file`, whose position on entry does not matter.
pub fn read<R: Read + Seek>(file: R) -> Result<ElfFacts, ElfError> {
    let mut blocks = Blocks::new(file);
    match class(&mut blocks)? {
        Class::Elf32 => read_class::<elf::FileHeader32<Endianness>, R>(&mut blocks, Class::Elf32),
        Class::Elf64 => read_class::<elf::FileHeader64<Endianness>, R>(&mut blocks, Class::Elf64),
    }
}

/// Whether the file has 32 or 64 bits, from its first bytes.
#[expect(
    clippy::inline_always,
    reason = "as a call it makes liftgate-rt 1.3 kB larger, measured"
)]
#[inline(always)]
pub(crate) fn class<R: Read + Seek>(blocks: &mut Blocks<R>) -> Result<Class, ElfError> {
    let ident = blocks.up_to("identification", 0, 16)?;
    if !ident.starts_with(&elf::ELFMAG) {
        return Err(ElfError::NotElf);
    }
    match ident.get(4).copied().map(elf::FileClass) {
        Some(elf::ELFCLASS32) => Ok(Class::Elf32),
        Some(elf::ELFCLASS64) => Ok(Class::Elf64),
        _ => Err(ElfError::Malformed {
            what: "class",
            offset: 4,
        }),
    }
}

/// The file's header, and the order of its bytes.
pub(crate) fn header<Elf, R>(blocks: &mut Blocks<R>) -> Result<(Elf, Endianness), ElfError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: Read + Seek,
{
    const MALFORMED: ElfError = ElfError::Malformed {
        what: "header",
        offset: 0,
    };

    let header =
        *Elf::parse(blocks.exact("header", 0, size_of::<Elf>())?).map_err(|_| MALFORMED)?;
    let endian = header.endian().map_err(|_| MALFORMED)?;
    Ok((header, endian))
}

fn read_class<Elf, R>(blocks: &mut Blocks<R>, class: Class) -> Result<ElfFacts, ElfError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: Read + Seek,
{
    let (header, endian) = header::<Elf, R>(blocks)?;
    let machine = Machine::of(header.e_machine(endian));
    let file_type = header.e_type(endian);
    if file_type != elf::ET_EXEC && file_type != elf::ET_DYN {
        // A core dump may have thousands of program headers; none of them matters here.
        return Ok(ElfFacts {
            class,
            machine,
            kind: Kind::Other,
            soname: None,
            needed: Vec::new(),
            interpreter: None,
            needs_glibc: None,
            has_glibc: None,
        });
    }

    let segments = dynamic::Segments::read(blocks, &header, endian)?;
    let interpreter = segments.interpreter(blocks)?;
    let linking = segments.linking::<Elf, R>(blocks, endian)?;
    // ET_DYN is both: a PIE of a current linker says so in DT_FLAGS_1; one of an older linker differs
    // only by its missing SONAME from libc.so.6, which has an interpreter as well.
    let executable = file_type == elf::ET_EXEC
        || linking.pie
        || (interpreter.is_some() && linking.soname.is_none());
    Ok(ElfFacts {
        class,
        machine,
        kind: if executable {
            Kind::Executable
        } else {
            Kind::SharedObject
        },
        soname: linking.soname,
        needed: linking.needed,
        interpreter,
        needs_glibc: linking.needs_glibc,
        has_glibc: linking.has_glibc,
    })
}
