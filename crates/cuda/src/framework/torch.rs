//! PyTorch.

use super::{WheelJudgement, judge_in_image};
use crate::code::{Target, loading, torch_list};
use crate::driver_verdict::Driver;
use crate::gpu::Gpu;
use crate::mark::Mark;
use crate::release::{Cuda, numbers};
use crate::tables::torch::{ROWS, Row};
use std::fmt;

/// What a wheel is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TorchFlavour {
    /// Not said: what `pip install torch` gives.
    Default,
    /// `cu118`
    Cuda(Cuda),
    /// `cpu`
    Cpu,
    /// `rocm6.0`, `xpu`: other makers' GPUs.
    Other,
}

impl TorchFlavour {
    /// Reads what stands behind the `+`, or at the end of an index URL: `cu118`, `cpu`, `rocm6.2`, `xpu`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix("cu") {
            let is_number =
                matches!(digits.len(), 2 | 3) && digits.bytes().all(|one| one.is_ascii_digit());
            let (major, minor) = digits.split_at_checked(digits.len().checked_sub(1)?)?;
            let cuda = Cuda::new(major.parse().ok()?, minor.parse().ok()?);
            return is_number.then_some(Self::Cuda(cuda));
        }
        match text {
            "cpu" | "cpu-cxx11-abi" | "cpu.cxx11.abi" => Some(Self::Cpu),
            "xpu" => Some(Self::Other),
            _ if text.starts_with("rocm") => Some(Self::Other),
            _ => None,
        }
    }
}

impl fmt::Display for TorchFlavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("PyPI's"),
            Self::Cuda(cuda) => write!(f, "cu{}{}", cuda.major, cuda.minor),
            Self::Cpu => f.write_str("cpu"),
            Self::Other => f.write_str("of another maker"),
        }
    }
}

/// Whether there is such a wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WheelPresence {
    /// There is.
    Exists,
    /// The release has none of that CUDA.
    NoSuchFlavour {
        /// Those that it has.
        flavours: Vec<Cuda>,
    },
    /// A release that is not in the table.
    UnknownRelease,
    /// It computes on the CPU, or on GPUs of other makers.
    NoCuda,
}

/// A wheel of PyTorch. `Display` writes `torch 2.4+cu118`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TorchWheel {
    /// `(2, 4)`
    pub release: (u16, u16),
    /// `cu118`
    pub flavour: TorchFlavour,
}

impl fmt::Display for TorchWheel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "torch {}.{}", self.release.0, self.release.1)?;
        match self.flavour {
            TorchFlavour::Default => Ok(()),
            flavour => write!(f, "+{flavour}"),
        }
    }
}

impl TorchWheel {
    /// Reads `2.4`, `2.4.1`, `2.4.1+cu118`, `torch==2.4.1+cu118`. `None`: no version, or no flavour that there is a kind of.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text
            .strip_prefix("torch==")
            .or(text.strip_prefix("torch-"))
            .unwrap_or(text);
        let (version, flavour) = match text.split_once('+') {
            Some((version, flavour)) => (version, TorchFlavour::parse(flavour)?),
            None => (text, TorchFlavour::Default),
        };
        match *numbers(version)? {
            [major, minor] | [major, minor, _] => Some(Self {
                release: (major, minor),
                flavour,
            }),
            _ => None,
        }
    }

    /// Every wheel of the table, in ascending order, and whether it is the one on PyPI.
    pub fn all() -> impl Iterator<Item = (Self, bool)> {
        ROWS.iter().map(|row| {
            let wheel = Self {
                release: row.torch,
                flavour: TorchFlavour::Cuda(row.cuda),
            };
            (wheel, row.is_default)
        })
    }

    fn row(&self) -> Option<&'static Row> {
        ROWS.iter().find(|row| {
            row.torch == self.release
                && match self.flavour {
                    TorchFlavour::Default => row.is_default,
                    TorchFlavour::Cuda(cuda) => row.cuda == cuda,
                    TorchFlavour::Cpu | TorchFlavour::Other => false,
                }
        })
    }

    /// The CUDA that it brings: also that of the default, where the release is known.
    pub fn cuda(&self) -> Option<Cuda> {
        match self.flavour {
            TorchFlavour::Cuda(cuda) => Some(cuda),
            _ => self.row().map(|row| row.cuda),
        }
    }

    /// The cuDNN that it brings.
    pub fn cudnn(&self) -> Option<&'static str> {
        self.row().and_then(|row| row.cudnn)
    }

    /// The code in it.
    pub fn code(&self) -> Option<Vec<Target>> {
        self.row().and_then(|row| torch_list(row.code))
    }

    /// Whether there is such a wheel.
    pub fn presence(&self) -> WheelPresence {
        if matches!(self.flavour, TorchFlavour::Cpu | TorchFlavour::Other) {
            return WheelPresence::NoCuda;
        }
        if self.row().is_some() {
            return WheelPresence::Exists;
        }
        let of_release = ROWS.iter().filter(|row| row.torch == self.release);
        let flavours: Vec<Cuda> = of_release.map(|row| row.cuda).collect();
        if flavours.is_empty() {
            WheelPresence::UnknownRelease
        } else {
            WheelPresence::NoSuchFlavour { flavours }
        }
    }

    /// The version of glibc that it needs: wheels of 2.6 and later are made on a newer system. No musl (Alpine) has any.
    pub fn glibc(&self) -> (u16, u16) {
        if self.release >= (2, 6) {
            (2, 28)
        } else {
            (2, 17)
        }
    }

    /// Whether it runs. `has_compat`: whether the image has the newer libraries of forward compatibility, as
    /// `nvidia/cuda` does and `python` does not.
    pub fn judge(
        &self,
        driver: Option<&Driver>,
        gpu: Option<&Gpu>,
        has_compat: bool,
    ) -> WheelJudgement {
        let cuda = self.cuda();
        let code = self.code().zip(gpu);
        WheelJudgement {
            presence: self.presence(),
            cuda,
            driver: driver
                .zip(cuda)
                .map(|(driver, cuda)| judge_in_image(cuda, driver, gpu, has_compat)),
            code: code.map(|(code, gpu)| loading(&code, gpu.capability)),
            mark: self.row().map_or(Mark::Unverified, |row| row.mark),
        }
    }
}
