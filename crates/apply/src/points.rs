//! Places to mount on, inside a container's root.
//!
//! Where there is none yet one is made, as the low-level runtimes do: an empty file or a directory, and the
//! directories above it. A link that the image has in its place leads to wherever it leads inside the root.
//! Whoever made such links knew of no driver: `docker commit` leaves links to the files of an older one.

use crate::undo::Undo;
use liftgate_sys::{Dir, FileKind, Root, SysError};
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// As runc makes them.
const MODE: u32 = 0o755;

/// As many links as the kernel follows, and no more.
const MOST_LINKS: usize = 40;

/// Finds and makes places to mount on.
#[derive(Debug)]
pub(crate) struct Points<'a> {
    root: &'a Root,
    /// Who owns what is made.
    owner: (u32, u32),
    /// The last directory: mounts come grouped by it.
    opened: Option<(PathBuf, Rc<Dir>)>,
    pub(crate) undo: Undo,
}

impl<'a> Points<'a> {
    pub(crate) fn new(root: &'a Root, owner: (u32, u32)) -> Self {
        Self {
            root,
            owner,
            opened: None,
            undo: Undo::default(),
        }
    }

    /// Opens the directory `path`, making it where it is missing.
    pub(crate) fn directory(&mut self, path: &Path) -> Result<Rc<Dir>, SysError> {
        if let Some((known, directory)) = &self.opened
            && known == path
        {
            return Ok(Rc::clone(directory));
        }
        let directory = if let Some(directory) = self.root.open_directory(path)? {
            Rc::new(directory)
        } else {
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
                return Err(refused(path, "it is no path of a directory"));
            };
            let parent = self.directory(parent)?;
            let made = parent.add_directory(name, MODE)?;
            self.undo.made_directory(&parent, name.to_owned());
            parent.change_owner(name, self.owner)?;
            Rc::new(made)
        };
        self.opened = Some((path.to_owned(), Rc::clone(&directory)));
        Ok(directory)
    }

    /// The place `path` for something of the kind `kind`: what is there, or an empty file or directory.
    pub(crate) fn point(&mut self, path: &Path, kind: FileKind) -> Result<OwnedFd, SysError> {
        #[cfg(liftgate_weakened)]
        if let Some(point) = crate::weak::point(self.root, path, kind)? {
            return Ok(point);
        }
        let is_directory = kind == FileKind::Directory;
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
                return Err(refused(&path, "it is no place to mount on"));
            };
            let (parent, name) = (parent.to_owned(), name.to_owned());
            let directory = self.directory(&parent)?;
            match directory.metadata(&name)?.map(|metadata| metadata.kind) {
                None => return self.make(&directory, &name, is_directory),
                Some(FileKind::Symlink) => {
                    let text = directory.read_link(&name)?.unwrap_or_default();
                    // The kernel resolves what stands before the last name, links and `..` and all.
                    path = parent.join(text);
                }
                Some(there) if (there == FileKind::Directory) == is_directory => {
                    return directory.open_path(&name);
                }
                Some(_) => {
                    let sentence = if is_directory {
                        "the image has a file where a directory is to be mounted"
                    } else {
                        "the image has a directory where a file is to be mounted"
                    };
                    return Err(refused(&path, sentence));
                }
            }
        }
        Err(refused(&path, "too many links"))
    }

    fn make(
        &mut self,
        directory: &Rc<Dir>,
        name: &OsStr,
        is_directory: bool,
    ) -> Result<OwnedFd, SysError> {
        if is_directory {
            directory.add_directory(name, MODE)?;
            self.undo.made_directory(directory, name.to_owned());
        } else {
            directory.add_file(name, MODE)?;
            self.undo.made_file(directory, name.to_owned());
        }
        directory.change_owner(name, self.owner)?;
        directory.open_path(name)
    }
}

fn refused(path: &Path, reason: &str) -> SysError {
    SysError::refused(format!("mount point(`{}`)", path.display()), reason)
}
