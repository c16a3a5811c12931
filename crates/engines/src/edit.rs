//! What an engine's module comes to: the texts of files, in the order in which they are to be written.

use crate::text::toml::Toml;
use crate::{Refused, RefusedFile};
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

/// Where a configuration has its runtimes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'p> {
    pub(crate) runtimes: &'p [&'p str],
    pub(crate) default: &'p [&'p str],
}

impl Places<'_> {
    /// A drop-in without the runtime `name`, if it is there and has it.
    pub(crate) fn without(
        self,
        path: &Path,
        text: Option<&str>,
        name: &str,
    ) -> Result<Edited, RefusedFile> {
        let mut edited = Edited::default();
        let Some(text) = text else {
            return Ok(edited);
        };
        let in_file = |refused: Refused| refused.in_file(path);
        let mut document = Toml::parse(text).map_err(in_file)?;
        let removed = document.remove_runtime(self.runtimes, self.default, name);
        if removed.map_err(in_file)? {
            edited.file(path, document.text());
        }
        Ok(edited)
    }
}

impl Edited {
    pub(crate) fn file(&mut self, path: &Path, text: String) {
        self.files.push(NewText {
            path: path.to_owned(),
            text,
        });
    }
}
