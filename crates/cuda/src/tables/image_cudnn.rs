//! The cuDNN inside the images that have one.
//!
//! Source: `NV_CUDNN_VERSION` of the Dockerfiles in NVIDIA's image repository. Images are rebuilt: what was pulled years
//! ago under the same tag may have an older one, and `NV_CUDNN_VERSION` in the image's environment says which.

use crate::mark::Mark;
use crate::release::Release;

/// A release and its cuDNN.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) release: Release,
    pub(crate) cudnn: &'static str,
    pub(crate) mark: Mark,
    pub(crate) source: &'static str,
}

const DOCKERFILES: &str = "NVIDIA's image repository, Dockerfiles of the release";

const fn verified(release: (u16, u16, u16), cudnn: &'static str) -> Row {
    Row {
        release: Release::new(release.0, release.1, release.2),
        cudnn,
        mark: Mark::Verified,
        source: DOCKERFILES,
    }
}

/// Ascending. The images of 11.8.0 on Ubuntu 18.04 stayed at 8.6.0.163, those of 11.4.3 on arm64 at 8.2.4.12.
pub(crate) const ROWS: &[Row] = &[
    verified((11, 0, 3), "8.0.5.39"),
    verified((11, 1, 1), "8.0.5.39"),
    verified((11, 2, 0), "8.1.1.33"),
    verified((11, 2, 1), "8.1.1.33"),
    verified((11, 2, 2), "8.1.1.33"),
    verified((11, 3, 0), "8.2.0.53"),
    verified((11, 3, 1), "8.2.1.32"),
    verified((11, 4, 0), "8.2.4.15"),
    verified((11, 4, 1), "8.2.4.15"),
    verified((11, 4, 2), "8.2.4.15"),
    verified((11, 4, 3), "8.2.4.15"),
    verified((11, 5, 0), "8.3.3.40"),
    verified((11, 5, 1), "8.3.3.40"),
    verified((11, 5, 2), "8.3.3.40"),
    verified((11, 6, 0), "8.4.0.27"),
    verified((11, 6, 1), "8.4.0.27"),
    verified((11, 6, 2), "8.4.0.27"),
    verified((11, 7, 0), "8.5.0.96"),
    verified((11, 7, 1), "8.5.0.96"),
    verified((11, 8, 0), "8.9.6.50"),
    verified((12, 0, 0), "8.8.0.121"),
    verified((12, 0, 1), "8.8.0.121"),
    verified((12, 1, 0), "8.9.0.131"),
    verified((12, 1, 1), "8.9.0.131"),
    verified((12, 2, 2), "8.9.6.50"),
    verified((12, 3, 2), "9.0.0.312"),
    verified((12, 4, 1), "9.1.0.70"),
    verified((12, 5, 1), "9.2.1.18"),
    verified((12, 6, 0), "9.3.0.75"),
    verified((12, 6, 1), "9.3.0.75"),
    verified((12, 6, 2), "9.5.0.50"),
    verified((12, 6, 3), "9.5.1.17"),
    verified((12, 8, 0), "9.7.0.66"),
    verified((12, 8, 1), "9.8.0.87"),
    verified((12, 9, 0), "9.9.0.52"),
    verified((12, 9, 1), "9.10.2.21"),
    verified((13, 0, 0), "9.12.0.46"),
    verified((13, 0, 1), "9.13.0.50"),
    verified((13, 0, 3), "9.14.0.64"),
    verified((13, 1, 1), "9.17.1.4"),
    verified((13, 2, 1), "9.20.0.48"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare_versions;
    use crate::tables::image_tags;
    use std::cmp::Ordering;

    #[test]
    fn releases_ascend_and_within_a_major_so_does_cudnn() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].release < pair[1].release, "{}", pair[1].release);
            let order = compare_versions(pair[0].cudnn, pair[1].cudnn);
            // 11.8.0 was rebuilt long after 12.0.1.
            let is_rebuilt = pair[0].release == Release::new(11, 8, 0);
            assert_eq!(
                order == Some(Ordering::Greater),
                is_rebuilt,
                "{}",
                pair[1].release
            );
        }
        for row in ROWS {
            assert!(row.cudnn.split('.').count() == 4 && !row.source.is_empty());
            assert_eq!(row.mark, Mark::Verified);
        }
    }

    /// Every listed release with cuDNN is here, and nothing else of that time.
    #[test]
    fn as_many_as_there_are_images() {
        let has_cudnn = |release| {
            let mut rows = image_tags::ROWS.iter().filter(|row| row.release == release);
            rows.any(|row| !row.with_cudnn.is_empty())
        };
        for row in ROWS {
            assert!(has_cudnn(row.release), "{}", row.release);
        }
        for row in image_tags::ROWS {
            let is_here = ROWS.iter().any(|other| other.release == row.release);
            if row.listing != image_tags::Listing::Later && has_cudnn(row.release) {
                assert!(is_here, "{}", row.release);
            }
        }
    }
}
