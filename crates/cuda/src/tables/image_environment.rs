//! The search path of the loader that the images set.
//!
//! Source: `ENV LD_LIBRARY_PATH` of the `base` Dockerfiles, the same on every operating system of a release. It changed
//! twice, and an image of 12.8.1 to 12.9.x is the one in which a driver mounted to `/usr/local/nvidia` is found by
//! nothing but the loader's cache.

use crate::mark::Mark;
use crate::release::Release;

/// From which release on the variables have which value.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) from: Release,
    pub(crate) ld_library_path: &'static str,
    /// What stands before `${PATH}`.
    pub(crate) path: &'static str,
    pub(crate) mark: Mark,
    pub(crate) source: &'static str,
}

const DOCKERFILES: &str =
    "NVIDIA's image repository, base/Dockerfile of all releases from 11.4.3 to 13.0.0";

/// Ascending.
pub(crate) const ROWS: &[Row] = &[
    Row {
        from: Release::new(0, 0, 0),
        ld_library_path: "/usr/local/nvidia/lib:/usr/local/nvidia/lib64",
        path: "/usr/local/nvidia/bin:/usr/local/cuda/bin",
        mark: Mark::Verified,
        source: DOCKERFILES,
    },
    Row {
        from: Release::new(12, 8, 1),
        ld_library_path: "/usr/local/cuda/lib64",
        path: "/usr/local/cuda/bin",
        mark: Mark::Verified,
        source: DOCKERFILES,
    },
    Row {
        from: Release::new(13, 0, 0),
        ld_library_path: "/usr/local/nvidia/lib:/usr/local/nvidia/lib64:/usr/local/cuda/lib64",
        path: "/usr/local/nvidia/bin:/usr/local/cuda/bin",
        mark: Mark::Verified,
        source: DOCKERFILES,
    },
];

/// The row that holds for a release.
pub(crate) fn of(release: Release) -> &'static Row {
    let row = ROWS.iter().rfind(|row| row.from <= release);
    row.unwrap_or(&ROWS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_ascend_from_nothing() {
        assert_eq!(ROWS[0].from, Release::new(0, 0, 0));
        for pair in ROWS.windows(2) {
            assert!(pair[0].from < pair[1].from);
            assert_ne!(pair[0].ld_library_path, pair[1].ld_library_path);
        }
        for row in ROWS {
            assert!(row.mark == Mark::Verified && !row.source.is_empty());
        }
    }
}
