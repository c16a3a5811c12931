//! Mounts.
//!
//! Two sets of calls. Those that take paths are for mount namespaces of our own making (simulated
//! machines, tests). Those that take descriptors are for a container's: the place to mount on was
//! resolved inside its root and is held open, so no link can be swapped in between
//! (CVE-2024-0132, CVE-2025-23359).
//!
//! | call | kernel | where it lacks it |
//! |---|---|---|
//! | `fsopen`, `fsmount`, `move_mount`, `open_tree` | 5.2 | `mount` on `/proc/self/fd/N`, which names the held descriptor |
//! | `mount_setattr` | 5.12 | `mount(MS_REMOUNT\|MS_BIND)` on `/proc/self/fd/N` |

use crate::error::{Errno, SysError};
use crate::process::c_string;
use rustix::fs::{Mode, OFlags};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags,
};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

fn call(name: &str, arguments: &[&Path]) -> String {
    let arguments: Vec<String> = arguments
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    format!("{name}({})", arguments.join(", "))
}

/// Keeps mounts made below `path` from reaching any other mount namespace, and the other way round.
pub fn make_private(path: &Path) -> Result<(), SysError> {
    rustix::mount::mount_change(
        path,
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .map_err(|errno| SysError::new(call("mount(MS_PRIVATE|MS_REC)", &[path]), errno))
}

/// Makes every mount from `path` down pass mounts on to the namespaces made from this one, as systemd leaves
/// a host's. On mounts that were private before, nothing reaches the namespace they came from.
pub fn make_shared(path: &Path) -> Result<(), SysError> {
    rustix::mount::mount_change(
        path,
        MountPropagationFlags::SHARED | MountPropagationFlags::REC,
    )
    .map_err(|errno| SysError::new(call("mount(MS_SHARED|MS_REC)", &[path]), errno))
}

/// Shows `source` at `target` too, without what is mounted below it.
pub fn bind(source: &Path, target: &Path) -> Result<(), SysError> {
    rustix::mount::mount_bind(source, target)
        .map_err(|errno| SysError::new(call("mount(MS_BIND)", &[source, target]), errno))
}

/// Shows `source` at `target` too, with all that is mounted below it.
pub fn bind_recursive(source: &Path, target: &Path) -> Result<(), SysError> {
    rustix::mount::mount_bind_recursive(source, target)
        .map_err(|errno| SysError::new(call("mount(MS_BIND|MS_REC)", &[source, target]), errno))
}

/// Moves a mount from one mount point to another.
pub fn move_to(source: &Path, target: &Path) -> Result<(), SysError> {
    rustix::mount::mount_move(source, target)
        .map_err(|errno| SysError::new(call("mount(MS_MOVE)", &[source, target]), errno))
}

/// A file system of type `kind` at `target`, with `options` as `mount -o` takes them.
pub fn file_system(kind: &str, target: &Path, options: &str) -> Result<(), SysError> {
    let data = c_string(OsStr::new(options))?;
    rustix::mount::mount(kind, target, kind, MountFlags::empty(), data.as_c_str()).map_err(
        |errno| {
            SysError::new(
                call(&format!("mount({kind}, `{options}`)"), &[target]),
                errno,
            )
        },
    )
}

/// A tmpfs at `target`.
pub fn tmpfs(target: &Path, options: &str) -> Result<(), SysError> {
    file_system("tmpfs", target, options)
}

/// An overlay of `lower` directories (the first is on top), with changes going to `upper`.
pub fn overlay(lower: &[&Path], upper: &Path, work: &Path, target: &Path) -> Result<(), SysError> {
    let lower: Vec<String> = lower
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let options = format!(
        "lowerdir={},upperdir={},workdir={}",
        lower.join(":"),
        upper.display(),
        work.display()
    );
    file_system("overlay", target, &options)
}

/// Takes the topmost mount at `target` away as soon as nobody uses it any more.
pub fn unmount_detach(target: &Path) -> Result<(), SysError> {
    rustix::mount::unmount(target, UnmountFlags::DETACH)
        .map_err(|errno| SysError::new(call("umount2(MNT_DETACH)", &[target]), errno))
}

fn descriptor(fd: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()))
}

/// Covers the file `target` (a descriptor, resolved inside a container's root) with a read-only file
/// that holds `content`. `scratch` is a directory of the same mount namespace that a tmpfs is put on for
/// the moment of the work, and taken off again; nothing of it stays.
///
/// The new mount belongs to the mount namespace of the caller alone, and goes when that goes.
pub fn cover_file(
    target: BorrowedFd<'_>,
    scratch: BorrowedFd<'_>,
    content: &[u8],
) -> Result<(), SysError> {
    let tmpfs = attach_tmpfs(scratch, content.len())?;
    let result = fill_and_bind(tmpfs.as_fd(), target, content);
    // The file stays reachable through the mount on `target`; its file system lives as long as that.
    let detached = unmount_detach(&descriptor(tmpfs.as_fd()));
    result.and(detached)
}

/// Mounts a small tmpfs on the directory `scratch` and returns the tmpfs's root.
fn attach_tmpfs(scratch: BorrowedFd<'_>, size: usize) -> Result<OwnedFd, SysError> {
    // One page for each file and directory is the least that tmpfs accounts for.
    let size = (size + 3 * 4096).to_string();
    let modern = (|| {
        let context = rustix::mount::fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
        rustix::mount::fsconfig_set_string(context.as_fd(), "size", &*size)?;
        rustix::mount::fsconfig_set_string(context.as_fd(), "mode", "0755")?;
        rustix::mount::fsconfig_create(context.as_fd())?;
        let mounted = rustix::mount::fsmount(
            context.as_fd(),
            FsMountFlags::FSMOUNT_CLOEXEC,
            MountAttrFlags::MOUNT_ATTR_NOSUID
                | MountAttrFlags::MOUNT_ATTR_NODEV
                | MountAttrFlags::MOUNT_ATTR_NOEXEC,
        )?;
        rustix::mount::move_mount(
            mounted.as_fd(),
            c"",
            scratch,
            c"",
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH,
        )?;
        Ok::<OwnedFd, Errno>(mounted)
    })();
    match modern {
        Ok(mounted) => Ok(mounted),
        Err(Errno::NOSYS) => {
            let target = descriptor(scratch);
            let options = c_string(OsStr::new(&format!("size={size},mode=0755")))?;
            rustix::mount::mount(
                "tmpfs",
                &target,
                "tmpfs",
                MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC,
                options.as_c_str(),
            )
            .map_err(|errno| SysError::new(call("mount(tmpfs)", &[&target]), errno))?;
            // The descriptor still names the covered directory; its path now leads to the tmpfs.
            let covered = std::fs::read_link(&target)
                .map_err(|error| SysError::from_io(call("readlink", &[&target]), &error))?;
            rustix::fs::open(
                &covered,
                OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                Mode::empty(),
            )
            .map_err(|errno| SysError::new(call("open", &[&covered]), errno))
        }
        Err(errno) => Err(SysError::new("fsopen(tmpfs), fsmount, move_mount", errno)),
    }
}

fn fill_and_bind(
    tmpfs: BorrowedFd<'_>,
    target: BorrowedFd<'_>,
    content: &[u8],
) -> Result<(), SysError> {
    const NAME: &std::ffi::CStr = c"content";
    let fd = rustix::fs::openat(
        tmpfs,
        NAME,
        OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC,
        Mode::from_raw_mode(0o444),
    )
    .map_err(|errno| SysError::new("openat(tmpfs, `content`)", errno))?;
    File::from(fd)
        .write_all(content)
        .map_err(|error| SysError::from_io("write(tmpfs, `content`)", &error))?;
    match rustix::mount::open_tree(
        tmpfs,
        NAME,
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC,
    ) {
        Ok(clone) => {
            set_read_only(clone.as_fd(), true)?;
            rustix::mount::move_mount(
                clone.as_fd(),
                c"",
                target,
                c"",
                MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH,
            )
            .map_err(|errno| SysError::new("move_mount(tmpfs `content`, target)", errno))
        }
        Err(Errno::NOSYS) => {
            let source =
                rustix::fs::openat(tmpfs, NAME, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
                    .map_err(|errno| SysError::new("openat(tmpfs, `content`, O_PATH)", errno))?;
            bind(&descriptor(source.as_fd()), &descriptor(target))
        }
        Err(errno) => Err(SysError::new("open_tree(tmpfs, `content`)", errno)),
    }
}

/// Makes the mount that `mounted` (its root) stands for read-only or writable.
pub fn set_read_only(mounted: BorrowedFd<'_>, read_only: bool) -> Result<(), SysError> {
    const MOUNT_ATTR_RDONLY: u64 = 1;
    let operation = || format!("mount_setattr(read-only: {read_only})");
    let attributes = libc::mount_attr {
        attr_set: if read_only { MOUNT_ATTR_RDONLY } else { 0 },
        attr_clr: if read_only { 0 } else { MOUNT_ATTR_RDONLY },
        propagation: 0,
        userns_fd: 0,
    };
    let errno = match set_attributes(mounted, &attributes, 0) {
        Ok(()) => return Ok(()),
        Err(errno) => errno,
    };
    if errno != Errno::NOSYS {
        return Err(SysError::new(operation(), errno));
    }
    let flags = if read_only {
        MountFlags::BIND | MountFlags::RDONLY
    } else {
        MountFlags::BIND
    };
    rustix::mount::mount_remount(descriptor(mounted), flags, c"")
        .map_err(|errno| SysError::new("mount(MS_REMOUNT|MS_BIND)", errno))
}

/// A copy of the mount behind `fd`, and of those below it, that is nowhere yet.
pub(crate) fn copy(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    rustix::mount::open_tree(
        fd,
        c"",
        OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_EMPTY_PATH
            | OpenTreeFlags::AT_RECURSIVE,
    )
}

/// A copy of the mount behind `fd`, and of those below it, that can be written to and that nobody else sees. It goes
/// with its descriptor. The mount itself stays as it is: whoever dies meanwhile leaves nothing open.
pub(crate) fn writable_copy(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let copy = copy(fd)?;
    let attributes = libc::mount_attr {
        attr_set: 0,
        attr_clr: u64::from(MountAttrFlags::MOUNT_ATTR_RDONLY.bits()),
        propagation: 0,
        userns_fd: 0,
    };
    set_attributes(copy.as_fd(), &attributes, 0)?;
    Ok(copy)
}

/// Changes attributes of the mount that `mounted` stands for.
pub(crate) fn set_attributes(
    mounted: BorrowedFd<'_>,
    attributes: &libc::mount_attr,
    flags: i32,
) -> Result<(), Errno> {
    // SAFETY: the descriptor is borrowed and so open; the path is an empty C string, allowed by
    // `AT_EMPTY_PATH`; `attributes` lives across the call and its true size is passed.
    #[expect(unsafe_code, reason = "mount_setattr has no safe wrapper")]
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mounted.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | flags,
            std::ptr::from_ref(attributes),
            size_of::<libc::mount_attr>(),
        )
    };
    if answer == 0 {
        return Ok(());
    }
    Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL))
}

/// Whether the file system behind a descriptor is mounted read-only at this place.
pub fn is_read_only(fd: BorrowedFd<'_>) -> Result<bool, SysError> {
    rustix::fs::fstatvfs(fd)
        .map(|answer| {
            answer
                .f_flag
                .contains(rustix::fs::StatVfsMountFlags::RDONLY)
        })
        .map_err(|errno| SysError::new("fstatvfs(fd)", errno))
}
