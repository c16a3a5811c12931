//! Landlock: files outside the container's root cannot be opened, made, renamed or removed, and inside it nothing
//! is executed, no node is made and no device is told anything.
//!
//! A rule is tied to the root's own directory and holds for what is mounted below, wherever that comes from. What
//! is opened with `O_PATH` only stands for a place and is not restricted; opening it again is. So the links of
//! `/proc/self/fd` go on working, for files of the container's.

use crate::Root;
use crate::error::{Errno, SysError};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};

const WRITE_FILE: u64 = 1 << 1;
const READ_FILE: u64 = 1 << 2;
const READ_DIR: u64 = 1 << 3;
const REMOVE_FILE: u64 = 1 << 5;
const MAKE_DIR: u64 = 1 << 7;
const MAKE_REG: u64 = 1 << 8;
const MAKE_SYM: u64 = 1 << 12;

const ALLOWED: u64 =
    WRITE_FILE | READ_FILE | READ_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM;

/// How many rights there are in each version of the interface: the kernel refuses those that it does not know.
/// With the second came renaming from one directory into another, with the third truncating, with the fifth
/// `ioctl` of devices.
const RIGHTS: [u32; 5] = [13, 14, 15, 15, 16];

/// TCP, bound and connected, with the fourth version; abstract sockets and signals with the sixth.
const NETWORK: u64 = 0b11;
const SCOPES: u64 = 0b11;

#[repr(C)]
struct Ruleset {
    files: u64,
    network: u64,
    scopes: u64,
}

#[repr(C, packed)]
struct Beneath {
    allowed: u64,
    parent: i32,
}

const BENEATH: u32 = 1;
const VERSION: u32 = 1;

pub(super) fn restrict(root: &Root) -> Result<(), SysError> {
    let failed = |call: &str, errno| SysError::new(call, errno);
    let version = version().map_err(|errno| failed("landlock_create_ruleset(version)", errno))?;
    let rights = RIGHTS[version.clamp(1, RIGHTS.len()) - 1];
    let ruleset = Ruleset {
        files: (1 << rights) - 1,
        network: if version >= 4 { NETWORK } else { 0 },
        scopes: if version >= 6 { SCOPES } else { 0 },
    };
    let ruleset = create(&ruleset).map_err(|errno| failed("landlock_create_ruleset", errno))?;
    let rule = Beneath {
        allowed: ALLOWED,
        parent: root.as_fd().as_raw_fd(),
    };
    add(&ruleset, &rule).map_err(|errno| failed("landlock_add_rule(root)", errno))?;
    restrict_self(&ruleset).map_err(|errno| failed("landlock_restrict_self", errno))
}

/// The version of the interface, 1 or more.
fn version() -> Result<usize, Errno> {
    // SAFETY: with this flag the kernel takes no structure and looks at none: the pointer is null and its size 0.
    #[expect(unsafe_code, reason = "Landlock has no safe wrapper")]
    let answer = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<Ruleset>(),
            0_usize,
            VERSION,
        )
    };
    usize::try_from(answer).map_err(|_| last_errno())
}

fn create(ruleset: &Ruleset) -> Result<OwnedFd, Errno> {
    // SAFETY: the structure lives across the call and its true size is passed. A kernel that knows a shorter one
    // accepts this if what it does not know is zero, which it is for the version that it told.
    #[expect(unsafe_code, reason = "Landlock has no safe wrapper")]
    let answer = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::from_ref(ruleset),
            size_of::<Ruleset>(),
            0_u32,
        )
    };
    let fd = i32::try_from(answer)
        .ok()
        .filter(|fd| *fd >= 0)
        .ok_or_else(last_errno)?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows its number.
    #[expect(unsafe_code, reason = "a descriptor from a raw system call")]
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn add(ruleset: &OwnedFd, rule: &Beneath) -> Result<(), Errno> {
    // SAFETY: both descriptors are borrowed and so open; the rule lives across the call and is laid out as the
    // kernel's `struct landlock_path_beneath_attr`, which is packed too.
    #[expect(unsafe_code, reason = "Landlock has no safe wrapper")]
    let answer = unsafe {
        libc::syscall(
            libc::SYS_landlock_add_rule,
            ruleset.as_raw_fd(),
            BENEATH,
            std::ptr::from_ref(rule),
            0_u32,
        )
    };
    if answer == 0 {
        Ok(())
    } else {
        Err(last_errno())
    }
}

fn restrict_self(ruleset: &OwnedFd) -> Result<(), Errno> {
    // SAFETY: the descriptor is borrowed and so open; nothing else is passed.
    #[expect(unsafe_code, reason = "Landlock has no safe wrapper")]
    let answer =
        unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0_u32) };
    if answer == 0 {
        Ok(())
    } else {
        Err(last_errno())
    }
}

fn last_errno() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)
}
