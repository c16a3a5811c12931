//! What an engine's module comes to: the texts of files, in the order in which they are to be written.

use std::path::{Path, PathBuf};

/// A file and the text that it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewText {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Files and their texts, in the order in which they are to be written: none has an effect before the last that changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edited {
    /// The files, those that do not change among them.
    pub files: Vec<NewText>,
    /// What the reader should know.
    pub warnings: Vec<String>,
}

impl Edited {
    pub(crate) fn file(&mut self, path: &Path, text: String) {
        self.files.push(NewText {
            path: path.to_owned(),
            text,
        });
    }
}
