//! One at a time in a directory.
//!
//! The records of changes have a lock, but not everybody has the same records: a container that is to register its runtime has none at
//! all. Two that are at the same file would write the same new file. A lock on the directory leaves nothing behind. Anybody who may
//! read the directory can hold it for ever, so after a while it is done without.

use crate::error::Errno;
use rustix::fs::{FlockOperation, Mode, OFlags};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// Waits for the directory of the file to be free; it is taken as long as what this gives lives.
pub(super) fn wait_for(file: &Path) -> Option<OwnedFd> {
    let directory = file.parent().unwrap_or(Path::new("/"));
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(directory, flags, Mode::empty()).ok()?;
    let begun = Instant::now();
    loop {
        match rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Some(fd),
            Err(Errno::WOULDBLOCK) if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            // Some file systems have no locks, and those have to do without, too.
            Err(_) => return None,
        }
    }
}
