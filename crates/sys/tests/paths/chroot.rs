//! What a `chroot` finds: the answers to compare with.
//!
//! The root directory belongs to a thread once the thread has stopped sharing it, so a thread is all that it
//! takes; and it may start another that goes further in.

use liftgate_sys::Errno;
use rustix::fs::{AtFlags, Mode, OFlags, StatxFlags};
use rustix::thread::UnshareFlags;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Device and inode.
pub(crate) type Identity = (u64, u64);

/// Does `work` in a thread whose root directory is `root`, as seen from the caller's.
pub(crate) fn within<T: Send>(
    root: &Path,
    work: impl FnOnce() -> T + Send,
) -> Result<T, std::io::Error> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // SAFETY: `unshare` is unsafe because of `CLONE_FILES`. `CLONE_FS` gives this thread a root, a
            // working directory and a umask of its own, and shares no memory.
            #[expect(unsafe_code, reason = "unshare is unsafe for flags not used here")]
            unsafe {
                rustix::thread::unshare_unsafe(UnshareFlags::FS)?;
            }
            rustix::process::chroot(root)?;
            rustix::process::chdir("/")?;
            Ok(work())
        });
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) identity: Identity,
    /// The type bits of its mode.
    pub(crate) format: u32,
    pub(crate) mount: u64,
    /// Where it is, every link resolved; an error if that cannot be told.
    pub(crate) place: Result<PathBuf, Errno>,
    /// The content of a regular file, the names in a directory.
    pub(crate) content: Vec<u8>,
}

/// What a thread in the root finds at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) followed: Result<Found, Errno>,
    /// The same for the link itself, if the path ends in one.
    pub(crate) unfollowed: Result<(Identity, u32), Errno>,
}

/// How often an answer is asked for that may be the kernel's mistake.
///
/// A lookup that another one disturbs, a mount or a rename somewhere on the machine, is begun anew; but the kernel
/// goes on counting links. A path of more than twenty may so be `ELOOP`, and lead to a file the next time.
pub(crate) const PATIENCE: usize = 20;

/// Asks again for what is said to be a loop.
fn patiently<T>(ask: impl Fn() -> Result<T, Errno>) -> Result<T, Errno> {
    for _ in 1..PATIENCE {
        match ask() {
            Err(Errno::LOOP) => {}
            other => return other,
        }
    }
    ask()
}

/// Checks an answer of ours again where it does not agree.
pub(crate) fn settle(check: impl Fn() -> Result<(), String>) -> Result<(), String> {
    (1..PATIENCE)
        .find_map(|_| check().ok())
        .map_or_else(check, Ok)
}

/// Asks a thread in `root` for each of the paths.
pub(crate) fn ask(root: &Path, paths: &[PathBuf]) -> Vec<Answer> {
    // The descriptors of the process, the threads of which share them; opened while there is a `/proc`.
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let descriptors = rustix::fs::open("/proc/self/fd", flags, Mode::empty()).unwrap();
    within(root, || {
        paths
            .iter()
            .map(|path| Answer {
                followed: find(path, &descriptors),
                unfollowed: patiently(|| rustix::fs::lstat(path))
                    .map(|stat| ((stat.st_dev, stat.st_ino), stat.st_mode & libc::S_IFMT)),
            })
            .collect()
    })
    .unwrap()
}

/// The mount of the root itself.
pub(crate) fn mount_of(root: &Path) -> u64 {
    let root = rustix::fs::open(root, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
    mount(&root)
}

fn mount(file: &OwnedFd) -> u64 {
    const STATX_MNT_ID: u32 = 0x1000;
    let flags = StatxFlags::from_bits_retain(STATX_MNT_ID);
    rustix::fs::statx(file, c"", AtFlags::EMPTY_PATH, flags)
        .unwrap()
        .stx_mnt_id
}

fn find(path: &Path, descriptors: &OwnedFd) -> Result<Found, Errno> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let file = patiently(|| rustix::fs::open(path, flags, Mode::empty()))?;
    let stat = rustix::fs::fstat(&file)?;
    let format = stat.st_mode & libc::S_IFMT;
    // The kernel tells a descriptor's path as it is from the root of the thread that asks.
    let place = rustix::fs::readlinkat(descriptors, file.as_raw_fd().to_string(), Vec::new())
        .map(|place| PathBuf::from(std::ffi::OsStr::from_bytes(place.as_bytes())));
    let content = match format {
        libc::S_IFREG => patiently(|| {
            std::fs::read(path).map_err(|error| Errno::from_io_error(&error).unwrap())
        })?,
        libc::S_IFDIR => names(file.as_fd()).join(&b'/'),
        _ => Vec::new(),
    };
    Ok(Found {
        identity: (stat.st_dev, stat.st_ino),
        format,
        mount: mount(&file),
        place,
        content,
    })
}

/// The names in a directory, sorted.
pub(crate) fn names(directory: impl AsFd) -> Vec<Vec<u8>> {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::openat(directory, ".", flags, Mode::empty()).unwrap();
    let mut names: Vec<Vec<u8>> = rustix::fs::Dir::new(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_bytes().to_vec())
        .filter(|name| name != b"." && name != b"..")
        .collect();
    names.sort();
    names
}
