//! The releases of frameworks that are offered, the preferred ones first.
//!
//! Sources: `RELEASE.md` and `.ci/manywheel/build_cuda.sh` of pytorch/pytorch for PyTorch's CUDA versions, code and
//! versions of Python; the fat binaries in the wheels of TensorFlow 2.19.1, of `jax-cuda12-pjrt` and `jax-cuda13-pjrt` 0.10.2,
//! `.bazelrc` of tensorflow/tensorflow for older ones; the metadata of the wheels on PyPI for the CUDA that each brings and the
//! Python that each takes. Where the code of a release is not the same in all its builds, the row has what is in each of them.
//!
//! Not all releases are here, only those that something is best served by: the newest one, the last one for CUDA 12.8
//! (Blackwell on drivers before 580), for 12.4, 12.1 and 11.8.

use super::wheel::Wheel;
use liftgate_cuda::Cuda;

const fn wheel(
    version: &'static str,
    flavour: &'static str,
    cuda: (u16, u16),
    python: (u8, u8),
    code: &'static str,
) -> Wheel {
    Wheel {
        version,
        flavour,
        cuda: Cuda::new(cuda.0, cuda.1),
        python,
        code,
    }
}

const NEW: &str = "sm_75 sm_80 sm_86 sm_90 sm_100 sm_120 compute_120";
const OLD: &str = "sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_90";

/// `torch`. CUDA 12.6 stays for Maxwell, Pascal and Volta, which CUDA 13 no longer has.
#[rustfmt::skip] // one wheel a line
pub(crate) const PYTORCH: &[Wheel] = &[
    wheel("2.14.1", "cu132", (13, 2), (10, 14), NEW),
    wheel("2.14.1", "cu130", (13, 0), (10, 14), NEW),
    wheel("2.14.1", "cu126", (12, 6), (10, 14), OLD),
    wheel("2.11.0", "cu128", (12, 8), (10, 14), "sm_75 sm_80 sm_86 sm_90 sm_100 sm_120"),
    wheel("2.6.0", "cu124", (12, 4), (9, 13), OLD),
    wheel("2.5.1", "cu121", (12, 1), (9, 12), OLD),
    wheel("2.7.1", "cu118", (11, 8), (9, 13), OLD),
];

const XLA: &str = "sm_60 sm_70 sm_80 sm_89 compute_90";

/// `tensorflow[and-cuda]`. Of most kernels there is PTX alone for the last capability: a Hopper needs a driver that compiles it,
/// and the older releases are for those that do not. 2.19 names the versions of its CUDA wheels exactly, 2.20 only where they
/// begin.
#[rustfmt::skip] // one wheel a line
pub(crate) const TENSORFLOW: &[Wheel] = &[
    wheel("2.19.1", "and-cuda", (12, 5), (9, 12), XLA),
    wheel("2.20.0", "and-cuda", (12, 5), (9, 13), XLA),
    wheel("2.17.1", "and-cuda", (12, 3), (9, 12), "sm_50 sm_60 sm_70 sm_80 compute_90"),
    wheel("2.15.1", "and-cuda", (12, 2), (9, 11), "sm_50 sm_60 sm_70 sm_75 compute_80"),
];

/// `jax[cuda12]`, `jax[cuda13]`.
#[rustfmt::skip] // one wheel a line
pub(crate) const JAX: &[Wheel] = &[
    wheel("0.10.2", "cuda13", (13, 0), (11, 14), "sm_75 sm_80 sm_90 sm_100 sm_120 compute_120"),
    wheel("0.10.2", "cuda12", (12, 9), (11, 14), "sm_50 sm_60 sm_70 sm_80 sm_90 sm_100 sm_120 compute_120"),
    wheel("0.6.2", "cuda12", (12, 8), (10, 13), "sm_50 sm_60 sm_70 sm_80 sm_90"),
];

/// `vllm`: the newest on CUDA 13, and the last whose wheel on PyPI is for CUDA 12. Both leave Volta to others.
#[rustfmt::skip] // one wheel a line
pub(crate) const VLLM: &[Wheel] = &[
    wheel("0.33.0", "cu130", (13, 0), (11, 14), "sm_75 sm_80 sm_86 sm_89 sm_90 sm_100 sm_120"),
    wheel("0.19.1", "cu128", (12, 8), (10, 13), "sm_75 sm_80 sm_86 sm_89 sm_90 sm_100 sm_120"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_whole() {
        for wheels in [PYTORCH, TENSORFLOW, JAX, VLLM] {
            for wheel in wheels {
                assert_eq!(
                    wheel.targets().len(),
                    wheel.code.split(' ').count(),
                    "{}",
                    wheel.version
                );
                assert!(wheel.python.0 <= wheel.python.1 && wheel.version.split('.').count() == 3);
                assert!(
                    liftgate_cuda::first_release(wheel.cuda).is_some(),
                    "{}",
                    wheel.version
                );
            }
        }
        for wheel in PYTORCH {
            assert_eq!(
                wheel.flavour,
                format!("cu{}{}", wheel.cuda.major, wheel.cuda.minor)
            );
        }
    }
}
