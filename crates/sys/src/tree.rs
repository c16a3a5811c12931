//! Mounts made ready in one mount namespace and put in place in another.
//!
//! A hook of the host's has the driver's files in sight and the container's root not; inside the container's
//! mount namespace it may be the other way round. `open_tree(OPEN_TREE_CLONE)` gives a mount that is nowhere
//! yet and belongs to whoever holds its descriptor. It gets its flags while nobody sees it, and `move_mount`
//! then puts it onto a descriptor that was resolved inside the container's root: neither end is a path any
//! more when the container could change one (CVE-2024-0132, CVE-2025-23359).
//!
//! A kernel before 5.2 has neither call. There the source is held by descriptor, opened again by its path in
//! the container's mount namespace, where the host's files are still to be seen until the root is pivoted,
//! and refused if that is another file by now; `mount(MS_BIND)` joins the two through `/proc/self/fd`.

use crate::error::{Errno, SysError};
use crate::metadata::FileKind;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxAttributes, StatxFlags};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags,
};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// What programs may not do with what is mounted, beside the obvious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are four switches")]
pub struct Flags {
    /// Nothing is written.
    pub read_only: bool,
    /// Set-user-id bits are without effect.
    pub no_suid: bool,
    /// Device nodes cannot be opened.
    pub no_devices: bool,
    /// Nothing is executed.
    pub no_execution: bool,
}

impl Flags {
    /// The flags among the options of a mount, as `config.json` has them.
    pub fn of_options(options: &[&str]) -> Self {
        let has = |name: &str| options.contains(&name);
        Self {
            read_only: has("ro"),
            no_suid: has("nosuid"),
            no_devices: has("nodev"),
            no_execution: has("noexec"),
        }
    }

    fn attributes(self) -> u64 {
        let bit = |is_set: bool, flag: MountAttrFlags| if is_set { flag.bits() } else { 0 };
        u64::from(
            bit(self.read_only, MountAttrFlags::MOUNT_ATTR_RDONLY)
                | bit(self.no_suid, MountAttrFlags::MOUNT_ATTR_NOSUID)
                | bit(self.no_devices, MountAttrFlags::MOUNT_ATTR_NODEV)
                | bit(self.no_execution, MountAttrFlags::MOUNT_ATTR_NOEXEC),
        )
    }

    fn old(self) -> MountFlags {
        let bit = |is_set: bool, flag: MountFlags| {
            if is_set { flag } else { MountFlags::empty() }
        };
        bit(self.read_only, MountFlags::RDONLY)
            | bit(self.no_suid, MountFlags::NOSUID)
            | bit(self.no_devices, MountFlags::NODEV)
            | bit(self.no_execution, MountFlags::NOEXEC)
    }
}

/// Which system calls put a mount in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Calls {
    /// `open_tree` and `move_mount`; where the kernel lacks them, `mount`.
    #[default]
    Newest,
    /// `mount`, also where the kernel has better: for tests of the way that old kernels go.
    Mount,
}

/// A part of the host's file system, ready to be put into a container.
#[derive(Debug)]
pub struct Tree {
    state: State,
    flags: Flags,
    path: PathBuf,
}

#[derive(Debug)]
enum State {
    /// A mount that is nowhere yet.
    Detached(OwnedFd),
    /// The file itself.
    Held(OwnedFd),
}

impl Tree {
    /// The file or directory `path` of this mount namespace, with what is mounted below it, to be mounted
    /// with `flags`.
    pub fn of(path: &Path, flags: Flags, calls: Calls) -> Result<Self, SysError> {
        if calls == Calls::Newest {
            let clone = rustix::mount::open_tree(
                CWD,
                path,
                OpenTreeFlags::OPEN_TREE_CLONE
                    | OpenTreeFlags::OPEN_TREE_CLOEXEC
                    | OpenTreeFlags::AT_RECURSIVE,
            );
            match clone {
                Ok(fd) => match set_attributes(fd.as_fd(), flags) {
                    Ok(()) => return Ok(Self::new(State::Detached(fd), flags, path)),
                    // Before 5.12 a mount gets its flags only where it is mounted.
                    Err(error) if error.is(Errno::NOSYS) => {}
                    Err(error) => return Err(error),
                },
                Err(Errno::NOSYS) => {}
                Err(errno) => {
                    return Err(SysError::new(
                        format!("open_tree(`{}`)", path.display()),
                        errno,
                    ));
                }
            }
        }
        open(path).map(|fd| Self::new(State::Held(fd), flags, path))
    }

    /// As [`Tree::of`], for what a descriptor stands for.
    pub fn of_descriptor(fd: BorrowedFd<'_>, flags: Flags) -> Result<Self, SysError> {
        let path = PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()));
        let clone = crate::mount::copy(fd);
        let failed = match clone {
            Ok(clone) => match set_attributes(clone.as_fd(), flags) {
                Ok(()) => return Ok(Self::new(State::Detached(clone), flags, &path)),
                Err(error) => error,
            },
            Err(errno) => SysError::new("open_tree(fd)", errno),
        };
        if failed.is(Errno::NOSYS) {
            open(&path).map(|held| Self::new(State::Held(held), flags, &path))
        } else {
            Err(failed)
        }
    }

    /// A small, empty file system in memory, of at most `size` bytes, whose directory has the mode `mode`.
    pub fn in_memory(size: usize, mode: u32, flags: Flags) -> Result<Self, SysError> {
        let failed = |errno| SysError::new("fsopen(tmpfs), fsmount", errno);
        let context =
            rustix::mount::fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC).map_err(failed)?;
        let fd = context.as_fd();
        rustix::mount::fsconfig_set_string(fd, "size", &*size.to_string())
            .and_then(|()| rustix::mount::fsconfig_set_string(fd, "mode", &*format!("{mode:o}")))
            .and_then(|()| rustix::mount::fsconfig_create(fd))
            .map_err(failed)?;
        let attributes = u32::try_from(flags.attributes()).unwrap_or(0);
        rustix::mount::fsmount(
            fd,
            FsMountFlags::FSMOUNT_CLOEXEC,
            MountAttrFlags::from_bits_retain(attributes),
        )
        .map_err(failed)
        .map(|fd| Self::new(State::Detached(fd), flags, Path::new("tmpfs")))
    }

    fn new(state: State, flags: Flags, path: &Path) -> Self {
        Self {
            state,
            flags,
            path: path.to_owned(),
        }
    }

    /// What kind of file it is.
    pub fn kind(&self) -> Result<FileKind, SysError> {
        rustix::fs::fstat(self.as_fd())
            .map(|stat| FileKind::of(stat.st_mode))
            .map_err(|errno| SysError::new(format!("fstat(`{}`)", self.path.display()), errno))
    }

    /// The directory or file itself, before it is put anywhere.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.state {
            State::Detached(fd) | State::Held(fd) => fd.as_fd(),
        }
    }

    /// Puts it onto `target`, a descriptor of this mount namespace.
    pub fn attach(self, target: BorrowedFd<'_>) -> Result<Mounted, SysError> {
        match self.state {
            State::Detached(fd) => rustix::mount::move_mount(
                fd.as_fd(),
                c"",
                target,
                c"",
                MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH,
            )
            .map(|()| Mounted(fd))
            .map_err(|errno| {
                SysError::new(format!("move_mount(`{}`)", self.path.display()), errno)
            }),
            State::Held(held) => bind(&held, &self.path, target, self.flags),
        }
    }
}

/// A mount in its place.
#[derive(Debug)]
pub struct Mounted(OwnedFd);

impl Mounted {
    /// The root of the mount.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Takes the mount away again, as soon as nobody uses it. The working directory is then `/`.
    pub fn detach(self) -> Result<(), SysError> {
        let failed = |errno| SysError::new("umount2(`.`, MNT_DETACH)", errno);
        let metadata = rustix::fs::fstat(&self.0).map_err(failed)?;
        if rustix::fs::FileType::from_raw_mode(metadata.st_mode) == rustix::fs::FileType::Directory
        {
            // No path, so there is none to be led astray by.
            rustix::process::fchdir(&self.0)
                .and_then(|()| rustix::mount::unmount(".", UnmountFlags::DETACH))
                .and_then(|()| rustix::process::chdir("/"))
        } else {
            rustix::mount::unmount(
                format!("/proc/self/fd/{}", self.0.as_raw_fd()),
                UnmountFlags::DETACH,
            )
        }
        .map_err(failed)
    }
}

fn open(path: &Path) -> Result<OwnedFd, SysError> {
    rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .map_err(|errno| SysError::new(format!("open(`{}`, O_PATH)", path.display()), errno))
}

fn bind(
    held: &OwnedFd,
    path: &Path,
    target: BorrowedFd<'_>,
    flags: Flags,
) -> Result<Mounted, SysError> {
    let failed = |errno| SysError::new(format!("mount(`{}`, MS_BIND)", path.display()), errno);
    let source = open(path)?;
    let identity = |fd: &OwnedFd| rustix::fs::fstat(fd).map(|stat| (stat.st_dev, stat.st_ino));
    if identity(held).map_err(failed)? != identity(&source).map_err(failed)? {
        return Err(SysError::refused(
            format!("mount(`{}`, MS_BIND)", path.display()),
            "it is another file in the container's mount namespace",
        ));
    }
    let by_descriptor = |fd: BorrowedFd<'_>| format!("/proc/self/fd/{}", fd.as_raw_fd());
    rustix::mount::mount_bind_recursive(by_descriptor(source.as_fd()), by_descriptor(target))
        .map_err(failed)?;
    // The descriptor names what is covered now; its path leads to what covers it.
    let place = std::fs::read_link(by_descriptor(target))
        .map_err(|error| SysError::from_io("readlink(target)", &error))?;
    let mounted = Mounted(open(&place)?);
    rustix::mount::mount_remount(
        by_descriptor(mounted.as_fd()),
        MountFlags::BIND | flags.old(),
        c"",
    )
    .and_then(|()| {
        rustix::mount::mount_change(
            by_descriptor(mounted.as_fd()),
            MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
        )
    })
    .map_err(failed)?;
    Ok(mounted)
}

/// Adds flags to a mount and all below it, and keeps mounts from passing in and out of it.
fn set_attributes(mounted: BorrowedFd<'_>, flags: Flags) -> Result<(), SysError> {
    let attributes = libc::mount_attr {
        attr_set: flags.attributes(),
        attr_clr: 0,
        propagation: libc::MS_PRIVATE,
        userns_fd: 0,
    };
    crate::mount::set_attributes(mounted, &attributes, libc::AT_RECURSIVE)
        .map_err(|errno| SysError::new("mount_setattr(clone)", errno))
}

/// Whether something is mounted exactly there. `false` where a kernel before 5.8 does not tell.
pub fn is_mount_point(fd: BorrowedFd<'_>) -> bool {
    rustix::fs::statx(fd, c"", AtFlags::EMPTY_PATH, StatxFlags::empty())
        .is_ok_and(|answer| answer.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}
