//! The bundle: where its `config.json` is, what it says, and how it is put back.

use liftgate_oci::{Document, OciError};
use liftgate_plan::{Code, ContainerFacts, Refusal};
use std::path::{Path, PathBuf};

/// As much as a `config.json` may have.
const LIMIT: u64 = liftgate_oci::MAX_BYTES as u64;

/// A bundle, with the bytes of its `config.json`.
#[derive(Debug)]
pub(crate) struct Bundle {
    directory: PathBuf,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Bundle {
    /// Reads the bundle in `directory` (none: the working directory).
    pub(crate) fn read(
        directory: Option<&Path>,
        config_name: Option<&Path>,
    ) -> Result<Self, Refusal> {
        let directory = directory.unwrap_or(Path::new(".")).to_owned();
        let path = directory.join(config_name.unwrap_or(Path::new("config.json")));
        let bytes = liftgate_sys::file::read(&path, LIMIT)
            .map_err(|error| Refusal::unreadable_bundle(&path, error.to_string()))?
            .ok_or_else(|| Refusal::unreadable_bundle(&path, "there is no such file"))?;
        Ok(Self {
            directory,
            path,
            bytes,
        })
    }

    /// Understands the bytes.
    pub(crate) fn parse(&self) -> Result<Document<'_>, Refusal> {
        Document::parse(&self.bytes).map_err(|error| self.malformed(&error))
    }

    /// What is wrong with the bytes.
    pub(crate) fn malformed(&self, error: &OciError) -> Refusal {
        Refusal::of_document(&self.path, error)
    }

    /// What the container's configuration says that decides about GPUs.
    pub(crate) fn facts(&self, document: &Document<'_>) -> Result<ContainerFacts, Refusal> {
        ContainerFacts::of_document(document).map_err(|error| self.malformed(&error))
    }

    /// The container's root file system, as the engine has laid it out.
    pub(crate) fn root(&self, document: &Document<'_>) -> Result<PathBuf, Refusal> {
        let root = document.root().map_err(|error| self.malformed(&error))?;
        Ok(liftgate_oci::state::container_root(
            None,
            &self.directory,
            Some(&root.path),
        ))
    }

    /// Puts an edited document in place of the old one, by rename.
    pub(crate) fn write(&self, document: &Document<'_>) -> Result<(), Refusal> {
        if !document.is_changed() {
            return Ok(());
        }
        liftgate_sys::file::replace(&self.path, &document.to_bytes(), 0o600).map_err(|error| {
            Refusal::new(
                Code::BundleNotWritable,
                format!("cannot write `{}`", self.path.display()),
                "the bundle must lie on a file system that is writable and not full",
            )
            .because(error.to_string())
        })
    }
}
