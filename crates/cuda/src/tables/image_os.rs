//! The operating systems that `nvidia/cuda` is made on.
//!
//! Source: the distribution folders of NVIDIA's image repository (gitlab.com/nvidia/container-images/cuda) and the
//! `FROM` lines in them. No Debian and no Alpine has ever been among them.

use crate::image::{Os, PackageManager};
use crate::mark::Mark;

pub(crate) const SOURCE: &str = "NVIDIA's image repository, folders and FROM lines of dist/";

/// An operating system, and what its images are built with.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) os: Os,
    /// As tags spell it.
    pub(crate) tag: &'static str,
    pub(crate) package_manager: PackageManager,
    /// The version of glibc: wheels ask for one.
    pub(crate) glibc: (u16, u16),
    pub(crate) mark: Mark,
}

const fn row(os: Os, tag: &'static str, package_manager: PackageManager, glibc: (u16, u16)) -> Row {
    Row {
        os,
        tag,
        package_manager,
        glibc,
        // The tag and the package manager are verified; the version of glibc is the distribution's.
        mark: Mark::Verified,
    }
}

/// In the order of [`Os`]: families, the newest first.
#[rustfmt::skip] // one system a line
pub(crate) const ROWS: &[Row] = &[
    Row { mark: Mark::Secondary, ..row(Os::Ubuntu2604, "ubuntu26.04", PackageManager::Apt, (2, 43)) },
    row(Os::Ubuntu2404, "ubuntu24.04", PackageManager::Apt, (2, 39)),
    row(Os::Ubuntu2204, "ubuntu22.04", PackageManager::Apt, (2, 35)),
    row(Os::Ubuntu2004, "ubuntu20.04", PackageManager::Apt, (2, 31)),
    row(Os::Ubuntu1804, "ubuntu18.04", PackageManager::Apt, (2, 27)),
    row(Os::Ubuntu1604, "ubuntu16.04", PackageManager::Apt, (2, 23)),
    row(Os::Ubi10, "ubi10", PackageManager::Dnf, (2, 39)),
    row(Os::Ubi9, "ubi9", PackageManager::Dnf, (2, 34)),
    row(Os::Ubi8, "ubi8", PackageManager::Dnf, (2, 28)),
    row(Os::Ubi7, "ubi7", PackageManager::Yum, (2, 17)),
    row(Os::Rocky10, "rockylinux10", PackageManager::Dnf, (2, 39)),
    row(Os::Rocky9, "rockylinux9", PackageManager::Dnf, (2, 34)),
    row(Os::Rocky8, "rockylinux8", PackageManager::Dnf, (2, 28)),
    row(Os::Oracle9, "oraclelinux9", PackageManager::Dnf, (2, 34)),
    row(Os::Oracle8, "oraclelinux8", PackageManager::Dnf, (2, 28)),
    row(Os::Centos8, "centos8", PackageManager::Dnf, (2, 28)),
    row(Os::Centos7, "centos7", PackageManager::Yum, (2, 17)),
    row(Os::Mariner2, "cm2", PackageManager::Tdnf, (2, 35)),
    row(Os::Azure3, "azl3", PackageManager::Tdnf, (2, 38)),
    row(Os::Amazon2023, "amzn2023", PackageManager::Dnf, (2, 34)),
    row(Os::Suse15, "opensuse15", PackageManager::Zypper, (2, 38)),
    row(Os::Suse16, "suse16", PackageManager::Zypper, (2, 40)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_each_in_order() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].os < pair[1].os, "{:?}", pair[1].os);
        }
        for row in ROWS {
            let same = ROWS.iter().filter(|other| other.tag == row.tag);
            assert_eq!(same.count(), 1, "{}", row.tag);
            assert!((2, 17) <= row.glibc && row.glibc < (3, 0), "{}", row.tag);
            assert!(row.mark <= Mark::Secondary);
        }
    }
}
