//! An image made from nothing: one static program, and directories for engines to mount on.
//!
//! It lies beside the records, which are their owner's alone, and of which one setup has the lock: `/tmp` is everybody's, and often
//! mounted so that nothing in it can be executed, which a container whose root is a directory there could not either.

use crate::records;
use std::path::{Path, PathBuf};

/// The program in the image, and the word that makes it say what it has.
pub(super) const PROGRAM: &str = "liftgate-rt";
pub(super) const WORD: &str = "proof";

/// Its directory.
const NAME: &str = "proof";

/// An image with one program.
pub(super) struct Image {
    pub(super) directory: Directory,
}

/// A directory that goes when it is dropped.
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What cannot be removed, the next setup tries to remove.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl Image {
    pub(super) fn make() -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("cannot make an image: {error}");
        let program = crate::cdi::hook_executable().ok_or("cannot tell where liftgate-rt lies")?;
        // Whatever is there is what a setup that was killed has left.
        let directory = Directory(records::directory().join(NAME));
        std::fs::remove_dir_all(directory.path()).ok();
        std::fs::create_dir(directory.path()).map_err(failed)?;
        // Engines mount on these.
        for place in ["dev", "etc", "proc", "sys", "tmp", "usr", "run"] {
            std::fs::create_dir(directory.path().join(place)).map_err(failed)?;
        }
        std::fs::copy(program, directory.path().join(PROGRAM)).map_err(failed)?;
        Ok(Self { directory })
    }

    /// The image as an archive that engines import.
    pub(super) fn archive(&self) -> Result<Vec<u8>, String> {
        let mut archive = tar::Builder::new(Vec::new());
        archive
            .append_dir_all(".", self.directory.path())
            .and_then(|()| archive.into_inner())
            .map_err(|error| format!("cannot make an image: {error}"))
    }
}
