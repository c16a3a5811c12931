//! Turning a machine into files.
//!
//! | below the tree | what |
//! |---|---|
//! | `root/` | lies over `/` |
//! | `proc/` | `devices` and `driver/`, over those of `/proc` |
//! | `sys/` | `bus/pci/devices` and the firmware path, over those of `/sys` |
//! | `dev/` | the device nodes, if root made the tree |
//! | `stage/` | empty: where `testhost run` builds the root of its namespace |
//! | `complete` | the fingerprint of what the tree was made from |
//!
//! A tree whose fingerprint still holds is reused. A new one is built beside its place and renamed into
//! it, so that a reader never finds half a machine. A directory that holds something else is refused, not
//! replaced.
//!
//! There is no `/etc/ld.so.cache` in it: the cache must list the running host's own libraries too, so
//! `testhost run` has the host's `ldconfig` write it once it is inside.

use crate::device::Node;
use crate::elf_stub::{Class, shared_object, shared_object_needing};
use crate::library::Library;
use crate::machine::Machine;
use crate::stand_in::{self, CompileError, Workshop};
use crate::{layer, mirror, proc_text, roots, sys_text};
use liftgate_sys::{namespace, node};
use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The code that decides what a tree looks like; a change of it makes old trees stale.
const OUR_SOURCES: [&str; 11] = [
    include_str!("tree.rs"),
    include_str!("device.rs"),
    include_str!("mig.rs"),
    include_str!("library.rs"),
    include_str!("elf_stub.rs"),
    include_str!("proc_text.rs"),
    include_str!("stand_in.rs"),
    include_str!("mirror.rs"),
    include_str!("roots.rs"),
    include_str!("sys_text.rs"),
    include_str!("variant.rs"),
];

/// The version of glibc that libraries of the driver need `libc.so.6` to have, where it is more than the oldest:
/// as `readelf -V` read it from the 64-bit libraries of driver 580.159.04.
const NEEDED_GLIBC: [(&str, &str); 18] = [
    ("libcudadebugger", "2.26"),
    ("libcuda", "2.9"),
    ("libEGL_nvidia", "2.9"),
    ("libGLX_nvidia", "2.4"),
    ("libnvcuvid", "2.7"),
    ("libnvidia-allocator", "2.7"),
    ("libnvidia-cfg", "2.9"),
    ("libnvidia-eglcore", "2.10"),
    ("libnvidia-glcore", "2.10"),
    ("libnvidia-glsi", "2.9"),
    ("libnvidia-glvkspirv", "2.3"),
    ("libnvidia-gpucomp", "2.7"),
    ("libnvidia-nvvm", "2.4"),
    ("libnvidia-opencl", "2.9"),
    ("libnvidia-ptxjitcompiler", "2.7"),
    ("libnvidia-rtcore", "2.7"),
    ("libnvoptix", "2.7"),
    ("libvdpau_nvidia", "2.7"),
];

const COMPLETE: &str = "complete";

/// How many trees this process has begun: two threads must not build in one place.
static BUILDS: AtomicU32 = AtomicU32::new(0);

/// Why a machine could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The place is taken by something that is no machine.
    #[error("`{0}` is not empty and holds no simulated machine")]
    Taken(PathBuf),
    /// A file of the machine could not be written.
    #[error("write `{path}` of machine `{machine}` below `{directory}`: {source}")]
    Write {
        /// The machine.
        machine: String,
        /// The tree.
        directory: PathBuf,
        /// The file, as the machine sees it.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The finished tree could not be put in its place.
    #[error("rename `{from}` to `{to}`: {source}")]
    Place {
        /// Where it was built.
        from: PathBuf,
        /// Where it belongs.
        to: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A stand-in could not be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
}

/// A machine as files.
#[derive(Debug, Clone)]
pub struct MachineTree {
    /// The directory that holds all of it.
    pub directory: PathBuf,
    /// Whether the device nodes below `dev/` were made, which takes root.
    pub nodes_made: bool,
}

impl MachineTree {
    /// The files to lay over `/`.
    pub fn root(&self) -> PathBuf {
        self.directory.join("root")
    }

    /// The files to lay over `/proc`.
    pub fn proc(&self) -> PathBuf {
        self.directory.join("proc")
    }

    /// The files to lay over `/sys`.
    pub fn sys(&self) -> PathBuf {
        self.directory.join("sys")
    }

    /// The device nodes, if they were made.
    pub fn dev(&self) -> PathBuf {
        self.directory.join("dev")
    }
}

impl Machine {
    /// Makes the machine's tree at `directory`, or finds it there.
    pub fn materialise(&self, directory: &Path) -> Result<MachineTree, TreeError> {
        if let Some(tree) = self.reusable(directory) {
            return Ok(tree);
        }
        if !is_replaceable(directory) {
            return Err(TreeError::Taken(directory.to_owned()));
        }
        let number = BUILDS.fetch_add(1, Ordering::Relaxed);
        // Component by component, so that a trailing slash is gone.
        let mut name = directory.components().collect::<PathBuf>().into_os_string();
        name.push(format!(".partial-{}-{number}", std::process::id()));
        let partial = PathBuf::from(name);
        let result = self
            .build(&partial)
            .and_then(|()| self.put_in_place(&partial, directory));
        if partial.exists() {
            // What went wrong is told by `result`; a leftover is no second error.
            std::fs::remove_dir_all(&partial).ok();
        }
        result
    }

    /// A fingerprint of everything that a tree is made from.
    pub(crate) fn fingerprint(&self) -> String {
        let stand_ins = stand_in::SOURCES.iter().map(|(_, text)| *text);
        // FNV-1a: no more is needed than that an edit shows.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for text in stand_ins.chain(OUR_SOURCES).chain([self.source.as_str()]) {
            for byte in text.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        format!("{hash:016x}")
    }

    fn finished(&self, directory: &Path) -> Option<MachineTree> {
        let text = std::fs::read_to_string(directory.join(COMPLETE)).ok()?;
        let (fingerprint, nodes) = text.trim_end().split_once(' ')?;
        (fingerprint == self.fingerprint()).then(|| MachineTree {
            directory: directory.to_owned(),
            nodes_made: nodes == "nodes",
        })
    }

    /// A finished tree that is as good as one made now. One made without root is made again by root, who
    /// can make the nodes.
    fn reusable(&self, directory: &Path) -> Option<MachineTree> {
        self.finished(directory)
            .filter(|tree| tree.nodes_made || !namespace::is_real_root())
    }

    fn put_in_place(&self, partial: &Path, directory: &Path) -> Result<MachineTree, TreeError> {
        // Someone may have made the same machine at the same time, and be using it.
        if let Some(tree) = self.reusable(directory) {
            return Ok(tree);
        }
        let fail = |source| TreeError::Place {
            from: partial.to_owned(),
            to: directory.to_owned(),
            source,
        };
        if directory.exists() && is_replaceable(directory) {
            std::fs::remove_dir_all(directory).map_err(fail)?;
        }
        // A rename onto a tree that appeared just now fails, which is as good as a success.
        let renamed = std::fs::rename(partial, directory);
        match (self.finished(directory), renamed) {
            (Some(tree), _) => Ok(tree),
            (None, Err(source)) => Err(fail(source)),
            (None, Ok(())) => Err(TreeError::Taken(directory.to_owned())),
        }
    }

    fn build(&self, directory: &Path) -> Result<(), TreeError> {
        let fail = |path: &str, source| TreeError::Write {
            machine: self.name().to_owned(),
            directory: directory.to_owned(),
            path: path.to_owned(),
            source,
        };
        let [root, proc, sys, dev] =
            ["root", "proc", "sys", "dev"].map(|name| directory.join(name));
        let workshop = directory.join("workshop");
        let empty = [
            workshop.clone(),
            directory.join("stage"),
            sys.join(sys_text::PCI),
        ];
        for place in [&root, &proc, &sys, &dev].into_iter().chain(&empty) {
            std::fs::create_dir_all(place).map_err(|error| fail("/", error))?;
        }

        let compiler = Workshop::new(&workshop, self)?;
        for library in self.libraries() {
            let path = format!("{}/{}", library.directory, library.file);
            let content = match library.stand_in {
                Some(stem) => compiler.library(stem, &library.soname)?,
                None => self.stub(library),
            };
            layer::file(&root, &path, &content, library.mode)
                .map_err(|error| fail(&path, error))?;
            link_library(&root, library).map_err(|error| fail(&path, error))?;
        }
        self.build_programs(&root, &compiler)?;
        std::fs::remove_dir_all(&workshop).map_err(|error| fail("/", error))?;

        for (path, text) in &self.manifest.files {
            let path = self.expand(path);
            let text = self.expand(text);
            layer::file(&root, &path, text.as_bytes(), 0o644)
                .map_err(|error| fail(&path, error))?;
        }
        for (path, target) in &self.manifest.links {
            let (path, target) = (self.expand(path), self.expand(target));
            let made = match path.strip_prefix("/dev/") {
                Some(path) => layer::link(&dev, path, &target),
                None => layer::link(&root, &path, &target),
            };
            made.map_err(|error| fail(&path, error))?;
        }
        for (path, target) in mirror::links(self) {
            layer::link(&root, &path, &target).map_err(|error| fail(&path, error))?;
        }
        for path in &self.manifest.sockets {
            layer::socket(&root, path).map_err(|error| fail(path, error))?;
        }
        for (path, text) in proc_text::files(self.kernel()) {
            let written = if path.ends_with('/') {
                std::fs::create_dir_all(proc.join(&path))
            } else {
                layer::file(&proc, &path, text.as_bytes(), 0o444)
            };
            written.map_err(|error| fail(&path, error))?;
        }
        for (path, text) in sys_text::files(self.kernel()) {
            layer::file(&sys, &path, text.as_bytes(), 0o444).map_err(|error| fail(&path, error))?;
        }
        let nodes_made = make_nodes(&dev, self.nodes())
            & roots::complete(self, &root).map_err(|error| fail("/etc/ld.so.cache", error))?;
        let complete = format!(
            "{} {}\n",
            self.fingerprint(),
            if nodes_made { "nodes" } else { "no-nodes" }
        );
        layer::file(directory, COMPLETE, complete.as_bytes(), 0o644)
            .map_err(|error| fail(COMPLETE, error))
    }

    fn build_programs(&self, root: &Path, compiler: &Workshop) -> Result<(), TreeError> {
        let write = |path: String, content: &[u8]| {
            layer::file(root, &path, content, 0o755).map_err(|source| TreeError::Write {
                machine: self.name().to_owned(),
                directory: root.to_owned(),
                path,
                source,
            })
        };
        let idle = compiler.program("tool", None)?;
        for group in &self.manifest.tools {
            for name in &group.names {
                let path = format!("{}/{name}", group.directory);
                if name == "nvidia-smi" {
                    write(
                        path,
                        &compiler.program("nvidia-smi", group.rpath.as_deref())?,
                    )?;
                } else {
                    write(path, &idle)?;
                }
            }
        }
        for group in &self.manifest.wrappers {
            for name in &group.names {
                let script = format!("#!/bin/sh\nexec {}/{name} \"$@\"\n", group.of);
                write(format!("{}/{name}", group.directory), script.as_bytes())?;
            }
        }
        Ok(())
    }

    /// The SONAMEs that a stub needs: the C library, without which `ldconfig` doubts it, and what the
    /// manifest adds.
    fn stub(&self, library: &Library) -> Vec<u8> {
        let needed = self.needed(library);
        let stem = library.soname.split(".so").next().unwrap_or_default();
        match NEEDED_GLIBC.iter().find(|(known, _)| *known == stem) {
            Some((_, glibc)) if library.class == Class::Elf64 => {
                shared_object_needing(library.class, &library.soname, &needed, glibc)
            }
            _ => shared_object(library.class, &library.soname, &needed),
        }
    }

    fn needed(&self, library: &Library) -> Vec<String> {
        let mut needed = Vec::new();
        for name in self
            .manifest
            .needed
            .get(&library.soname)
            .into_iter()
            .flatten()
        {
            needed.push(self.expand(name));
        }
        // A stub that plays the C library itself needs nothing.
        if library.soname != "libc.so.6" {
            needed.push("libc.so.6".to_owned());
        }
        needed
    }
}

/// The links beside a library, and those of its mirror directory.
fn link_library(root: &Path, library: &Library) -> io::Result<()> {
    for (name, target) in &library.links {
        let place = format!("{}/{name}", library.directory);
        layer::link(root, &place, target)?;
        if let Some(mirror) = &library.mirror {
            layer::link(root, &format!("{mirror}/{name}"), &place)?;
        }
    }
    Ok(())
}

/// Whether a tree may be put here: there is nothing, an empty directory, or a machine.
fn is_replaceable(directory: &Path) -> bool {
    match std::fs::read_dir(directory) {
        Ok(mut entries) => directory.join(COMPLETE).is_file() || entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Makes the nodes below `dev`, a stand-in for `/dev`; false if the kernel does not let us.
pub(crate) fn make_nodes(dev: &Path, nodes: &[Node]) -> bool {
    nodes.iter().all(|entry| {
        let path = entry.path.strip_prefix("/dev").unwrap_or(&entry.path);
        layer::place(dev, path).is_ok_and(|place| {
            node::make_character_device(&place, entry.major, entry.minor, entry.mode).is_ok()
                && chown(&place, None, Some(entry.group)).is_ok()
        })
    })
}
