//! The releases of the CUDA toolkit, and the driver that each was released with (Linux).
//!
//! Source: *CUDA Toolkit Release Notes*, table "CUDA Toolkit and Corresponding Driver Versions". This driver needs
//! neither minor-version nor forward compatibility; it is not the oldest that the toolkit runs on, which is the matter
//! of [`crate::minor_version_floor`]. There has never been a CUDA 12.7: the driver branch 565 reports it, and no
//! toolkit followed.

use crate::mark::Mark;
use crate::release::Release;

/// A release and its driver.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) release: Release,
    pub(crate) driver: &'static str,
    pub(crate) mark: Mark,
    pub(crate) source: &'static str,
}

const NOTES: &str = "CUDA Toolkit release notes of 13.2 Update 2, table of toolkits and drivers";
const QUOTED: &str = "projects that quote the CUDA Toolkit release notes of 13.3";

const fn row(release: (u16, u16, u16), driver: &'static str) -> Row {
    Row {
        release: Release::new(release.0, release.1, release.2),
        driver,
        mark: Mark::Verified,
        source: NOTES,
    }
}

/// Ascending. Releases of CUDA 10 and before are known by a build number instead of a patch.
#[rustfmt::skip] // one release a line
pub(crate) const ROWS: &[Row] = &[
    row((8, 0, 44), "367.48"),
    row((8, 0, 61), "375.26"),
    row((9, 0, 76), "384.81"),
    row((9, 1, 85), "390.46"),
    row((9, 2, 88), "396.26"),
    row((9, 2, 148), "396.37"),
    row((10, 0, 130), "410.48"),
    row((10, 1, 105), "418.39"),
    row((10, 2, 89), "440.33"),
    row((11, 0, 2), "450.51.05"),
    row((11, 0, 3), "450.51.06"),
    row((11, 1, 0), "455.23"),
    row((11, 1, 1), "455.32"),
    row((11, 2, 0), "460.27.03"),
    row((11, 2, 1), "460.32.03"),
    row((11, 2, 2), "460.32.03"),
    row((11, 3, 0), "465.19.01"),
    row((11, 3, 1), "465.19.01"),
    row((11, 4, 0), "470.42.01"),
    row((11, 4, 1), "470.57.02"),
    row((11, 4, 2), "470.57.02"),
    row((11, 4, 3), "470.82.01"),
    row((11, 4, 4), "470.82.01"),
    row((11, 5, 0), "495.29.05"),
    row((11, 5, 1), "495.29.05"),
    row((11, 5, 2), "495.29.05"),
    row((11, 6, 0), "510.39.01"),
    row((11, 6, 1), "510.47.03"),
    row((11, 6, 2), "510.47.03"),
    row((11, 7, 0), "515.43.04"),
    row((11, 7, 1), "515.48.07"),
    row((11, 8, 0), "520.61.05"),
    row((12, 0, 0), "525.60.13"),
    row((12, 0, 1), "525.85.12"),
    row((12, 1, 0), "530.30.02"),
    row((12, 1, 1), "530.30.02"),
    row((12, 2, 0), "535.54.03"),
    row((12, 2, 1), "535.86.09"),
    row((12, 2, 2), "535.104.05"),
    row((12, 3, 0), "545.23.06"),
    row((12, 3, 1), "545.23.08"),
    row((12, 4, 0), "550.54.14"),
    row((12, 4, 1), "550.54.15"),
    row((12, 5, 0), "555.42.02"),
    row((12, 5, 1), "555.42.06"),
    row((12, 6, 0), "560.28.03"),
    row((12, 6, 1), "560.35.03"),
    row((12, 6, 2), "560.35.03"),
    row((12, 6, 3), "560.35.05"),
    row((12, 8, 0), "570.26"),
    row((12, 8, 1), "570.124.06"),
    row((12, 9, 0), "575.51.03"),
    row((12, 9, 1), "575.57.08"),
    row((13, 0, 0), "580.65.06"),
    row((13, 0, 1), "580.82.07"),
    row((13, 0, 2), "580.95.05"),
    row((13, 1, 0), "590.44.01"),
    row((13, 1, 1), "590.48.01"),
    row((13, 2, 0), "595.45.04"),
    row((13, 2, 1), "595.58.03"),
    row((13, 2, 2), "595.71.05"),
    Row { mark: Mark::Secondary, source: QUOTED, ..row((13, 3, 0), "610.43.02") },
    Row { mark: Mark::Secondary, source: QUOTED, ..row((13, 3, 1), "610.43.02") },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare_versions;
    use std::cmp::Ordering;

    #[test]
    fn releases_ascend_and_no_driver_is_older_than_the_one_before() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].release < pair[1].release, "{}", pair[1].release);
            let order = compare_versions(pair[0].driver, pair[1].driver);
            assert!(order.is_some_and(Ordering::is_le), "{}", pair[1].release);
        }
        for row in ROWS {
            assert!(!row.source.is_empty());
        }
    }

    /// What the branch of the driver reports is the version of the toolkit that it came with.
    #[test]
    fn drivers_report_their_toolkit() {
        for row in ROWS {
            let reported = crate::cuda_of_driver(row.driver);
            let own = (u32::from(row.release.major), u32::from(row.release.minor));
            assert_eq!(reported, Some(own), "{}", row.release);
        }
    }
}
