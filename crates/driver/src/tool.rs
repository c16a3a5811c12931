//! The driver's tools: `nvidia-smi` and its kin.
//!
//! They are looked for beside the libraries first and in the usual directories after that, not on the
//! `PATH` of whoever started us. Only an ELF program counts: a host may put a wrapper script of that name on
//! its `PATH`, which sets up things that no container has.

use crate::capability::Capabilities;
use crate::rules::{HOST_TOOLS, TOOLS};
use crate::search::Search;
use liftgate_elf::facts::Kind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A tool of the driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tool {
    /// Its name, such as `nvidia-smi`.
    pub name: String,
    /// The file on the host, links resolved.
    pub host_path: PathBuf,
    /// Where it goes in a container: the path it was found by, inside the driver root.
    pub container_path: PathBuf,
    /// The capabilities that it serves.
    pub capabilities: Capabilities,
}

const DIRECTORIES: &[&str] = &[
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/local/nvidia/bin",
    "/bin",
    "/sbin",
    "/opt/bin",
    "/run/current-system/sw/bin",
];

/// Finds the tools; `libraries` are the directories of the driver's libraries inside the root.
pub(crate) fn find(
    search: &mut Search,
    libraries: &[PathBuf],
) -> (Vec<Tool>, Vec<(PathBuf, String)>) {
    let directories = directories(search, libraries);
    let mut unrecognised = Vec::new();
    let mut tools: Vec<Tool> = Vec::new();
    for (name, capabilities) in TOOLS {
        for directory in &directories {
            let path = directory.join(name);
            let Some(real) = search.regular_file(&path) else {
                continue;
            };
            if search
                .elf(&real)
                .is_none_or(|facts| facts.kind == Kind::Other)
            {
                unrecognised.push((
                    search.host_path(&path),
                    "is a script, not the tool".to_owned(),
                ));
                continue;
            }
            tools.push(Tool {
                name: (*name).to_owned(),
                host_path: search.host_path(&real),
                container_path: path,
                capabilities: *capabilities,
            });
            break;
        }
    }
    // A wrapper beside a tool that was found elsewhere is no riddle.
    unrecognised.retain(|(path, _)| {
        !tools.iter().any(|tool| {
            path.file_name()
                .is_some_and(|name| name == tool.name.as_str())
        })
    });
    unrecognised.extend(unknown(search, &directories));
    (tools, unrecognised)
}

/// `bin` beside a private library directory first: there, the real tools are.
fn directories(search: &mut Search, libraries: &[PathBuf]) -> Vec<PathBuf> {
    let beside = libraries
        .iter()
        .filter(|directory| {
            !directory.starts_with("/usr/lib") && !directory.starts_with("/usr/lib64")
        })
        .filter_map(|directory| directory.parent())
        .map(|prefix| prefix.join("bin"));
    // `nvidia/current` of Debian's alternatives holds the tools too; `/usr/bin` leads there by links.
    let candidates = beside
        .chain(DIRECTORIES.iter().map(PathBuf::from))
        .collect::<Vec<_>>();
    let mut directories: Vec<PathBuf> = Vec::new();
    for candidate in candidates {
        if let Some(directory) = search.directory(&candidate)
            && !directories.contains(&directory)
        {
            directories.push(directory);
        }
    }
    directories
}

fn unknown(search: &mut Search, directories: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let known: BTreeSet<&str> = TOOLS
        .iter()
        .map(|(name, _)| *name)
        .chain(HOST_TOOLS.iter().copied())
        .collect();
    let mut unknown = Vec::new();
    for directory in directories {
        for name in search.names(directory) {
            if name.starts_with("nvidia-") && !known.contains(name.as_str()) {
                unknown.push((
                    search.host_path(&Path::new(directory).join(&name)),
                    "is called like a tool of the driver and no rule knows it; not given"
                        .to_owned(),
                ));
            }
        }
    }
    unknown
}
