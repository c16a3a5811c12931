//! Version 1: the kernel keeps a list of exceptions, and files say and change it.
//!
//! | file | |
//! |---|---|
//! | `devices.list` | a line for each exception, `c 195:0 rw`; or `a *:* rwm`, which is everything |
//! | `devices.allow` | a line that is written here is added: to the exception with the very same numbers, if there is one |
//! | `devices.deny` | a line that is written here is taken off the exception with the very same numbers; wider ones stay |
//!
//! One line a write: what follows the first is not read. A cgroup cannot allow what the one above it does not
//! (EPERM). The list does not tell what a cgroup denies that allows everything else. So there every device is
//! allowed again, which changes nothing if it was, and nothing is put back: taking away what was perhaps always
//! allowed would be worse.

use super::list::{Access, List};
use super::{Device, Error};
use liftgate_sys::cgroup::open_to_write;
use liftgate_sys::{Dir, SysError};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;

/// A cgroup of version 1, by the files that matter.
#[derive(Debug)]
pub(super) struct Legacy {
    list: File,
    allow: File,
    deny: File,
}

impl Legacy {
    pub(super) fn open(directory: &Dir) -> Result<Self, SysError> {
        let to_write = |name: &str| open_to_write(directory.as_fd(), OsStr::new(name));
        let list = OsStr::new("devices.list");
        Ok(Self {
            list: directory
                .open_file(list)?
                .ok_or_else(|| SysError::refused("open(cgroup, `devices.list`)", "no such file"))?,
            allow: to_write("devices.allow")?,
            deny: to_write("devices.deny")?,
        })
    }

    fn list(&self) -> Result<List, SysError> {
        let mut text = Vec::new();
        let mut part = [0; 4096];
        loop {
            // From the beginning each time: the list may have changed since it was opened.
            match self.list.read_at(&mut part, text.len() as u64) {
                Ok(0) => break,
                Ok(length) => text.extend_from_slice(&part[..length]),
                Err(error) => return Err(SysError::from_io("read(`devices.list`)", &error)),
            }
        }
        Ok(List::parse(&String::from_utf8_lossy(&text)))
    }

    pub(super) fn allow(&self, devices: &[Device]) -> Result<Allowed, Error> {
        let list = self.list()?;
        let mut allowed = Allowed {
            deny: self
                .deny
                .try_clone()
                .map_err(|error| SysError::from_io("dup(`devices.deny`)", &error))?,
            lines: Vec::new(),
        };
        let mut devices = devices.to_vec();
        devices.sort_unstable();
        devices.dedup();
        for device in devices {
            let Some(missing) = list.missing(device) else {
                continue;
            };
            if let Err(error) = write_line(&self.allow, "devices.allow", device, Access::ALL) {
                // The error that led here is the one to report.
                allowed.undo().ok();
                return Err(error.into());
            }
            if !list.is_everything() {
                allowed.lines.push((device, missing));
            }
        }
        Ok(allowed)
    }
}

/// What was allowed that had not been.
#[derive(Debug)]
pub(super) struct Allowed {
    deny: File,
    lines: Vec<(Device, Access)>,
}

impl Allowed {
    /// Takes all of it away, also where a part cannot be; the first failure is the answer.
    pub(super) fn undo(self) -> Result<(), SysError> {
        let mut result = Ok(());
        for (device, access) in self.lines {
            result = result.and(write_line(&self.deny, "devices.deny", device, access));
        }
        result
    }
}

fn write_line(
    mut file: &File,
    name: &str,
    (major, minor): Device,
    access: Access,
) -> Result<(), SysError> {
    let line = format!("c {major}:{minor} {}", access.letters());
    file.write_all(line.as_bytes())
        .map_err(|error| SysError::from_io(format!("write(`{name}`, `{line}`)"), &error))
}
