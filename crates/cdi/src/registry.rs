//! The registry: every device that the files of the CDI directories define.
//!
//! The files come from whoever may write there: the administrator, an operator's pod, a package's script. So a
//! file that is broken, or no file at all, costs its own devices and nobody else's, and is told with its path;
//! and nothing that lies there can make the reading wait.
//!
//! The rules are those of the Go library 1.1.0: a later directory goes before an earlier one, and two files of
//! one directory with the same device make that device unusable. Four differences, each the reason for an
//! outage once: a conflict does not take the definition of a later directory with it; a directory that cannot
//! be read is told; one that is a link is followed; and a directory or pipe by the name of a file is told, too.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use liftgate_sys::{Dir, Errno, file};

use crate::model::{Device, Specification};
use crate::name::QualifiedName;
use crate::shown::Shown;
use crate::source::MAX_BYTES;

/// Where files are looked for unless something else is configured, in the order of rising priority.
pub const DEFAULT_DIRECTORIES: [&str; 2] = ["/etc/cdi", "/var/run/cdi"];

/// The most entries of a directory.
const MAX_ENTRIES: usize = 10_000;

/// What the directories hold.
#[derive(Debug, Default)]
pub struct Registry {
    files: Vec<Loaded>,
    errors: Vec<LoadError>,
    /// Devices, by the index of the file and the index in it.
    devices: BTreeMap<QualifiedName, (usize, usize)>,
    /// Devices that two or more files of one directory define, and none of a later directory.
    conflicts: BTreeMap<QualifiedName, Vec<usize>>,
}

/// A file that was read.
#[derive(Debug)]
pub struct Loaded {
    /// Where it is.
    pub path: PathBuf,
    /// The index of its directory: the higher, the stronger.
    pub priority: usize,
    /// What it holds.
    pub specification: Specification,
}

/// A file or directory that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// Which.
    pub path: PathBuf,
    /// What is wrong, with the line where there is one.
    pub reason: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path.display(), self.reason)
    }
}

/// A device, and where it is from.
#[derive(Debug, Clone, Copy)]
pub struct Found<'r> {
    /// The specification that it is in.
    pub specification: &'r Specification,
    /// The file.
    pub path: &'r Path,
    /// The device.
    pub device: &'r Device,
}

/// Why names could not be resolved, and what there is instead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unresolved {
    /// The names that no file defines, in the order they were asked for.
    pub missing: Vec<QualifiedName>,
    /// The names that several files of one directory define, with those files.
    pub conflicting: Vec<(QualifiedName, Vec<PathBuf>)>,
    /// What was wrong with files and directories: the devices may be in one of them.
    pub errors: Vec<LoadError>,
    /// Every kind there is a device of.
    pub kinds: Vec<String>,
    /// Every device there is.
    pub devices: Vec<QualifiedName>,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conflicting = self.conflicting.iter().map(|(name, _)| name);
        f.write_str("no CDI device")?;
        for (index, name) in self.missing.iter().chain(conflicting).enumerate() {
            write!(f, "{} `{name}`", if index > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Unresolved {}

impl Registry {
    /// Reads the files of `directories`, of which a later one goes before an earlier one.
    pub fn load(directories: &[PathBuf]) -> Self {
        let mut registry = Self::default();
        for (priority, directory) in directories.iter().enumerate() {
            let first = registry.files.len();
            match names(directory) {
                Ok(names) => {
                    for name in names {
                        registry.read(directory.join(name), priority);
                    }
                }
                Err(reason) => registry.add_error(directory, reason),
            }
            registry.define(first);
        }
        registry
    }

    fn add_error(&mut self, path: &Path, reason: String) {
        self.errors.push(LoadError {
            path: path.to_owned(),
            reason,
        });
    }

    fn read(&mut self, path: PathBuf, priority: usize) {
        let bytes = match file::read_regular(&path, MAX_BYTES as u64) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return self.add_error(&path, "a link to nothing".to_owned()),
            Err(error) => return self.add_error(&path, error.to_string()),
        };
        match Specification::load(&bytes) {
            Ok(specification) => self.files.push(Loaded {
                path,
                priority,
                specification,
            }),
            Err(error) => self.add_error(&path, error.to_string()),
        }
    }

    /// Takes in the devices of one directory: those of the files from `first` on.
    fn define(&mut self, first: usize) {
        let mut own: BTreeMap<QualifiedName, Vec<(usize, usize)>> = BTreeMap::new();
        for (file, loaded) in self.files.iter().enumerate().skip(first) {
            let specification = &loaded.specification;
            for (index, device) in specification.devices.iter().enumerate() {
                let name = specification.qualified(device);
                own.entry(name).or_default().push((file, index));
            }
        }
        let mut clashes: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        for (name, places) in own {
            self.devices.remove(&name);
            self.conflicts.remove(&name);
            if let [place] = *places {
                self.devices.insert(name, place);
                continue;
            }
            let files: Vec<usize> = places.into_iter().map(|(file, _)| file).collect();
            for one in &files {
                for other in files.iter().filter(|other| *other != one) {
                    let names = clashes.entry((*one, *other)).or_default();
                    names.push(name.to_string());
                }
            }
            self.conflicts.insert(name, files);
        }
        for ((one, other), names) in clashes {
            let (path, other) = (&self.files[one].path, self.files[other].path.display());
            let path = path.clone();
            let reason = format!(
                "defines {}, and so does `{other}`: neither is used",
                listed(&names)
            );
            self.add_error(&path, reason);
        }
    }

    /// The devices that can be asked for, sorted.
    pub fn devices(&self) -> impl Iterator<Item = &QualifiedName> {
        self.devices.keys()
    }

    /// What is wrong with files and directories, conflicts included.
    pub fn errors(&self) -> &[LoadError] {
        &self.errors
    }

    /// The files that were read, directory by directory, sorted in each.
    pub fn specifications(&self) -> impl Iterator<Item = &Loaded> {
        self.files.iter()
    }

    /// The device of that name.
    pub fn get(&self, name: &QualifiedName) -> Option<Found<'_>> {
        let (file, device) = *self.devices.get(name)?;
        let loaded = &self.files[file];
        Some(Found {
            specification: &loaded.specification,
            path: &loaded.path,
            device: &loaded.specification.devices[device],
        })
    }

    /// The devices of those names, in that order: all of them, or none.
    pub fn resolve(&self, names: &[QualifiedName]) -> Result<Vec<Found<'_>>, Box<Unresolved>> {
        let mut found = Vec::with_capacity(names.len());
        let mut unresolved = Unresolved::default();
        for name in names {
            if let Some(device) = self.get(name) {
                found.push(device);
            } else if let Some(files) = self.conflicts.get(name) {
                let paths = files.iter().map(|file| self.files[*file].path.clone());
                unresolved.conflicting.push((name.clone(), paths.collect()));
            } else {
                unresolved.missing.push(name.clone());
            }
        }
        if found.len() == names.len() {
            return Ok(found);
        }
        unresolved.errors.clone_from(&self.errors);
        unresolved.devices = self.devices.keys().cloned().collect();
        unresolved.kinds = self.devices.keys().map(QualifiedName::kind).collect();
        unresolved.kinds.dedup();
        Err(Box::new(unresolved))
    }
}

impl Specification {
    /// The name by which a device of this specification is asked for.
    pub fn qualified(&self, device: &Device) -> QualifiedName {
        QualifiedName {
            vendor: self.vendor.clone(),
            class: self.class.clone(),
            name: device.name.clone(),
        }
    }
}

/// The first names, and how many there are besides.
fn listed(names: &[String]) -> String {
    const MOST: usize = 4;
    let mut text = String::new();
    for (index, name) in names.iter().take(MOST).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        write!(text, "`{}`", Shown(name)).ok();
    }
    if names.len() > MOST {
        write!(text, " and {} more", names.len() - MOST).ok();
    }
    text
}

/// The names in a directory that a specification can have, sorted; none where there is no directory.
fn names(directory: &Path) -> Result<Vec<std::ffi::OsString>, String> {
    let opened = match Dir::open_host(directory) {
        Ok(opened) => opened,
        Err(error) if error.is(Errno::NOENT) => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
    };
    let mut names = opened
        .names(MAX_ENTRIES)
        .map_err(|error| error.to_string())?;
    names.retain(|name| is_specification_name(name));
    Ok(names)
}

/// Lower case only, and no other ending: what an engine does not read must not be read here.
fn is_specification_name(name: &OsStr) -> bool {
    let name = name.as_bytes();
    name.ends_with(b".json") || name.ends_with(b".yaml")
}
