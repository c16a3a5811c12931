//! A change of files: what it is, how it looks, and how it is made and taken back.
//!
//! 1. What was there, and what is to be there, is put into a record: one file, written by rename.
//! 2. Each file is swapped for its new text, if it still is what was read, in an order in which only the last one has an effect.
//!
//! So whenever the process is killed, the configuration is the old one or the new one, and the record knows both: taking it back, or
//! doing it again, goes on from wherever it stopped.

mod diff;
mod record;
mod records;

pub use diff::diff;
pub use record::{FileRecord, Record};
pub use records::Records;

use crate::Edited;
use liftgate_sys::swap::{self, Swapped};
use liftgate_sys::{SysError, file};
use std::collections::BTreeSet;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// The mode of a new configuration: anybody may read it.
const MODE: u32 = 0o644;
const DIRECTORY_MODE: u32 = 0o755;

/// Why a change was not made, or not taken back.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// A system operation failed.
    #[error(transparent)]
    System(#[from] SysError),
    /// The file is not text.
    #[error("`{0}` is not UTF-8 text")]
    NotText(PathBuf),
    /// Somebody else has written the file since it was read.
    #[error("`{0}` was written by somebody else meanwhile; it is as they left it")]
    WrittenMeanwhile(PathBuf),
    /// A record that is not one.
    #[error("`{path}` is not a record of a change: {reason}")]
    NotARecord {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process is at it.
    #[error("another process changes engines' configuration right now (it holds `{0}`)")]
    Busy(PathBuf),
}

/// A file, as it is and as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file, links followed.
    pub path: PathBuf,
    /// What it is; `None`: not there.
    pub before: Option<String>,
    /// What it is to be.
    pub after: Option<String>,
}

impl FileChange {
    /// Whether there is nothing to be done.
    pub fn is_nothing(&self) -> bool {
        self.before == self.after
    }
}

/// Reads a configuration; `None` if there is none.
pub fn read(path: &Path) -> Result<Option<String>, ChangeError> {
    let Some(bytes) = file::read_regular(path, swap::MAX_BYTES)? else {
        return Ok(None);
    };
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| ChangeError::NotText(path.to_owned()))
}

/// What `edited` changes, in its order.
pub fn changes(edited: &Edited) -> Result<Vec<FileChange>, ChangeError> {
    let mut changes = Vec::new();
    for new in &edited.files {
        let path = swap::target_of(&new.path)?;
        let before = read(&path)?;
        changes.push(FileChange {
            path,
            before,
            after: Some(new.text.clone()),
        });
    }
    Ok(changes)
}

/// Makes the changes, in their order. What was made is taken back if one fails.
pub fn make(changes: &[FileChange]) -> Result<(), ChangeError> {
    for (done, change) in changes.iter().enumerate() {
        if let Err(error) = make_one(change) {
            let is_theirs = matches!(error, ChangeError::WrittenMeanwhile(_));
            // Whatever somebody else has written stays, and be it the same text. Otherwise it is as it was, or it was written, and
            // only what follows has failed: a directory of which nobody knows whether it lasts.
            let is_written = read(&change.path).is_ok_and(|now| now == change.after);
            let done = if is_written && !is_theirs {
                done + 1
            } else {
                done
            };
            take_back(&changes[..done]).ok();
            return Err(error);
        }
    }
    Ok(())
}

/// Takes changes back that were made, the last first.
pub fn take_back(changes: &[FileChange]) -> Result<(), ChangeError> {
    for change in changes.iter().rev() {
        make_one(&FileChange {
            path: change.path.clone(),
            before: change.after.clone(),
            after: change.before.clone(),
        })?;
    }
    Ok(())
}

fn make_one(change: &FileChange) -> Result<(), ChangeError> {
    if change.is_nothing() {
        return Ok(());
    }
    if change.after.is_some()
        && let Some(directory) = change.path.parent()
    {
        let mut builder = std::fs::DirBuilder::new();
        // Whoever reads the file has to get to it, and nobody else may put one beside it, whatever is usual for new directories.
        builder.recursive(true).mode(DIRECTORY_MODE);
        builder.create(directory).map_err(|error| {
            SysError::from_io(format!("mkdir(`{}`)", directory.display()), &error)
        })?;
    }
    let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
    let (before, after) = (bytes(&change.before), bytes(&change.after));
    match swap::swap(&change.path, before.as_deref(), after.as_deref(), MODE)? {
        Swapped::Done => Ok(()),
        Swapped::Changed => Err(ChangeError::WrittenMeanwhile(change.path.clone())),
    }
}

/// The directories that the changes will have to make, the outermost first.
pub(crate) fn missing_directories(changes: &[FileChange]) -> Vec<PathBuf> {
    let mut missing = BTreeSet::new();
    for change in changes.iter().filter(|change| change.after.is_some()) {
        let above = change.path.ancestors().skip(1);
        missing.extend(above.take_while(|path| !path.exists()).map(Path::to_owned));
    }
    missing.into_iter().collect()
}

#[cfg(test)]
mod tests;
