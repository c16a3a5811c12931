//! What hostile images are made with: links out, pipes, devices, files of any size, in place of what the image
//! had.

use super::canary::Canary;
use crate::Bundle;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A bundle whose root file system is being spoilt, beside what it tries to reach.
#[derive(Debug)]
pub struct Spoiling<'a> {
    root: PathBuf,
    canary: &'a Canary,
}

impl<'a> Spoiling<'a> {
    /// Of this bundle, with links to this canary.
    pub fn new(bundle: &Bundle, canary: &'a Canary) -> Self {
        Self {
            root: bundle.root(),
            canary,
        }
    }

    /// Of this root file system.
    pub fn of(root: &Path, canary: &'a Canary) -> Self {
        Self {
            root: root.to_owned(),
            canary,
        }
    }

    /// A path of the image, on the host.
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Takes away whatever is there. Files are shared with the other copies of the image: none is ever
    /// written to, only replaced.
    pub fn clear(&self, path: &str) -> io::Result<PathBuf> {
        let place = self.at(path);
        match place.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&place)?,
            Ok(_) => fs::remove_file(&place)?,
            Err(_) => {
                if let Some(parent) = place.parent() {
                    fs::create_dir_all(parent)?;
                }
            }
        }
        Ok(place)
    }

    /// A file.
    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> io::Result<()> {
        fs::write(self.clear(path)?, content)
    }

    /// A link with this text.
    pub fn link(&self, path: &str, target: impl AsRef<Path>) -> io::Result<()> {
        symlink(target, self.clear(path)?)
    }

    /// A directory that is not empty: no file can be renamed over it.
    pub fn directory(&self, path: &str) -> io::Result<()> {
        fs::create_dir_all(self.clear(path)?.join("full"))
    }

    /// A pipe.
    pub fn pipe(&self, path: &str) -> io::Result<()> {
        let place = self.clear(path)?;
        let status = Command::new("mkfifo").arg(&place).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("mkfifo: {status}")))
        }
    }

    /// A character device.
    pub fn device(&self, path: &str, major: u32, minor: u32) -> io::Result<()> {
        liftgate_sys::node::make_character_device(&self.clear(path)?, major, minor, 0o666)
            .map_err(|error| io::Error::other(error.to_string()))
    }

    /// A path below the canary.
    pub fn target(&self, below_canary: &str) -> PathBuf {
        self.canary.path().join(below_canary)
    }

    /// A link out, absolute: where it leads on the host.
    pub fn link_out(&self, path: &str, below_canary: &str) -> io::Result<()> {
        self.link(path, self.canary.path().join(below_canary))
    }

    /// A link out, by more `..` than there are directories.
    pub fn link_up(&self, path: &str, below_canary: &str) -> io::Result<()> {
        self.link_by_dots(path, &self.canary.path().join(below_canary))
    }

    /// The same to a path of the host.
    pub fn link_by_dots(&self, path: &str, target: &Path) -> io::Result<()> {
        let below = target.strip_prefix("/").unwrap_or(target);
        self.link(path, Path::new(&"../".repeat(24)).join(below))
    }

    /// A sparse file.
    pub fn large(&self, path: &str, mebibytes: u64) -> io::Result<()> {
        fs::File::create(self.clear(path)?)?.set_len(mebibytes << 20)
    }

    /// The loader's cache of the image.
    pub fn cache(&self) -> io::Result<Vec<u8>> {
        fs::read(self.at("etc/ld.so.cache"))
    }
}
