//! What was done, so that it can be taken back when a later step fails.
//!
//! Everything is held by descriptor: what is taken away is what was made, whatever has become of its path.

use crate::cgroup::Granted;
use liftgate_sys::Dir;
use liftgate_sys::tree::Mounted;
use std::ffi::OsString;
use std::rc::Rc;

/// One thing that was done.
#[derive(Debug)]
enum Done {
    Mounted(Mounted),
    File(Rc<Dir>, OsString),
    Directory(Rc<Dir>, OsString),
    Allowed(Granted),
}

/// What was done, in order.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    done: Vec<Done>,
}

impl Undo {
    pub(crate) fn mounted(&mut self, mounted: Mounted) {
        self.done.push(Done::Mounted(mounted));
    }

    pub(crate) fn made_file(&mut self, directory: &Rc<Dir>, name: OsString) {
        self.done.push(Done::File(Rc::clone(directory), name));
    }

    pub(crate) fn made_directory(&mut self, directory: &Rc<Dir>, name: OsString) {
        self.done.push(Done::Directory(Rc::clone(directory), name));
    }

    pub(crate) fn allowed(&mut self, granted: Granted) {
        self.done.push(Done::Allowed(granted));
    }

    /// Takes everything back, the last first. Returns what could not be taken back: the rest still is.
    pub(crate) fn take_back(self) -> Vec<String> {
        self.done
            .into_iter()
            .rev()
            .filter_map(|done| {
                let taken_back = match done {
                    Done::Mounted(mounted) => mounted.detach(),
                    Done::File(directory, name) => directory.remove_file(&name),
                    Done::Directory(directory, name) => directory.remove_directory(&name),
                    Done::Allowed(granted) => {
                        return granted.undo().err().map(|error| error.to_string());
                    }
                };
                taken_back.err().map(|error| error.to_string())
            })
            .collect()
    }
}
