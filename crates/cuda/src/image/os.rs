//! The operating systems of images.

use crate::tables::image_os::{ROWS, Row};
use std::fmt;

/// An operating system that `nvidia/cuda` is, or was, made on. Families, in them the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the distributions")]
pub enum Os {
    Ubuntu2604,
    Ubuntu2404,
    Ubuntu2204,
    Ubuntu2004,
    Ubuntu1804,
    Ubuntu1604,
    Ubi10,
    Ubi9,
    Ubi8,
    Ubi7,
    Rocky10,
    Rocky9,
    Rocky8,
    Oracle9,
    Oracle8,
    Centos8,
    Centos7,
    Mariner2,
    Azure3,
    Amazon2023,
    Suse15,
    Suse16,
}

/// What installs packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the programs")]
pub enum PackageManager {
    Apt,
    Dnf,
    Yum,
    Tdnf,
    Zypper,
}

impl PackageManager {
    /// Its command.
    pub fn command(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Yum => "yum",
            Self::Tdnf => "tdnf",
            Self::Zypper => "zypper",
        }
    }

    /// Whether `command` works in such an image: `yum` is another name of `dnf` there, `apt` of `apt-get`.
    pub fn answers_to(self, command: &str) -> bool {
        match command {
            "apt" | "apt-get" => self == Self::Apt,
            "yum" => matches!(self, Self::Yum | Self::Dnf),
            other => other == self.command(),
        }
    }
}

/// Names that people write for an operating system, without blanks, dots and case.
const OTHER_NAMES: &[(&str, Os)] = &[
    ("ubuntu26", Os::Ubuntu2604),
    ("ubuntu24", Os::Ubuntu2404),
    ("noble", Os::Ubuntu2404),
    ("ubuntu22", Os::Ubuntu2204),
    ("jammy", Os::Ubuntu2204),
    ("ubuntu20", Os::Ubuntu2004),
    ("focal", Os::Ubuntu2004),
    ("ubuntu18", Os::Ubuntu1804),
    ("bionic", Os::Ubuntu1804),
    ("ubuntu16", Os::Ubuntu1604),
    ("xenial", Os::Ubuntu1604),
    ("rhel10", Os::Ubi10),
    ("rhel9", Os::Ubi9),
    ("rhel8", Os::Ubi8),
    ("rhel7", Os::Ubi7),
    ("rocky10", Os::Rocky10),
    ("rocky9", Os::Rocky9),
    ("rocky8", Os::Rocky8),
    ("oracle9", Os::Oracle9),
    ("ol9", Os::Oracle9),
    ("oracle8", Os::Oracle8),
    ("ol8", Os::Oracle8),
    ("mariner2", Os::Mariner2),
    ("cblmariner2", Os::Mariner2),
    ("azurelinux3", Os::Azure3),
    ("amazonlinux2023", Os::Amazon2023),
    ("al2023", Os::Amazon2023),
    ("opensuseleap15", Os::Suse15),
    ("sles16", Os::Suse16),
];

impl Os {
    /// Every one, families together, in them the newest first.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.os)
    }

    fn row(self) -> &'static Row {
        // In the order of the enum, which a test of the table holds it to.
        &ROWS[self as usize]
    }

    /// As tags spell it: `ubuntu22.04`, `rockylinux9`, `cm2`.
    pub fn tag(self) -> &'static str {
        self.row().tag
    }

    /// What installs packages there.
    pub fn package_manager(self) -> PackageManager {
        self.row().package_manager
    }

    /// Its version of glibc.
    pub fn glibc(self) -> (u16, u16) {
        self.row().glibc
    }

    /// Whether it is an Ubuntu.
    pub fn is_ubuntu(self) -> bool {
        self.package_manager() == PackageManager::Apt
    }

    /// As tags spell it, letter by letter.
    pub fn of_tag(text: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.tag == text).map(|row| row.os)
    }

    /// As people write it: `ubuntu2204`, `Ubuntu22.04`, `jammy`, `rocky9`, `ubi9.4`.
    pub fn of_name(text: &str) -> Option<Self> {
        if text.len() > 32 || text.ends_with('.') {
            return None;
        }
        let plain = |text: &str| text.to_ascii_lowercase().replace(['.', '_'], "");
        let wanted = plain(text);
        let by_tag = ROWS.iter().find(|row| plain(row.tag) == wanted);
        let by_name = || OTHER_NAMES.iter().find(|(name, _)| *name == wanted);
        let found = by_tag
            .map(|row| row.os)
            .or_else(|| by_name().map(|(_, os)| *os));
        // A point release of a distribution whose tags have the major number only.
        found.or_else(|| {
            let (major, minor) = text.rsplit_once('.')?;
            let is_number = !minor.is_empty() && minor.bytes().all(|one| one.is_ascii_digit());
            let os = Self::of_name(major).filter(|os| is_number && !os.is_ubuntu())?;
            Some(os)
        })
    }
}

impl fmt::Display for Os {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (at, os) in Os::all().enumerate() {
            assert_eq!(os as usize, at, "{os}");
            assert_eq!(Os::of_tag(os.tag()), Some(os));
            assert_eq!(Os::of_name(os.tag()), Some(os));
        }
        assert_eq!(Os::Suse16 as usize + 1, Os::all().count());
    }

    #[test]
    fn as_people_write_them() {
        for (text, os) in [
            ("ubuntu2204", Os::Ubuntu2204),
            ("Ubuntu22.04", Os::Ubuntu2204),
            ("ubuntu22", Os::Ubuntu2204),
            ("jammy", Os::Ubuntu2204),
            ("rocky9", Os::Rocky9),
            ("rockylinux9.4", Os::Rocky9),
            ("ubi9.4", Os::Ubi9),
            ("centos7.9", Os::Centos7),
            ("opensuse15.6", Os::Suse15),
        ] {
            assert_eq!(Os::of_name(text), Some(os), "{text}");
            assert_eq!(Os::of_tag(text), None, "{text}");
        }
        for text in [
            "",
            "ubuntu",
            "ubuntu21.04",
            "ubuntu22.10",
            "debian12",
            "alpine",
            "9",
            "ubi9.",
            "ubuntu22.04.3",
        ] {
            assert_eq!(Os::of_name(text), None, "{text}");
        }
    }

    #[test]
    fn other_names_are_no_tags_and_lead_to_one() {
        for (name, os) in OTHER_NAMES {
            assert_eq!(Os::of_tag(name), None, "{name}");
            assert_eq!(Os::of_name(name), Some(*os), "{name}");
            assert_eq!(
                OTHER_NAMES.iter().filter(|other| other.0 == *name).count(),
                1
            );
        }
    }

    #[test]
    fn commands() {
        assert!(PackageManager::Dnf.answers_to("yum") && PackageManager::Apt.answers_to("apt"));
        assert!(
            !PackageManager::Yum.answers_to("dnf") && !PackageManager::Dnf.answers_to("apt-get")
        );
        assert!(
            !PackageManager::Tdnf.answers_to("yum") && PackageManager::Zypper.answers_to("zypper")
        );
    }
}
