//! The engines.

use std::fmt;
use std::path::{Path, PathBuf};

/// A container engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// Docker.
    Docker,
    /// containerd, asked by Kubernetes.
    Containerd,
    /// CRI-O.
    Crio,
    /// Podman.
    Podman,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Docker, Self::Containerd, Self::Crio, Self::Podman];

    /// Its name on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Containerd => "containerd",
            Self::Crio => "crio",
            Self::Podman => "podman",
        }
    }

    /// The engine of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "cri-o" => Some(Self::Crio),
            _ => Self::ALL.into_iter().find(|engine| engine.name() == name),
        }
    }

    /// Its name as people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Docker => "Docker",
            Self::Containerd => "containerd",
            Self::Crio => "CRI-O",
            Self::Podman => "Podman",
        }
    }

    /// Its configuration where root runs it; CRI-O's and Podman's is read, and only the drop-in is written.
    pub fn main_file(self) -> &'static Path {
        Path::new(match self {
            Self::Docker => "/etc/docker/daemon.json",
            Self::Containerd => "/etc/containerd/config.toml",
            Self::Crio => "/etc/crio/crio.conf",
            Self::Podman => "/etc/containers/containers.conf",
        })
    }

    /// The drop-in that is written where root runs it.
    pub fn drop_in(self) -> Option<PathBuf> {
        let path = match self {
            Self::Docker => return None,
            Self::Containerd => "/etc/containerd/conf.d/99-nvidia.toml",
            Self::Crio => "/etc/crio/crio.conf.d/99-nvidia.toml",
            Self::Podman => "/etc/containers/containers.conf.d/99-nvidia.conf",
        };
        Some(PathBuf::from(path))
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.title())
    }
}
