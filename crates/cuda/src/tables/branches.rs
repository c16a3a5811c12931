//! Branches of the Linux driver: the CUDA version that each reports, and until when NVIDIA maintains it.
//!
//! Sources: the toolkit that a branch was released with ([`super::toolkits`]), of which the driver reports the version;
//! *NVIDIA Data Center Drivers*, "Supported Drivers and CUDA Toolkit Versions", in two states (the end of 2025, and with
//! R615), and the support document of March 2021. A branch that no page has any longer has ended.

use crate::mark::Mark;

/// How long NVIDIA maintains a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BranchKind {
    /// Three years.
    LongTerm,
    /// One year.
    Production,
    /// Until the next one.
    NewFeature,
}

/// When a branch ends, or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndOfLife {
    /// In this year and month.
    In(u16, u8),
    /// It has ended; nobody looked up when.
    Past,
}

/// A branch.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) branch: u16,
    /// Major and minor; bytes, as the executable that decides container starts carries this part.
    pub(crate) cuda: (u8, u8),
    pub(crate) cuda_mark: Mark,
    pub(crate) kind: BranchKind,
    pub(crate) end: EndOfLife,
    pub(crate) end_mark: Mark,
}

use BranchKind::{LongTerm, NewFeature, Production};
use EndOfLife::{In, Past};
use Mark::{Derived, Secondary, Unverified, Verified};

pub(crate) const SOURCE: &str = "NVIDIA Data Center Drivers, \"Supported Drivers and CUDA Toolkit Versions\"; CUDA Toolkit release notes";

const fn row(
    branch: u16,
    cuda: (u8, u8),
    cuda_mark: Mark,
    kind: BranchKind,
    end: EndOfLife,
    end_mark: Mark,
) -> Row {
    Row {
        branch,
        cuda,
        cuda_mark,
        kind,
        end,
        end_mark,
    }
}

/// Ascending.
#[rustfmt::skip] // one branch a line
pub(crate) const ROWS: &[Row] = &[
    row(367, (8, 0), Derived, NewFeature, Past, Unverified),
    row(375, (8, 0), Derived, NewFeature, Past, Unverified),
    row(384, (9, 0), Derived, LongTerm, Past, Unverified),
    row(390, (9, 1), Derived, LongTerm, Past, Unverified),
    row(396, (9, 2), Derived, NewFeature, Past, Unverified),
    row(410, (10, 0), Derived, Production, Past, Unverified),
    row(418, (10, 1), Derived, LongTerm, In(2022, 3), Verified),
    row(430, (10, 1), Unverified, NewFeature, Past, Unverified),
    row(440, (10, 2), Derived, NewFeature, In(2020, 11), Verified),
    row(450, (11, 0), Derived, LongTerm, In(2023, 7), Verified),
    row(455, (11, 1), Derived, NewFeature, Past, Unverified),
    row(460, (11, 2), Derived, Production, In(2022, 1), Verified),
    row(465, (11, 3), Derived, NewFeature, Past, Unverified),
    row(470, (11, 4), Derived, LongTerm, In(2024, 7), Verified),
    row(495, (11, 5), Derived, NewFeature, Past, Unverified),
    row(510, (11, 6), Verified, Production, Past, Verified),
    row(515, (11, 7), Derived, Production, Past, Verified),
    row(520, (11, 8), Derived, NewFeature, Past, Unverified),
    row(525, (12, 0), Derived, Production, Past, Verified),
    row(530, (12, 1), Derived, NewFeature, Past, Unverified),
    row(535, (12, 2), Derived, LongTerm, In(2026, 6), Verified),
    row(545, (12, 3), Derived, NewFeature, Past, Unverified),
    row(550, (12, 4), Verified, Production, Past, Verified),
    row(555, (12, 5), Secondary, NewFeature, Past, Unverified),
    row(560, (12, 6), Derived, NewFeature, Past, Unverified),
    row(565, (12, 7), Verified, NewFeature, Past, Verified),
    row(570, (12, 8), Verified, Production, In(2026, 2), Verified),
    row(575, (12, 9), Derived, NewFeature, Past, Verified),
    // The newer of NVIDIA's pages has June 2028, the older one August.
    row(580, (13, 0), Derived, LongTerm, In(2028, 6), Verified),
    row(590, (13, 1), Derived, NewFeature, Past, Derived),
    row(595, (13, 2), Derived, Production, In(2027, 3), Verified),
    row(610, (13, 3), Secondary, NewFeature, In(2026, 8), Verified),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::toolkits;

    #[test]
    fn newer_branches_report_no_older_cuda() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].branch < pair[1].branch, "{}", pair[1].branch);
            assert!(pair[0].cuda <= pair[1].cuda, "{}", pair[1].branch);
        }
    }

    #[test]
    fn ends_are_dates() {
        for row in ROWS {
            match row.end {
                In(year, month) => {
                    assert!((2020..2030).contains(&year) && (1..13).contains(&month));
                    assert_eq!(row.end_mark, Verified, "{}", row.branch);
                }
                Past => {}
            }
        }
    }

    /// Each branch of a toolkit is here, and all the others came with none: 367 and 375 with patches, 430, 565.
    #[test]
    fn branches_of_toolkits() {
        for toolkit in toolkits::ROWS {
            let branch = toolkit
                .driver
                .split('.')
                .next()
                .unwrap()
                .parse::<u16>()
                .unwrap();
            let row = ROWS.iter().find(|row| row.branch == branch).unwrap();
            let own = (u16::from(row.cuda.0), u16::from(row.cuda.1));
            assert_eq!(
                own,
                (toolkit.release.major, toolkit.release.minor),
                "{branch}"
            );
        }
        let without: Vec<u16> = ROWS
            .iter()
            .filter(|row| {
                let start = format!("{}.", row.branch);
                !toolkits::ROWS
                    .iter()
                    .any(|toolkit| toolkit.driver.starts_with(&start))
            })
            .map(|row| row.branch)
            .collect();
        assert_eq!(without, [430, 565]);
    }
}
