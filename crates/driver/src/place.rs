//! Where to look: the driver root, and the running host's `/dev`, `/proc` and `/sys`.

use std::path::{Path, PathBuf};

/// A driver container (the GPU Operator's) mounts its root file system here.
pub(crate) const DRIVER_CONTAINER_ROOT: &str = "/run/nvidia/driver";

/// The directories that a host is read from. Tests point them elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The driver root that the administrator configured; `None` to look for it.
    pub configured_root: Option<PathBuf>,
    /// The host's root: the first driver root that is tried.
    pub host_root: PathBuf,
    /// The running host's `/dev`.
    pub dev: PathBuf,
    /// The running host's `/proc`.
    pub proc: PathBuf,
    /// The running host's `/sys`.
    pub sys: PathBuf,
}

impl Places {
    /// The running host, with the driver root that `config.toml` names, if it names one.
    pub fn host(configured_root: Option<&Path>) -> Self {
        Self {
            configured_root: configured_root
                .filter(|root| *root != Path::new("/"))
                .map(Path::to_owned),
            host_root: PathBuf::from("/"),
            dev: PathBuf::from("/dev"),
            proc: PathBuf::from("/proc"),
            sys: PathBuf::from("/sys"),
        }
    }

    /// The driver roots to try, in order.
    pub(crate) fn driver_roots(&self) -> Vec<PathBuf> {
        match &self.configured_root {
            Some(root) => vec![root.clone()],
            None => vec![
                self.host_root.clone(),
                below(&self.host_root, Path::new(DRIVER_CONTAINER_ROOT)),
            ],
        }
    }
}

/// `path` (absolute) as it is named from the host when it lies below `root`, a root of the
/// administrator's. For container roots this would be wrong: see `liftgate_sys::Root`.
pub(crate) fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}
