//! What an installation has to do: the layout, compared with what is there.

use super::layout::{Content, Item, Kind, Layout};
use super::manifest::Manifest;
use super::place::aside;
use super::thing::{Found, Thing};
use liftgate_sys::{Root, SysError};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What is added to the name of another's file that is kept aside.
pub(crate) const SUFFIX: &str = ".liftgate-replaced";

/// Something that is done to one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Another's file gets the name with [`SUFFIX`].
    SetAside(PathBuf),
    /// A file or a link is put there.
    Put(Item, Why),
    /// What an earlier version has put there is taken away.
    Remove(PathBuf),
}

/// Why something is put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is nothing yet.
    New,
    /// There is something of ours, of another content.
    Renewed,
    /// Ours was edited since.
    Edited,
}

/// What has to be done, in order, and what the manifest says meanwhile and afterwards.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) manifest_path: PathBuf,
    pub(crate) steps: Vec<Step>,
    pub(super) journal: Manifest,
    pub(super) finished: Manifest,
    /// Whether the last run did not come to its end.
    pub(crate) is_resumed: bool,
    is_settled: bool,
}

impl Plan {
    /// Compares; `old` is what the manifest says that is there.
    pub(crate) fn make(
        root: &Root,
        layout: Layout,
        old: Option<&Manifest>,
        manifest_path: &Path,
    ) -> Result<Self, SysError> {
        let nothing = Manifest::default();
        let mut plan = Self {
            manifest_path: manifest_path.to_owned(),
            steps: Vec::new(),
            journal: Manifest::default(),
            finished: Manifest {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                is_complete: true,
                directories: directories(root, &layout, old, manifest_path)?,
                ..Manifest::default()
            },
            is_resumed: old.is_some_and(|old| !old.is_complete),
            is_settled: false,
        };
        let known = old.unwrap_or(&nothing);
        for item in layout.items {
            plan.compare(root, item, known)?;
        }
        plan.clear(root, known)?;
        plan.keep_replaced(root, known)?;
        plan.journal = plan.finished.clone();
        plan.journal.is_complete = false;
        for entry in &known.entries {
            if !plan.journal.entries.contains(entry) {
                plan.journal.entries.push(entry.clone());
            }
        }
        plan.is_settled = plan.steps.is_empty() && old == Some(&plan.finished);
        Ok(plan)
    }

    /// Whether there is nothing to be done at all.
    pub(crate) const fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Others' files that are in the way.
    pub(crate) fn set_aside(&self) -> impl Iterator<Item = &Path> {
        self.steps.iter().filter_map(|step| match step {
            Step::SetAside(path) => Some(&**path),
            Step::Put(..) | Step::Remove(_) => None,
        })
    }

    /// Paths that will be ours and that we know nothing of.
    pub(crate) fn claims<'a>(
        &'a self,
        old: Option<&'a Manifest>,
    ) -> impl Iterator<Item = &'a Path> {
        self.finished
            .entries
            .iter()
            .map(|(path, _)| &**path)
            .filter(move |path| !old.is_some_and(|old| old.lists(path)))
    }

    fn compare(&mut self, root: &Root, item: Item, old: &Manifest) -> Result<(), SysError> {
        let wanted = item.thing();
        let found = Found::at(root, &item.path)?;
        match item.kind {
            Kind::Own | Kind::Name => {}
            Kind::Configuration => {
                self.compare_configuration(item, &found, &wanted, old);
                return Ok(());
            }
            // The package manager takes it away, so it is not listed.
            Kind::Packaged => {
                if found == Found::Nothing {
                    self.steps.push(Step::Put(item, Why::New));
                }
                return Ok(());
            }
        }
        let why = match &found {
            Found::Nothing => Some(Why::New),
            Found::Thing(there) if *there == wanted => None,
            Found::Thing(there) if there.has_content_of(&wanted) || old.has(&item.path, there) => {
                Some(Why::Renewed)
            }
            // Nobody else has this name, so whoever changed the file has changed ours.
            Found::Thing(_) if item.kind == Kind::Own && old.lists(&item.path) => Some(Why::Edited),
            Found::Thing(there) => {
                let replaced = (item.path.clone(), there.clone());
                self.steps.push(Step::SetAside(item.path.clone()));
                self.finished.replaced.push(replaced);
                Some(Why::New)
            }
            Found::Other => {
                return Err(SysError::refused(
                    format!("replace(`{}`)", item.path.display()),
                    "neither a file nor a link",
                ));
            }
        };
        self.finished.entries.push((item.path.clone(), wanted));
        if let Some(why) = why {
            self.steps.push(Step::Put(item, why));
        }
        Ok(())
    }

    /// A configuration that is there is the administrator's, unless we have written it and nobody has touched it.
    fn compare_configuration(&mut self, item: Item, found: &Found, wanted: &Thing, old: &Manifest) {
        let path = item.path.clone();
        match found {
            Found::Nothing => {
                self.finished.entries.push((path, wanted.clone()));
                self.steps.push(Step::Put(item, Why::New));
            }
            Found::Thing(there) if old.has(&path, there) => {
                self.finished.entries.push((path, wanted.clone()));
                if !there.has_content_of(wanted) {
                    self.steps.push(Step::Put(item, Why::Renewed));
                }
            }
            // Edited: it stays listed as what it was, so that it is not taken for anybody else's.
            Found::Thing(_) | Found::Other => {
                let listed = old.entries.iter().filter(|(listed, _)| *listed == path);
                self.finished.entries.extend(listed.cloned());
            }
        }
    }

    /// What an earlier version has put where this one puts nothing.
    fn clear(&mut self, root: &Root, old: &Manifest) -> Result<(), SysError> {
        for (path, _) in &old.entries {
            let is_still = self.finished.lists(path);
            let is_known = self.steps.contains(&Step::Remove(path.clone()));
            if is_still || is_known {
                continue;
            }
            if let Found::Thing(there) = Found::at(root, path)?
                && old.has(path, &there)
            {
                self.steps.push(Step::Remove(path.clone()));
            }
        }
        Ok(())
    }

    /// What was kept aside before, and still is.
    fn keep_replaced(&mut self, root: &Root, old: &Manifest) -> Result<(), SysError> {
        for entry in &old.replaced {
            let is_known = self
                .finished
                .replaced
                .iter()
                .any(|(path, _)| *path == entry.0);
            if !is_known && Found::at(root, &aside(&entry.0))? != Found::Nothing {
                self.finished.replaced.push(entry.clone());
            }
        }
        Ok(())
    }
}

/// Directories that are made, the outer ones first; those that were made before stay listed.
fn directories(
    root: &Root,
    layout: &Layout,
    old: Option<&Manifest>,
    manifest_path: &Path,
) -> Result<Vec<PathBuf>, SysError> {
    let mut made = old.map_or_else(Vec::new, |old| old.directories.clone());
    let mut add = |directory: &Path| {
        if !made.iter().any(|known| known == directory) {
            made.push(directory.to_owned());
        }
    };
    if old.is_none() {
        for left in left_by_a_killed_run(root, manifest_path)? {
            add(&left);
        }
    }
    let files = layout.items.iter().map(|item| &*item.path);
    for file in files.chain([manifest_path]) {
        let mut missing = Vec::new();
        for directory in file.ancestors().skip(1) {
            if root.metadata(directory)?.is_some() {
                break;
            }
            missing.push(directory);
        }
        for directory in missing.into_iter().rev() {
            add(directory);
        }
    }
    made.sort();
    Ok(made)
}

/// As many half-written manifests as can be thought of.
const FEW: usize = 16;

/// A run that was killed before it had written its manifest has made the manifest's directory, and those above it
/// that have nothing else in them; so has one that was killed after it had removed it.
pub(super) fn left_by_a_killed_run(
    root: &Root,
    manifest_path: &Path,
) -> Result<Vec<PathBuf>, SysError> {
    let mut left = Vec::new();
    // `/opt` may be empty and yet be somebody's: what lies above the prefix is none of ours.
    let below_prefix = manifest_path.ancestors().skip(1).take(3);
    for directory in below_prefix {
        let Some(opened) = root.open_directory(directory)? else {
            continue;
        };
        // A directory with more in it is somebody's.
        let Ok(names) = opened.names(FEW) else { break };
        let is_unwritten = |name: &OsString| name.as_encoded_bytes().starts_with(b".manifest.");
        let is_left = if left.is_empty() {
            names.iter().all(is_unwritten)
        } else {
            names.len() == 1
        };
        if !is_left || directory.parent().is_none() {
            break;
        }
        left.push(directory.to_owned());
    }
    left.reverse();
    Ok(left)
}

impl Item {
    /// Where a link leads.
    pub(crate) const fn target(&self) -> Option<&'static str> {
        match self.content {
            Content::Link { target } => Some(target),
            Content::File { .. } => None,
        }
    }
}
