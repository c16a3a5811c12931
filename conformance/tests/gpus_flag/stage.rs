//! A daemon on a machine, which the tests of one scene share, and what they may change of it.

use libtest_mimic::Failed;
use liftgate_conformance::suite::{self, Ground, fail};
use liftgate_conformance::{CgroupDriver, Docker, Engines, Site, find_program};
use liftgate_testhost::Machine;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Whose daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Docker as this distribution has it.
    Distribution,
    /// A current one.
    Current,
}

/// Which control groups the machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cgroups {
    /// Whatever this machine has mounted.
    OfThisMachine,
    /// Version 1 alone: crun takes no machine that has both.
    Legacy,
    /// Version 2 alone, as current distributions have it.
    Unified,
    /// The same, with a systemd that sees to them.
    Systemd,
}

/// A daemon, started by the first test that needs it. One that does not start is not tried again by the next:
/// each would wait for it.
pub(crate) struct Scene {
    pub(crate) name: String,
    pub(crate) engine: Engine,
    pub(crate) machine: &'static str,
    pub(crate) cgroups: Cgroups,
    pub(crate) missing: Option<String>,
    running: Mutex<Option<Result<Arc<Stage>, String>>>,
}

/// A running daemon on its machine.
pub(crate) struct Stage {
    pub(crate) machine: Machine,
    pub(crate) docker: Docker,
    /// A directory that the machine and the tests share.
    pub(crate) directory: PathBuf,
    /// Whoever changes the machine or `config.toml` has the daemon to himself.
    turn: RwLock<()>,
}

/// A change of the machine, and how it is undone, as shell text.
pub(crate) struct Change<'a> {
    pub(crate) make: &'a str,
    pub(crate) undo: &'a str,
}

/// No change.
pub(crate) const NONE: Change<'static> = Change { make: "", undo: "" };

const LEGACY: &str = "umount /sys/fs/cgroup/unified 2>/dev/null || true";
const UNIFIED: &str = "umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup";

impl Scene {
    pub(crate) fn new(engine: Engine, machine: &'static str, cgroups: Cgroups) -> Self {
        let engine_name = match engine {
            Engine::Distribution => "distribution",
            Engine::Current => "current",
        };
        let cgroups_name = match cgroups {
            Cgroups::OfThisMachine => "",
            Cgroups::Legacy => "::cgroup-v1",
            Cgroups::Unified => "::cgroup-v2",
            Cgroups::Systemd => "::systemd",
        };
        Self {
            name: format!("{engine_name}::{machine}{cgroups_name}"),
            engine,
            machine,
            cgroups,
            missing: missing(engine, cgroups),
            running: Mutex::new(None),
        }
    }

    pub(crate) fn get(&self, ground: &Ground) -> Result<Arc<Stage>, Failed> {
        let mut slot = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let started = slot.get_or_insert_with(|| {
            self.start(ground)
                .map(Arc::new)
                .map_err(|error| error.message().unwrap_or_default().to_owned())
        });
        started.clone().map_err(fail)
    }

    fn start(&self, ground: &Ground) -> Result<Stage, Failed> {
        let directory = ground.place(&self.name);
        let site = Site::new(&ground.programs, self.machine, &ground.state);
        let site = site.changed_by(match self.cgroups {
            Cgroups::OfThisMachine | Cgroups::Systemd => "",
            Cgroups::Legacy => LEGACY,
            Cgroups::Unified => UNIFIED,
        });
        let engines = match self.engine {
            Engine::Distribution => None,
            Engine::Current => Some(Engines::find(&PROGRAMS).map_err(fail)?),
        };
        let driver = match self.cgroups {
            Cgroups::Systemd => CgroupDriver::Systemd,
            _ => CgroupDriver::Files,
        };
        let docker = Docker::start_with_hook(engines.as_ref(), &site, &directory, driver)?;
        docker.import(&ground.image, IMAGE)?;
        Ok(Stage {
            machine: suite::machine(self.machine),
            docker,
            directory,
            turn: RwLock::new(()),
        })
    }

    pub(crate) fn stop(&self) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The image's name.
pub(crate) const IMAGE: &str = "mini";

const PROGRAMS: [&str; 4] = ["dockerd", "docker", "containerd", "runc"];

fn missing(engine: Engine, cgroups: Cgroups) -> Option<String> {
    let missing = match engine {
        Engine::Current => Engines::find(&PROGRAMS).err(),
        Engine::Distribution => PROGRAMS
            .into_iter()
            .find(|program| find_program(program).is_none())
            .map(|program| format!("needs {program}")),
    };
    let has_unified = || {
        fs::read_to_string("/proc/filesystems")
            .is_ok_and(|filesystems| filesystems.contains("\tcgroup2\n"))
    };
    let (is_there, what) = match cgroups {
        Cgroups::OfThisMachine => (true, "control groups"),
        Cgroups::Legacy => (Path::new("/sys/fs/cgroup/devices").is_dir(), "cgroup v1"),
        Cgroups::Unified => (has_unified(), "cgroup v2"),
        Cgroups::Systemd => (
            has_unified() && Path::new("/lib/systemd/systemd").exists(),
            "systemd, and cgroup v2",
        ),
    };
    missing.or_else(|| (!is_there).then(|| format!("needs {what}")))
}

impl Stage {
    /// Does what leaves the machine as it is.
    pub(crate) fn together<T>(
        &self,
        test: impl FnOnce(&Docker) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let _turn = self.turn.read().unwrap_or_else(PoisonError::into_inner);
        test(&self.docker)
    }

    /// Does what needs another `config.toml` or a changed machine, while nobody else is there.
    pub(crate) fn alone<T>(
        &self,
        configuration: &str,
        change: &Change<'_>,
        test: impl FnOnce(&Docker) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let _turn = self.turn.write().unwrap_or_else(PoisonError::into_inner);
        let file = self.docker.configuration();
        if !configuration.is_empty() {
            fs::write(&file, configuration)?;
        }
        let result = self
            .on_machine(change.make)
            .and_then(|()| test(&self.docker));
        let undone = self.on_machine(change.undo);
        remove_if_there(&file)?;
        let value = result?;
        undone.map(|()| value)
    }

    /// Runs shell text on the machine.
    pub(crate) fn on_machine(&self, script: &str) -> Result<(), Failed> {
        self.told_by_machine(script).map(|_| ())
    }

    /// What shell text on the machine prints.
    pub(crate) fn told_by_machine(&self, script: &str) -> Result<String, Failed> {
        let output = self.docker.on_machine(script)?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(fail(format!(
                "`{script}` on the machine: {}",
                String::from_utf8_lossy(&output.stderr)
            )))
        }
    }
}

fn remove_if_there(file: &Path) -> std::io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
