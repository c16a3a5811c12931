//! PyTorch's wheels for Linux on x86-64: which there are, what CUDA and cuDNN they bring, and for which GPUs.
//!
//! Sources: `RELEASE.md` of pytorch/pytorch (CUDA versions and cuDNN of each release; GPUs from 2.12 on);
//! `manywheel/build_cuda.sh` of pytorch/builder in its states at each branch cut up to 2.5, and of pytorch/pytorch in that of
//! 2.8; what wheels in use print (`torch.cuda.get_arch_list()`) for 2.7, 2.10 and 2.11; the requirements of the wheels on
//! PyPI, which tell the CUDA that `pip install torch` gives. PyPI has one kind of each release, the others are at
//! `https://download.pytorch.org/whl/cu126`. Releases before 1.12 are common knowledge.

use crate::mark::Mark::{self, Derived, Secondary, Unverified, Verified};
use crate::release::Cuda;

/// A kind of wheel of a release.
#[derive(Debug)]
pub(crate) struct Row {
    /// `2.4`: patches do not differ.
    pub(crate) torch: (u16, u16),
    pub(crate) cuda: Cuda,
    /// As the wheel requires it; `None`: not looked up.
    pub(crate) cudnn: Option<&'static str>,
    /// As `TORCH_CUDA_ARCH_LIST`.
    pub(crate) code: &'static str,
    /// Whether it is the one on PyPI.
    pub(crate) is_default: bool,
    /// How well `code` is known; the rest is verified from 1.12 on.
    pub(crate) mark: Mark,
}

pub(crate) const SOURCE: &str = "pytorch/pytorch, RELEASE.md; build_cuda.sh of its releases; requirements of the wheels on PyPI";

const TO_VOLTA: &str = "3.7 5.0 6.0 7.0";
const TO_TURING: &str = "3.7 5.0 6.0 7.0 7.5";
const TO_A100: &str = "3.7 5.0 6.0 7.0 7.5 8.0";
const KEPLER_TO_AMPERE: &str = "3.7 5.0 6.0 7.0 7.5 8.0 8.6";
const KEPLER_TO_HOPPER: &str = "3.7 5.0 6.0 7.0 7.5 8.0 8.6 9.0";
const MAXWELL_TO_HOPPER: &str = "5.0 6.0 7.0 7.5 8.0 8.6 9.0";
const TURING_TO_BLACKWELL: &str = "7.5 8.0 8.6 9.0 10.0 12.0";
const TURING_TO_BLACKWELL_PTX: &str = "7.5 8.0 8.6 9.0 10.0 12.0+PTX";
const VOLTA_TO_BLACKWELL: &str = "7.0 7.5 8.0 8.6 9.0 10.0 12.0";
const VOLTA_TO_BLACKWELL_PTX: &str = "7.0 7.5 8.0 8.6 9.0 10.0 12.0+PTX";

type Pair = (u16, u16);

const fn other(
    torch: Pair,
    cuda: Pair,
    cudnn: Option<&'static str>,
    code: &'static str,
    mark: Mark,
) -> Row {
    Row {
        torch,
        cuda: Cuda::new(cuda.0, cuda.1),
        cudnn,
        code,
        is_default: false,
        mark,
    }
}

const fn default(
    torch: Pair,
    cuda: Pair,
    cudnn: Option<&'static str>,
    code: &'static str,
    mark: Mark,
) -> Row {
    Row {
        is_default: true,
        ..other(torch, cuda, cudnn, code, mark)
    }
}

/// Ascending by release, in it by CUDA.
#[rustfmt::skip] // one kind of wheel a line
pub(crate) const ROWS: &[Row] = &[
    other((1, 7), (9, 2), None, TO_VOLTA, Unverified),
    other((1, 7), (10, 1), None, TO_TURING, Unverified),
    default((1, 7), (10, 2), None, TO_TURING, Unverified),
    other((1, 7), (11, 0), None, TO_A100, Unverified),
    other((1, 8), (10, 1), None, TO_VOLTA, Unverified),
    default((1, 8), (10, 2), None, TO_VOLTA, Unverified),
    other((1, 8), (11, 1), None, KEPLER_TO_AMPERE, Unverified),
    default((1, 9), (10, 2), None, TO_VOLTA, Unverified),
    other((1, 9), (11, 1), None, KEPLER_TO_AMPERE, Unverified),
    default((1, 10), (10, 2), None, TO_VOLTA, Unverified),
    other((1, 10), (11, 1), None, KEPLER_TO_AMPERE, Unverified),
    other((1, 10), (11, 3), None, KEPLER_TO_AMPERE, Unverified),
    default((1, 11), (10, 2), None, TO_VOLTA, Unverified),
    other((1, 11), (11, 3), None, KEPLER_TO_AMPERE, Unverified),
    other((1, 11), (11, 5), None, KEPLER_TO_AMPERE, Unverified),
    default((1, 12), (10, 2), None, TO_VOLTA, Verified),
    other((1, 12), (11, 3), Some("8.3.2.44"), KEPLER_TO_AMPERE, Verified),
    other((1, 12), (11, 6), Some("8.3.2.44"), KEPLER_TO_AMPERE, Verified),
    other((1, 13), (11, 6), Some("8.3.2.44"), KEPLER_TO_AMPERE, Verified),
    default((1, 13), (11, 7), Some("8.5.0.96"), KEPLER_TO_AMPERE, Verified),
    default((2, 0), (11, 7), Some("8.5.0.96"), KEPLER_TO_AMPERE, Verified),
    other((2, 0), (11, 8), Some("8.7.0.84"), KEPLER_TO_HOPPER, Verified),
    other((2, 1), (11, 8), Some("8.7.0.84"), KEPLER_TO_HOPPER, Verified),
    default((2, 1), (12, 1), Some("8.9.2.26"), MAXWELL_TO_HOPPER, Verified),
    other((2, 2), (11, 8), Some("8.7.0.84"), KEPLER_TO_HOPPER, Verified),
    default((2, 2), (12, 1), Some("8.9.2.26"), MAXWELL_TO_HOPPER, Verified),
    other((2, 3), (11, 8), Some("8.7.0.84"), KEPLER_TO_HOPPER, Verified),
    default((2, 3), (12, 1), Some("8.9.2.26"), MAXWELL_TO_HOPPER, Verified),
    other((2, 4), (11, 8), Some("9.1.0.70"), KEPLER_TO_HOPPER, Verified),
    default((2, 4), (12, 1), Some("9.1.0.70"), MAXWELL_TO_HOPPER, Verified),
    other((2, 4), (12, 4), Some("9.1.0.70"), MAXWELL_TO_HOPPER, Verified),
    other((2, 5), (11, 8), Some("9.1.0.70"), KEPLER_TO_HOPPER, Verified),
    other((2, 5), (12, 1), Some("9.1.0.70"), MAXWELL_TO_HOPPER, Verified),
    default((2, 5), (12, 4), Some("9.1.0.70"), MAXWELL_TO_HOPPER, Verified),
    other((2, 6), (11, 8), Some("9.1.0.70"), KEPLER_TO_HOPPER, Derived),
    default((2, 6), (12, 4), Some("9.1.0.70"), MAXWELL_TO_HOPPER, Derived),
    other((2, 6), (12, 6), Some("9.5.1.17"), MAXWELL_TO_HOPPER, Derived),
    other((2, 7), (11, 8), Some("9.1.0.70"), KEPLER_TO_HOPPER, Derived),
    default((2, 7), (12, 6), Some("9.5.1.17"), MAXWELL_TO_HOPPER, Derived),
    other((2, 7), (12, 8), Some("9.7.1.26"), TURING_TO_BLACKWELL_PTX, Secondary),
    other((2, 8), (12, 6), Some("9.10.2.21"), MAXWELL_TO_HOPPER, Verified),
    default((2, 8), (12, 8), Some("9.10.2.21"), VOLTA_TO_BLACKWELL, Verified),
    other((2, 8), (12, 9), Some("9.10.2.21"), VOLTA_TO_BLACKWELL_PTX, Verified),
    other((2, 9), (12, 6), Some("9.10.2.21"), MAXWELL_TO_HOPPER, Derived),
    default((2, 9), (12, 8), Some("9.10.2.21"), VOLTA_TO_BLACKWELL, Derived),
    other((2, 9), (13, 0), Some("9.13.0.50"), TURING_TO_BLACKWELL_PTX, Derived),
    other((2, 10), (12, 6), Some("9.10.2.21"), MAXWELL_TO_HOPPER, Derived),
    default((2, 10), (12, 8), Some("9.10.2.21"), VOLTA_TO_BLACKWELL, Secondary),
    other((2, 10), (13, 0), Some("9.15.1.9"), TURING_TO_BLACKWELL_PTX, Secondary),
    other((2, 11), (12, 6), Some("9.10.2.21"), MAXWELL_TO_HOPPER, Derived),
    other((2, 11), (12, 8), Some("9.17.1.4"), TURING_TO_BLACKWELL, Secondary),
    default((2, 11), (13, 0), Some("9.19.0.56"), TURING_TO_BLACKWELL_PTX, Secondary),
    other((2, 12), (12, 6), Some("9.10.2.21"), MAXWELL_TO_HOPPER, Verified),
    default((2, 12), (13, 0), Some("9.20.0.48"), TURING_TO_BLACKWELL_PTX, Verified),
    other((2, 12), (13, 2), Some("9.20.0.48"), TURING_TO_BLACKWELL_PTX, Verified),
    other((2, 13), (12, 6), Some("9.10.2.21"), MAXWELL_TO_HOPPER, Verified),
    default((2, 13), (13, 0), Some("9.20.0.48"), TURING_TO_BLACKWELL_PTX, Verified),
    other((2, 13), (13, 2), Some("9.20.0.48"), TURING_TO_BLACKWELL_PTX, Verified),
    other((2, 14), (12, 6), Some("9.10.2.21"), MAXWELL_TO_HOPPER, Verified),
    default((2, 14), (13, 0), Some("9.24.0.43"), TURING_TO_BLACKWELL_PTX, Verified),
    other((2, 14), (13, 2), Some("9.24.0.43"), TURING_TO_BLACKWELL_PTX, Verified),
    // Of 2.15 only the wheel on PyPI was looked at: `version.py`, its requirements, and the code in `libtorch_cuda.so`.
    default((2, 15), (13, 2), Some("9.26.0.51"), TURING_TO_BLACKWELL, Verified),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::torch_list;
    use crate::gpu::Capability;

    #[test]
    fn ascending_with_one_default_each() {
        for pair in ROWS.windows(2) {
            assert!(
                (pair[0].torch, pair[0].cuda) < (pair[1].torch, pair[1].cuda),
                "{:?}",
                pair[1].torch
            );
        }
        for row in ROWS {
            let defaults = ROWS
                .iter()
                .filter(|other| other.torch == row.torch && other.is_default);
            assert_eq!(defaults.count(), 1, "{:?}", row.torch);
        }
        let defaults: Vec<Cuda> = ROWS
            .iter()
            .filter(|row| row.is_default)
            .map(|row| row.cuda)
            .collect();
        assert!(defaults.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    /// What a wheel has code for, its toolkit can make.
    #[test]
    fn toolkits_can_make_their_code() {
        for row in ROWS {
            let targets = torch_list(row.code).unwrap_or_else(|| panic!("{}", row.code));
            assert!(
                targets
                    .windows(2)
                    .all(|pair| pair[0].capability <= pair[1].capability)
            );
            for target in targets {
                assert!(
                    target.is_made_by(row.cuda),
                    "{:?} {} {target}",
                    row.torch,
                    row.cuda
                );
            }
        }
    }

    #[test]
    fn blackwell_came_with_2_7() {
        for row in ROWS {
            let targets = torch_list(row.code).unwrap_or_default();
            let has = targets
                .iter()
                .any(|target| target.capability == Capability::new(12, 0));
            assert_eq!(
                has,
                row.torch >= (2, 7) && row.cuda >= Cuda::new(12, 8),
                "{:?} {}",
                row.torch,
                row.cuda
            );
        }
    }
}
