//! Moving the calling process into a simulated machine.
//!
//! The process gets a mount namespace of its own, cut off from the host's before anything is mounted, so
//! all of it goes when the last process inside goes and the host's mount table never shows it. Its root is
//! an overlay: the machine's files on top of the running host's, changes in memory. `/proc`, `/sys`,
//! `/tmp` and the directories asked for are the host's own; `/dev` is new.
//!
//! Inside, every mount is shared again (among the namespaces made from this one), as systemd leaves it on
//! a real host: container engines rely on it.

use crate::command::Options;
use crate::host_mounts::{Mount, mount_points, plan};
use crate::machine::Machine;
use crate::tree::{MachineTree, TreeError};
use crate::{device_directory, layer, sys_text};
use liftgate_sys::{SysError, mount, namespace};
use std::cell::Cell;
use std::fs::File;
use std::io::ErrorKind;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Why the machine could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// The machine's files could not be made.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A mount, or what it takes, failed.
    #[error(transparent)]
    System(#[from] SysError),
    /// A path holds a character that the options of an overlay mount are separated by.
    #[error("`{0}` cannot be part of an overlay mount: it holds `,`, `:` or `\\`")]
    Separator(PathBuf),
    /// A directory to share does not exist or is not absolute.
    #[error("`{0}` is not the absolute path of a directory")]
    NotADirectory(PathBuf),
    /// The loader's cache could not be written.
    #[error("`ldconfig` failed inside machine `{machine}`: {status}")]
    Cache {
        /// The machine.
        machine: String,
        /// How it ended.
        status: ExitStatus,
    },
}

const LDCONFIG: &str = "/sbin/ldconfig";
const LOADER_CACHE: &str = "/etc/ld.so.cache";

/// Moves the calling process, which must have one thread only, into `machine`, and returns what could not
/// be simulated on this host. It takes real root ([`namespace::is_real_root`]).
pub fn enter(machine: &Machine, options: &Options) -> Result<Vec<String>, EnterError> {
    for path in &options.writable {
        if !path.is_absolute() || !path.is_dir() {
            return Err(EnterError::NotADirectory(path.clone()));
        }
    }
    let tree = machine.materialise(&options.tree_directory(machine))?;
    let directory = std::fs::canonicalize(&tree.directory).map_err(|error| {
        SysError::from_io(format!("realpath(`{}`)", tree.directory.display()), &error)
    })?;
    if directory.to_string_lossy().contains([',', ':', '\\']) {
        return Err(EnterError::Separator(directory));
    }
    let working_directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));

    namespace::unshare_mounts()?;
    mount::make_private(Path::new("/"))?;
    let stage = Stage::new(&tree, &directory.join("stage"))?;
    let notes = stage.build(machine, &options.writable)?;
    namespace::pivot_root(&stage.path("new"))?;
    mount::make_shared(Path::new("/"))?;
    if std::env::set_current_dir(&working_directory).is_err() {
        // The directory is not part of the machine; `pivot_root` has left us in `/`.
        std::env::set_current_dir("/").map_err(|error| SysError::from_io("chdir(`/`)", &error))?;
    }
    if machine.manifest.loader_cache {
        write_loader_cache(machine)?;
    } else {
        remove_loader_cache()?;
    }
    if !machine.manifest.writable.is_empty() {
        let root = File::open("/").map_err(|error| SysError::from_io("open(`/`)", &error))?;
        mount::set_read_only(root.as_fd(), true)?;
    }
    Ok(notes)
}

/// The host's cache is no part of a machine that has none. The loader still finds the host's own libraries
/// in its usual directories.
fn remove_loader_cache() -> Result<(), SysError> {
    match std::fs::remove_file(LOADER_CACHE) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(SysError::from_io(
            format!("unlink(`{LOADER_CACHE}`)"),
            &error,
        )),
        _ => Ok(()),
    }
}

/// The host's own `ldconfig`, as a driver's installer would call it.
fn write_loader_cache(machine: &Machine) -> Result<(), EnterError> {
    let output = Command::new(LDCONFIG)
        .output()
        .map_err(|error| SysError::from_io(format!("execve(`{LDCONFIG}`)"), &error))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(EnterError::Cache {
            machine: machine.name().to_owned(),
            status: output.status,
        })
    }
}

/// A tmpfs on which the new root is put together.
///
/// | below it | what |
/// |---|---|
/// | `tree/` | a copy of the machine's tree |
/// | `overlays/N/{upper,work,none}` | the writable parts of overlays, and an empty directory |
/// | `new/` | the new root |
struct Stage {
    directory: PathBuf,
    /// How many overlays there are.
    overlays: Cell<usize>,
}

impl Stage {
    fn new(tree: &MachineTree, directory: &Path) -> Result<Self, SysError> {
        mount::tmpfs(directory, "mode=0755")?;
        let stage = Self {
            directory: directory.to_owned(),
            overlays: Cell::new(0),
        };
        for name in ["tree/root", "tree/proc", "tree/sys", "new"] {
            stage.make_directory(name)?;
        }
        for (from, to) in [
            (tree.root(), "tree/root"),
            (tree.proc(), "tree/proc"),
            (tree.sys(), "tree/sys"),
        ] {
            layer::copy(&from, &stage.path(to)).map_err(|error| {
                SysError::from_io(format!("copy(`{}`)", from.display()), &error)
            })?;
        }
        Ok(stage)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn make_directory(&self, name: &str) -> Result<PathBuf, SysError> {
        let path = self.path(name);
        std::fs::create_dir_all(&path)
            .map_err(|error| SysError::from_io(format!("mkdir(`{}`)", path.display()), &error))?;
        Ok(path)
    }

    fn build(&self, machine: &Machine, writable: &[PathBuf]) -> Result<Vec<String>, EnterError> {
        let mut notes = Vec::new();
        let mountinfo = std::fs::read_to_string("/proc/self/mountinfo")
            .map_err(|error| SysError::from_io("read(`/proc/self/mountinfo`)", &error))?;
        let (new, root) = (self.path("new"), self.path("tree/root"));
        let own = |path: &Path| below(&root, path).is_dir();

        self.overlay(Path::new("/"), &root)?;
        let apart: Vec<PathBuf> = machine
            .manifest
            .writable
            .iter()
            .map(PathBuf::from)
            .collect();
        for entry in plan(&mountinfo, writable, &apart, own) {
            let (point, result) = match &entry {
                Mount::Bind(point) if point.starts_with(&self.directory) => continue,
                Mount::Bind(point) => (point, mount::bind_recursive(point, &below(&new, point))),
                Mount::Overlay(point) => (point, self.overlay(point, &below(&root, point))),
            };
            if let Err(error) = result {
                // A mount that cannot be seen (covered, or gone since) cannot be brought along.
                if writable.contains(point) || point.components().count() == 2 {
                    return Err(error.into());
                }
                notes.push(format!("not brought along: {error}"));
            }
        }
        // If the stage lies below something bound, its copy came along; nobody inside should see it.
        if below(&new, &self.path("new")).is_dir() {
            mount::unmount_detach(&below(&new, &self.directory))?;
        }

        let dev = new.join("dev");
        mount::tmpfs(&dev, "mode=0755")?;
        device_directory::fill(&dev, machine, &mount_points(&mountinfo))?;
        for place in [
            "/proc/driver",
            "/proc/devices",
            "/proc/misc",
            "/sys/bus/pci/devices",
        ] {
            self.show(Path::new(place), &mut notes)?;
        }
        for (path, _) in sys_text::files(machine.kernel()) {
            if !path.starts_with(sys_text::PCI) {
                self.show(&Path::new("/sys").join(path), &mut notes)?;
            }
        }
        Ok(notes)
    }

    /// Lays the machine's file or directory over the one of the same name in `/proc` or `/sys`. Where the
    /// running kernel has none, nobody can make one; the nearest directory above it gets an overlay then.
    fn show(&self, place: &Path, notes: &mut Vec<String>) -> Result<(), SysError> {
        let (ours, new) = (self.path("tree"), self.path("new"));
        if !below(&ours, place).exists() {
            return Ok(());
        }
        if place.exists() {
            return mount::bind(&below(&ours, place), &below(&new, place));
        }
        let above = place.ancestors().skip(1).find(|path| path.is_dir());
        match above {
            // The overlay of another file shows this one too.
            _ if below(&new, place).exists() => Ok(()),
            Some(above) if above.components().count() > 2 => {
                self.overlay(above, &below(&ours, above))
            }
            _ => {
                let place = place.display();
                notes.push(format!("not simulated: this host has no `{place}`"));
                Ok(())
            }
        }
    }

    /// An overlay of the machine's part (if it has one) and the host's `point`, in the new root.
    fn overlay(&self, point: &Path, machine_part: &Path) -> Result<(), SysError> {
        let number = self.overlays.get();
        self.overlays.set(number + 1);
        let upper = self.make_directory(&format!("overlays/{number}/upper"))?;
        let work = self.make_directory(&format!("overlays/{number}/work"))?;
        let none = self.make_directory(&format!("overlays/{number}/none"))?;
        let part = if machine_part.is_dir() {
            machine_part
        } else {
            &none
        };
        // The root of an overlay looks as its upper directory does.
        copy_attributes(point, &upper).map_err(|error| {
            SysError::from_io(format!("chmod, chown(`{}`)", upper.display()), &error)
        })?;
        mount::overlay(
            &[part, point],
            &upper,
            &work,
            &below(&self.path("new"), point),
        )
    }
}

/// Gives the directory `to` the mode and the owner of `from`.
fn copy_attributes(from: &Path, to: &Path) -> std::io::Result<()> {
    let metadata = std::fs::metadata(from)?;
    std::fs::set_permissions(to, metadata.permissions())?;
    std::os::unix::fs::chown(to, Some(metadata.uid()), Some(metadata.gid()))
}

/// `path`, absolute, below `root`.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}
