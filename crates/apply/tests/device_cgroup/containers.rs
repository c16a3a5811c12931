//! Containers of runc and crun, whose own restrictions are changed while they run.
//!
//! Where `/sys/fs/cgroup` is of version 2, a runtime takes the whole machine for such a one. So the tests of
//! version 2 mount it there, in a mount namespace of their own.

use super::Check;
use super::ground::{Ground, MAJOR, SCRIPT, Shell, apart, same};
use libtest_mimic::Failed;
use liftgate_apply::cgroup::{DeviceCgroup, Version};
use liftgate_sys::mount;
use rustix::thread::CapabilitySet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) const TESTS: &[(&str, Check)] = &[
    ("v1: a container of runc", |ground| {
        contained(ground, "runc", Version::V1)
    }),
    ("v1: a container of crun", |ground| {
        contained(ground, "crun", Version::V1)
    }),
    ("v2: a container of runc", |ground| {
        contained(ground, "runc", Version::V2)
    }),
    ("v2: a container of crun", |ground| {
        contained(ground, "crun", Version::V2)
    }),
];

/// Where a runtime is.
pub(crate) fn runtime(name: &str) -> Option<PathBuf> {
    std::env::var_os(format!("LIFTGATE_{}", name.to_uppercase()))
        .map(PathBuf::from)
        .or_else(|| {
            let directories = liftgate_sys::process::USUAL_PATH.map(Path::new);
            liftgate_sys::process::find_executable(OsStr::new(name), directories)
        })
}

/// Whether this process may lock as much memory as it likes, or say that it may. crun starts no container on
/// version 2 without; there are machines where not even root may. A crun that was named is taken at its word.
pub(crate) fn may_lock_memory() -> bool {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Memlock);
    limit.maximum.is_none()
        || std::env::var_os("LIFTGATE_CRUN").is_some()
        || rustix::thread::capabilities(None)
            .is_ok_and(|sets| sets.effective.contains(CapabilitySet::SYS_RESOURCE))
}

/// A container, which is removed at the end.
struct Container {
    runtime: PathBuf,
    state: PathBuf,
    id: String,
}

impl Container {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.runtime);
        command.arg("--root").arg(&self.state);
        command
    }

    /// Starts it, with the nodes of the ground at `/nodes`, and a shell that opens them.
    fn start<'a>(&self, bundle: &Path, nodes: &'a Path) -> Result<Shell<'a>, Failed> {
        let root = bundle.join("rootfs");
        for directory in ["usr", "nodes", "proc", "dev"] {
            fs::create_dir_all(root.join(directory))?;
        }
        for link in ["bin", "sbin", "lib", "lib64"] {
            symlink(format!("usr/{link}"), root.join(link))?;
        }
        let config = CONFIG
            .replace(
                "SCRIPT",
                &SCRIPT.escape_default().to_string().replace("\\'", "'"),
            )
            .replace("NODES", &nodes.display().to_string())
            .replace("MAJOR", &MAJOR.to_string())
            .replace("ID", &self.id);
        fs::write(bundle.join("config.json"), config)?;
        let pid_file = bundle.join("pid");
        let errors = bundle.join("errors");
        let child = self
            .command()
            .arg("run")
            .arg("--bundle")
            .arg(bundle)
            .arg("--pid-file")
            .arg(&pid_file)
            .arg(&self.id)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&errors)?)
            .spawn()?;
        let mut shell = Shell::new(child, 0, Path::new("/nodes"));
        let answer = shell.say("r /dev/null");
        let deadline = Instant::now() + Duration::from_secs(10);
        while shell.pid == 0 {
            shell.pid = fs::read_to_string(&pid_file)
                .ok()
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or(0);
            if Instant::now() > deadline {
                let errors = fs::read_to_string(&errors)?;
                return Err(Failed::from(format!("{answer}, {errors}")));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(shell)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.command()
            .args(["delete", "--force", &self.id])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok();
        // crun leaves its cgroups where it fails.
        let places = fs::read_dir("/sys/fs/cgroup")
            .into_iter()
            .flatten()
            .flatten();
        for place in places
            .map(|entry| entry.path())
            .chain([PathBuf::from("/sys/fs/cgroup")])
        {
            fs::remove_dir(place.join(&self.id)).ok();
        }
    }
}

const CONFIG: &str = r#"{
    "ociVersion": "1.0.2",
    "process": {
        "user": {"uid": 0, "gid": 0}, "cwd": "/", "args": ["/bin/sh", "-c", "SCRIPT"],
        "env": ["PATH=/usr/sbin:/usr/bin"],
        "capabilities": {
            "bounding": ["CAP_MKNOD"], "effective": ["CAP_MKNOD"], "permitted": ["CAP_MKNOD"]
        }
    },
    "root": {"path": "rootfs"},
    "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]},
        {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]},
        {"destination": "/nodes", "type": "bind", "source": "NODES", "options": ["bind"]}
    ],
    "linux": {
        "cgroupsPath": "/ID",
        "resources": {"devices": [
            {"allow": false, "access": "rwm"},
            {"allow": true, "type": "c", "major": MAJOR, "minor": 1, "access": "r"}
        ]},
        "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}]
    }
}"#;

fn contained(ground: &Ground, name: &str, version: Version) -> Result<(), Failed> {
    let place = tempfile::tempdir()?;
    let container = || Container {
        runtime: runtime(name).expect("the test was not skipped"),
        state: place.path().join("state"),
        id: format!("liftgate-test-{}-{name}-{version:?}", std::process::id()),
    };
    apart(|| {
        match (version, &ground.unified) {
            (Version::V2, _) => mount::file_system("cgroup2", Path::new("/sys/fs/cgroup"), "")?,
            // crun refuses a machine with both versions.
            (Version::V1, Some(unified)) => mount::unmount_detach(unified)?,
            (Version::V1, None) => {}
        }
        let container = container();
        let mut shell = container.start(place.path(), ground.directory.path())?;
        let cgroup = DeviceCgroup::open(shell.pid, Path::new("/proc"))?;
        same("version", cgroup.version(), version)?;
        let before = ["null", "zero", "full", "second"];
        let with = ["null", "zero", "full", "first", "second", "third"];
        shell.opens("r", &before)?;
        let granted = cgroup.allow(&[(MAJOR, 0), (MAJOR, 2)], None)?;
        shell.opens("r", &with)?;
        shell.opens("rw", &["null", "zero", "full", "first", "third"])?;
        cgroup.allow(&[(MAJOR, 2)], None)?.undo()?;
        shell.opens("r", &with)?;
        granted.undo()?;
        shell.opens("r", &before)?;
        drop(shell);
        drop(container);
        Ok(())
    })
}
