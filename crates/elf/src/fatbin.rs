//! CUDA fat binaries: which GPUs a file has code for, found while the file passes by.
use std::collections::BTreeMap;

/// What a piece of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeKind {
    /// Machine code of one architecture, an ELF file of its own: a cubin.
    Cubin,
    /// PTX, which a driver compiles for the GPU that it has.
    Ptx,
    /// NVVM's intermediate code, for linking at run time; a GPU runs nothing of it as it is.
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

/// How many pieces of each sort.
pub type CodeCounts = BTreeMap<Code, u32>;

/// The code in one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FatBinaries {
    /// Code in the sections of a fat binary (`.nv_fatbin`, `__nv_relfatbin`), which the runtime registers when the
    /// file is loaded. The list is that of `cuobjdump -all`.
    pub sections: CodeCounts,
    /// Code that lies elsewhere, as data: what a library loads by itself when it comes to it (cuFFT, TensorFlow's
    /// generated kernels). `cuobjdump` does not see it.
    pub elsewhere: CodeCounts,
}
