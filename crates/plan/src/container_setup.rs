//! What is left to do inside the container's file system once its mounts are there: links, the loader's
//! cache, a choice between the driver's CUDA libraries and the image's, and one file of `/proc` to cover.
//!
//! It travels as the arguments of one hook, so that it is visible in `config.json` (and later in a CDI
//! specification), needs no file of ours beside it, and does not depend on anything that the container
//! supplies.

use crate::cuda_compat::CudaCompat;
use serde::Serialize;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// A link to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Link {
    /// Where the link is, in the container.
    pub path: PathBuf,
    /// Its text.
    pub target: String,
    /// Whether it gives way to anything that the image has there.
    pub yields_to_image: bool,
}

/// A library that the container's loader is to find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoaderEntry {
    /// The name that it is asked for by.
    pub name: String,
    /// The library, in the container.
    pub path: PathBuf,
    /// Whether it is a 32-bit library.
    pub is_32_bit: bool,
}

/// A library, and the glibc that it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GlibcNeed {
    /// The version, such as `2.17`.
    pub version: String,
    /// The library, by the name that it is asked for by.
    pub library: String,
}

/// The work of the one `createContainer` hook.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContainerSetup {
    /// Links to make.
    pub links: Vec<Link>,
    /// Entries of `/etc/ld.so.cache`.
    pub loader_entries: Vec<LoaderEntry>,
    /// Directories for `/etc/ld.so.conf.d`.
    pub library_directories: Vec<PathBuf>,
    /// What the image's C library has to be for the libraries to be loaded: `libcuda.so.1`, and the one of all
    /// that needs the newest. An image's older one is worth a sentence, for the loader blames the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub glibc: Vec<GlibcNeed>,
    /// What decides between the driver's CUDA libraries and newer ones of the image.
    #[serde(skip_serializing_if = "CudaCompat::is_empty")]
    pub cuda_compat: CudaCompat,
    /// Whether programs that draw are told which GPUs they may draw on, by an application profile.
    #[serde(skip_serializing_if = "is_false")]
    pub application_profile: bool,
    /// Whether `/proc/driver/nvidia/params` is covered by a copy that says `ModifyDeviceFiles: 0`, so that
    /// no program in the container tries to make device nodes.
    pub cover_params: bool,
    /// The version of the kernel module that the libraries belong to. A specification outlives the driver that
    /// it was made for, and engines do not look; the hook does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver_version: Option<String>,
}

/// An argument of the hook cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot understand the argument `{argument}`: {reason}", argument = crate::request::shortened(&argument.to_string_lossy()))]
pub struct ArgumentError {
    argument: OsString,
    reason: &'static str,
}

const LINK: &str = "--link";
const LINK_IF_ABSENT: &str = "--link-if-absent";
const LIBRARY: &str = "--library";
const LIBRARY_32: &str = "--library32";
const DIRECTORY: &str = "--library-directory";
const GLIBC: &str = "--glibc";
const COMPAT_DRIVER: &str = "--cuda-compat-driver";
const COMPAT_CUDA: &str = "--cuda-compat-cuda";
const COMPAT_ROOT: &str = "--cuda-compat-root";
const COMPAT_EXCEPT: &str = "--cuda-compat-except-minor";
const APPLICATION_PROFILE: &str = "--application-profile";
const COVER_PARAMS: &str = "--cover-params";
const DRIVER_VERSION: &str = "--driver-version";

/// More arguments than any driver has files.
const MOST_ARGUMENTS: usize = 10_000;

impl ContainerSetup {
    /// Whether there is something for the container's loader in it. The hook of a device has links alone.
    pub fn is_about_loader(&self) -> bool {
        !self.loader_entries.is_empty()
            || !self.library_directories.is_empty()
            || !self.cuda_compat.is_empty()
    }

    /// The arguments by which the hook is told.
    pub fn to_arguments(&self) -> Vec<String> {
        let mut arguments =
            Vec::with_capacity(2 * (self.links.len() + self.loader_entries.len()) + 4);
        let mut push = |option: &str, value: String| {
            arguments.push(option.to_owned());
            arguments.push(value);
        };
        if let Some(version) = &self.driver_version {
            push(DRIVER_VERSION, version.clone());
        }
        for link in &self.links {
            let option = if link.yields_to_image {
                LINK_IF_ABSENT
            } else {
                LINK
            };
            push(option, format!("{}::{}", link.target, link.path.display()));
        }
        for entry in &self.loader_entries {
            let option = if entry.is_32_bit { LIBRARY_32 } else { LIBRARY };
            push(option, format!("{}::{}", entry.name, entry.path.display()));
        }
        for directory in &self.library_directories {
            push(DIRECTORY, directory.display().to_string());
        }
        for need in &self.glibc {
            push(GLIBC, format!("{}::{}", need.version, need.library));
        }
        if let Some(driver) = &self.cuda_compat.driver {
            push(COMPAT_DRIVER, driver.clone());
        }
        if let Some(cuda) = &self.cuda_compat.cuda {
            push(COMPAT_CUDA, cuda.clone());
        }
        if let Some(root) = &self.cuda_compat.root {
            push(COMPAT_ROOT, root.display().to_string());
        }
        for minor in &self.cuda_compat.unsupported_minors {
            push(COMPAT_EXCEPT, minor.to_string());
        }
        if self.application_profile {
            arguments.push(APPLICATION_PROFILE.to_owned());
        }
        if self.cover_params {
            arguments.push(COVER_PARAMS.to_owned());
        }
        arguments
    }

    /// Reads the arguments back.
    pub fn from_arguments<'a>(
        arguments: impl IntoIterator<Item = &'a OsStr>,
    ) -> Result<Self, ArgumentError> {
        let mut setup = Self::default();
        let mut arguments = arguments.into_iter();
        let mut count = 0;
        while let Some(option) = arguments.next() {
            let fail = |argument: &OsStr, reason| ArgumentError {
                argument: argument.to_owned(),
                reason,
            };
            count += 1;
            if count > MOST_ARGUMENTS {
                return Err(fail(option, "there are too many arguments"));
            }
            let switch = match option.to_str() {
                Some(COVER_PARAMS) => Some(&mut setup.cover_params),
                Some(APPLICATION_PROFILE) => Some(&mut setup.application_profile),
                _ => None,
            };
            if let Some(switch) = switch {
                *switch = true;
                continue;
            }
            let is_known = [
                LINK,
                LINK_IF_ABSENT,
                LIBRARY,
                LIBRARY_32,
                DIRECTORY,
                GLIBC,
                DRIVER_VERSION,
                COMPAT_DRIVER,
                COMPAT_CUDA,
                COMPAT_ROOT,
                COMPAT_EXCEPT,
            ]
            .iter()
            .any(|known| option == *known);
            if !is_known {
                return Err(fail(option, "there is no such option"));
            }
            let Some(value) = arguments.next() else {
                return Err(fail(option, "its value is missing"));
            };
            let Some(text) = value.to_str() else {
                return Err(fail(value, "it is not UTF-8"));
            };
            let word = match option.to_str() {
                Some(DRIVER_VERSION) => Some(&mut setup.driver_version),
                Some(COMPAT_DRIVER) => Some(&mut setup.cuda_compat.driver),
                Some(COMPAT_CUDA) => Some(&mut setup.cuda_compat.cuda),
                _ => None,
            };
            if let Some(word) = word {
                *word = Some(text.to_owned());
                continue;
            }
            if option == COMPAT_EXCEPT {
                let minor = text
                    .parse()
                    .map_err(|_| fail(value, "it is not the minor of a device"))?;
                setup.cuda_compat.unsupported_minors.push(minor);
                continue;
            }
            if option == DIRECTORY || option == COMPAT_ROOT {
                let path =
                    absolute(text).ok_or_else(|| fail(value, "it is not an absolute path"))?;
                if option == DIRECTORY {
                    setup.library_directories.push(path);
                } else {
                    setup.cuda_compat.root = Some(path);
                }
                continue;
            }
            let (first, path) = text
                .split_once("::")
                .filter(|(first, _)| !first.is_empty())
                .ok_or_else(|| fail(value, "it is not `…::/path`"))?;
            if option == GLIBC {
                setup.glibc.push(GlibcNeed {
                    version: first.to_owned(),
                    library: path.to_owned(),
                });
                continue;
            }
            let path = absolute(path).ok_or_else(|| fail(value, "it is not an absolute path"))?;
            if option == LINK || option == LINK_IF_ABSENT {
                setup.links.push(Link {
                    path,
                    target: first.to_owned(),
                    yields_to_image: option == LINK_IF_ABSENT,
                });
            } else {
                setup.loader_entries.push(LoaderEntry {
                    name: first.to_owned(),
                    path,
                    is_32_bit: option == LIBRARY_32,
                });
            }
        }
        Ok(setup)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

fn absolute(text: &str) -> Option<PathBuf> {
    let path = Path::new(text);
    // A newline would end the line in `ld.so.conf.d` and begin another of the writer's choosing.
    (path.is_absolute() && path.file_name().is_some() && !text.contains('\n'))
        .then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup() -> ContainerSetup {
        ContainerSetup {
            links: vec![
                Link {
                    path: "/usr/lib64/libcuda.so.1".into(),
                    target: "libcuda.so.550.54.15".into(),
                    yields_to_image: false,
                },
                Link {
                    path: "/usr/bin/nvidia-smi".into(),
                    target: "/usr/local/nvidia/bin/nvidia-smi".into(),
                    yields_to_image: true,
                },
            ],
            loader_entries: vec![LoaderEntry {
                name: "libcuda.so.1".into(),
                path: "/usr/lib64/libcuda.so.1".into(),
                is_32_bit: false,
            }],
            library_directories: vec!["/usr/lib64".into()],
            glibc: vec![GlibcNeed {
                version: "2.9".into(),
                library: "libcuda.so.1".into(),
            }],
            cuda_compat: CudaCompat {
                driver: Some("550.54.15".to_owned()),
                cuda: Some("12.4".to_owned()),
                root: Some("/usr/local/cuda/compat_orin".into()),
                unsupported_minors: vec![0, 3],
            },
            application_profile: true,
            cover_params: true,
            driver_version: Some("550.54.15".into()),
        }
    }

    fn read(arguments: &[&str]) -> Result<ContainerSetup, ArgumentError> {
        ContainerSetup::from_arguments(arguments.iter().map(OsStr::new))
    }

    #[test]
    fn arguments_go_both_ways() {
        let arguments = setup().to_arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(read(&arguments).unwrap(), setup());
    }

    #[test]
    fn what_is_refused() {
        for arguments in [
            &["--unknown"][..],
            &["--link"],
            &["--link", "x"],
            &["--link", "::/x"],
            &["--link", "x::relative"],
            &["--link", "x::/"],
            &["--library-directory", "lib"],
            &["--library-directory", "/lib\n/evil"],
            &["--glibc", "2.17"],
            &["--cuda-compat-root", "compat"],
            &["--cuda-compat-driver"],
            &["--cuda-compat-except-minor", "-1"],
        ] {
            assert!(read(arguments).is_err(), "{arguments:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_arguments_are_read_without_a_panic(arguments in proptest::collection::vec("(--link|--library|[a-z:/]*)", 0..8)) {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            if read(&arguments).is_err() {
                // Refused, which is an answer.
            }
        }
    }
}
