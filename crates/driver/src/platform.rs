//! What kind of machine this is: how its driver is found, and what opens its GPUs.
//!
//! The reference asks libraries (`dlopen` of dxcore and NVML) at every container start; what they would
//! answer stands in the file system too.

use crate::devices::{self, DeviceNode};
use crate::host::{directory_names, read_text};
use crate::place::{Places, below};
use liftgate_sys::FileKind;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The kinds of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PlatformKind {
    /// GPUs on the PCI bus, with NVIDIA's kernel module.
    Nvidia,
    /// Windows Subsystem for Linux: the GPUs are the Windows host's, behind `/dev/dxg`.
    Wsl,
    /// A Jetson: the GPU is part of the chip, and files list what belongs into a container.
    Tegra,
}

/// What opens the GPUs of a machine whose kernel module does not list them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Platform {
    /// GPUs on the PCI bus; `Host::devices` has their nodes.
    Nvidia,
    /// Windows Subsystem for Linux.
    Wsl {
        /// `/dev/dxg`; `None` if it is not there.
        node: Option<DeviceNode>,
    },
    /// A Jetson.
    Tegra {
        /// The nodes that its lists name and that are there.
        nodes: Vec<DeviceNode>,
    },
}

/// The library by which programs under WSL reach the Windows host's GPUs.
pub(crate) const DXCORE: &str = "/usr/lib/wsl/lib/libdxcore.so";

/// The file that tells the release of a Jetson's software.
pub(crate) const TEGRA_RELEASE: &str = "/etc/nv_tegra_release";

impl Platform {
    /// The kind of machine.
    pub const fn kind(&self) -> PlatformKind {
        match self {
            Self::Nvidia => PlatformKind::Nvidia,
            Self::Wsl { .. } => PlatformKind::Wsl,
            Self::Tegra { .. } => PlatformKind::Tegra,
        }
    }
}

impl PlatformKind {
    /// Finds out.
    pub fn detect(places: &Places) -> Self {
        let is_file = |path: &str| {
            liftgate_sys::file::metadata(&below(&places.host_root, Path::new(path)))
                .ok()
                .flatten()
                .is_some_and(|metadata| metadata.kind == FileKind::Regular)
        };
        if is_file(DXCORE) && devices::existing(places, "dxg").is_some() {
            return Self::Wsl;
        }
        let family = read_text(&places.sys.join("devices/soc0/family"))
            .ok()
            .flatten()
            .unwrap_or_default();
        let is_tegra = is_file(TEGRA_RELEASE)
            || family
                .get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case("tegra"));
        // A board with a discrete GPU beside the chip's own has both; then the discrete one's driver rules.
        let has_lists = places
            .csv_files
            .iter()
            .any(|file| below(&places.host_root, file).is_file());
        let has_bus = !directory_names(&places.proc.join("driver/nvidia/gpus")).is_empty();
        if is_tegra && has_lists && !has_bus {
            return Self::Tegra;
        }
        Self::Nvidia
    }
}
