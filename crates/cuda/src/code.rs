//! What code in a program runs on a GPU.
//!
//! A program has machine code (`sm_86`) and PTX (`compute_86`), which the driver compiles when the program starts.
//! Machine code runs on GPUs of the same major capability and the same minor or a higher one, PTX on all GPUs from its
//! capability on. Code with an `a` is for that capability alone, with an `f` for its family: the same major, the same
//! minor or a higher one. A system on a chip (Jetson) runs only what was compiled for it (*CUDA C++ Programming Guide*,
//! "Binary Compatibility"; *NVIDIA CUDA Compiler Driver*, "GPU Feature List").
//!
//! ```
//! use liftgate_cuda::code::{Loading, Target, loading, torch_list};
//! use liftgate_cuda::gpu::Capability;
//!
//! let wheel = torch_list("7.5 8.0 8.6 9.0+PTX").unwrap();
//! assert!(matches!(loading(&wheel, Capability::new(8, 9)), Loading::Native(_)));
//! assert!(matches!(loading(&wheel, Capability::new(12, 0)), Loading::Jit(_)));
//! assert_eq!(loading(&wheel, Capability::new(7, 0)), Loading::No);
//! ```

use crate::gpu::Capability;
use crate::release::Cuda;
use crate::tables::capabilities::ROWS;
use std::fmt;

/// For which GPUs of its capability's kind code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// `sm_90`
    Usual,
    /// `sm_90a`: for this capability alone.
    Exact,
    /// `sm_100f`: for its family.
    Family,
}

/// What was compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Machine code.
    Sass,
    /// Code that the driver compiles.
    Ptx,
}

/// A piece of code of a program. `Display` writes `sm_90a`, `compute_80`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// What it was compiled for.
    pub capability: Capability,
    /// For which GPUs of that kind.
    pub reach: Reach,
    /// As what.
    pub form: Form,
}

impl Target {
    /// Machine code: `sm_80`.
    pub const fn sass(capability: Capability) -> Self {
        Self {
            capability,
            reach: Reach::Usual,
            form: Form::Sass,
        }
    }

    /// PTX: `compute_80`.
    pub const fn ptx(capability: Capability) -> Self {
        Self {
            form: Form::Ptx,
            ..Self::sass(capability)
        }
    }

    /// Reads `sm_90`, `sm_90a`, `compute_120f`. The capability must be one that there is.
    pub fn parse(text: &str) -> Option<Self> {
        let (form, rest) = match text.strip_prefix("sm_") {
            Some(rest) => (Form::Sass, rest),
            None => (Form::Ptx, text.strip_prefix("compute_")?),
        };
        let (capability, reach) = number(rest)?;
        Some(Self {
            capability,
            reach,
            form,
        })
    }

    /// Whether a GPU runs it, as machine code or compiled by the driver.
    pub fn runs_on(self, gpu: Capability) -> bool {
        let own = self.capability;
        let is_family = gpu.major == own.major && gpu.minor >= own.minor;
        match (self.form, self.reach) {
            (_, Reach::Exact) => gpu == own,
            (Form::Sass, _) if gpu.is_tegra() || own.is_tegra() => gpu == own,
            (Form::Sass, _) | (Form::Ptx, Reach::Family) => is_family,
            (Form::Ptx, Reach::Usual) => gpu >= own,
        }
    }

    /// The first toolkit that can make it, and the last one; `None` for the last: it still can be made.
    pub fn toolkits(self) -> Option<(Cuda, Option<Cuda>)> {
        let row = ROWS.iter().find(|row| row.capability == self.capability)?;
        // Targets for one GPU came with CUDA 12.0, those for a family with 12.9.
        let first = match self.reach {
            Reach::Usual => row.first,
            Reach::Exact => row.first.max(Cuda::new(12, 0)),
            Reach::Family => row.first.max(Cuda::new(12, 9)),
        };
        Some((first, row.last))
    }

    /// Whether a toolkit can make it.
    pub fn is_made_by(self, toolkit: Cuda) -> bool {
        self.toolkits().is_some_and(|(first, last)| {
            first <= toolkit && last.is_none_or(|last| toolkit <= last)
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.form {
            Form::Sass => "sm",
            Form::Ptx => "compute",
        };
        let reach = match self.reach {
            Reach::Usual => "",
            Reach::Exact => "a",
            Reach::Family => "f",
        };
        write!(
            f,
            "{form}_{}{}{reach}",
            self.capability.major, self.capability.minor
        )
    }
}

/// How a program gets its code onto a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    /// By this machine code, which is the nearest.
    Native(Target),
    /// By this PTX, which is the nearest: the driver compiles it, which takes time, and it must not have been made by a
    /// newer toolkit than the driver's (error 222).
    Jit(Target),
    /// Not at all: error 209.
    No,
}

/// How a program with these pieces of code gets onto a GPU.
pub fn loading(targets: &[Target], gpu: Capability) -> Loading {
    let best = |form| {
        let fitting = targets
            .iter()
            .filter(|target| target.form == form && target.runs_on(gpu));
        fitting
            .max_by_key(|target| (target.capability, target.reach))
            .copied()
    };
    match (best(Form::Sass), best(Form::Ptx)) {
        (Some(target), _) => Loading::Native(target),
        (None, Some(target)) => Loading::Jit(target),
        (None, None) => Loading::No,
    }
}

/// The machine code nearest to a GPU that a toolkit can make: `sm_80` for a GPU of 8.6 with CUDA 11.0. `None`: it makes
/// none that runs there.
pub fn nearest_target(toolkit: Cuda, gpu: Capability) -> Option<Target> {
    let targets = Capability::all().map(Target::sass);
    targets
        .filter(|target| target.is_made_by(toolkit) && target.runs_on(gpu))
        .max()
}

/// Reads `TORCH_CUDA_ARCH_LIST`: `7.0 7.5;8.0 8.6+PTX 9.0a`, or names of architectures (`Ampere`, `Hopper+PTX`).
/// `None`: one of them is nothing.
pub fn torch_list(text: &str) -> Option<Vec<Target>> {
    let mut targets = Vec::new();
    for word in text.split([' ', ';', ',']).filter(|word| !word.is_empty()) {
        let (bare, has_ptx) = match word.strip_suffix("+PTX") {
            Some(bare) => (bare, true),
            None => (word, false),
        };
        let named = TORCH_NAMES.iter().find(|(name, _)| *name == bare);
        let numbers = named.map_or(bare, |(_, numbers)| *numbers);
        let mut last = None;
        for one in numbers.split(' ') {
            let (capability, reach) = number(one).filter(|_| one.contains('.'))?;
            let target = Target {
                reach,
                ..Target::sass(capability)
            };
            targets.push(target);
            last = Some(target);
        }
        targets.extend(last.filter(|_| has_ptx).map(|target| Target {
            form: Form::Ptx,
            ..target
        }));
    }
    Some(targets)
}

/// The names that PyTorch's build takes (`torch/utils/cpp_extension.py`).
const TORCH_NAMES: &[(&str, &str)] = &[
    ("Kepler+Tesla", "3.7"),
    ("Kepler", "3.5"),
    ("Maxwell+Tegra", "5.3"),
    ("Maxwell", "5.0 5.2"),
    ("Pascal", "6.0 6.1"),
    ("Volta+Tegra", "7.2"),
    ("Volta", "7.0"),
    ("Turing", "7.5"),
    ("Ampere+Tegra", "8.7"),
    ("Ampere", "8.0 8.6"),
    ("Ada", "8.9"),
    ("Hopper", "9.0"),
    ("Blackwell+Tegra", "11.0"),
    ("Blackwell", "10.0 10.3 12.0 12.1"),
];

/// Reads `CMAKE_CUDA_ARCHITECTURES`: `75;80-real;90-virtual;90a`. Without an end a number is both machine code and PTX.
/// `None`: one of them is nothing, or depends on the machine or the toolkit (`native`, `all`, `all-major`).
pub fn cmake_list(text: &str) -> Option<Vec<Target>> {
    let mut targets = Vec::new();
    for word in text.split(';').filter(|word| !word.is_empty()) {
        let (bare, has_sass, has_ptx) = match word.split_once('-') {
            Some((bare, "real")) => (bare, true, false),
            Some((bare, "virtual")) => (bare, false, true),
            Some(_) => return None,
            None => (word, true, true),
        };
        let (capability, reach) = number(bare).filter(|_| !bare.contains('.'))?;
        let target = Target {
            reach,
            ..Target::sass(capability)
        };
        targets.extend(has_sass.then_some(target));
        targets.extend(has_ptx.then_some(Target {
            form: Form::Ptx,
            ..target
        }));
    }
    Some(targets)
}

/// `90`, `9.0`, `90a`, `120f`.
fn number(text: &str) -> Option<(Capability, Reach)> {
    let (bare, reach) = match text.as_bytes().last()? {
        b'a' => (&text[..text.len() - 1], Reach::Exact),
        b'f' => (&text[..text.len() - 1], Reach::Family),
        _ => (text, Reach::Usual),
    };
    if !bare.starts_with(|one: char| one.is_ascii_digit()) || bare.ends_with(['a', 'f']) {
        return None;
    }
    Some((Capability::parse(bare)?, reach))
}
