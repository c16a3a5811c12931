//! GPUs: from what people write to a compute capability.
//!
//! ```
//! use liftgate_cuda::gpu::{Capability, Class, Gpu};
//!
//! for text in ["H100", "NVIDIA H100 80GB HBM3", "h100-sxm5-80gb", "10de:2330", "sm_90", "9.0", "hopper"] {
//!     assert_eq!(Gpu::parse(text).unwrap().capability, Capability::new(9, 0), "{text}");
//! }
//! assert_eq!(Gpu::parse("RTX 4090").unwrap().class, Some(Class::GeForce));
//! // A Quadro RTX 6000 is a Turing, an RTX 6000 Ada is not.
//! assert!(Gpu::parse("RTX 6000").unwrap_err().candidates.len() == 2);
//! ```

mod name;
mod text;

pub use name::UnknownGpu;

use crate::tables::{capabilities, models, pci};
use std::fmt;

/// A compute capability: `9.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability {
    /// `9` of `9.0`.
    pub major: u8,
    /// `0` of `9.0`.
    pub minor: u8,
}

impl Capability {
    /// `9.0`.
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// Reads `9.0`, `90`, `sm_90`, `sm90`, `compute_90`, and `sm_90a`; only what there is.
    pub fn parse(text: &str) -> Option<Self> {
        text::capability(text)
    }

    /// Every one from Fermi on, in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        capabilities::ROWS.iter().map(|row| row.capability)
    }

    fn row(self) -> Option<&'static capabilities::Row> {
        capabilities::ROWS.iter().find(|row| row.capability == self)
    }

    /// Its architecture; `None`: there is no such capability.
    pub fn architecture(self) -> Option<Architecture> {
        self.row().map(|row| row.architecture)
    }

    /// Whether it is that of a system on a chip (Jetson): code for it and code for others do not run on each other.
    pub fn is_tegra(self) -> bool {
        self.row().is_some_and(|row| row.is_tegra)
    }

    /// The last branch of the driver that drives it; `None`: it is still driven, or there is no such capability.
    pub fn last_driver_branch(self) -> Option<u16> {
        self.row().and_then(|row| row.last_branch)
    }

    /// Whether drivers of a branch still drive it. That they do already is not checked.
    pub fn is_driven_by(self, branch: u16) -> bool {
        self.last_driver_branch().is_none_or(|last| branch <= last)
    }

    /// As compilers name it: `sm_90`.
    pub fn sm(self) -> String {
        format!("sm_{}{}", self.major, self.minor)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// An architecture, the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are NVIDIA's")]
pub enum Architecture {
    Fermi,
    Kepler,
    Maxwell,
    Pascal,
    Volta,
    Turing,
    Ampere,
    Ada,
    Hopper,
    Blackwell,
}

impl Architecture {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fermi => "Fermi",
            Self::Kepler => "Kepler",
            Self::Maxwell => "Maxwell",
            Self::Pascal => "Pascal",
            Self::Volta => "Volta",
            Self::Turing => "Turing",
            Self::Ampere => "Ampere",
            Self::Ada => "Ada",
            Self::Hopper => "Hopper",
            Self::Blackwell => "Blackwell",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a GPU is sold for, on which forward compatibility depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Tesla, A100, H100, L4: forward compatibility.
    DataCentre,
    /// Quadro, RTX A6000, RTX PRO: some have forward compatibility.
    Workstation,
    /// GeForce and TITAN: no forward compatibility.
    GeForce,
    /// A system on a chip: forward compatibility, with packages of its own.
    Jetson,
}

/// A GPU, as far as a text has said which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gpu {
    /// The model, without its size and form factor; `None`: only the capability was said.
    pub model: Option<&'static str>,
    /// Its compute capability.
    pub capability: Capability,
    /// What it is sold for, if the model is known.
    pub class: Option<Class>,
}

impl Gpu {
    /// Understands a model as people, clouds and drivers write it (`H100`, `rtx4090`, `Tesla T4`, `A100-SXM4-40GB`,
    /// `NVIDIA GeForce RTX 3090 Ti`, `Jetson AGX Orin`), a PCI id (`10de:2330`, `0x2330`), a compute capability (`9.0`,
    /// `sm_90`), an architecture that has only one (`hopper`).
    pub fn parse(text: &str) -> Result<Self, UnknownGpu> {
        if let Some(id) = text::pci_id(text) {
            return Self::of_pci(id).ok_or_else(|| UnknownGpu::new(text));
        }
        if let Some(capability) = text::capability(text) {
            return Ok(Self::of_capability(capability));
        }
        name::find(text)
    }

    /// The GPU of a PCI device id (vendor 10de).
    pub fn of_pci(id: u16) -> Option<Self> {
        if let Some(row) = models::ROWS.iter().find(|row| row.pci.contains(&id)) {
            return Some(Self::of_model(row));
        }
        pci::of(id).map(|row| Self::of_capability(row.capability))
    }

    /// A GPU of which only the capability is known.
    pub fn of_capability(capability: Capability) -> Self {
        Self {
            model: None,
            capability,
            // Nothing else is of these.
            class: capability.is_tegra().then_some(Class::Jetson),
        }
    }

    fn of_model(row: &models::Row) -> Self {
        Self {
            model: Some(row.name),
            capability: row.capability,
            class: Some(row.class),
        }
    }

    /// Its architecture.
    pub fn architecture(&self) -> Option<Architecture> {
        self.capability.architecture()
    }
}

impl fmt::Display for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.model {
            Some(model) => write!(f, "{model} (compute capability {})", self.capability),
            None => write!(f, "a GPU of compute capability {}", self.capability),
        }
    }
}
