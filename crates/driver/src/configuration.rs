//! Configuration files by which Vulkan, EGL, OpenCL and X.Org find the driver's libraries.

use crate::capability::Capabilities;
use crate::rules::CONFIGURATIONS;
use crate::search::Search;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A configuration file of the driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Configuration {
    /// The file on the host.
    pub host_path: PathBuf,
    /// Where the loaders look for it in a container.
    pub container_path: PathBuf,
    /// The capabilities that it serves.
    pub capabilities: Capabilities,
}

const DIRECTORIES: &[&str] = &["/etc", "/usr/local/share", "/usr/share"];

/// Finds the files: in the usual directories, then in `share` beside a private library directory.
///
/// Only absolute places inside the driver root: the reference looked for some of them relative to the
/// directory that it happened to run in.
///
/// `search_paths` are directories of the driver root that take the place of all of these.
pub(crate) fn find(
    search: &mut Search,
    libraries: &[PathBuf],
    search_paths: &[PathBuf],
) -> Vec<Configuration> {
    let beside: Vec<PathBuf> = libraries
        .iter()
        .filter_map(|directory| directory.parent())
        .filter(|prefix| !prefix.starts_with("/usr/lib") && *prefix != Path::new("/usr"))
        .map(|prefix| prefix.join("share"))
        .collect();
    let directories: Vec<PathBuf> = if search_paths.is_empty() {
        let usual = DIRECTORIES.iter().map(PathBuf::from).chain(beside);
        // A root that is only the driver's has them at the top, as on GKE.
        usual
            .chain((!search.is_hosts()).then(|| PathBuf::from("/")))
            .collect()
    } else {
        search_paths.to_vec()
    };
    CONFIGURATIONS
        .iter()
        .filter_map(|rule| {
            let real = directories
                .iter()
                .find_map(|directory| search.file(&directory.join(rule.name)))?;
            Some(Configuration {
                host_path: search.host_path(&real),
                container_path: Path::new(rule.directory).join(rule.name),
                capabilities: rule.capabilities,
            })
        })
        .collect()
}
