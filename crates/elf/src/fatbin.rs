//! CUDA fat binaries: which GPUs a file has code for, found while the file passes by.
//!
//! A fat binary is a container with a magic number, and in it, one behind the other, pieces of code: cubins, PTX, and
//! code for linking at run time. The header of each piece says for which architecture it is, so nothing is unpacked.
//! Libraries have up to some ten thousand containers in sections of their own (`.nv_fatbin`, `__nv_relfatbin`), and
//! some have more of them as plain data: cuFFT all but one. Both are found by the magic number, at offsets that are
//! multiples of eight, where all of them are; which are which, the table of sections says when the file has passed.
//!
//! The format is not documented. What is asked of it here (`Head::read`, `Piece::read`) held for every one of 74,885
//! containers and 111,014 pieces in NVIDIA's libraries for CUDA 11 to 13, in `PyTorch`, `TensorFlow`, ONNX Runtime and vLLM;
//! that a file's list is the one of NVIDIA's `cuobjdump` is tested in `conformance/tests/fat_binaries.rs`.
//!
//! A container counts once its last piece ends where the container does, and not before: the magic number alone also
//! stands in every program that reads fat binaries. What looks like a container and is none costs what has been
//! skipped of it: only a file made for that purpose has a piece of code in there.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// The most pieces of code that are told apart by place. The largest library known has 25,000.
pub const MAX_PIECES: usize = 1 << 18;

const MAGIC: [u8; 4] = 0xba55_ed50_u32.to_le_bytes();
/// Where containers begin, and what all their lengths are multiples of.
const ALIGNMENT: usize = 8;
/// The length of a container's header.
const HEAD: usize = 16;
/// The least length of a piece's header, and all that is read of it.
const PIECE: usize = 64;
/// The greatest length of a piece's header; 144 is the greatest known.
const MAX_PIECE: u32 = 4096;

/// What a piece of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeKind {
    /// Machine code of one architecture, an ELF file of its own: a cubin.
    Cubin,
    /// PTX, which a driver compiles for the GPU that it has.
    Ptx,
    /// Intermediate code for linking at run time; a GPU runs nothing of it as it is.
    Lto,
    /// Anything else, by number.
    Other(u16),
}

/// How far code reaches beyond one architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// `sm_90`: this and later minor versions; as PTX, everything later.
    Plain,
    /// `sm_100f`: the family.
    Family,
    /// `sm_90a`: this architecture alone.
    Specific,
}

/// One sort of code: `sm_90a`, `compute_120`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// Machine code or PTX.
    pub kind: CodeKind,
    /// Ten times the compute capability's major version, and its minor one: 90, 120.
    pub architecture: u16,
    /// The suffix.
    pub reach: Reach,
}

/// `sm_90a` for machine code, `compute_90a` for PTX, `lto_90` for code to be linked.
impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            CodeKind::Cubin => write!(formatter, "sm_")?,
            CodeKind::Ptx => write!(formatter, "compute_")?,
            CodeKind::Lto => write!(formatter, "lto_")?,
            CodeKind::Other(kind) => write!(formatter, "kind{kind}_")?,
        }
        let suffix = match self.reach {
            Reach::Plain => "",
            Reach::Family => "f",
            Reach::Specific => "a",
        };
        write!(formatter, "{}{suffix}", self.architecture)
    }
}

/// As it is displayed: `sm_90a`, `compute_120`, `lto_90`.
#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let kinds = [
            ("sm_", CodeKind::Cubin),
            ("compute_", CodeKind::Ptx),
            ("lto_", CodeKind::Lto),
        ];
        let read = || {
            let (rest, kind) = kinds
                .iter()
                .find_map(|(start, kind)| Some((text.strip_prefix(start)?, *kind)))?;
            let (digits, reach) = match rest.strip_suffix('a') {
                Some(digits) => (digits, Reach::Specific),
                None => match rest.strip_suffix('f') {
                    Some(digits) => (digits, Reach::Family),
                    None => (rest, Reach::Plain),
                },
            };
            Some(Self {
                kind,
                architecture: digits.parse().ok()?,
                reach,
            })
        };
        read().ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no code of a GPU")))
    }
}

/// How many pieces of each sort.
pub type CodeCounts = BTreeMap<Code, u32>;

/// The code in one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct FatBinaries {
    /// Code in the sections of a fat binary (`.nv_fatbin`, `__nv_relfatbin`), which the runtime registers when the
    /// file is loaded. The list is that of `cuobjdump -all`.
    pub sections: CodeCounts,
    /// Code that lies elsewhere, as data: what a library loads by itself when it comes to it (cuFFT, the kernels
    /// that `TensorFlow` generates). `cuobjdump` does not see it.
    pub elsewhere: CodeCounts,
}

impl FatBinaries {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.elsewhere.is_empty()
    }

    /// All of it together.
    pub fn all(&self) -> CodeCounts {
        let mut all = self.sections.clone();
        for (code, count) in &self.elsewhere {
            *all.entry(*code).or_default() += count;
        }
        all
    }
}

/// A container's header.
struct Head {
    /// How many bytes of pieces follow.
    size: u64,
}

impl Head {
    fn read(bytes: &[u8; HEAD], left: u64) -> Option<Self> {
        let size = u64::from_le_bytes(part(bytes, 8)?);
        let is_one = bytes.starts_with(&MAGIC)
            && u16::from_le_bytes(part(bytes, 4)?) == 1
            && usize::from(u16::from_le_bytes(part(bytes, 6)?)) == HEAD
            && size.is_multiple_of(ALIGNMENT as u64)
            && size >= PIECE as u64
            && size <= left;
        is_one.then_some(Self { size })
    }
}

/// A piece's header.
struct Piece {
    code: Code,
    /// The length of header and code.
    size: u64,
}

impl Piece {
    fn read(bytes: &[u8; PIECE], left: u64) -> Option<Self> {
        const ARCHITECTURES: Range<u32> = 10..1000;
        const COMPRESSED: u64 = 0xf000;
        const SPECIFIC: u64 = 0x10_0000;
        const FAMILY: u64 = 0x20_0000;

        let kind = u16::from_le_bytes(part(bytes, 0)?);
        let version = u16::from_le_bytes(part(bytes, 2)?);
        let header = u32::from_le_bytes(part(bytes, 4)?);
        let padded = u64::from_le_bytes(part(bytes, 8)?);
        let compressed = u32::from_le_bytes(part(bytes, 16)?);
        let architecture = u32::from_le_bytes(part(bytes, 28)?);
        let flags = u64::from_le_bytes(part(bytes, 40)?);
        let size = padded.checked_add(u64::from(header))?;
        let is_one = kind.is_power_of_two()
            && version == 0x0101
            && (PIECE..=MAX_PIECE as usize).contains(&usize::try_from(header).ok()?)
            && size.is_multiple_of(ALIGNMENT as u64)
            && header.is_multiple_of(8)
            && (flags & COMPRESSED == 0 || u64::from(compressed) <= padded)
            && ARCHITECTURES.contains(&architecture)
            && size <= left;
        let code = Code {
            kind: match kind {
                1 => CodeKind::Ptx,
                2 => CodeKind::Cubin,
                8 => CodeKind::Lto,
                other => CodeKind::Other(other),
            },
            architecture: u16::try_from(architecture).ok()?,
            reach: if flags & SPECIFIC != 0 {
                Reach::Specific
            } else if flags & FAMILY != 0 {
                Reach::Family
            } else {
                Reach::Plain
            },
        };
        is_one.then_some(Self { code, size })
    }
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// What comes next in the file.
#[derive(Debug, Clone, Copy)]
enum Awaited {
    /// Anything; a container perhaps.
    Any,
    /// The rest of a container's header.
    Head,
    /// A piece's header, in a container that began and ends there.
    Piece { start: u64, end: u64 },
    /// So many bytes of code, and then a piece's header or the container's end.
    Code { start: u64, end: u64, left: u64 },
}

/// Takes a file in pieces of any size, and finds the fat binaries in it.
#[derive(Debug)]
pub struct Scanner {
    length: u64,
    offset: u64,
    awaited: Awaited,
    /// The beginning of what is awaited.
    held: Vec<u8>,
    /// Where the container of each piece begins. Behind `counted` are those of a container that has not ended yet.
    found: Vec<(u64, Code)>,
    counted: usize,
    /// Those that are too many to be told apart by place.
    further: CodeCounts,
    pending: CodeCounts,
}

impl Scanner {
    /// For a file of this length; a container that reaches beyond it is none.
    pub fn new(length: u64) -> Self {
        Self {
            length,
            offset: 0,
            awaited: Awaited::Any,
            held: Vec::new(),
            found: Vec::new(),
            counted: 0,
            further: CodeCounts::new(),
            pending: CodeCounts::new(),
        }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.awaited {
                Awaited::Any => self.search(bytes),
                Awaited::Head => self.head(bytes),
                Awaited::Piece { start, end } => self.piece(bytes, start, end),
                Awaited::Code { start, end, left } => {
                    let taken =
                        usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    self.offset += taken as u64;
                    self.code(start, end, left - taken as u64);
                    &bytes[taken..]
                }
            };
        }
    }

    /// The code found, sorted into that in the sections that lie at `sections` and the rest.
    pub fn finish(mut self, sections: &[Range<u64>]) -> FatBinaries {
        self.found.truncate(self.counted);
        let mut all = FatBinaries {
            sections: CodeCounts::new(),
            elsewhere: self.further,
        };
        for (start, code) in self.found {
            let is_within = sections.iter().any(|section| section.contains(&start));
            let counts = if is_within {
                &mut all.sections
            } else {
                &mut all.elsewhere
            };
            *counts.entry(code).or_default() += 1;
        }
        all
    }

    /// Where containers begin, in ascending order, each once.
    pub fn containers(&self) -> impl Iterator<Item = u64> {
        let mut before = None;
        let counted = self.found.get(..self.counted).unwrap_or_default();
        counted.iter().filter_map(move |(start, _)| {
            let is_new = before != Some(*start);
            before = Some(*start);
            is_new.then_some(*start)
        })
    }

    /// Looks for the magic number; what is returned begins with it, or is empty.
    fn search<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if !self.held.is_empty() || !self.offset.is_multiple_of(ALIGNMENT as u64) {
            // Up to the next place where a container may begin.
            let into = usize::try_from(self.offset % ALIGNMENT as u64).unwrap_or_default();
            let (taken, rest) = bytes.split_at(bytes.len().min(ALIGNMENT - into));
            if self.held.len() == into {
                self.held.extend_from_slice(taken);
            }
            self.offset += taken.len() as u64;
            if self.offset.is_multiple_of(ALIGNMENT as u64) {
                if self.held.starts_with(&MAGIC) {
                    self.awaited = Awaited::Head;
                } else {
                    self.held.clear();
                }
            }
            return rest;
        }
        let (words, end) = bytes.as_chunks::<ALIGNMENT>();
        let found = words
            .iter()
            .position(|word| word.first_chunk() == Some(&MAGIC));
        let passed = found.unwrap_or(words.len()) * ALIGNMENT;
        self.offset += passed as u64;
        if found.is_some() {
            self.awaited = Awaited::Head;
            return &bytes[passed..];
        }
        self.held.extend_from_slice(end);
        self.offset += end.len() as u64;
        &[]
    }

    fn head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let rest = self.hold(bytes, HEAD);
        if let Some(held) = part::<HEAD>(&self.held, 0) {
            match Head::read(&held, self.length.saturating_sub(self.offset)) {
                Some(head) => {
                    self.held.clear();
                    self.awaited = Awaited::Piece {
                        start: self.offset - HEAD as u64,
                        end: self.offset + head.size,
                    };
                }
                None => self.search_again(ALIGNMENT),
            }
        }
        rest
    }

    fn piece<'a>(&mut self, bytes: &'a [u8], start: u64, end: u64) -> &'a [u8] {
        let rest = self.hold(bytes, PIECE);
        if let Some(held) = part::<PIECE>(&self.held, 0) {
            let begin = self.offset - PIECE as u64;
            let Some(piece) = Piece::read(&held, end - begin) else {
                self.found.truncate(self.counted);
                self.pending.clear();
                self.search_again(0);
                return rest;
            };
            self.held.clear();
            if self.found.len() < MAX_PIECES {
                self.found.push((start, piece.code));
            } else {
                *self.pending.entry(piece.code).or_default() += 1;
            }
            self.code(start, end, piece.size - PIECE as u64);
        }
        rest
    }

    /// So much code is left of a piece.
    fn code(&mut self, start: u64, end: u64, left: u64) {
        self.awaited = if left > 0 {
            Awaited::Code { start, end, left }
        } else if self.offset < end {
            Awaited::Piece { start, end }
        } else {
            self.counted = self.found.len();
            for (code, count) in std::mem::take(&mut self.pending) {
                *self.further.entry(code).or_default() += count;
            }
            Awaited::Any
        };
    }

    /// Holds up to `size` bytes.
    fn hold<'a>(&mut self, bytes: &'a [u8], size: usize) -> &'a [u8] {
        let lacking = size - self.held.len();
        let (taken, rest) = bytes.split_at(lacking.min(bytes.len()));
        self.held.extend_from_slice(taken);
        self.offset += taken.len() as u64;
        rest
    }

    /// What is held is no header after all, but a container may begin in it, from `at` on.
    fn search_again(&mut self, at: usize) {
        let held = std::mem::take(&mut self.held);
        self.awaited = Awaited::Any;
        if let Some(rest) = held.get(at..) {
            self.offset -= rest.len() as u64;
            self.feed(rest);
        }
    }
}
