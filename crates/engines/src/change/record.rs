//! What is remembered of a change, so that it can be taken back: one JSON file.

use super::{ChangeError, FileChange, missing_directories, read};
use liftgate_sys::{SysError, swap};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A change of one engine's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The engine.
    pub engine: String,
    /// The file that identifies the configuration.
    pub configuration: PathBuf,
    /// The runtime that was added.
    pub runtime: String,
    /// The files, in the order in which they were written.
    pub files: Vec<FileRecord>,
    /// Directories that were not there, the outermost first.
    pub directories: Vec<PathBuf>,
    /// A CDI specification that was made because there was none.
    #[serde(default)]
    pub specification: Option<PathBuf>,
}

/// A file of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The file.
    pub path: PathBuf,
    /// What it was before us; `None`: not there.
    pub before: Option<String>,
    /// Everything that it may be if nobody else has written it since.
    pub written: Vec<String>,
    /// Whether somebody has edited what we had written, before we wrote it again: their edits are in it.
    #[serde(default)]
    pub has_edits: bool,
}

impl Record {
    /// The record of a change, made of the one before it, if there is one. `without` gives the text of a file without us, for a
    /// file that somebody has edited since the record before. Of the files that do not change, those that an earlier change has
    /// written keep their place: the last file is the first to be taken back.
    pub fn of(
        engine: &str,
        configuration: &Path,
        runtime: &str,
        changes: &[FileChange],
        old: Option<&Self>,
        without: impl Fn(&Path, &str) -> Option<String>,
    ) -> Self {
        let mut files = Vec::new();
        for change in changes {
            let known = old.and_then(|old| old.file(&change.path));
            if change.is_nothing() {
                files.extend(known.cloned());
                continue;
            }
            let is_edit = known.is_some_and(|known| !known.is_ours(change.before.as_deref()));
            let before = match (known, &change.before) {
                (Some(known), _) if !is_edit => known.before.clone(),
                (Some(_), Some(now)) => without(&change.path, now),
                (_, now) => now.clone(),
            };
            let mut written = known.map(|known| known.written.clone()).unwrap_or_default();
            if let Some(after) = &change.after
                && !written.contains(after)
            {
                written.push(after.clone());
            }
            files.push(FileRecord {
                path: change.path.clone(),
                before,
                written,
                has_edits: is_edit || known.is_some_and(|known| known.has_edits),
            });
        }
        let mut directories = old.map(|old| old.directories.clone()).unwrap_or_default();
        for made in missing_directories(changes) {
            if !directories.contains(&made) {
                directories.push(made);
            }
        }
        // A file of an earlier change that this one has nothing to do with is still to be taken back.
        let others = old.into_iter().flat_map(|old| &old.files);
        for other in others {
            if !files.iter().any(|file| file.path == other.path) {
                files.push(other.clone());
            }
        }
        Self {
            engine: engine.to_owned(),
            configuration: configuration.to_owned(),
            runtime: runtime.to_owned(),
            files,
            directories,
            specification: old.and_then(|old| old.specification.clone()),
        }
    }

    /// What is known of a file.
    pub fn file(&self, path: &Path) -> Option<&FileRecord> {
        self.files.iter().find(|file| file.path == path)
    }

    /// What it takes to have every file as it was, the last written first; and the files that somebody has edited since: of those,
    /// `without` gives the text without us.
    pub fn undo(
        &self,
        without: impl Fn(&Path, &str) -> Option<String>,
    ) -> Result<(Vec<FileChange>, Vec<PathBuf>), ChangeError> {
        let mut changes = Vec::new();
        let mut edited = Vec::new();
        for file in self.files.iter().rev() {
            let now = read(&file.path)?;
            let after = match &now {
                // Whoever has removed the file has removed what we wrote.
                None => None,
                Some(_) if file.is_ours(now.as_deref()) => file.before.clone(),
                Some(text) => {
                    edited.push(file.path.clone());
                    without(&file.path, text)
                }
            };
            changes.push(FileChange {
                path: file.path.clone(),
                before: now,
                after,
            });
        }
        Ok((changes, edited))
    }

    /// Removes what is left when every file is as it was: leavings of a killed process, and directories that were made for the files
    /// and are empty.
    pub fn clean(&self) -> Result<(), ChangeError> {
        for file in &self.files {
            swap::clear(&file.path)?;
        }
        for directory in self.directories.iter().rev() {
            match std::fs::remove_dir(directory) {
                // One that is in use stays. A file system that is read-only says so of directories that are not there, too.
                Err(error) if !is_in_use(&error) && directory.exists() => {
                    let call = format!("rmdir(`{}`)", directory.display());
                    return Err(SysError::from_io(call, &error).into());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl FileRecord {
    /// Whether nobody but us has written it.
    pub(super) fn is_ours(&self, now: Option<&str>) -> bool {
        now == self.before.as_deref()
            || now.is_some_and(|now| self.written.iter().any(|text| text == now))
    }

    /// Whether the text is one that we have written, of what was there before us and nothing else.
    pub fn has_made(&self, text: &str) -> bool {
        !self.has_edits && self.written.iter().any(|written| written == text)
    }
}

fn is_in_use(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists | ErrorKind::ResourceBusy
    )
}
