//! Compute capabilities: the architecture of each, and the toolkits that generate code for it.
//!
//! Sources: `clang/lib/Basic/Cuda.cpp` of LLVM, which has the first and the last toolkit of each target; the release
//! notes of CUDA 13.0 for the end of Maxwell, Pascal and Volta, which LLVM does not have; the driver's announcements for
//! the last branch that drives an architecture (Kepler: R470; Maxwell, Pascal, Volta: R580).

use crate::gpu::{Architecture, Capability};
use crate::mark::Mark;
use crate::release::Cuda;

/// A compute capability.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) capability: Capability,
    pub(crate) architecture: Architecture,
    /// Of a system on a chip: its code and that of others do not run on each other.
    pub(crate) is_tegra: bool,
    /// The first toolkit that generates code for it; the tables begin with 8.0.
    pub(crate) first: Cuda,
    /// The last one; `None`: it still does.
    pub(crate) last: Option<Cuda>,
    /// The last branch of the driver for it; `None`: it is still supported.
    pub(crate) last_branch: Option<u16>,
    pub(crate) mark: Mark,
    pub(crate) source: &'static str,
}

const LLVM: &str = "LLVM, clang/lib/Basic/Cuda.cpp; release notes of CUDA 13.0";

use Architecture::{Ada, Ampere, Blackwell, Fermi, Hopper, Kepler, Maxwell, Pascal, Turing, Volta};

const fn row(
    capability: (u8, u8),
    architecture: Architecture,
    first: (u16, u16),
    last: Option<(u16, u16)>,
) -> Row {
    let last_branch = match architecture {
        Fermi => Some(390),
        Kepler => Some(470),
        Maxwell | Pascal | Volta => Some(580),
        _ => None,
    };
    Row {
        capability: Capability::new(capability.0, capability.1),
        architecture,
        is_tegra: false,
        first: Cuda::new(first.0, first.1),
        last: match last {
            Some((major, minor)) => Some(Cuda::new(major, minor)),
            None => None,
        },
        last_branch,
        mark: Mark::Verified,
        source: LLVM,
    }
}

/// A system on a chip. Its driver comes with the board's software, not in branches.
const fn tegra(
    capability: (u8, u8),
    architecture: Architecture,
    first: (u16, u16),
    last: Option<(u16, u16)>,
) -> Row {
    Row {
        is_tegra: true,
        last_branch: None,
        ..row(capability, architecture, first, last)
    }
}

/// Ascending.
#[rustfmt::skip] // one capability a line
pub(crate) const ROWS: &[Row] = &[
    row((2, 0), Fermi, (8, 0), Some((8, 0))),
    row((2, 1), Fermi, (8, 0), Some((8, 0))),
    row((3, 0), Kepler, (8, 0), Some((10, 2))),
    tegra((3, 2), Kepler, (8, 0), Some((10, 2))),
    row((3, 5), Kepler, (8, 0), Some((11, 8))),
    row((3, 7), Kepler, (8, 0), Some((11, 8))),
    row((5, 0), Maxwell, (8, 0), Some((12, 9))),
    row((5, 2), Maxwell, (8, 0), Some((12, 9))),
    tegra((5, 3), Maxwell, (8, 0), Some((12, 9))),
    row((6, 0), Pascal, (8, 0), Some((12, 9))),
    row((6, 1), Pascal, (8, 0), Some((12, 9))),
    tegra((6, 2), Pascal, (8, 0), Some((12, 9))),
    row((7, 0), Volta, (9, 0), Some((12, 9))),
    tegra((7, 2), Volta, (9, 1), Some((12, 9))),
    row((7, 5), Turing, (10, 0), None),
    row((8, 0), Ampere, (11, 0), None),
    row((8, 6), Ampere, (11, 1), None),
    tegra((8, 7), Ampere, (11, 4), None),
    tegra((8, 8), Ampere, (13, 0), None),
    row((8, 9), Ada, (11, 8), None),
    row((9, 0), Hopper, (11, 8), None),
    row((10, 0), Blackwell, (12, 8), None),
    // Thor was 10.1 until CUDA 13.0 called it 11.0.
    tegra((10, 1), Blackwell, (12, 8), Some((12, 9))),
    row((10, 3), Blackwell, (12, 9), None),
    tegra((11, 0), Blackwell, (13, 0), None),
    row((12, 0), Blackwell, (12, 8), None),
    row((12, 1), Blackwell, (12, 9), None),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolkit::toolkits;

    #[test]
    fn capabilities_ascend_and_toolkits_are_toolkits() {
        for pair in ROWS.windows(2) {
            assert!(
                pair[0].capability < pair[1].capability,
                "{}",
                pair[1].capability
            );
            assert!(
                pair[0].architecture <= pair[1].architecture,
                "{}",
                pair[1].capability
            );
        }
        for row in ROWS {
            assert!(
                toolkits().any(|cuda| cuda == row.first),
                "{}",
                row.capability
            );
            if let Some(last) = row.last {
                assert!(
                    row.first <= last && toolkits().any(|cuda| cuda == last),
                    "{}",
                    row.capability
                );
            }
        }
    }

    /// Within an architecture nothing ends before what came earlier.
    #[test]
    fn architectures_end_in_order() {
        let newest = Cuda::new(u16::MAX, 0);
        let ends: Vec<Cuda> = ROWS
            .iter()
            .filter(|row| !row.is_tegra)
            .map(|row| row.last.unwrap_or(newest))
            .collect();
        assert!(ends.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
