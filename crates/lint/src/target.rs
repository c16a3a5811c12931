//! The machine that an image is meant for: what rules compare with, instead of guessing.

/// A driver and GPUs, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The driver's version (`550.54.14`); a branch (`550`) is a version, too.
    pub driver: Option<String>,
    /// The GPUs.
    pub gpus: Vec<TargetGpu>,
}

/// A GPU of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGpu {
    /// As it was named (`H100`), or the model's name.
    pub name: String,
    /// Its compute capability, major and minor.
    pub capability: (u32, u32),
    /// Whether NVIDIA's forward compatibility packages work on it: GPUs of the data centre, and few others.
    pub forward_compatible: bool,
}
