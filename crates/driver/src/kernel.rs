//! What the kernel says of the NVIDIA module: `/proc/driver/nvidia/version` and `/proc/devices`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The loaded NVIDIA kernel module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KernelModule {
    /// The driver's version, such as `580.159.04`.
    pub version: String,
    /// Whether it is the open kernel module.
    pub open: bool,
}

impl KernelModule {
    /// Reads the text of `/proc/driver/nvidia/version`.
    ///
    /// Its first line has had several wordings (`NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue …`,
    /// `NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build …`), so the version is taken
    /// for what it looks like: the first word made of two or three numbers with dots between them.
    pub fn parse(text: &str) -> Option<Self> {
        let line = text
            .lines()
            .find(|line| line.starts_with("NVRM version:"))?;
        let version = line.split_whitespace().find(|word| is_version(word))?;
        Some(Self {
            version: version.to_owned(),
            open: line.contains("Open Kernel Module"),
        })
    }
}

/// Whether a word looks like a driver version: `535.54`, `580.159.04`. The first number has three digits
/// in every driver since 2008; a year or a time has not.
pub(crate) fn is_version(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    (2..=3).contains(&parts.len())
        && (2..=4).contains(&parts[0].len())
        && parts.iter().all(|part| {
            (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// Major numbers of character devices by driver name, as `/proc/devices` lists them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CharacterMajors(BTreeMap<String, u32>);

impl CharacterMajors {
    /// Reads the text of `/proc/devices`; only names beginning with `nvidia` are kept.
    pub fn parse(text: &str) -> Self {
        let majors = text
            .lines()
            .skip_while(|line| !line.starts_with("Character devices"))
            .skip(1)
            .take_while(|line| !line.trim().is_empty())
            .filter_map(|line| {
                let (major, name) = line.trim().split_once(' ')?;
                let name = name.trim();
                name.starts_with("nvidia").then_some(())?;
                Some((name.to_owned(), major.parse().ok()?))
            })
            .collect();
        Self(majors)
    }

    /// The major number of the driver `name`.
    pub fn get(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }

    /// The major of the GPUs themselves: drivers before 2019 registered it as `nvidia-frontend`.
    pub fn gpu(&self) -> Option<u32> {
        ["nvidia", "nvidia-frontend", "nvidiactl"]
            .into_iter()
            .find_map(|name| self.get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_both_modules() {
        let open = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build  (nixbld@)  \nGCC version:  gcc version 15.3.0 (GCC) \n";
        assert_eq!(
            KernelModule::parse(open),
            Some(KernelModule {
                version: "580.159.04".into(),
                open: true
            })
        );
        let proprietary = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n";
        assert_eq!(
            KernelModule::parse(proprietary),
            Some(KernelModule {
                version: "550.54.15".into(),
                open: false
            })
        );
        assert_eq!(KernelModule::parse(""), None);
        assert_eq!(KernelModule::parse("GCC version: gcc 12.2.0"), None);
    }

    #[test]
    fn majors() {
        let text = "Character devices:\n  1 mem\n195 nvidia\n195 nvidiactl\n238 nvidia-uvm\n\nBlock devices:\n195 nvidia-no\n";
        let majors = CharacterMajors::parse(text);
        assert_eq!(majors.gpu(), Some(195));
        assert_eq!(majors.get("nvidia-uvm"), Some(238));
        assert_eq!(majors.get("nvidia-no"), None);
        assert_eq!(majors.get("mem"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            KernelModule::parse(&text);
            CharacterMajors::parse(&text);
        }
    }
}
