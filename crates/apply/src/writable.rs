//! A root that is writable for the moment of the work.
//!
//! crun makes a read-only root read-only before its hooks run, runc after. Nothing of the container runs yet,
//! so opening it shows it to nobody.

use liftgate_sys::{Root, SysError, mount};

/// A root that can be written to, and will again be as it was.
pub(crate) struct Writable<'a> {
    root: &'a Root,
    was_read_only: bool,
}

impl<'a> Writable<'a> {
    pub(crate) fn open(root: &'a Root) -> Result<Self, SysError> {
        let was_read_only = mount::is_read_only(root.as_fd()).unwrap_or(false);
        if was_read_only {
            mount::set_read_only(root.as_fd(), false)?;
        }
        Ok(Self {
            root,
            was_read_only,
        })
    }

    pub(crate) fn close(self) -> Result<(), SysError> {
        if self.was_read_only {
            mount::set_read_only(self.root.as_fd(), true)?;
        }
        Ok(())
    }
}
