//! An engine's configuration on this machine: read, with all that belongs to it, and planned for.

use crate::change::{self, ChangeError, FileChange, Record, Records};
use crate::containerd::{self, Release, imports_of};
use crate::{Edited, Engine, RefusedFile, Wish, crio, docker, podman};
use liftgate_sys::swap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// As many files as a configuration may have: more is a circle, or a mistake.
const MOST_FILES: usize = 1000;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A configuration that is left alone.
    #[error(transparent)]
    Refused(#[from] RefusedFile),
    /// A file could not be read.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// A directory could not be read.
    #[error("readdir(`{path}`): {error}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// Where an engine's configuration is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The engine.
    pub engine: Engine,
    /// The main file.
    pub main: PathBuf,
    /// The drop-in to be written; `None`: the main file itself is.
    pub drop_in: Option<PathBuf>,
    /// The engine's release, where it matters and is known.
    pub release: Option<Release>,
    /// What the engine says its configuration is, to be read in the place of the files.
    pub dump: Option<String>,
    /// For Podman: a file in a directory of OCI hooks, by which every container is looked at for a request.
    pub hook: Option<Hook>,
}

/// A file in a directory of OCI hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The file.
    pub file: PathBuf,
    /// The program that it names.
    pub program: PathBuf,
}

/// What is to be done.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The files, those that do not change among them, in the order in which they are written.
    pub changes: Vec<FileChange>,
    /// What is remembered of it, if anything changes.
    pub record: Option<Record>,
    /// What the reader should know.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether every file is as it is to be.
    pub fn is_nothing(&self) -> bool {
        self.changes.iter().all(FileChange::is_nothing)
    }
}

impl Configuration {
    /// Where it is if root runs the engine.
    pub fn usual(engine: Engine) -> Self {
        Self {
            engine,
            main: engine.main_file().to_owned(),
            drop_in: engine.drop_in(),
            release: None,
            dump: None,
            hook: None,
        }
    }

    /// The file by which the configuration is known to the records.
    pub fn identity(&self) -> &Path {
        match self.engine {
            Engine::Docker | Engine::Containerd => &self.main,
            Engine::Crio | Engine::Podman => self.drop_in.as_deref().unwrap_or(&self.main),
        }
    }

    /// The record of what was changed so far.
    pub fn record(&self, records: &Records) -> Result<Option<Record>, ChangeError> {
        records.find(self.engine.name(), self.identity())
    }

    /// What it takes for the engine to have what is wished for.
    pub fn add(&self, wish: &Wish, records: &Records) -> Result<Plan, PlanError> {
        let old = self.record(records)?;
        let edited = self.edited(wish, old.as_ref())?;
        let changes = change::changes(&edited)?;
        let is_nothing = changes.iter().all(FileChange::is_nothing);
        let record = Record::of(
            self.engine.name(),
            self.identity(),
            &wish.name,
            &changes,
            old.as_ref(),
            |path, text| self.without(path, text, &wish.name),
        );
        Ok(Plan {
            record: (!is_nothing).then_some(record),
            changes,
            warnings: edited.warnings,
        })
    }

    fn edited(&self, wish: &Wish, old: Option<&Record>) -> Result<Edited, PlanError> {
        let drop_in = || self.drop_in.clone().unwrap_or_else(|| self.main.clone());
        // A drop-in that is as we have written it is made anew of what it was before; what somebody has put into it since is kept.
        let drop_in_text = |path: &Path| -> Result<Option<String>, ChangeError> {
            let path = swap::target_of(path)?;
            let text = change::read(&path)?;
            let known = old.and_then(|old| old.file(&path));
            Ok(match (known, text) {
                (Some(known), Some(text)) if known.has_made(&text) => known.before.clone(),
                (_, text) => text,
            })
        };
        Ok(match self.engine {
            Engine::Docker => {
                let text = change::read(&self.main)?.unwrap_or_default();
                let (text, warnings) =
                    docker::add(&text, wish).map_err(|refused| refused.in_file(&self.main))?;
                let mut edited = Edited::default();
                edited.file(&self.main, text);
                edited.warnings = warnings;
                edited
            }
            Engine::Containerd => {
                let drop_in = self.drop_in.clone().unwrap_or_default();
                let main_text = change::read(&self.main)?;
                let files = containerd::Files {
                    imported: self.imported(main_text.as_deref(), &drop_in)?,
                    main: self.main.clone(),
                    main_text,
                    drop_in_text: drop_in_text(&drop_in)?,
                    drop_in,
                    dump: self.dump.clone(),
                    release: self.release,
                };
                containerd::add(&files, wish)?
            }
            Engine::Crio => {
                let read = match (&self.dump, &self.drop_in) {
                    (Some(text), _) => vec![(self.main.clone(), text.clone())],
                    (None, Some(drop_in)) => self.read_by_crio(drop_in)?,
                    (None, None) => self.main_of_crio()?,
                };
                let drop_in = drop_in();
                let files = crio::Files {
                    read,
                    drop_in_text: drop_in_text(&drop_in)?,
                    drop_in,
                };
                crio::add(&files, wish)?
            }
            Engine::Podman => {
                let drop_in = drop_in();
                let files = podman::Files {
                    drop_in_text: drop_in_text(&drop_in)?,
                    drop_in,
                };
                let mut edited = podman::add(&files, wish)?;
                if let Some(hook) = &self.hook {
                    edited.file(&hook.file, podman::hook_file(&hook.program));
                }
                edited
            }
        })
    }

    /// What it takes for everything to be as it was before us, and the files that somebody has edited since. Where nothing is
    /// remembered, the runtime is taken out of what is there.
    pub fn undo(
        &self,
        name: &str,
        records: &Records,
    ) -> Result<(Vec<FileChange>, Vec<PathBuf>), PlanError> {
        if let Some(record) = self.record(records)? {
            let without = |path: &Path, text: &str| self.without(path, text, &record.runtime);
            return Ok(record.undo(without)?);
        }
        let mut changes = Vec::new();
        for path in self.drop_in.iter().chain([&self.main]) {
            let path = swap::target_of(path).map_err(ChangeError::from)?;
            let before = change::read(&path)?;
            let Some(text) = &before else { continue };
            if self.engine == Engine::Crio && Some(&path) != self.drop_in.as_ref() {
                continue;
            }
            let after = self.removed(&path, text, name)?;
            changes.push(FileChange {
                path,
                before,
                after,
            });
        }
        changes.retain(|change| !change.is_nothing());
        Ok((changes, Vec::new()))
    }

    /// A text without our runtime; `None` if nothing is left. One that cannot be read stays as it is.
    fn without(&self, path: &Path, text: &str, name: &str) -> Option<String> {
        self.removed(path, text, name)
            .unwrap_or_else(|_| Some(text.to_owned()))
    }

    fn removed(&self, path: &Path, text: &str, name: &str) -> Result<Option<String>, RefusedFile> {
        let new = match self.engine {
            Engine::Docker => {
                let text = docker::remove(text, name).map_err(|refused| refused.in_file(path))?;
                return Ok((!docker::is_empty(&text)).then_some(text));
            }
            Engine::Containerd => {
                let files = containerd::Files {
                    main: path.to_owned(),
                    main_text: Some(text.to_owned()),
                    ..containerd::Files::default()
                };
                containerd::remove(&files, name)?
            }
            Engine::Crio => {
                let files = crio::Files {
                    drop_in: path.to_owned(),
                    drop_in_text: Some(text.to_owned()),
                    ..crio::Files::default()
                };
                crio::remove(&files, name)?
            }
            // A file of hooks names nothing else.
            Engine::Podman
                if path
                    .extension()
                    .is_some_and(|extension| extension == "json") =>
            {
                return Ok(None);
            }
            Engine::Podman => {
                let files = podman::Files {
                    drop_in: path.to_owned(),
                    drop_in_text: Some(text.to_owned()),
                };
                podman::remove(&files, name)?
            }
        };
        let text = new
            .files
            .into_iter()
            .next()
            .map_or_else(|| text.to_owned(), |new| new.text);
        Ok((!text.trim().is_empty()).then_some(text))
    }

    /// What containerd's main file imports, directly and not, in the order in which it is read.
    fn imported(
        &self,
        main: Option<&str>,
        drop_in: &Path,
    ) -> Result<Vec<(PathBuf, String)>, PlanError> {
        let mut read = Vec::new();
        let mut known = BTreeSet::from([self.main.clone()]);
        let mut pending = vec![(self.main.clone(), main.map(str::to_owned))];
        while let Some((path, text)) = pending.pop() {
            let Some(text) = text else { continue };
            let imports = imports_of(&text, &path).map_err(|refused| refused.in_file(&path))?;
            if path != self.main {
                read.push((path.clone(), text));
            }
            let mut found = Vec::new();
            for import in imports {
                let names = names_in(&import.directory)?;
                let names = names.into_iter().filter(|name| import.takes(name));
                found.extend(names.map(|name| import.directory.join(name)));
            }
            found.retain(|path| path != drop_in && known.insert(path.clone()));
            if known.len() > MOST_FILES {
                break;
            }
            for path in found.into_iter().rev() {
                let text = change::read(&path)?;
                pending.push((path, text));
            }
        }
        Ok(read)
    }

    fn main_of_crio(&self) -> Result<Vec<(PathBuf, String)>, PlanError> {
        let text = change::read(&self.main)?;
        Ok(text
            .into_iter()
            .map(|text| (self.main.clone(), text))
            .collect())
    }

    /// What CRI-O reads beside the drop-in: its file, and every file of its directory of drop-ins.
    fn read_by_crio(&self, drop_in: &Path) -> Result<Vec<(PathBuf, String)>, PlanError> {
        let mut read = self.main_of_crio()?;
        let directory = drop_in.parent().unwrap_or(Path::new("/"));
        for name in names_in(directory)? {
            let path = directory.join(name);
            if path == drop_in || path.is_dir() {
                continue;
            }
            if let Some(text) = change::read(&path)? {
                read.push((path, text));
            }
        }
        Ok(read)
    }
}

/// The names in a directory, sorted; none if it is not there.
fn names_in(directory: &Path) -> Result<Vec<String>, PlanError> {
    let failed = |error| PlanError::Directory {
        path: directory.to_owned(),
        error,
    };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
