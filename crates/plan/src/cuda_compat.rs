//! CUDA forward compatibility: whether an image's own `libcuda.so.1` is taken instead of the driver's.
//!
//! An image may bring the libraries of a newer driver (the package `cuda-compat-12-9`, in
//! `/usr/local/cuda/compat`), which work with some older kernel modules and let CUDA programs run that are
//! newer than the driver. Taken where they are not newer, they fail (error 803), so this decides; a library
//! says in an ELF note what it is for, and one from before there were notes is known by its name.
//!
//! The decision is the reference's, row for row, with two more: a GPU that is not meant for such libraries fails with
//! them (error 804), and a library without a note is not taken where NVIDIA's images of its CUDA do not accept the
//! driver. What it is decided on, the image has written.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// Where images have such libraries.
pub const CUDA_COMPAT_ROOT: &str = "/usr/local/cuda/compat";

/// The section that tells what a library is for.
pub const COMPAT_NOTE_SECTION: &str = ".note.cuda.fwd_compatibility";

/// Who has written the note.
pub const COMPAT_NOTE_OWNER: &str = "NVIDIA Corporation";

/// What the hook is told: what the host has, and where to look in the image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CudaCompat {
    /// The host's driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The CUDA version of the host's driver, where the driver's own version tells nothing: on a Jetson.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuda: Option<String>,
    /// The directory in the image; `None`: [`CUDA_COMPAT_ROOT`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<PathBuf>,
    /// The device minors of GPUs that fail with such libraries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unsupported_minors: Vec<u32>,
}

/// The device minors of those GPUs that have no forward compatibility.
pub fn unsupported_minors<'a>(gpus: impl IntoIterator<Item = (u32, &'a str)>) -> Vec<u32> {
    let mut minors: Vec<u32> = gpus
        .into_iter()
        .filter(|(_, model)| !liftgate_cuda::has_forward_compatibility(model))
        .map(|(minor, _)| minor)
        .collect();
    minors.sort_unstable();
    minors
}

impl CudaCompat {
    /// Whether anything is known that could speak for the image's libraries.
    pub fn is_asked(&self) -> bool {
        self.driver.is_some() || self.cuda.is_some()
    }

    /// Whether nothing is said at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The directory in the image.
    pub fn root(&self) -> &Path {
        self.root.as_deref().unwrap_or(Path::new(CUDA_COMPAT_ROOT))
    }

    /// Whether the image's libraries of driver `version`, by the name of their file, could be taken, whatever they say of
    /// themselves: never those that are no newer than the host's.
    pub fn could_prefer(&self, version: &str) -> bool {
        match self.driver.as_deref().and_then(Version::parse) {
            Some(driver) => Version::parse(version).is_none_or(|image| image > driver),
            None => true,
        }
    }

    /// Whether the image's libraries are taken: those of driver `version` by the name of their file, with the
    /// note that it carries, if it carries one.
    pub fn prefers_image(&self, version: &str, note: Option<&CompatNote>) -> bool {
        let image = Version::parse(version);
        let driver = self.driver.as_deref().and_then(Version::parse);
        match (note, driver, image) {
            (Some(note), Some(driver), Some(image)) => {
                note.drivers.contains(&driver.numbers[0]) && image > driver
            }
            (Some(note), _, _) => {
                let host = self.cuda.as_deref().and_then(Version::parse);
                match (host, Version::parse(&note.cuda)) {
                    (Some(host), Some(image)) => image > host,
                    _ => false,
                }
            }
            // A library without a note is none for a Jetson, the only machine whose CUDA version is told.
            (None, Some(driver), Some(image)) if self.cuda.is_none() => {
                let (branch, image) = (driver.numbers[0], image.numbers[0]);
                let accepts = |bases: &[u16]| bases.iter().any(|base| u64::from(*base) == branch);
                image > branch && liftgate_cuda::forward_base_branches(image).is_none_or(accepts)
            }
            (None, _, _) => false,
        }
    }
}

/// What a library says it is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct CompatNote {
    /// The CUDA version that it brings.
    #[serde(rename = "CUDA Version")]
    pub cuda: String,
    /// The branches of the driver that it works with.
    #[serde(rename = "Driver")]
    pub drivers: Vec<u64>,
}

impl CompatNote {
    /// Reads the note's text, or says what is wrong with it.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(text).map_err(|error| error.to_string())
    }
}

/// The version that the name of a library tells: `550.54.15` of `libcuda.so.550.54.15`. `None`: it is not the
/// name of a library of that kind, which has two numbers at least.
pub fn compat_version(name: &str) -> Option<&str> {
    let version = name.strip_prefix("libcuda.so.")?;
    version.contains('.').then_some(version)
}

/// A version as the reference reads one: up to three numbers, zeros before them allowed, and behind them
/// what makes it come before the version of these numbers.
#[derive(Debug, PartialEq, Eq)]
struct Version<'a> {
    numbers: [u64; 3],
    before: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let is_label = |label: &str| {
            label.split('.').all(|part| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
        };
        let (text, build) = split(text, '+');
        let (numbers, before) = split(text, '-');
        if ![build, before].into_iter().flatten().all(is_label) {
            return None;
        }
        let mut version = Self {
            numbers: [0; 3],
            before,
        };
        for (at, number) in numbers.split('.').enumerate() {
            if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            *version.numbers.get_mut(at)? = number.parse().ok()?;
        }
        Some(version)
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((head, rest)) => (head, Some(rest)),
        None => (text, None),
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| match (self.before, other.before) {
                (None, None) => Ordering::Equal,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => compare_labels(one, other),
            })
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Part by part: numbers by their value and before words; the shorter before the longer.
fn compare_labels(one: &str, other: &str) -> Ordering {
    let key = |part: &str| match part.parse::<u64>() {
        Ok(number) => (0, number, String::new()),
        Err(_) => (1, 0, part.to_owned()),
    };
    one.split('.').map(key).cmp(other.split('.').map(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(driver: Option<&str>, cuda: Option<&str>) -> CudaCompat {
        CudaCompat {
            driver: driver.map(str::to_owned),
            cuda: cuda.map(str::to_owned),
            ..CudaCompat::default()
        }
    }

    /// Rows of the reference's table: driver and CUDA of the host, version of the file, CUDA and branches of
    /// the note, and whether the image's libraries are taken.
    #[test]
    fn every_row_of_the_table() {
        type Row<'a> = (
            Option<&'a str>,
            Option<&'a str>,
            &'a str,
            Option<(&'a str, &'a [u64])>,
            bool,
        );
        let rows: &[Row<'_>] = &[
            // A note, and both versions of the driver: a branch of the list, and a newer version.
            (
                Some("550.54.15"),
                None,
                "575.57.08",
                Some(("12.9", &[535, 550])),
                true,
            ),
            (
                Some("550.54.15"),
                None,
                "550.90.7",
                Some(("12.9", &[550])),
                true,
            ),
            (
                Some("550.54.15"),
                None,
                "575.57.08",
                Some(("12.9", &[535, 560])),
                false,
            ),
            (
                Some("550.54.15"),
                None,
                "575.57.08",
                Some(("12.9", &[])),
                false,
            ),
            (
                Some("580.65.06"),
                None,
                "575.57.08",
                Some(("12.9", &[580])),
                false,
            ),
            (
                Some("575.57.8"),
                None,
                "575.57.08",
                Some(("12.9", &[575])),
                false,
            ),
            // With the driver known, CUDA's version says nothing.
            (
                Some("550.54.15"),
                Some("12.0"),
                "575.57.08",
                Some(("12.9", &[535])),
                false,
            ),
            // A note, and no version of the driver, or none that is one: CUDA's.
            (None, Some("12.6"), "1.1", Some(("13.0", &[])), true),
            (None, Some("12.6"), "1.1", Some(("12.6", &[540])), false),
            (None, Some("13.1"), "575.57.08", Some(("13.0", &[])), false),
            (
                Some("?"),
                Some("12.6"),
                "575.57.08",
                Some(("12.10", &[])),
                true,
            ),
            (
                Some("550.54.15"),
                Some("12.6"),
                "1.2.3.4",
                Some(("12.9", &[])),
                true,
            ),
            (None, Some("12.6"), "575.57.08", Some(("", &[])), false),
            (
                None,
                Some("twelve"),
                "575.57.08",
                Some(("12.9", &[])),
                false,
            ),
            // A note, and nothing to hold against it.
            (None, None, "575.57.08", Some(("12.9", &[550])), false),
            (Some("?"), None, "575.57.08", Some(("12.9", &[550])), false),
            (
                Some("550.54.15"),
                None,
                "1.2.3.4",
                Some(("12.9", &[550])),
                false,
            ),
            // No note: never where CUDA's version is told, and a higher branch else.
            (Some("550.54.15"), Some("12.4"), "575.57.08", None, false),
            (None, Some("12.4"), "575.57.08", None, false),
            (Some("550.54.15"), None, "575.57.08", None, true),
            // What NVIDIA's images of that CUDA do not accept, and a branch without an image.
            (Some("530.30.02"), None, "575.57.08", None, false),
            (Some("418.39"), None, "525.60.13", None, false),
            (Some("525.60.13"), None, "545.23.06", None, true),
            (Some("550.54.15"), None, "550.90.07", None, false),
            (Some("580.65.06"), None, "575.57.08", None, false),
            (Some("?"), None, "575.57.08", None, false),
            (Some("550.54.15"), None, "1.2.3.4", None, false),
            (None, None, "575.57.08", None, false),
        ];
        for (driver, cuda, version, note, taken) in rows {
            let note = note.map(|(cuda, drivers)| CompatNote {
                cuda: cuda.to_owned(),
                drivers: drivers.to_vec(),
            });
            let host = host(*driver, *cuda);
            assert_eq!(
                host.prefers_image(version, note.as_ref()),
                *taken,
                "{driver:?} {cuda:?} {version} {note:?}"
            );
            // What is taken could be, and of what is older than the driver neither is true.
            assert!(host.could_prefer(version) || !taken, "{driver:?} {version}");
        }
    }

    #[test]
    fn a_name_can_rule_a_library_out() {
        let host = host(Some("550.54.15"), None);
        for (version, could) in [
            ("550.54.15", false),
            ("550.54.14", false),
            ("470.256.02", false),
            ("550.90.07", true),
            ("575.57.08", true),
        ] {
            assert_eq!(host.could_prefer(version), could, "{version}");
        }
    }

    #[test]
    fn notes() {
        let text = br#"{"Format":1,"CUDA Version":"12.9","Driver":[535,550],"Device":["x",1]}"#;
        let note = CompatNote::parse(text).unwrap();
        assert_eq!(
            (note.cuda.as_str(), &*note.drivers),
            ("12.9", &[535, 550][..])
        );
        assert_eq!(CompatNote::parse(b"{}").unwrap(), CompatNote::default());
        let broken: [&[u8]; 5] = [
            b"",
            b"{\"Driver\":[550]",
            b"{\"Driver\":550}",
            b"{\"CUDA Version\":12.9}",
            b"\xff",
        ];
        for text in broken {
            assert!(CompatNote::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_of_files() {
        assert_eq!(compat_version("libcuda.so.550.54.15"), Some("550.54.15"));
        assert_eq!(compat_version("libcuda.so.1.1"), Some("1.1"));
        for name in [
            "libcuda.so",
            "libcuda.so.1",
            "libcudart.so.12.9",
            "xlibcuda.so.1.1",
        ] {
            assert_eq!(compat_version(name), None, "{name}");
        }
    }

    #[test]
    fn versions_are_read_loosely() {
        let parse = |text| Version::parse(text).map(|version| version.numbers);
        assert_eq!(parse("550"), Some([550, 0, 0]));
        assert_eq!(parse("v12.9"), Some([12, 9, 0]));
        assert_eq!(parse("575.057.08"), Some([575, 57, 8]));
        assert_eq!(parse("550.1-beta.2+x"), Some([550, 1, 0]));
        for text in [
            "",
            " 550.1",
            "550.",
            ".1",
            "1.2.3.4",
            "+1",
            "99999999999999999999",
            "1-",
            "1+",
            "1.x",
        ] {
            assert_eq!(parse(text), None, "`{text}`");
        }
        let ascending = [
            "1.0-2", "1.0-10", "1.0-a", "1.0-a.1", "1.0", "1.0.1", "1.10",
        ];
        for pair in ascending.windows(2) {
            assert!(
                Version::parse(pair[0]) < Version::parse(pair[1]),
                "{pair:?}"
            );
        }
    }
}
