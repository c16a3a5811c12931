//! The whole of a host, put together.

use crate::bus::BusId;
use crate::devices::Devices;
use crate::gpu::{Gpu, Information};
use crate::installation::Installation;
use crate::kernel::{CharacterMajors, KernelModule};
use crate::place::Places;
use crate::record::DirectoryState;
use liftgate_sys::SysError;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What this machine has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Host {
    /// The loaded kernel module; `None`: no NVIDIA driver runs.
    pub kernel_module: Option<KernelModule>,
    /// Major numbers of the driver's character devices.
    pub majors: CharacterMajors,
    /// The driver's files; `None`: no driver root could be read.
    pub installation: Option<Installation>,
    /// The GPUs, in the order of their indices.
    pub gpus: Vec<Gpu>,
    /// Their device nodes.
    pub devices: Devices,
}

/// The host could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The driver root that the configuration names cannot be opened.
    #[error("cannot read the configured driver root `{root}`: {source}", root = root.display())]
    ConfiguredRoot {
        /// The root.
        root: PathBuf,
        /// What the kernel said.
        source: SysError,
    },
    /// A file of `/proc` cannot be read.
    #[error(transparent)]
    Proc(#[from] SysError),
}

/// A host, and the directories that were looked into for it.
pub(crate) struct Discovery {
    pub(crate) host: Host,
    pub(crate) looked_into: Vec<DirectoryState>,
}

const PROC_LIMIT: u64 = 1 << 20;

impl Host {
    /// Reads the host, all of it.
    pub fn discover(places: &Places) -> Result<Self, HostError> {
        discover(places).map(|discovery| discovery.host)
    }

    /// The version that the driver's libraries and its kernel module have in common; `None` if there is
    /// no such version, and so no working driver.
    pub fn driver_version(&self) -> Option<&str> {
        let module = self.kernel_module.as_ref()?;
        let installation = self.installation.as_ref()?;
        (!installation.libraries.is_empty()).then_some(module.version.as_str())
    }
}

pub(crate) fn discover(places: &Places) -> Result<Discovery, HostError> {
    let kernel_module = read_kernel_module(places)?;
    let version = kernel_module.as_ref().map(|module| module.version.as_str());
    let (installation, looked_into) = find_installation(places, version)?;
    let majors = read_majors(places)?;
    let gpus = read_gpus(places)?;
    let devices = Devices::read(places, &majors, &gpus);
    Ok(Discovery {
        host: Host {
            kernel_module,
            majors,
            installation,
            gpus,
            devices,
        },
        looked_into,
    })
}

pub(crate) fn read_text(path: &Path) -> Result<Option<String>, SysError> {
    let bytes = liftgate_sys::file::read(path, PROC_LIMIT)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn read_kernel_module(places: &Places) -> Result<Option<KernelModule>, SysError> {
    let text = read_text(&places.proc.join("driver/nvidia/version"))?;
    Ok(text.as_deref().and_then(KernelModule::parse))
}

pub(crate) fn read_majors(places: &Places) -> Result<CharacterMajors, SysError> {
    let text = read_text(&places.proc.join("devices"))?;
    Ok(text
        .as_deref()
        .map(CharacterMajors::parse)
        .unwrap_or_default())
}

/// The first driver root that has libraries of the running version; failing that, one that has
/// libraries of another version (the mismatch is then what there is to say); failing that, the first.
fn find_installation(
    places: &Places,
    version: Option<&str>,
) -> Result<(Option<Installation>, Vec<DirectoryState>), HostError> {
    let mut looked_into = Vec::new();
    let mut best: Option<Installation> = None;
    for root in places.driver_roots() {
        looked_into.push(DirectoryState::read(&root));
        match Installation::find(&root, places, version) {
            Ok((installation, directories)) => {
                looked_into.extend(directories);
                if !installation.libraries.is_empty() {
                    return Ok((Some(installation), looked_into));
                }
                let is_better = best.as_ref().is_none_or(|best| {
                    best.other_versions.is_empty() && !installation.other_versions.is_empty()
                });
                if is_better {
                    best = Some(installation);
                }
            }
            Err(source) if places.configured_root.is_some() => {
                return Err(HostError::ConfiguredRoot { root, source });
            }
            Err(_) => {}
        }
    }
    Ok((best, looked_into))
}

/// The names in a directory of `/proc`; none if it is not there.
pub(crate) fn directory_names(path: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(path) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The MIG GPU instances on the GPU with this minor number.
pub(crate) fn mig_instances(places: &Places, minor: u32) -> Vec<String> {
    let directory = places
        .proc
        .join(format!("driver/nvidia/capabilities/gpu{minor}/mig"));
    directory_names(&directory)
        .into_iter()
        .filter(|name| name.starts_with("gi"))
        .collect()
}

pub(crate) fn read_gpus(places: &Places) -> Result<Vec<Gpu>, SysError> {
    let directory = places.proc.join("driver/nvidia/gpus");
    let mut gpus = Vec::new();
    for name in directory_names(&directory) {
        let Some(text) = read_text(&directory.join(&name).join("information"))? else {
            continue;
        };
        let Some(information) = Information::parse(&text) else {
            continue;
        };
        let bus: Option<BusId> = name.parse().ok().or(information.bus);
        let Some(bus) = bus.filter(|_| !information.excluded) else {
            continue;
        };
        gpus.push(Gpu {
            index: 0,
            minor: information.minor,
            uuid: information.uuid,
            bus,
            model: information.model,
            mig_instances: u32::try_from(mig_instances(places, information.minor).len())
                .unwrap_or(u32::MAX),
        });
    }
    gpus.sort_by_key(|gpu| gpu.bus);
    for (index, gpu) in gpus.iter_mut().enumerate() {
        gpu.index = u32::try_from(index).unwrap_or(u32::MAX);
    }
    Ok(gpus)
}
