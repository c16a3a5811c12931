//! The host record: what discovery found, kept in a small file so that a container start need not search
//! for it again, together with the fingerprint of the machine that it was found on.
//!
//! A start re-reads the fingerprint (some sixty `stat`s and a few files of `/proc`) and takes nothing from
//! a record whose fingerprint differs. GPUs and device nodes are not in the record at all: they are read each
//! time.
//!
//! The file tells a program run as root what to mount into containers, so it is believed only if root, or
//! the user that we run as, owns it and nobody else may write it.

use crate::firmware;
use crate::host::{self, Files, Host, HostError};
use crate::installation::Installation;
use crate::kernel::{CharacterMajors, KernelModule};
use crate::mig::{self, MigName};
use crate::nvml_facts::NvmlAnswer;
use crate::place::Places;
use crate::platform::PlatformKind;
use crate::tegra::TegraGpu;
use liftgate_sys::{Dir, SysError};
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Raised whenever the meaning of a field changes.
const FORMAT: u32 = 6;
const FILE_NAME: &str = "host.json";
const LIMIT: u64 = 8 << 20;

/// The state of everything that discovery depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    format: u32,
    /// The liftgate that discovered: another one may know other rules.
    program: String,
    configured_root: Option<PathBuf>,
    boot: String,
    kernel_module: String,
    gpus: Vec<String>,
    mig: Vec<String>,
    majors: CharacterMajors,
    firmware: Option<String>,
    directories: Vec<DirectoryState>,
}

/// A directory and its state; without one, the directory is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DirectoryState {
    path: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<(u64, u64, i64, u32)>,
}

impl Fingerprint {
    /// Reads the machine's fingerprint, but for the directories.
    fn read(places: &Places) -> Result<Self, SysError> {
        let proc = |name: &str| -> Result<String, SysError> {
            Ok(host::read_text(&places.proc.join(name))?.unwrap_or_default())
        };
        let gpus = host::directory_names(&places.proc.join("driver/nvidia/gpus"));
        let mig = host::directory_names(&places.proc.join("driver/nvidia/capabilities"))
            .into_iter()
            .filter_map(|name| name.strip_prefix("gpu")?.parse().ok())
            .flat_map(|minor: u32| {
                mig::instances(places, minor)
                    .into_iter()
                    .map(move |instance| format!("{minor}/{instance}"))
            })
            .collect();
        Ok(Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            configured_root: places.configured_root.clone(),
            boot: proc("sys/kernel/random/boot_id")?.trim().to_owned(),
            kernel_module: proc("driver/nvidia/version")?,
            gpus,
            mig,
            majors: host::read_majors(places)?,
            firmware: firmware::configured_directory(places),
            directories: Vec::new(),
        })
    }
}

impl DirectoryState {
    pub(crate) fn read(path: &Path) -> Self {
        let state = liftgate_sys::file::metadata(path)
            .ok()
            .flatten()
            .map(|metadata| {
                let (device, inode) = metadata.identity;
                let (seconds, nanoseconds) = metadata.modified;
                (device, inode, seconds, nanoseconds)
            });
        Self {
            path: path.to_owned(),
            state,
        }
    }
}

/// The host record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    fingerprint: Fingerprint,
    kernel_module: Option<KernelModule>,
    platform: PlatformKind,
    installation: Option<Installation>,
    /// Device nodes that lists of files name, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    nodes: Vec<PathBuf>,
    /// What NVML calls the MIG devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mig: Vec<MigName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mig_unnamed: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tegra: Option<TegraGpu>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tegra_unknown: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nvml: Option<NvmlAnswer>,
}

/// What NVML knows of a machine and the kernel does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NvmlFacts {
    /// The names of MIG devices.
    pub mig: Vec<MigName>,
    /// The GPU of a Jetson.
    pub tegra: Option<TegraGpu>,
    /// Driver and GPUs.
    pub answer: NvmlAnswer,
}

/// What somebody who can load NVML has from it, or why he has nothing.
pub type AskNvml<'a> = &'a dyn Fn(&Host) -> Result<NvmlFacts, String>;

/// A record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// There is none.
    #[error("there is no host record `{path}`", path = .0.display())]
    Missing(PathBuf),
    /// Others than root could have written it.
    #[error("the host record `{path}` is not believed: user {uid} owns it, mode {mode:o}", path = path.display())]
    NotTrusted {
        /// The file.
        path: PathBuf,
        /// Its owner.
        uid: u32,
        /// Its permission bits.
        mode: u32,
    },
    /// It does not parse.
    #[error("the host record `{path}` cannot be read: {reason}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The machine has changed since.
    #[error("the host record `{path}` no longer holds: {difference}", path = path.display())]
    Stale {
        /// The file.
        path: PathBuf,
        /// What has changed.
        difference: String,
    },
    /// The kernel refused.
    #[error(transparent)]
    System(#[from] SysError),
}

impl Record {
    /// Discovers the host and makes the record of it.
    ///
    /// Everything in the fingerprint is read before what it vouches for: a driver installed meanwhile
    /// gives a record that is stale at once, never one that is wrong.
    ///
    /// `nvml` is asked only on a machine of which something is not known without NVML.
    pub fn make(places: &Places, nvml: AskNvml<'_>) -> Result<(Self, Host), HostError> {
        Self::make_asking(places, nvml, false)
    }

    /// As [`Record::make`]; with `always`, NVML is asked on any machine.
    pub fn make_asking(
        places: &Places,
        nvml: AskNvml<'_>,
        always: bool,
    ) -> Result<(Self, Host), HostError> {
        let mut fingerprint = Fingerprint::read(places)?;
        let discovery = host::discover(places)?;
        fingerprint.directories = discovery.looked_into;
        let mut host = discovery.host;
        let mut mig = Vec::new();
        if always || host.needs_nvml() {
            let known = nvml(&host);
            // NVML has initialised the GPUs meanwhile: now the kernel knows their UUIDs.
            let (gpus, unreadable) = host::read_gpus(places);
            (host.gpus, host.unreadable_gpus) = (gpus, unreadable);
            host.nvml = Some(match &known {
                Ok(facts) => facts.answer.clone(),
                Err(reason) => NvmlAnswer {
                    unknown: Some(reason.clone()),
                    ..NvmlAnswer::default()
                },
            });
            match known {
                Ok(facts) => {
                    host.name_mig(Ok(&facts.mig));
                    mig = facts.mig;
                    host.tegra = facts.tegra;
                }
                Err(reason) if host.platform.kind() == PlatformKind::Tegra => {
                    host.tegra_unknown = Some(reason);
                }
                Err(reason) => host.name_mig(Err(reason)),
            }
        }
        let record = Self {
            fingerprint,
            kernel_module: host.kernel_module.clone(),
            platform: host.platform.kind(),
            installation: host.installation.clone(),
            nodes: discovery.nodes,
            mig,
            mig_unnamed: host.mig_unnamed.clone(),
            tegra: host.tegra.clone(),
            tegra_unknown: host.tegra_unknown.clone(),
            nvml: host.nvml.clone(),
        };
        Ok((record, host))
    }

    /// The state of the machine that the record was made on.
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Where the record lies in `directory`.
    pub fn path(directory: &Path) -> PathBuf {
        directory.join(FILE_NAME)
    }

    /// Writes the record into `directory`, which is made if it is missing.
    pub fn save(&self, directory: &Path) -> Result<(), SysError> {
        if let Err(error) = std::fs::create_dir_all(directory) {
            return Err(SysError::from_io(
                format!("mkdir(`{}`)", directory.display()),
                &error,
            ));
        }
        let text = serde_json::to_vec(self)
            .map_err(|error| SysError::refused("serialize(host record)", error.to_string()))?;
        Dir::open_host(directory)?.put_file(OsStr::new(FILE_NAME), &text, 0o644)
    }

    /// Reads the record in `directory`, and the host from it, if it still holds.
    pub fn load(directory: &Path, places: &Places) -> Result<Host, RecordError> {
        let path = Self::path(directory);
        let open = match Dir::open_host(directory) {
            Ok(open) => open,
            Err(error) if error.is_not_found() => return Err(RecordError::Missing(path)),
            Err(error) => return Err(error.into()),
        };
        let name = OsStr::new(FILE_NAME);
        let Some(metadata) = open.metadata(name)? else {
            return Err(RecordError::Missing(path));
        };
        let is_ours = metadata.uid == 0 || metadata.uid == liftgate_sys::process::effective_user();
        if !is_ours || metadata.mode & 0o022 != 0 {
            return Err(RecordError::NotTrusted {
                path,
                uid: metadata.uid,
                mode: metadata.mode,
            });
        }
        let Some(bytes) = open.read(name, LIMIT)? else {
            return Err(RecordError::Missing(path));
        };
        let record: Self =
            serde_json::from_slice(&bytes).map_err(|error| RecordError::Malformed {
                path: path.clone(),
                reason: error.to_string(),
            })?;
        let recorded = &record.fingerprint;
        let mut now = Fingerprint::read(places)?;
        now.directories = recorded
            .directories
            .iter()
            .map(|directory| DirectoryState::read(&directory.path))
            .collect();
        if *recorded != now {
            return Err(RecordError::Stale {
                path,
                difference: recorded.difference(&now),
            });
        }
        Ok(record.into_host(places))
    }

    /// The host: the files that were recorded, with the GPUs and the device nodes as they are now.
    fn into_host(self, places: &Places) -> Host {
        // The kernel learns a GPU's UUID when the GPU is first initialised, and counts its minor anew when
        // the GPU comes back from a virtual machine. Neither leaves another trace, and with an old minor
        // a container would get somebody else's GPU.
        let files = Files {
            platform: self.platform,
            installation: self.installation,
            nodes: self.nodes,
            looked_into: Vec::new(),
        };
        let mut host = host::assemble(places, self.kernel_module, self.fingerprint.majors, &files);
        host.name_mig(Ok(&self.mig));
        host.mig_unnamed = self.mig_unnamed;
        host.tegra = self.tegra;
        host.tegra_unknown = self.tegra_unknown;
        host.nvml = self.nvml;
        host
    }
}

impl Fingerprint {
    /// What differs, in words.
    fn difference(&self, now: &Self) -> String {
        let what = if self.format != now.format || self.program != now.program {
            "another liftgate made it"
        } else if self.configured_root != now.configured_root {
            "another driver root is configured"
        } else if self.boot != now.boot {
            "the machine was booted since"
        } else if self.kernel_module != now.kernel_module {
            "another kernel module is loaded"
        } else if self.gpus != now.gpus {
            "there are other GPUs"
        } else if self.mig != now.mig {
            "there are other MIG instances"
        } else if self.majors != now.majors {
            "device majors have changed"
        } else if self.firmware != now.firmware {
            "firmware is looked for elsewhere"
        } else {
            let changed = self
                .directories
                .iter()
                .zip(&now.directories)
                .find(|(then, now)| then != now);
            return changed.map_or_else(
                || "it differs".to_owned(),
                |(directory, _)| format!("`{}` has changed", directory.path.display()),
            );
        };
        what.to_owned()
    }
}
