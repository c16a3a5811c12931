//! The files of one driver installation, below one driver root.

use crate::configuration::{self, Configuration};
use crate::firmware::{self, Firmware};
use crate::library::{self, Library};
use crate::place::Places;
use crate::record::DirectoryState;
use crate::search::Search;
use crate::tool::{self, Tool};
use liftgate_sys::{FileKind, SysError};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What lies below a driver root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Installation {
    /// The driver root.
    pub root: PathBuf,
    /// The libraries, in the order of discovery.
    pub libraries: Vec<Library>,
    /// The directories that hold the 64-bit libraries the loader is to find, as a container sees them.
    pub library_directories: Vec<PathBuf>,
    /// Versions of the libraries that were found and do not match the kernel module.
    pub other_versions: Vec<String>,
    /// The tools.
    pub tools: Vec<Tool>,
    /// The firmware.
    pub firmware: Vec<Firmware>,
    /// Configuration files.
    pub configurations: Vec<Configuration>,
    /// Sockets of the driver's daemons.
    pub sockets: Vec<Socket>,
    /// Files that a list names: the driver store of WSL, the lists of a Jetson.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<ListedFile>,
    /// Links that a list names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed_links: Vec<ListedLink>,
    /// Files that look like the driver's and that no rule knows.
    pub unrecognised: Vec<Unrecognised>,
}

/// A socket of one of the driver's daemons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Socket {
    /// The socket on the host.
    pub host_path: PathBuf,
    /// Where it goes in a container.
    pub container_path: PathBuf,
}

/// A file that looks like the driver's and that no rule knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unrecognised {
    /// The file on the host.
    pub path: PathBuf,
    /// What is odd about it, and what was done.
    pub reason: String,
}

/// A file or directory that a container gets because a list names it, whatever it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListedFile {
    /// The file on the host.
    pub host_path: PathBuf,
    /// Where it goes in a container.
    pub container_path: PathBuf,
    /// What names it.
    pub source: String,
}

/// A link that a container gets because a list names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListedLink {
    /// Where it is.
    pub path: PathBuf,
    /// Its text.
    pub target: String,
    /// What names it.
    pub source: String,
}

const SOCKETS: &[&str] = &["nvidia-persistenced/socket", "nvidia-fabricmanager/socket"];

impl Installation {
    /// A driver root in which nothing was found yet.
    pub(crate) fn empty(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            libraries: Vec::new(),
            library_directories: Vec::new(),
            other_versions: Vec::new(),
            tools: Vec::new(),
            firmware: Vec::new(),
            configurations: Vec::new(),
            sockets: Vec::new(),
            listed: Vec::new(),
            listed_links: Vec::new(),
            unrecognised: Vec::new(),
        }
    }

    /// Fills in the directories that the loader is to look into.
    pub(crate) fn note_directories(&mut self) {
        for library in &self.libraries {
            if let Some(directory) = library.container_path.parent()
                && !library.is_32_bit
                && !library.is_module
                && !self
                    .library_directories
                    .iter()
                    .any(|known| known == directory)
            {
                self.library_directories.push(directory.to_owned());
            }
        }
    }

    /// Reads what lies below `root` for the driver version `version` (`None`: whatever is there), and
    /// says which directories of the host were looked into: while none has changed, nothing has.
    pub(crate) fn find(
        root: &Path,
        places: &Places,
        version: Option<&str>,
    ) -> Result<(Self, Vec<DirectoryState>), SysError> {
        let mut search = Search::open(root)?;
        let inside = |search: &Search, paths: &[PathBuf]| -> Vec<PathBuf> {
            paths
                .iter()
                .filter_map(|path| search.inside(path))
                .collect()
        };
        let library_paths = inside(&search, &places.library_search_paths);
        let mut libraries = library::find(&mut search, version, &library_paths);
        if places.explicit_libraries {
            library::add_explicit(&mut search, &mut libraries);
        }
        let directories = libraries.directories();
        let (tools, unknown_tools) = tool::find(&mut search, &directories);
        let firmware = version.map_or_else(Vec::new, |version| {
            firmware::find(&mut search, places, version)
        });
        let configuration_paths = inside(&search, &places.configuration_search_paths);
        let configurations = configuration::find(&mut search, &directories, &configuration_paths);
        let sockets = find_sockets(&mut search);
        let unrecognised = libraries
            .unrecognised
            .iter()
            .cloned()
            .chain(unknown_tools)
            .map(|(path, reason)| Unrecognised { path, reason })
            .collect();
        let mut installation = Self {
            root: root.to_owned(),
            library_directories: Vec::new(),
            other_versions: libraries.other_versions.into_iter().collect(),
            libraries: libraries.libraries,
            tools,
            firmware,
            configurations,
            sockets,
            listed: Vec::new(),
            listed_links: Vec::new(),
            unrecognised,
        };
        installation.note_directories();
        Ok((installation, search.looked_into()))
    }

    /// The library with this SONAME, 64-bit.
    pub fn library(&self, soname: &str) -> Option<&Library> {
        self.libraries
            .iter()
            .find(|library| library.soname == soname && !library.is_32_bit)
    }
}

fn find_sockets(search: &mut Search) -> Vec<Socket> {
    SOCKETS
        .iter()
        .filter_map(|name| {
            let path = Path::new("/run").join(name);
            search.directory(path.parent()?);
            search
                .metadata(&path)
                .filter(|metadata| metadata.kind == FileKind::Socket)?;
            Some(Socket {
                host_path: search.host_path(&path),
                container_path: path,
            })
        })
        .collect()
}
