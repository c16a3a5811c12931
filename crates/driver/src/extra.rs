//! Devices beside the GPUs that a container gets only if it asks for each kind by name: GPUDirect Storage,
//! Mellanox InfiniBand, GDRCopy, NVSwitch, and the channels of IMEX.
//!
//! They are looked for when somebody asks, and never recorded: they come and go with their own modules. A
//! channel of IMEX opens memory of other machines, so a list of channels is exactly what it says and an
//! empty one is none.

use crate::devices::{self, DeviceNode};
use crate::kernel::CharacterMajors;
use crate::place::{Places, below};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A kind of device that is asked for by a variable of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Extra {
    /// GPUDirect Storage.
    Gds,
    /// Mellanox InfiniBand verbs.
    Mofed,
    /// GDRCopy.
    Gdrcopy,
    /// NVSwitch.
    Nvswitch,
}

impl Extra {
    /// Every kind, in the order in which they are given.
    pub const ALL: [Self; 4] = [Self::Gds, Self::Mofed, Self::Gdrcopy, Self::Nvswitch];

    /// The name of its mode, and of its class in CDI.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gds => "gds",
            Self::Mofed => "mofed",
            Self::Gdrcopy => "gdrcopy",
            Self::Nvswitch => "nvswitch",
        }
    }

    /// The variable that asks for it, with the value `enabled`.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Gds => "NVIDIA_GDS",
            Self::Mofed => "NVIDIA_MOFED",
            Self::Gdrcopy => "NVIDIA_GDRCOPY",
            Self::Nvswitch => "NVIDIA_NVSWITCH",
        }
    }

    /// What to look for, in words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Gds => "/dev/nvidia-fs*",
            Self::Mofed => "/dev/infiniband/uverbs* and /dev/infiniband/rdma_cm",
            Self::Gdrcopy => "/dev/gdrdrv",
            Self::Nvswitch => "/dev/nvidia-nvswitchctl and /dev/nvidia-nvswitch*",
        }
    }

    /// Whether a name below `/dev` is one of its nodes.
    fn claims(self, name: &str) -> bool {
        let numbered = |prefix: &str| {
            name.strip_prefix(prefix)
                .is_some_and(|rest| !rest.is_empty() && is_number(rest))
        };
        match self {
            Self::Gds => name == "nvidia-fs" || numbered("nvidia-fs"),
            Self::Mofed => name == "infiniband/rdma_cm" || numbered("infiniband/uverbs"),
            Self::Gdrcopy => name == "gdrdrv",
            Self::Nvswitch => name == "nvidia-nvswitchctl" || numbered("nvidia-nvswitch"),
        }
    }

    /// The directory below `/dev` that its nodes lie in.
    const fn directory(self) -> &'static str {
        match self {
            Self::Mofed => "infiniband",
            Self::Gds | Self::Gdrcopy | Self::Nvswitch => "",
        }
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What there is of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExtraDevices {
    /// The kind.
    pub extra: Extra,
    /// Its nodes, by path.
    pub nodes: Vec<DeviceNode>,
    /// Files and directories that go with them: on the host, in a container.
    pub files: Vec<(PathBuf, PathBuf)>,
}

/// A channel of IMEX.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImexChannel {
    /// Its number.
    pub number: u32,
    /// Its node.
    pub node: DeviceNode,
}

/// What GPUDirect Storage reads beside its nodes: the udev database and its configuration.
const GDS_FILES: [&str; 2] = ["/run/udev", "/etc/cufile.json"];

const IMEX_DIRECTORY: &str = "nvidia-caps-imex-channels";

impl ExtraDevices {
    /// Looks for the devices of one kind.
    pub fn read(places: &Places, driver_root: &Path, extra: Extra) -> Self {
        let directory = extra.directory();
        let mut names: Vec<String> = crate::host::directory_names(&places.dev.join(directory))
            .into_iter()
            .map(|name| match directory {
                "" => name,
                directory => format!("{directory}/{name}"),
            })
            .filter(|name| extra.claims(name))
            .collect();
        names.sort();
        let nodes: Vec<DeviceNode> = names
            .iter()
            .filter_map(|name| devices::existing(places, name))
            .collect();
        let files = match extra {
            Extra::Gds if !nodes.is_empty() => GDS_FILES
                .iter()
                .map(|path| (below(driver_root, Path::new(path)), PathBuf::from(path)))
                .filter(|(host, _)| host.exists())
                .collect(),
            _ => Vec::new(),
        };
        Self {
            extra,
            nodes,
            files,
        }
    }
}

impl ImexChannel {
    /// The channels that this machine has, by number.
    pub fn read_all(places: &Places, majors: &CharacterMajors) -> Vec<Self> {
        let mut channels: Vec<Self> =
            crate::host::directory_names(&places.dev.join(IMEX_DIRECTORY))
                .into_iter()
                .filter_map(|name| {
                    let number = name
                        .strip_prefix("channel")
                        .filter(|number| is_number(number))?
                        .parse()
                        .ok()?;
                    let path = format!("{IMEX_DIRECTORY}/{name}");
                    let node = match majors.get(IMEX_DIRECTORY) {
                        Some(major) => devices::node(places, &path, major, number),
                        None => devices::existing(places, &path)?,
                    };
                    Some(Self { number, node })
                })
                .collect();
        channels.sort_by_key(|channel| channel.number);
        channels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_belongs_to_one_kind() {
        for (name, kind) in [
            ("nvidia-fs0", Some(Extra::Gds)),
            ("nvidia-fs15", Some(Extra::Gds)),
            ("nvidia-fsx", None),
            ("infiniband/uverbs3", Some(Extra::Mofed)),
            ("infiniband/rdma_cm", Some(Extra::Mofed)),
            ("infiniband/umad0", None),
            ("gdrdrv", Some(Extra::Gdrcopy)),
            ("nvidia-nvswitchctl", Some(Extra::Nvswitch)),
            ("nvidia-nvswitch0", Some(Extra::Nvswitch)),
            ("nvidia-nvswitch", None),
            ("nvidia0", None),
        ] {
            let found: Vec<Extra> = Extra::ALL
                .into_iter()
                .filter(|extra| extra.claims(name))
                .collect();
            assert_eq!(found, kind.into_iter().collect::<Vec<_>>(), "{name}");
        }
    }
}
