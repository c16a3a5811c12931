//! The whole of a host, put together.

use crate::bus::BusId;
use crate::devices::{self, DeviceNode, Devices};
use crate::extra::{Extra, ExtraDevices, ImexChannel};
use crate::gpu::{Gpu, Information};
use crate::installation::Installation;
use crate::kernel::{CharacterMajors, KernelModule};
use crate::mig::{self, MigName};
use crate::nvml_facts::NvmlAnswer;
use crate::place::Places;
use crate::platform::{Platform, PlatformKind};
use crate::record::DirectoryState;
use crate::tegra::{self, TegraGpu};
use crate::wsl;
use liftgate_sys::SysError;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What this machine has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Host {
    /// What kind of machine it is.
    pub platform: Platform,
    /// The loaded kernel module; `None`: no NVIDIA driver runs, or it is not the kernel that runs it.
    pub kernel_module: Option<KernelModule>,
    /// Major numbers of the driver's character devices.
    pub majors: CharacterMajors,
    /// The driver's files; `None`: no driver root could be read.
    pub installation: Option<Installation>,
    /// The GPUs, in the order of their indices.
    pub gpus: Vec<Gpu>,
    /// PCI bus addresses of GPUs that the kernel lists and does not describe.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable_gpus: Vec<String>,
    /// Why the MIG devices have no names, where they have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mig_unnamed: Option<String>,
    /// What NVML says of a Jetson's GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tegra: Option<TegraGpu>,
    /// Why NVML says nothing of it, where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tegra_unknown: Option<String>,
    /// What NVML says of driver and GPUs, if it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nvml: Option<NvmlAnswer>,
    /// Their device nodes.
    pub devices: Devices,
    /// Devices that are asked for by name, of the kinds that were looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<ExtraDevices>,
    /// Channels of IMEX, if they were looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imex_channels: Vec<ImexChannel>,
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
    /// As in [`Files`].
    pub(crate) nodes: Vec<PathBuf>,
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

    /// Whether NVML has to be asked: for names of MIG devices or of GPUs that were never initialised, or about
    /// the GPU of a Jetson.
    pub fn needs_nvml(&self) -> bool {
        self.platform.kind() == PlatformKind::Tegra
            || self
                .gpus
                .iter()
                .any(|gpu| !gpu.mig.is_empty() || gpu.uuid.is_none())
    }

    /// Gives the MIG devices the names that NVML has for them, or says why they have none.
    pub fn name_mig(&mut self, names: Result<&[MigName], String>) {
        match names {
            Ok(names) => mig::name(&mut self.gpus, names),
            Err(reason) if self.gpus.iter().any(|gpu| !gpu.mig.is_empty()) => {
                self.mig_unnamed = Some(reason);
            }
            Err(_) => {}
        }
    }

    /// Looks for the devices of `wanted` kinds, and for channels of IMEX.
    pub fn read_extras(&mut self, places: &Places, wanted: &[Extra], imex: bool) {
        let root = self
            .installation
            .as_ref()
            .map_or(Path::new("/"), |installation| &installation.root);
        self.extras = wanted
            .iter()
            .map(|&extra| ExtraDevices::read(places, root, extra))
            .collect();
        if imex {
            self.imex_channels = ImexChannel::read_all(places, &self.majors);
        }
    }

    /// Every node of the driver that the host has: for who manages the machine.
    pub fn every_node(places: &Places) -> Vec<DeviceNode> {
        devices::every(places)
    }
}

/// What can be found once and recorded.
pub(crate) struct Files {
    pub(crate) platform: PlatformKind,
    pub(crate) installation: Option<Installation>,
    /// Nodes that lists of files name.
    pub(crate) nodes: Vec<PathBuf>,
    pub(crate) looked_into: Vec<DirectoryState>,
}

pub(crate) fn discover(places: &Places) -> Result<Discovery, HostError> {
    let mut kernel_module = read_kernel_module(places)?;
    let files = find_files(places, kernel_module.as_ref())?;
    if files.platform == PlatformKind::Tegra && kernel_module.is_none() {
        kernel_module = tegra_module(places);
    }
    let majors = read_majors(places)?;
    let host = assemble(places, kernel_module, majors, &files);
    Ok(Discovery {
        host,
        nodes: files.nodes,
        looked_into: files.looked_into,
    })
}

fn find_files(places: &Places, module: Option<&KernelModule>) -> Result<Files, HostError> {
    let platform = places
        .platform
        .unwrap_or_else(|| PlatformKind::detect(places));
    let root = places.configured_root.as_ref().unwrap_or(&places.host_root);
    let unreadable = |source| HostError::ConfiguredRoot {
        root: root.clone(),
        source,
    };
    Ok(match platform {
        PlatformKind::Nvidia => {
            let version = module.map(|module| module.version.as_str());
            let (installation, looked_into) = find_installation(places, version)?;
            Files {
                platform,
                installation,
                nodes: Vec::new(),
                looked_into,
            }
        }
        PlatformKind::Wsl => {
            let (installation, looked_into) = wsl::find(root).map_err(unreadable)?;
            Files {
                platform,
                installation: Some(installation),
                nodes: Vec::new(),
                looked_into,
            }
        }
        PlatformKind::Tegra => {
            let (installation, nodes, looked_into) =
                tegra::find(root, places).map_err(unreadable)?;
            Files {
                platform,
                installation: Some(installation),
                nodes,
                looked_into,
            }
        }
    })
}

/// The files, with the GPUs and the device nodes as they are now.
pub(crate) fn assemble(
    places: &Places,
    kernel_module: Option<KernelModule>,
    majors: CharacterMajors,
    files: &Files,
) -> Host {
    let (gpus, unreadable_gpus) = read_gpus(places);
    let devices = Devices::read(places, &majors, &gpus);
    let platform = match files.platform {
        PlatformKind::Nvidia => Platform::Nvidia,
        PlatformKind::Wsl => Platform::Wsl {
            node: devices::existing(places, "dxg"),
        },
        PlatformKind::Tegra => Platform::Tegra {
            nodes: files
                .nodes
                .iter()
                .filter_map(|path| {
                    devices::existing(places, path.strip_prefix("/dev").ok()?.to_str()?)
                })
                .collect(),
        },
    };
    Host {
        platform,
        kernel_module,
        majors,
        installation: files.installation.clone(),
        gpus,
        unreadable_gpus,
        mig_unnamed: None,
        tegra: None,
        tegra_unknown: None,
        nvml: None,
        devices,
        extras: Vec::new(),
        imex_channels: Vec::new(),
    }
}

/// On a Jetson the driver's version is that of the whole software.
pub(crate) fn tegra_module(places: &Places) -> Option<KernelModule> {
    let path = crate::place::below(&places.host_root, Path::new(crate::platform::TEGRA_RELEASE));
    let text = read_text(&path).ok().flatten()?;
    Some(KernelModule {
        version: tegra::release(&text)?,
        open: true,
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

/// The device minor and the model of each GPU of the running host.
pub fn gpu_models() -> Vec<(u32, String)> {
    let (gpus, _) = read_gpus(&Places::host(None));
    gpus.into_iter().map(|gpu| (gpu.minor, gpu.model)).collect()
}

/// The GPUs that the kernel lists, and the addresses of those that it does not describe: one that fell off
/// the bus keeps its place in the list.
pub(crate) fn read_gpus(places: &Places) -> (Vec<Gpu>, Vec<String>) {
    let directory = places.proc.join("driver/nvidia/gpus");
    let mut gpus = Vec::new();
    let mut unreadable = Vec::new();
    for name in directory_names(&directory) {
        let text = read_text(&directory.join(&name).join("information"));
        let information = text
            .ok()
            .flatten()
            .and_then(|text| Information::parse(&text));
        let Some(information) = information else {
            unreadable.push(name);
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
            mig: mig::read(places, information.minor),
        });
    }
    gpus.sort_by_key(|gpu| gpu.bus);
    for (index, gpu) in gpus.iter_mut().enumerate() {
        gpu.index = u32::try_from(index).unwrap_or(u32::MAX);
    }
    (gpus, unreadable)
}
