//! A copy of a simulated machine's tree, for one test to read and to break.
//!
//! No namespace is entered: the host is read through `Places`. A tree holds only what lies over the
//! running host's root, so the copy adds what a merged `/usr` brings (`/lib`, `/bin`, `/sbin`) and the
//! boot id that the kernel tells.

use liftgate_driver::{Host, HostError, Places};
use liftgate_testhost::{Machine, Options};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A machine's files, thrown away with the value.
pub(crate) struct Copy {
    pub(crate) machine: Machine,
    /// Whether the device nodes are there, which takes root.
    pub(crate) has_nodes: bool,
    scratch: tempfile::TempDir,
}

impl Copy {
    pub(crate) fn of(name: &str) -> Self {
        let machine = Machine::by_name(name).expect("a machine");
        let options = Options {
            state: Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("machines")),
            ..Options::default()
        };
        let tree = machine
            .materialise(&options.tree_directory(&machine))
            .expect("a tree");
        let scratch = tempfile::tempdir().expect("a directory");
        let copied = Command::new("cp")
            .arg("-a")
            .arg(tree.directory.join("."))
            .arg(scratch.path())
            .status()
            .expect("cp");
        assert!(copied.success());
        let copy = Self {
            machine,
            has_nodes: tree.nodes_made,
            scratch,
        };
        for directory in ["etc", "run", "usr"] {
            std::fs::create_dir_all(copy.at(directory)).expect("a directory");
        }
        for (link, target) in [("lib", "usr/lib"), ("bin", "usr/bin"), ("sbin", "usr/sbin")] {
            symlink(target, copy.root().join(link)).expect("a link");
        }
        copy.write_proc("sys/kernel/random/boot_id", "first\n");
        copy
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    /// A path inside the machine as it is called from outside.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    pub(crate) fn proc(&self, path: &str) -> PathBuf {
        self.scratch.path().join("proc").join(path)
    }

    pub(crate) fn dev(&self, path: &str) -> PathBuf {
        self.scratch.path().join("dev").join(path)
    }

    /// The machine as the running host: no driver root is configured.
    pub(crate) fn places(&self) -> Places {
        Places {
            configured_root: None,
            host_root: self.root(),
            dev: self.scratch.path().join("dev"),
            proc: self.scratch.path().join("proc"),
            sys: self.scratch.path().join("sys"),
            ..Places::host(None)
        }
    }

    pub(crate) fn host(&self) -> Host {
        self.discover().expect("a host")
    }

    pub(crate) fn discover(&self) -> Result<Host, HostError> {
        Host::discover(&self.places())
    }

    /// Takes the driver's files away.
    pub(crate) fn remove_files(&self) {
        std::fs::remove_dir_all(self.at("/usr")).expect("removed");
        std::fs::create_dir(self.at("/usr")).expect("made");
    }

    /// Writes a file inside the machine, its directories included.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        put(&self.at(path), content.as_ref());
    }

    /// Writes a file of the machine's `/proc`.
    pub(crate) fn write_proc(&self, path: &str, content: impl AsRef<[u8]>) {
        put(&self.proc(path), content.as_ref());
    }

    /// Changes the text of a file of the machine's `/proc`.
    pub(crate) fn edit_proc(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.proc(path)).expect("text");
        assert!(text.contains(from), "{path} does not hold {from}: {text}");
        self.write_proc(path, text.replace(from, to));
    }

    /// The `information` file of a GPU.
    pub(crate) fn information(&self, index: usize) -> String {
        let bus = &self.machine.gpus()[index].bus;
        format!("driver/nvidia/gpus/{bus}/information")
    }

    /// `text` with the copy's own place taken out of it.
    pub(crate) fn normalised(&self, text: &str) -> String {
        text.replace(&self.scratch.path().display().to_string(), "")
    }
}

fn put(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    // Files of the tree's `/proc` are read-only, which keeps nobody but root from writing.
    std::fs::remove_file(path).ok();
    std::fs::write(path, content).expect("a file");
}

/// Says that a test cannot run here, and that it did not. The test runner hides `eprintln!`.
pub(crate) fn skip(missing: &str) {
    writeln!(std::io::stderr(), "skipped: {missing}").ok();
}
