//! Versions of CDI, and the one that a specification needs.
//!
//! A reader that is older than the declared version refuses the whole file, and with it every device. So the
//! version to declare is the lowest that has every field in use, and a file that uses a field its version
//! does not have is refused, as every engine refuses it. 0.1.0 and 0.2.0 are known and too low: nothing
//! that they could describe has survived.

use std::fmt;
use std::str::FromStr;

use crate::model::{ContainerEdits, Line, Specification};
use crate::shown::Shown;

/// A version of CDI that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 0.3.0: the first that any engine still reads.
    V0_3,
    /// 0.4.0: `type` of mounts.
    V0_4,
    /// 0.5.0: `hostPath` of device nodes; device names that begin with a digit.
    V0_5,
    /// 0.6.0: annotations; a dot in a class.
    V0_6,
    /// 0.7.0: `intelRdt`, `additionalGids`.
    V0_7,
    /// 0.8.0: no new field.
    V0_8,
    /// 1.0.0: no new field.
    V1_0,
    /// 1.1.0: `netDevices`; `schemata` and `enableMonitoring`, in place of `enableCMT` and `enableMBM`.
    V1_1,
}

impl Version {
    /// Every version, from the lowest.
    pub const ALL: [Self; 8] = [
        Self::V0_3,
        Self::V0_4,
        Self::V0_5,
        Self::V0_6,
        Self::V0_7,
        Self::V0_8,
        Self::V1_0,
        Self::V1_1,
    ];

    /// As it is written in `cdiVersion`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::V0_3 => "0.3.0",
            Self::V0_4 => "0.4.0",
            Self::V0_5 => "0.5.0",
            Self::V0_6 => "0.6.0",
            Self::V0_7 => "0.7.0",
            Self::V0_8 => "0.8.0",
            Self::V1_0 => "1.0.0",
            Self::V1_1 => "1.1.0",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl FromStr for Version {
    type Err = VersionError;

    /// Three numbers, with one `v` before them or not, as the Go library reads it.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let number = text.strip_prefix('v').unwrap_or(text);
        if let Some(version) = Self::ALL
            .into_iter()
            .find(|version| version.text() == number)
        {
            return Ok(version);
        }
        Err(match number {
            "0.1.0" | "0.2.0" => VersionError::TooLow(text.to_owned()),
            _ => VersionError::Unknown(text.to_owned()),
        })
    }
}

/// Why a version cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// There is no such version, or not yet.
    #[error("there is no CDI version `{}`; those known are 0.3.0 to 1.1.0", Shown(.0))]
    Unknown(String),
    /// A version that no engine reads.
    #[error("CDI version {0} is too low: 0.3.0 is the lowest that is read")]
    TooLow(String),
}

/// What makes a specification need a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The version.
    pub version: Version,
    /// The field that it came with, such as `devices[0].annotations`.
    pub field: String,
    /// Where it is used.
    pub line: Line,
}

impl Specification {
    /// The lowest version that has everything this specification uses.
    pub fn minimum_version(&self) -> Version {
        self.need().map_or(Version::V0_3, |need| need.version)
    }

    /// The use that asks for the highest version, the first such; `None` where 0.3.0 has everything.
    pub fn need(&self) -> Option<Need> {
        let mut needs = Needs(None);
        if !self.annotations.is_empty() {
            needs.add(Version::V0_6, String::new(), "annotations", Line(0));
        }
        if self.class.contains('.') {
            needs.add(Version::V0_6, String::new(), "kind", Line(0));
        }
        for (index, device) in self.devices.iter().enumerate() {
            let place = format!("devices[{index}].");
            if device
                .name
                .starts_with(|first: char| first.is_ascii_digit())
            {
                needs.add(Version::V0_5, place.clone(), "name", device.line);
            }
            if !device.annotations.is_empty() {
                needs.add(Version::V0_6, place.clone(), "annotations", device.line);
            }
            needs.of_edits(
                &device.edits,
                &format!("{place}containerEdits."),
                device.line,
            );
        }
        needs.of_edits(&self.edits, "containerEdits.", Line(0));
        needs.0
    }
}

/// The highest need so far.
struct Needs(Option<Need>);

impl Needs {
    fn add(&mut self, version: Version, place: String, field: &str, line: Line) {
        if self.0.as_ref().is_none_or(|need| need.version < version) {
            self.0 = Some(Need {
                version,
                field: place + field,
                line,
            });
        }
    }

    fn of_edits(&mut self, edits: &ContainerEdits, place: &str, line: Line) {
        if !edits.net_devices.is_empty() {
            self.add(Version::V1_1, place.to_owned(), "netDevices", line);
        }
        if let Some(rdt) = &edits.intel_rdt {
            let place = || place.to_owned();
            if !rdt.schemata.is_empty() {
                self.add(Version::V1_1, place(), "intelRdt.schemata", line);
            }
            if rdt.enable_monitoring {
                self.add(Version::V1_1, place(), "intelRdt.enableMonitoring", line);
            }
            self.add(Version::V0_7, place(), "intelRdt", line);
        }
        if !edits.additional_gids.is_empty() {
            self.add(Version::V0_7, place.to_owned(), "additionalGids", line);
        }
        for (index, node) in edits.device_nodes.iter().enumerate() {
            if node.host_path.is_some() {
                let field = format!("deviceNodes[{index}].hostPath");
                self.add(Version::V0_5, place.to_owned(), &field, node.line);
            }
        }
        for (index, mount) in edits.mounts.iter().enumerate() {
            if mount.kind.is_some() {
                let field = format!("mounts[{index}].type");
                self.add(Version::V0_4, place.to_owned(), &field, mount.line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_go_library_reads_them() {
        for version in Version::ALL {
            assert_eq!(version.text().parse(), Ok(version));
            assert_eq!(format!("v{version}").parse(), Ok(version));
        }
        for text in ["0.1.0", "0.2.0", "v0.2.0"] {
            let error = text.parse::<Version>().unwrap_err();
            assert_eq!(error, VersionError::TooLow(text.to_owned()));
        }
        for text in [
            "",
            "v",
            "vv0.5.0",
            "0.5",
            "0.5.0 ",
            "0.5.0-rc1",
            "1.2.0",
            "01.0.0",
        ] {
            let error = text.parse::<Version>().unwrap_err();
            assert_eq!(error, VersionError::Unknown(text.to_owned()));
        }
    }

    #[test]
    fn versions_are_in_order() {
        assert!(Version::ALL.is_sorted());
    }
}
