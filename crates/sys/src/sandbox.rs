//! A process that works on files of a container's and can do nothing else.
//!
//! A hook runs as root, with every capability, in sight of the host, and parses what an image has written: the
//! loader's cache, ELF headers, lists of directories. Each CVE of this kind of program was a path or an environment
//! that led such a process astray. The paths are [`Root`]'s affair; this is for the mistake that nobody has found
//! yet: whatever the process is led to do, it does with nothing in its hands but the container's root.
//!
//! | what | is given up by |
//! |---|---|
//! | files outside the root, and most of what can be done to those inside | Landlock, since 5.13 |
//! | TCP, signals and abstract sockets of others | Landlock, since 6.7 and 6.12 |
//! | every capability but those that the job names, also from the bounding set | `capset`, `prctl` |
//! | every system call but some forty; memory that is executable | seccomp |
//! | standard input and output, the working directory | the container's root in their place |
//! | unbounded memory, time and files | `setrlimit` |
//!
//! What a kernel does not have is told to whoever asks, and the rest is given up all the same.

mod capabilities;
mod child;
mod landlock;
mod seccomp;

pub use child::{Ended, run_in_child};

use crate::Root;
use crate::error::SysError;
use rustix::process::{Resource, Rlimit};
use std::os::fd::AsRawFd as _;

/// What is kept for the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Reading, writing, linking and renaming of files.
    Files,
    /// That, and modes of files whoever owns them.
    Modes,
}

/// Far more than any honest image makes us use.
const MOST_MEMORY: u64 = 512 << 20;
const MOST_SECONDS: u64 = 20;
const LARGEST_FILE: u64 = 256 << 20;
/// Beside those that are open: whoever has mounted a driver holds one for each mount.
const MOST_DESCRIPTORS: u64 = 256;

/// Gives up what `job` in `root` does not need, for good. What could not be given up comes back, a sentence each.
///
/// For a process with one thread: each thread would have to give up by itself.
pub fn enter(root: &Root, job: Job) -> Vec<String> {
    let mut kept = Vec::new();
    #[cfg(liftgate_weakened)]
    if crate::weakness::Weakness::NoSandbox.is_on() {
        return kept;
    }
    let mut note = |what: &str, result: Result<(), SysError>| {
        if let Err(error) = result {
            kept.push(format!("{what}: {error}"));
        }
    };
    // The kernel wants it of whoever restricts himself without being almighty.
    note("new privileges", crate::process::set_no_new_privileges());
    note(
        "the working directory, standard input and output",
        root_in_place_of_streams(root),
    );
    note("memory, time and size of files are unbounded", limits(root));
    note(
        "files outside the container's root",
        landlock::restrict(root),
    );
    note("capabilities", capabilities::drop_all_but(job));
    note("system calls", seccomp::restrict(job));
    kept
}

fn root_in_place_of_streams(root: &Root) -> Result<(), SysError> {
    let failed = |errno| SysError::new("fchdir, dup2(root, 0), dup2(root, 1)", errno);
    // Its descriptor stands for the place alone: reading from it and writing to it fails.
    rustix::process::fchdir(root.as_fd())
        .and_then(|()| rustix::stdio::dup2_stdin(root.as_fd()))
        .and_then(|()| rustix::stdio::dup2_stdout(root.as_fd()))
        .map_err(failed)
}

fn limits(root: &Root) -> Result<(), SysError> {
    // The lowest number that is free.
    let open = rustix::io::fcntl_dupfd_cloexec(root.as_fd(), 0)
        .map(|next| u64::try_from(next.as_raw_fd()).unwrap_or(0))
        .map_err(|errno| SysError::new("fcntl(root, F_DUPFD)", errno))?;
    for (resource, most) in [
        (Resource::Data, MOST_MEMORY),
        (Resource::Cpu, MOST_SECONDS),
        (Resource::Fsize, LARGEST_FILE),
        (Resource::Nofile, open + MOST_DESCRIPTORS),
        (Resource::Core, 0),
    ] {
        let before = rustix::process::getrlimit(resource);
        let least = |one: Option<u64>| Some(one.map_or(most, |one| one.min(most)));
        let limit = Rlimit {
            current: least(before.current),
            maximum: least(before.maximum),
        };
        rustix::process::setrlimit(resource, limit)
            .map_err(|errno| SysError::new(format!("setrlimit({resource:?})"), errno))?;
    }
    Ok(())
}
