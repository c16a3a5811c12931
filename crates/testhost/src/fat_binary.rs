//! CUDA fat binaries made by hand: containers of pieces whose code is none.
//!
//! Real ones may not be copied into a repository, and `nvcc` is nowhere at hand. What is made here has the headers that
//! NVIDIA's have, and nothing behind them: `cuobjdump`, which unpacks what it lists, does not get far with it.

/// One piece of code in a container.
#[derive(Debug, Clone)]
pub struct Piece {
    /// 1 for PTX, 2 for a cubin, 8 for code to be linked.
    pub kind: u16,
    /// 90 for `sm_90`.
    pub architecture: u32,
    /// What else is said of it.
    pub flags: u64,
    /// The length of the header, at least 64.
    pub header: usize,
    /// What stands where the code does.
    pub code: Vec<u8>,
}

/// Sixty-four bits, for Linux.
const USUAL: u64 = 0x11;
const SPECIFIC: u64 = 0x10_0000;
const FAMILY: u64 = 0x20_0000;
/// Compressed with zstd; what is compressed is not looked at by any lister.
const COMPRESSED: u64 = 0x8000;

impl Piece {
    /// A piece named as `cuobjdump` does it: `sm_90a`, `compute_120f`, `lto_80`.
    ///
    /// # Panics
    /// If there is no such name: then the test is wrong.
    pub fn named(name: &str) -> Self {
        let (kind, architecture) = name.split_once('_').expect("a kind and an architecture");
        let digits = architecture.trim_end_matches(['a', 'f']);
        let suffix = match &architecture[digits.len()..] {
            "" => 0,
            "a" => SPECIFIC,
            "f" => FAMILY,
            other => panic!("no suffix `{other}`"),
        };
        let kind = match kind {
            "compute" => 1,
            "sm" => 2,
            "lto" => 8,
            other => panic!("no kind `{other}`"),
        };
        Self {
            kind,
            architecture: digits.parse().expect("a number"),
            flags: USUAL | COMPRESSED | suffix,
            header: if suffix == 0 { 64 } else { 96 },
            code: b"compressed code of no meaning, and of no even length".repeat(3),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let padded = self.code.len().next_multiple_of(8);
        let word = |value: usize| u32::try_from(value).expect("a small piece").to_le_bytes();
        let start = out.len();
        out.extend(self.kind.to_le_bytes());
        out.extend(0x0101_u16.to_le_bytes());
        out.extend(word(self.header));
        out.extend((padded as u64).to_le_bytes());
        out.extend(word(self.code.len()));
        out.extend(word(if self.header > 64 { 64 } else { 0 }));
        out.extend([8, 0, 1, 0]);
        out.extend(self.architecture.to_le_bytes());
        out.extend([0; 8]);
        out.extend(self.flags.to_le_bytes());
        out.extend([0; 8]);
        out.extend((self.code.len() as u64 * 3).to_le_bytes());
        out.resize(start + self.header, 0);
        out.extend(&self.code);
        out.resize(start + self.header + padded, 0);
    }
}

/// A container.
#[derive(Debug, Clone, Default)]
pub struct FatBinary {
    /// What is in it.
    pub pieces: Vec<Piece>,
}

impl FatBinary {
    /// A container with pieces of these names.
    ///
    /// # Panics
    /// If there is no such name: then the test is wrong.
    pub fn of(names: &[&str]) -> Self {
        Self {
            pieces: names.iter().map(|name| Piece::named(name)).collect(),
        }
    }

    /// Its bytes, of a length that is a multiple of eight.
    ///
    /// # Panics
    /// If a piece is longer than 4 GiB: then the test is wrong.
    pub fn bytes(&self) -> Vec<u8> {
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            piece.write(&mut pieces);
        }
        let mut out = Vec::from(0xba55_ed50_u32.to_le_bytes());
        out.extend([1, 0, 16, 0]);
        out.extend((pieces.len() as u64).to_le_bytes());
        out.extend(pieces);
        out
    }
}
