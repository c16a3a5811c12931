//! Whether somebody has a file open to write in it.
//!
//! Who truncates a file and writes it anew holds it open for a moment in which its content says nothing. The kernel grants a lease for
//! reading (fcntl(2)) only on a file that nobody has open for writing: it is asked for, and given back at once. Where it cannot be had
//! for another reason (a file system without leases, another's file without `CAP_LEASE`) nothing is known.

use std::os::fd::{AsRawFd as _, BorrowedFd};

/// fcntl(2): the signal for a lease that is to be given back.
const F_SETSIG: libc::c_int = 10;

/// Whether anybody is known to have the file, here open for reading only, open for writing.
pub(super) fn are_there(file: BorrowedFd<'_>) -> bool {
    // Whoever opens the file while the lease is held has us told: by a signal that is ignored, not by the usual one, which kills.
    control(file, F_SETSIG, libc::SIGURG);
    match control(file, libc::F_SETLEASE, libc::F_RDLCK) {
        0 => {
            control(file, libc::F_SETLEASE, libc::F_UNLCK);
            false
        }
        _ => std::io::Error::last_os_error().raw_os_error() == Some(libc::EAGAIN),
    }
}

fn control(file: BorrowedFd<'_>, operation: libc::c_int, argument: libc::c_int) -> libc::c_int {
    #[expect(unsafe_code, reason = "leases have no safe wrapper")]
    // SAFETY: the descriptor is open, and these operations take a number and no pointer.
    unsafe {
        libc::fcntl(file.as_raw_fd(), operation, argument)
    }
}
