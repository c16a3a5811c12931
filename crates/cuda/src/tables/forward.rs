//! Base branches of forward compatibility that [`crate::forward_base_branches`] does not have.
//!
//! Source: `NVIDIA_REQUIRE_CUDA` of the images of each CUDA version: the branches that it accepts beside newer drivers,
//! of all brands together. That table decides container starts, and is small; a package of these branches brings a note
//! of its own, or is let through there.

use crate::mark::Mark;

/// A branch of `cuda-compat` libraries, and those of the kernel modules that they work with.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) branch: u16,
    pub(crate) bases: &'static [u16],
}

pub(crate) const MARK: Mark = Mark::Derived;
pub(crate) const SOURCE: &str =
    "NVIDIA's image repository, NVIDIA_REQUIRE_CUDA of the images of that CUDA";

/// Ascending.
pub(crate) const ROWS: &[Row] = &[
    Row {
        branch: 455,
        bases: &[418, 450],
    },
    Row {
        branch: 460,
        bases: &[418, 440, 450],
    },
    Row {
        branch: 465,
        bases: &[418, 440],
    },
    Row {
        branch: 470,
        bases: &[418, 440, 450, 460],
    },
    Row {
        branch: 495,
        bases: &[418, 440, 450, 460, 470],
    },
    Row {
        branch: 510,
        bases: &[418, 440, 450, 460, 470],
    },
    Row {
        branch: 515,
        bases: &[450, 470, 510],
    },
    Row {
        branch: 530,
        bases: &[470, 525],
    },
    Row {
        branch: 545,
        bases: &[470, 525, 535],
    },
    Row {
        branch: 550,
        bases: &[470, 525, 535],
    },
    Row {
        branch: 555,
        bases: &[470, 535, 550],
    },
    Row {
        branch: 560,
        bases: &[470, 535, 550],
    },
    Row {
        branch: 570,
        bases: &[470, 535, 550, 560, 565],
    },
];

/// The branches whose kernel modules the libraries of `branch` work with; `None`: not known.
pub(crate) fn bases(branch: u16) -> Option<&'static [u16]> {
    let row = ROWS.iter().find(|row| row.branch == branch);
    row.map(|row| row.bases)
        .or_else(|| crate::forward_base_branches(branch.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::branches;

    #[test]
    fn from_older_to_newer_and_in_one_table_only() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].branch < pair[1].branch);
        }
        for row in ROWS {
            assert_eq!(
                crate::forward_base_branches(row.branch.into()),
                None,
                "{}",
                row.branch
            );
            assert!(
                row.bases.windows(2).all(|pair| pair[0] < pair[1]),
                "{}",
                row.branch
            );
            for known in row.bases.iter().chain([&row.branch]) {
                assert!(*known <= row.branch);
                assert!(
                    branches::ROWS.iter().any(|branch| branch.branch == *known),
                    "{known}"
                );
            }
        }
    }
}
