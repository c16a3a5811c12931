//! Where to look: the driver root, and the running host's `/dev`, `/proc` and `/sys`.

use crate::platform::PlatformKind;
use std::path::{Path, PathBuf};

/// A driver container (the GPU Operator's) mounts its root file system here.
pub(crate) const DRIVER_CONTAINER_ROOT: &str = "/run/nvidia/driver";

/// Container-Optimized OS has a read-only root; its driver installer puts the driver here.
const COS_ROOT: &str = "/home/kubernetes/bin/nvidia";

/// Where a Jetson's own files list what belongs into a container.
const CSV_DIRECTORY: &str = "/etc/nvidia-container-runtime/host-files-for-container.d";
const CSV_NAMES: [&str; 3] = ["devices.csv", "drivers.csv", "l4t.csv"];

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
    /// The root below whose `dev` the device nodes lie, where that is not the host's own.
    pub device_root: Option<PathBuf>,
    /// Directories to find libraries in, instead of looking for them.
    pub library_search_paths: Vec<PathBuf>,
    /// Whether the libraries by which programs reach the driver's (GLVND, the OpenCL loader) are given, too.
    pub explicit_libraries: bool,
    /// Directories to find configuration files in, instead of the usual ones.
    pub configuration_search_paths: Vec<PathBuf>,
    /// The files that list what a container gets on a Jetson.
    pub csv_files: Vec<PathBuf>,
    /// Patterns of paths in those files whose links are left out.
    pub csv_ignored: Vec<String>,
    /// What kind of machine this is; `None` to find out.
    pub platform: Option<PlatformKind>,
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
            device_root: None,
            library_search_paths: Vec::new(),
            explicit_libraries: false,
            configuration_search_paths: Vec::new(),
            csv_files: Self::usual_csv_files(),
            csv_ignored: Vec::new(),
            platform: None,
        }
    }

    /// The same host with its device nodes below `root`: `/dev` in there is what containers get.
    #[must_use]
    pub fn with_device_root(mut self, root: &Path) -> Self {
        if root != Path::new("/") {
            self.dev = below(root, Path::new("/dev"));
            self.device_root = Some(root.to_owned());
        }
        self
    }

    /// The lists that a Jetson comes with.
    pub fn usual_csv_files() -> Vec<PathBuf> {
        let directory = Path::new(CSV_DIRECTORY);
        CSV_NAMES.map(|name| directory.join(name)).to_vec()
    }

    /// The lists in `directory`: those that a Jetson comes with, or every one.
    pub fn csv_files_in(directory: &Path, every: bool) -> Vec<PathBuf> {
        let files: Vec<PathBuf> = crate::host::directory_names(directory)
            .into_iter()
            .filter(|name| {
                let is_list = name.len() > 4
                    && Path::new(name)
                        .extension()
                        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
                is_list && (every || CSV_NAMES.contains(&name.as_str()))
            })
            .map(|name| directory.join(name))
            .collect();
        if files.is_empty() {
            Self::usual_csv_files()
        } else {
            files
        }
    }

    /// The node on the host for a name below `/dev`, where it is not the name itself.
    pub(crate) fn node_on_host(&self, name: &str) -> Option<PathBuf> {
        self.device_root.as_ref().map(|_| self.dev.join(name))
    }

    /// The driver roots to try, in order.
    pub(crate) fn driver_roots(&self) -> Vec<PathBuf> {
        match &self.configured_root {
            Some(root) => vec![root.clone()],
            None => vec![
                self.host_root.clone(),
                below(&self.host_root, Path::new(DRIVER_CONTAINER_ROOT)),
                below(&self.host_root, Path::new(COS_ROOT)),
            ],
        }
    }
}

/// The path without `.` and `..`, by its text: what a link is followed by is only what it says.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::from("/");
    for part in path.components() {
        match part {
            std::path::Component::Normal(name) => clean.push(name),
            std::path::Component::ParentDir => {
                clean.pop();
            }
            _ => {}
        }
    }
    clean
}

/// `path` (absolute) as it is named from the host when it lies below `root`, a root of the
/// administrator's. For container roots this would be wrong: see `liftgate_sys::Root`.
pub(crate) fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_followed_by_their_text() {
        assert_eq!(clean(Path::new("/a/b/../c/./d")), Path::new("/a/c/d"));
        assert_eq!(clean(Path::new("/../x")), Path::new("/x"));
    }
}
