//! What is in an image.
//!
//! Source: the Dockerfiles of NVIDIA's image repository, of which the packages say the rest: `cuda-libraries`,
//! `cuda-minimal-build`, `cuda-command-line-tools`. What an image of an operating system has beyond that is not NVIDIA's,
//! and is answered only where it is sure.

use super::os::{Os, PackageManager};
use super::tag::{Flavour, Tag};
use crate::mark::Mark;
use crate::release::{Cuda, Release};
use crate::tables::image_environment;
use crate::tables::image_tags::{Listing, ROWS};

/// A thing that an image has or lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `libcudart.so`
    Cudart,
    /// The libraries of forward compatibility, in `/usr/local/cuda/compat`.
    CudaCompat,
    /// cuBLAS, cuFFT, cuRAND, cuSOLVER, cuSPARSE, NPP, nvJPEG, NVRTC, cuFile.
    MathLibraries,
    /// `libnvToolsExt.so` before 12.9, headers only since.
    Nvtx,
    /// `libnccl.so.2`
    Nccl,
    /// `libcudnn.so`
    Cudnn,
    /// `cudnn.h`
    CudnnHeaders,
    /// The compiler, in `/usr/local/cuda/bin`.
    Nvcc,
    /// `cuda_runtime.h` and the headers of the libraries.
    Headers,
    /// `libcudart_static.a` and those of the libraries.
    StaticLibraries,
    /// `libcuda.so` to link with, in `/usr/local/cuda/lib64/stubs`: no library to run with.
    Stubs,
    /// CUPTI, `cuda-gdb`, `compute-sanitizer`.
    CommandLineTools,
    /// Nsight Compute.
    NsightCompute,
    /// `gcc`, `g++`
    HostCompiler,
    /// `make`
    Make,
    /// `cmake`
    Cmake,
    /// `ninja`
    Ninja,
    /// `git`
    Git,
    /// `curl`
    Curl,
    /// `wget`
    Wget,
    /// `python3`
    Python,
    /// `pip`
    Pip,
    /// `nvidia-smi` and `libcuda.so.1`: the driver's, which the container runtime brings.
    Driver,
}

/// Whether it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It depends on the operating system's own image.
    Unknown,
}

/// Whether images of a flavour have something; with `os`, what that depends on is answered too.
pub fn presence(part: Part, flavour: Flavour, has_cudnn: bool, os: Option<Os>) -> Presence {
    let has = match part {
        Part::Cudart | Part::CudaCompat => true,
        Part::MathLibraries | Part::Nvtx | Part::Nccl => flavour >= Flavour::Runtime,
        Part::Cudnn => has_cudnn,
        Part::CudnnHeaders => has_cudnn && flavour == Flavour::Devel,
        Part::Nvcc
        | Part::Headers
        | Part::StaticLibraries
        | Part::Stubs
        | Part::CommandLineTools
        | Part::NsightCompute
        | Part::HostCompiler
        | Part::Make => flavour == Flavour::Devel,
        Part::Cmake | Part::Ninja | Part::Git | Part::Wget | Part::Pip | Part::Driver => false,
        // Ubuntu's image has neither, and NVIDIA's Dockerfile takes curl away again. The others have one or both.
        Part::Curl | Part::Python => {
            return match os {
                Some(os) if os.is_ubuntu() => Presence::No,
                _ => Presence::Unknown,
            };
        }
    };
    if has { Presence::Yes } else { Presence::No }
}

/// The variables that an image sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Names and values. `NVIDIA_REQUIRE_CUDA`, which depends on the build, is not among them; `PATH` is what stands
    /// before the operating system's.
    pub variables: Vec<(&'static str, String)>,
    /// How well they are known.
    pub mark: Mark,
}

impl Environment {
    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| &**value)
    }
}

/// The key that an image's package lists are signed with. NVIDIA changed it in April 2022, and with the old one
/// `apt-get update` fails: `NO_PUBKEY A4B469963BF863CC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKey {
    /// The one of today.
    Current,
    /// The image may be from before; whether it was rebuilt is not known.
    MaybeOld,
}

impl SigningKey {
    /// By the CUDA version of an image, whole or not (`10.2`).
    pub fn of_cuda(cuda: Cuda) -> Self {
        if cuda < Cuda::new(11, 0) {
            Self::MaybeOld
        } else {
            Self::Current
        }
    }
}

impl Tag {
    /// Whether the image has something.
    pub fn has(&self, part: Part) -> Presence {
        presence(part, self.flavour, self.cudnn.is_some(), Some(self.os))
    }

    /// The variables that it sets.
    pub fn environment(&self) -> Environment {
        let row = image_environment::of(self.release);
        let mut variables = vec![
            ("CUDA_VERSION", self.release.to_string()),
            ("PATH", row.path.to_owned()),
            ("LD_LIBRARY_PATH", row.ld_library_path.to_owned()),
            ("NVIDIA_VISIBLE_DEVICES", "all".to_owned()),
            ("NVIDIA_DRIVER_CAPABILITIES", "compute,utility".to_owned()),
        ];
        if self.flavour == Flavour::Devel {
            let stubs = "/usr/local/cuda/lib64/stubs".to_owned();
            variables.push(("LIBRARY_PATH", stubs));
        }
        Environment {
            variables,
            mark: row.mark,
        }
    }

    /// What installs packages in it.
    pub fn package_manager(&self) -> PackageManager {
        self.os.package_manager()
    }

    /// Which key its package lists are signed with. What NVIDIA still lists was rebuilt with the new one.
    pub fn signing_key(&self) -> SigningKey {
        let is_of_tag = |row: &&crate::tables::image_tags::Row| {
            row.release == self.release
                && (row.with_cudnn.contains(&self.os) || row.without_cudnn.contains(&self.os))
        };
        let is_delisted = ROWS
            .iter()
            .find(is_of_tag)
            .is_none_or(|row| row.listing == Listing::Delisted);
        if is_delisted && self.release < Release::new(11, 7, 0) {
            SigningKey::MaybeOld
        } else {
            SigningKey::Current
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAVOURS: [Flavour; 3] = [Flavour::Base, Flavour::Runtime, Flavour::Devel];

    #[test]
    fn each_flavour_has_what_those_before_it_have() {
        let parts = [
            Part::Cudart,
            Part::MathLibraries,
            Part::Nccl,
            Part::Nvcc,
            Part::Headers,
            Part::Make,
            Part::Pip,
        ];
        for part in parts {
            let has = FLAVOURS.map(|flavour| presence(part, flavour, false, None) == Presence::Yes);
            assert!(has.windows(2).all(|pair| pair[0] <= pair[1]), "{part:?}");
        }
        let yes = |part, flavour| presence(part, flavour, true, None) == Presence::Yes;
        assert!(!yes(Part::Nccl, Flavour::Base) && yes(Part::Nccl, Flavour::Runtime));
        assert!(!yes(Part::Nvcc, Flavour::Runtime) && yes(Part::Nvcc, Flavour::Devel));
        assert!(yes(Part::Cudnn, Flavour::Runtime) && !yes(Part::CudnnHeaders, Flavour::Runtime));
        assert!(!yes(Part::Driver, Flavour::Devel));
    }

    #[test]
    fn what_depends_on_the_operating_system() {
        let of = |os| presence(Part::Python, Flavour::Devel, false, os);
        assert_eq!(of(Some(Os::Ubuntu2204)), Presence::No);
        assert_eq!(of(Some(Os::Rocky9)), Presence::Unknown);
        assert_eq!(of(None), Presence::Unknown);
    }
}
