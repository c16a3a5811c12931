//! Which tags of `nvidia/cuda` there are, and were.
//!
//! Every release has the three flavours on each operating system that it was built for; whether it has cuDNN too, and
//! how that is spelled, is in the rows. Up to 13.0.0 the rows are NVIDIA's own lists, `doc/supported-tags.md` and
//! `doc/unsupported-tags.md` of the image repository, read in each of their states from 2019 to August 2025: complete,
//! so what is in no row never existed. A release that an earlier list had and the last two have not is *delisted*; the
//! second calls its tags those that still exist.
//!
//! Later releases were put together from what uses them, and are not complete: what is missing there is not known.

use crate::image::{CudnnSpelling, Os};
use crate::mark::Mark;
use crate::release::Release;
use CudnnSpelling::{Eight as EIGHT, Nine as NINE, Plain as PLAIN};
use Os::{
    Amazon2023, Azure3, Centos7, Centos8, Mariner2, Oracle8, Oracle9, Rocky8, Rocky9, Rocky10,
    Suse15, Suse16, Ubi7, Ubi8, Ubi9, Ubi10, Ubuntu1604, Ubuntu1804, Ubuntu2004, Ubuntu2204,
    Ubuntu2404, Ubuntu2604,
};

const LISTS: &str =
    "NVIDIA's image repository, doc/supported-tags.md and doc/unsupported-tags.md, to 2025-08-18";
const MANIFEST: &str = "NVIDIA's image repository, manifests/cuda.yaml, in the middle of 2026";
const COG: &str = "replicate/cog, pkg/config/cuda_compatibility.json, June 2026";
const USERS: &str = "public Dockerfiles, some with digests, up to September 2026";

/// The last release that the complete lists have.
pub(crate) const COMPLETE_TO: Release = Release::new(13, 0, 0);

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// In the lists of August 2025.
    Listed,
    /// In earlier lists only.
    Delisted,
    /// Newer than the lists.
    Later,
}

/// A release on some operating systems.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) release: Release,
    pub(crate) spelling: CudnnSpelling,
    /// Where it exists with cuDNN and without.
    pub(crate) with_cudnn: &'static [Os],
    /// Where it exists without cuDNN only.
    pub(crate) without_cudnn: &'static [Os],
    pub(crate) listing: Listing,
    pub(crate) mark: Mark,
    pub(crate) source: &'static str,
}

type Oses = &'static [Os];

const fn row(
    release: (u16, u16, u16),
    spelling: CudnnSpelling,
    with_cudnn: Oses,
    without_cudnn: Oses,
    listing: Listing,
    mark: Mark,
    source: &'static str,
) -> Row {
    Row {
        release: Release::new(release.0, release.1, release.2),
        spelling,
        with_cudnn,
        without_cudnn,
        listing,
        mark,
        source,
    }
}

const fn listed(
    release: (u16, u16, u16),
    spelling: CudnnSpelling,
    with_cudnn: Oses,
    without_cudnn: Oses,
) -> Row {
    row(
        release,
        spelling,
        with_cudnn,
        without_cudnn,
        Listing::Listed,
        Mark::Verified,
        LISTS,
    )
}

const fn delisted(
    release: (u16, u16, u16),
    spelling: CudnnSpelling,
    with_cudnn: Oses,
    without_cudnn: Oses,
) -> Row {
    row(
        release,
        spelling,
        with_cudnn,
        without_cudnn,
        Listing::Delisted,
        Mark::Verified,
        LISTS,
    )
}

const fn later(
    release: (u16, u16, u16),
    with_cudnn: Oses,
    without_cudnn: Oses,
    mark: Mark,
    source: &'static str,
) -> Row {
    row(
        release,
        PLAIN,
        with_cudnn,
        without_cudnn,
        Listing::Later,
        mark,
        source,
    )
}

/// Ascending by release; what is listed before what is delisted, what is known better before what is known less.
#[rustfmt::skip] // one release a line
pub(crate) const ROWS: &[Row] = &[
    listed((11, 0, 3), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubuntu1604, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    delisted((11, 0, 3), EIGHT, &[Centos8], &[]),
    listed((11, 1, 1), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubuntu1604, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    delisted((11, 1, 1), EIGHT, &[Centos8], &[]),
    delisted((11, 2, 0), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubuntu1604, Ubi8, Ubi7, Rocky8, Centos8, Centos7], &[]),
    delisted((11, 2, 1), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubuntu1604, Ubi8, Ubi7, Rocky8, Centos8, Centos7], &[]),
    listed((11, 2, 2), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubuntu1604, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    delisted((11, 2, 2), EIGHT, &[Centos8], &[]),
    delisted((11, 3, 0), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubuntu1604, Ubi8, Ubi7, Rocky8, Centos8, Centos7], &[]),
    listed((11, 3, 1), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubuntu1604, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    delisted((11, 3, 1), EIGHT, &[Centos8], &[]),
    delisted((11, 4, 0), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos8, Centos7], &[]),
    delisted((11, 4, 1), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos8, Centos7], &[]),
    delisted((11, 4, 2), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos8, Centos7], &[]),
    listed((11, 4, 3), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    delisted((11, 4, 3), EIGHT, &[Centos8], &[]),
    delisted((11, 5, 0), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos8, Centos7], &[]),
    delisted((11, 5, 1), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos8, Centos7], &[]),
    listed((11, 5, 2), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    delisted((11, 6, 0), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos7], &[Centos8]),
    listed((11, 6, 1), EIGHT, &[Ubuntu2004, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    delisted((11, 6, 1), EIGHT, &[Ubuntu1804], &[]),
    listed((11, 6, 2), EIGHT, &[Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    delisted((11, 7, 0), EIGHT, &[Ubuntu2204, Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    listed((11, 7, 1), EIGHT, &[Ubuntu2204, Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    listed((11, 8, 0), EIGHT, &[Ubuntu2204, Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    listed((12, 0, 0), EIGHT, &[Ubuntu2204, Ubuntu2004, Ubuntu1804, Ubi8, Ubi7, Rocky8, Centos7], &[]),
    listed((12, 0, 1), EIGHT, &[Ubuntu2204, Ubuntu2004, Ubuntu1804, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7], &[]),
    listed((12, 1, 0), EIGHT, &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7], &[Ubuntu1804]),
    listed((12, 1, 1), EIGHT, &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7], &[]),
    listed((12, 2, 0), PLAIN, &[], &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7]),
    listed((12, 2, 2), EIGHT, &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7], &[]),
    listed((12, 3, 0), PLAIN, &[], &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7]),
    listed((12, 3, 1), PLAIN, &[], &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7]),
    listed((12, 3, 2), NINE, &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7], &[]),
    listed((12, 4, 0), PLAIN, &[], &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Ubi7, Rocky9, Rocky8, Centos7]),
    listed((12, 4, 1), PLAIN, &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8], &[]),
    listed((12, 5, 0), PLAIN, &[], &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8]),
    listed((12, 5, 1), PLAIN, &[Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8], &[Ubuntu2404]),
    listed((12, 6, 0), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8], &[Mariner2, Amazon2023]),
    listed((12, 6, 1), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8], &[Mariner2, Amazon2023]),
    listed((12, 6, 2), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8], &[Mariner2, Amazon2023]),
    listed((12, 6, 3), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8], &[Mariner2, Amazon2023]),
    listed((12, 8, 0), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8, Oracle9, Oracle8], &[Mariner2, Amazon2023]),
    listed((12, 8, 1), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8, Oracle9, Oracle8], &[Mariner2, Amazon2023]),
    later((12, 8, 2), &[], &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Amazon2023], Mark::Secondary, COG),
    listed((12, 9, 0), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8, Oracle9, Oracle8], &[Mariner2, Azure3, Amazon2023]),
    listed((12, 9, 1), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubuntu2004, Ubi9, Ubi8, Rocky9, Rocky8, Oracle9, Oracle8], &[Mariner2, Azure3, Amazon2023]),
    later((12, 9, 2), &[Ubuntu2404, Ubuntu2204, Ubuntu2004], &[], Mark::Secondary, USERS),
    listed((13, 0, 0), PLAIN, &[Ubuntu2404, Ubuntu2204, Ubi9, Ubi8, Rocky9, Rocky8, Oracle9, Oracle8, Suse15], &[Ubi10, Rocky10, Mariner2, Azure3, Amazon2023]),
    later((13, 0, 1), &[Ubuntu2404, Ubuntu2204, Ubi9], &[Mariner2], Mark::Verified, MANIFEST),
    later((13, 0, 1), &[Ubi10, Rocky10], &[], Mark::Verified, MANIFEST),
    later((13, 0, 1), &[Ubi8, Rocky9, Rocky8, Oracle9, Oracle8, Suse15], &[Azure3, Amazon2023], Mark::Derived, MANIFEST),
    later((13, 0, 2), &[Ubuntu2404, Ubuntu2204, Ubi9], &[], Mark::Verified, MANIFEST),
    later((13, 0, 2), &[Ubi8, Rocky9, Rocky8, Oracle9, Oracle8, Suse15], &[Azure3, Amazon2023], Mark::Derived, MANIFEST),
    later((13, 0, 3), &[Ubuntu2404, Ubuntu2204, Ubi9], &[], Mark::Verified, MANIFEST),
    later((13, 0, 3), &[Ubi8, Rocky9, Rocky8, Oracle9, Oracle8, Suse15], &[Azure3, Amazon2023], Mark::Derived, MANIFEST),
    later((13, 1, 0), &[], &[Ubuntu2404, Ubuntu2204, Ubi10, Ubi9, Rocky10], Mark::Verified, MANIFEST),
    later((13, 1, 0), &[], &[Ubi8, Rocky9, Rocky8, Oracle9, Oracle8, Azure3, Amazon2023, Suse15], Mark::Derived, MANIFEST),
    later((13, 1, 1), &[Ubuntu2404, Ubuntu2204, Ubi9], &[], Mark::Verified, MANIFEST),
    later((13, 1, 1), &[Ubi8, Rocky9, Rocky8, Oracle9, Oracle8, Suse15], &[Azure3, Amazon2023], Mark::Derived, MANIFEST),
    later((13, 1, 2), &[Ubuntu2404, Ubuntu2204], &[], Mark::Verified, COG),
    later((13, 2, 0), &[Ubuntu2404, Ubuntu2204, Ubi10, Ubi9, Ubi8, Rocky10, Rocky9, Rocky8, Oracle9, Oracle8, Suse15], &[Azure3, Amazon2023, Suse16], Mark::Verified, MANIFEST),
    later((13, 2, 1), &[Ubuntu2404, Ubuntu2204, Ubi10, Ubi9, Ubi8, Rocky10, Rocky9, Rocky8, Oracle9, Oracle8, Suse15], &[Azure3, Amazon2023, Suse16], Mark::Verified, MANIFEST),
    later((13, 3, 0), &[Ubuntu2404, Ubuntu2204], &[Ubuntu2604], Mark::Secondary, USERS),
    later((13, 3, 1), &[Ubuntu2604, Ubuntu2404, Ubuntu2204, Ubi9, Rocky8], &[], Mark::Secondary, USERS),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn oses(row: &Row) -> impl Iterator<Item = Os> {
        row.with_cudnn.iter().chain(row.without_cudnn).copied()
    }

    #[test]
    fn releases_ascend_and_no_pair_is_there_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for pair in ROWS.windows(2) {
            assert!(pair[0].release <= pair[1].release, "{}", pair[1].release);
        }
        for row in ROWS {
            for os in oses(row) {
                assert!(seen.insert((row.release, os)), "{} {os}", row.release);
            }
            assert!(oses(row).next().is_some() && !row.source.is_empty());
            for list in [row.with_cudnn, row.without_cudnn] {
                assert!(
                    list.windows(2).all(|pair| pair[0] < pair[1]),
                    "{}",
                    row.release
                );
            }
        }
        assert!(seen.len() > 300);
    }

    #[test]
    fn the_lists_end_where_they_say() {
        for row in ROWS {
            // 12.8.2 and 12.9.2 came after 13.0.0.
            let is_newer = row.release > COMPLETE_TO
                || row.release.patch == 2 && matches!(row.release.minor, 8 | 9);
            assert_eq!(row.listing == Listing::Later, is_newer, "{}", row.release);
            assert_eq!(
                row.source == LISTS,
                row.listing != Listing::Later,
                "{}",
                row.release
            );
        }
    }

    #[test]
    fn cudnn_is_spelled_by_the_release() {
        for row in ROWS.iter().filter(|row| !row.with_cudnn.is_empty()) {
            let right = match row.release {
                release if release <= Release::new(12, 2, 2) => EIGHT,
                release if release == Release::new(12, 3, 2) => NINE,
                _ => PLAIN,
            };
            assert_eq!(row.spelling, right, "{}", row.release);
        }
    }

    #[test]
    fn some_never_have_cudnn() {
        for row in ROWS {
            for os in [Mariner2, Azure3, Amazon2023, Suse16] {
                assert!(!row.with_cudnn.contains(&os), "{} {os}", row.release);
            }
        }
    }
}
