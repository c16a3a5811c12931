//! Everything in a directory, with all that a change would change.

use crate::chroot::{Identity, names};
use rustix::fs::{Mode, OFlags};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// What is to be known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) identity: Identity,
    /// Mode, links, user, group, device number, size.
    numbers: [u64; 6],
    /// Of the last change of anything: seconds, nanoseconds.
    changed: (i64, u64),
    /// The content of a file, the text of a link.
    content: Vec<u8>,
}

impl Facts {
    pub(crate) fn is_directory(&self) -> bool {
        self.numbers[0] & u64::from(libc::S_IFMT) == u64::from(libc::S_IFDIR)
    }
}

/// Files by path; the directory itself is `/`.
pub(crate) type Listing = BTreeMap<PathBuf, Facts>;

/// Lists `top` and everything in it, mount points too, without what is at the paths `skipped`.
pub(crate) fn listing(top: &Path, skipped: &[&Path]) -> Listing {
    let mut listing = Listing::new();
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let directory = rustix::fs::open(top, flags, Mode::empty()).unwrap();
    add(&directory, Path::new("/"), skipped, &mut listing);
    listing
}

/// By descriptors: a path may be longer than the kernel takes.
fn add(file: &OwnedFd, path: &Path, skipped: &[&Path], listing: &mut Listing) {
    if skipped.contains(&path) {
        return;
    }
    let stat = rustix::fs::fstat(file).unwrap();
    let open = |flags| rustix::fs::openat(file, ".", flags | OFlags::CLOEXEC, Mode::empty());
    let content = match stat.st_mode & libc::S_IFMT {
        libc::S_IFLNK => {
            let text = rustix::fs::readlinkat(file, c"", Vec::new()).unwrap();
            text.into_bytes()
        }
        libc::S_IFREG => content(file),
        _ => Vec::new(),
    };
    let facts = Facts {
        identity: (stat.st_dev, stat.st_ino),
        numbers: [
            stat.st_mode.into(),
            stat.st_nlink,
            stat.st_uid.into(),
            stat.st_gid.into(),
            stat.st_rdev,
            u64::try_from(stat.st_size).unwrap(),
        ],
        changed: (stat.st_ctime, stat.st_ctime_nsec),
        content,
    };
    let is_directory = facts.is_directory();
    listing.insert(path.to_owned(), facts);
    if !is_directory {
        return;
    }
    let directory = open(OFlags::DIRECTORY).unwrap();
    for name in names(&directory) {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&directory, &*name, flags, Mode::empty()).unwrap();
        add(
            &file,
            &path.join(OsStr::from_bytes(&name)),
            skipped,
            listing,
        );
    }
}

fn content(file: &OwnedFd) -> Vec<u8> {
    use std::os::fd::AsRawFd as _;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let mut content = Vec::new();
    let mut file = std::fs::File::open(path).unwrap();
    file.read_to_end(&mut content).unwrap();
    content
}
