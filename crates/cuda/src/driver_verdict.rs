//! Whether a driver runs what a toolkit made.
//!
//! Four answers, in this order: the driver has the toolkit's version, or a newer one; it is of the same major and not
//! below its floor (*minor-version compatibility*, since CUDA 11, on every GPU, GeForce among them); newer libraries of
//! the image can be used with it (*forward compatibility*, on some GPUs and from some drivers); it is refused, with
//! error 35. The whole version of the driver is compared: 525.00 is below the floor of CUDA 12, which is 525.60.13.
//!
//! ```
//! use liftgate_cuda::{Cuda, Driver, DriverVerdict, judge_driver};
//!
//! let driver = Driver::parse("535.183.01").unwrap();
//! // Its own version is 12.2, and 12.8 runs on it: by minor-version compatibility.
//! let verdict = judge_driver(Cuda::new(12, 8), &driver, None);
//! assert!(matches!(verdict, DriverVerdict::MinorVersion { floor: "525.60.13", .. }));
//! let verdict = judge_driver(Cuda::new(13, 0), &driver, None);
//! assert!(matches!(verdict, DriverVerdict::Refused { error, .. } if error.number == 35));
//! ```

use crate::cuda_error::CudaError;
use crate::gpu::Class;
use crate::release::{Cuda, numbers};
use crate::tables::{branches, forward, toolkits};
use crate::toolkit::first_release;
use crate::{branch::Branch, compare_versions, minor_version_floor};
use std::cmp::Ordering;
use std::fmt;

/// What is known of a driver: its version, and the CUDA version that it reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driver {
    version: Option<String>,
    cuda: Option<Cuda>,
}

impl Driver {
    /// Reads a version of the Linux driver: `535.183.01`, `535.183`, `535`. A short one stands for the newest driver that
    /// begins so. `None`: it is no version.
    ///
    /// A branch that there is not (`551`, of Windows) is read too, and only nothing is said of it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text
            .strip_prefix('R')
            .or(text.strip_prefix('r'))
            .unwrap_or(text);
        let first = *numbers(text)?.first()?;
        // Drivers before 300 had no containers.
        (first >= 300).then(|| Self {
            version: Some(text.to_owned()),
            cuda: Branch::of(first).map(|branch| branch.cuda),
        })
    }

    /// A driver of which only the CUDA version is known, as on WSL, where the number is Windows'.
    pub fn of_cuda(cuda: Cuda) -> Self {
        Self {
            version: None,
            cuda: Some(cuda),
        }
    }

    /// With the CUDA version that the driver itself reports, which its branch only lets suppose.
    #[must_use]
    pub fn reporting(self, cuda: Cuda) -> Self {
        Self {
            cuda: Some(cuda),
            ..self
        }
    }

    /// Its version, if that is what is known.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// What `535.183.01` begins with.
    pub fn branch(&self) -> Option<u16> {
        let version = self.version.as_deref()?;
        numbers(version)?.first().copied()
    }

    /// The CUDA version that it reports, by itself or by its branch.
    pub fn cuda(&self) -> Option<Cuda> {
        self.cuda
    }

    /// Whether it is of a branch newer than every one that is known: it runs all toolkits that are.
    fn is_newer_than_known(&self) -> bool {
        let newest = branches::ROWS.last().map(|row| row.branch);
        self.branch() > newest
    }

    /// Whether it is `other` or newer. A short version stands for the newest that begins so.
    fn reaches(&self, other: &str) -> Option<bool> {
        let own = self.version.as_deref()?;
        let (own_numbers, others) = (numbers(own)?, numbers(other)?);
        if others.starts_with(&own_numbers) {
            return Some(true);
        }
        compare_versions(own, other).map(Ordering::is_ge)
    }
}

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.version, self.cuda) {
            (Some(version), Some(cuda)) => write!(f, "driver {version} (CUDA {cuda})"),
            (Some(version), None) => write!(f, "driver {version}"),
            (None, Some(cuda)) => write!(f, "a driver of CUDA {cuda}"),
            (None, None) => f.write_str("a driver"),
        }
    }
}

/// Whether a driver runs what a toolkit made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriverVerdict {
    /// It has that version, or a newer one.
    Full,
    /// It runs, by minor-version compatibility: what brings only PTX fails with error 222, what calls what the driver
    /// does not have with 36.
    MinorVersion {
        /// The first driver for all minors of this major.
        floor: &'static str,
        /// The version that the driver has.
        driver_cuda: Option<Cuda>,
    },
    /// It runs with the newer libraries of the image, in `/usr/local/cuda/compat`: `nvidia/cuda` images have them.
    Forward {
        /// The package that has them: `cuda-compat-12-8`.
        package: String,
        /// Whether the GPU is one for which it may only be so: a workstation's.
        is_for_some_models_only: bool,
    },
    /// It does not run.
    Refused {
        /// What the program says: 35.
        error: CudaError,
        /// What it says where the newer libraries of the image are loaded all the same: 803 or 804.
        with_compat: Option<CudaError>,
        /// The oldest driver that would do.
        floor: &'static str,
        /// Why forward compatibility does not help.
        no_forward: NoForward,
    },
    /// Nothing can be said.
    Unknown(UnknownDriver),
}

impl DriverVerdict {
    /// Whether it runs; `None`: not known, or only perhaps.
    pub fn runs(&self) -> Option<bool> {
        match self {
            Self::Full | Self::MinorVersion { .. } => Some(true),
            Self::Forward {
                is_for_some_models_only,
                ..
            } => (!is_for_some_models_only).then_some(true),
            Self::Refused { .. } => Some(false),
            Self::Unknown(_) => None,
        }
    }
}

/// Why forward compatibility does not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoForward {
    /// The GPU is a GeForce or TITAN: error 804.
    Class,
    /// The libraries are not made for a kernel module of that branch: error 803.
    Base {
        /// Those that they are made for; empty where that is not known.
        bases: &'static [u16],
    },
    /// It is not known what GPU it is.
    UnknownGpu,
    /// The image does not have the newer libraries.
    NoLibraries,
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownDriver {
    /// No branch of the Linux driver has that number. Those of Windows, which `nvidia-smi` shows on WSL, are counted in
    /// another way.
    Branch,
    /// There is no such toolkit, or it is newer than the tables.
    Toolkit,
}

/// Whether a driver runs what a toolkit made; for forward compatibility it matters what the GPU is sold for.
pub fn judge_driver(toolkit: Cuda, driver: &Driver, class: Option<Class>) -> DriverVerdict {
    let newest = toolkits::ROWS.last().map(|row| row.release.cuda());
    if driver.cuda.is_some_and(|own| own >= toolkit) {
        return DriverVerdict::Full;
    }
    if driver.cuda.is_none() && driver.is_newer_than_known() && Some(toolkit) <= newest {
        return DriverVerdict::Full;
    }
    let Some(own) = driver.cuda else {
        return DriverVerdict::Unknown(UnknownDriver::Branch);
    };
    let floor = minor_version_floor(toolkit.major.into());
    // Of a driver that has only a CUDA version: it reports the major from its first version on.
    let is_above = |floor| driver.reaches(floor).unwrap_or(own.major == toolkit.major);
    if let Some(floor) = floor.filter(|floor| is_above(floor)) {
        return DriverVerdict::MinorVersion {
            floor,
            driver_cuda: Some(own),
        };
    }
    let Some((_, released_with)) = first_release(toolkit) else {
        return DriverVerdict::Unknown(UnknownDriver::Toolkit);
    };
    let no_forward = match forward(toolkit, driver, class, released_with) {
        Ok(verdict) => return verdict,
        Err(no_forward) => no_forward,
    };
    let with_compat = match no_forward {
        NoForward::Class => Some(CudaError::known(804)),
        NoForward::Base { .. } => Some(CudaError::known(803)),
        NoForward::UnknownGpu | NoForward::NoLibraries => None,
    };
    DriverVerdict::Refused {
        error: CudaError::known(35),
        with_compat,
        floor: floor.unwrap_or(released_with),
        no_forward,
    }
}

/// Whether the newer libraries of an image of that toolkit help.
fn forward(
    toolkit: Cuda,
    driver: &Driver,
    class: Option<Class>,
    released_with: &str,
) -> Result<DriverVerdict, NoForward> {
    let class = class.ok_or(NoForward::UnknownGpu)?;
    if class == Class::GeForce {
        return Err(NoForward::Class);
    }
    // The libraries are those of the branch that the toolkit came with.
    let branch = numbers(released_with).and_then(|numbers| numbers.first().copied());
    let bases = branch.and_then(forward::bases).unwrap_or_default();
    if !driver.branch().is_some_and(|own| bases.contains(&own)) {
        return Err(NoForward::Base { bases });
    }
    Ok(DriverVerdict::Forward {
        package: format!("cuda-compat-{}-{}", toolkit.major, toolkit.minor),
        is_for_some_models_only: class == Class::Workstation,
    })
}
