//! Version 2: programs are attached to a cgroup, and every one of them must agree.
//!
//! Therefore each program that is attached to the container's cgroup itself is exchanged for one that grants
//! the devices and is the old one in all else ([`super::program`]). To attach one more would allow nothing: it
//! could only deny.
//!
//! - The exchange is one step (`BPF_F_REPLACE`), or on a kernel before 5.6 two: the new program is attached
//!   before the old one is taken off, so that there is no moment without a restriction. Each is then the
//!   last, and exchanging all in their order keeps the order.
//! - All programs are read and loaded before the first is exchanged; if an exchange fails, those before it are
//!   taken back.
//! - No program attached means that this cgroup forbids nothing, and nothing is done. The reference attaches
//!   one of its own: it allows what it is told to and so can only take away.
//! - Programs of cgroups above are other people's, and stay: what they forbid, stays forbidden.
//! - A program that the kernel does not let us fetch is left, as the reference leaves it; if it is so with all,
//!   nothing has been granted, and that is an error.

use super::program::{self, Rewritten};
use super::{Device, Error, Rule};
use liftgate_sys::{Dir, Errno, SysError, bpf};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

/// A cgroup of version 2.
#[derive(Debug)]
pub(super) struct Unified {
    directory: OwnedFd,
}

impl Unified {
    pub(super) fn open(directory: &Dir) -> Result<Self, SysError> {
        duplicate(directory.as_fd()).map(|directory| Self { directory })
    }

    pub(super) fn allow(
        &self,
        devices: &[Device],
        rules: Option<&[Rule]>,
    ) -> Result<Exchanged, Error> {
        let attached = bpf::attached(self.directory.as_fd())?;
        let mut exchanged = Exchanged {
            cgroup: duplicate(self.directory.as_fd())?,
            flags: attached.flags,
            programs: Vec::new(),
        };
        let mut waiting = Vec::new();
        let mut forbidden = None;
        let mut is_any_fetched = attached.ids.is_empty();
        for id in attached.ids {
            match bpf::by_id(id) {
                Ok(old) => {
                    is_any_fetched = true;
                    if let Some(new) = rewrite(id, old.as_fd(), devices, rules)? {
                        waiting.push((id, old, new));
                    }
                }
                Err(error) if error.is(Errno::PERM) || error.is(Errno::ACCESS) => {
                    forbidden.get_or_insert(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        match forbidden {
            Some(error) if !is_any_fetched => return Err(Error::NotFetched(error)),
            _ => {}
        }
        for (id, old, new) in waiting {
            if let Err(error) = exchanged.exchange(old.as_fd(), new.as_fd()) {
                // The error that led here is the one to report.
                exchanged.undo().ok();
                // A program that was attached by a link is in the list and cannot be replaced by itself.
                return Err(if error.is(Errno::NOENT) {
                    Error::AttachedByLink(id)
                } else {
                    error.into()
                });
            }
            exchanged.programs.push((old, new));
        }
        Ok(exchanged)
    }
}

/// The program that is to take the place of `old`, loaded; `None` if that grants the devices already.
fn rewrite(
    id: u32,
    old: BorrowedFd<'_>,
    devices: &[Device],
    rules: Option<&[Rule]>,
) -> Result<Option<OwnedFd>, Error> {
    let rewritten = match bpf::instructions(old)? {
        Some(instructions) => program::granting(devices, &instructions),
        None => Rewritten::Unreadable,
    };
    let new = match rewritten {
        Rewritten::Same => return Ok(None),
        Rewritten::New(new) => new,
        Rewritten::Unreadable => {
            let rules = rules.ok_or(Error::Unreadable(id))?;
            program::from_rules(rules, devices).ok_or(Error::TooMany(devices.len()))?
        }
        Rewritten::NotSelfContained => return Err(Error::NotSelfContained(id)),
        Rewritten::TooLong => return Err(Error::TooMany(devices.len())),
    };
    match bpf::load(&new) {
        Ok(new) => Ok(Some(new)),
        Err(error) => Err(Error::NotLoaded(id, error)),
    }
}

/// Programs that were exchanged for others.
#[derive(Debug)]
pub(super) struct Exchanged {
    cgroup: OwnedFd,
    flags: u32,
    /// What was there, and what is there now.
    programs: Vec<(OwnedFd, OwnedFd)>,
}

impl Exchanged {
    fn exchange(&self, old: BorrowedFd<'_>, new: BorrowedFd<'_>) -> Result<(), SysError> {
        let cgroup = self.cgroup.as_fd();
        if self.flags & bpf::ALLOW_MULTI == 0 {
            return bpf::attach(cgroup, new, self.flags, None);
        }
        match bpf::attach(cgroup, new, self.flags, Some(old)) {
            Err(error) if error.is(Errno::INVAL) => {
                bpf::attach(cgroup, new, self.flags, None)?;
                bpf::detach(cgroup, old).inspect_err(|_| {
                    // The error that led here is the one to report.
                    bpf::detach(cgroup, new).ok();
                })
            }
            answer => answer,
        }
    }

    /// Puts back what was there, also where a part cannot be; the first failure is the answer.
    pub(super) fn undo(self) -> Result<(), SysError> {
        let mut result = Ok(());
        for (old, new) in &self.programs {
            result = result.and(self.exchange(new.as_fd(), old.as_fd()));
        }
        result
    }
}

fn duplicate(descriptor: BorrowedFd<'_>) -> Result<OwnedFd, SysError> {
    descriptor
        .try_clone_to_owned()
        .map_err(|error| SysError::from_io("dup(cgroup)", &error))
}
