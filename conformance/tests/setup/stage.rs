//! A machine of a test's own, and the commands that are tried on it.

use crate::MACHINE;
use crate::ran::{Ran, same};
use libtest_mimic::Failed;
use liftgate_conformance::suite::{self, Ground, fail};
use liftgate_conformance::{Engines, Image, Init, OwnMachine, Site};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub(crate) struct Stage {
    machine: OwnMachine,
    image: Image,
    /// A directory of every test's, for what is made once.
    common: PathBuf,
}

/// Where engines' configuration, specifications and our records are.
const PLACES: &str =
    "/etc/docker /etc/containerd /etc/containers /etc/cdi /run/cdi /var/lib/liftgate";

/// What is nobody's configuration: a key that dockerd makes for itself, and the file by which two setups at once are told
/// from each other.
const OTHERS: &str = "! -name key.json ! -name lock";

/// What a container with the driver's tools prints.
pub(crate) const LIST: &str = "nvidia-smi -L; echo status=$?";

/// Whoever makes what every test has.
static ONCE: Mutex<()> = Mutex::new(());

impl Stage {
    pub(crate) fn start(
        ground: &Ground,
        site: &Site,
        engines: Option<&Engines>,
        init: Init,
        place: &Path,
        change: &str,
    ) -> Result<Self, Failed> {
        Ok(Self {
            machine: OwnMachine::start_under(init, site, engines, place, change)?,
            image: Image::at(ground.image.root()),
            common: ground.directory.path().to_owned(),
        })
    }

    /// Runs shell text on the machine.
    pub(crate) fn run(&self, script: &str) -> Result<Ran, Failed> {
        Ok(Ran::new(script, &self.machine.run(script)?))
    }

    /// What shell text prints that has to succeed.
    pub(crate) fn told(&self, script: &str) -> Result<String, Failed> {
        Ok(self.run(script)?.succeeded()?.stdout)
    }

    /// `liftgate setup ARGUMENTS`.
    pub(crate) fn setup(&self, arguments: &str) -> Result<Ran, Failed> {
        self.run(&format!("liftgate setup {arguments}"))
    }

    /// A file of the machine's, as this process can open it.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.machine.file(path)
    }

    /// Writes a configuration.
    pub(crate) fn write(&self, path: &str, text: &str) -> Result<(), Failed> {
        let path = self.file(path);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        Ok(fs::write(path, text)?)
    }

    /// Starts, stops or restarts an engine by its init script.
    pub(crate) fn service(&self, engine: &str, verb: &str) -> Result<(), Failed> {
        self.told(&format!("/etc/init.d/{engine} {verb}")).map(drop)
    }

    /// The process of an engine that has to run.
    pub(crate) fn process(&self, engine: &str) -> Result<String, Failed> {
        self.told(&format!(
            "id=$(cat /run/{engine}.pid) && kill -0 $id && echo $id"
        ))
    }

    /// Every file that anybody could mean by configuration: its mode, its owner and its bytes; and its directories.
    pub(crate) fn files(&self) -> Result<String, Failed> {
        self.told(&format!(
            "find {PLACES} -type f {OTHERS} -printf '%p %m %U:%G\\n' -exec cat {{}} \\; 2>/dev/null
            find /etc/containerd /etc/containers -type d -printf '%p %m\\n' 2>/dev/null; true"
        ))
    }

    /// Which files those are, and when each was written.
    pub(crate) fn times(&self) -> Result<String, Failed> {
        self.told(&format!(
            "find {PLACES} -type f {OTHERS} -printf '%p %i %C@\\n' 2>/dev/null; true"
        ))
    }

    /// A second setup: it says so, and writes nothing.
    pub(crate) fn set_up_again(&self, arguments: &str) -> Result<(), Failed> {
        let times = self.times()?;
        let ran = self.setup(arguments)?.succeeded()?;
        ran.says("nothing to be done: it is configured")?;
        same("a second setup has written", &times, &self.times()?)
    }

    /// Everything is taken back, to what the files were.
    pub(crate) fn undo(&self, first: &str) -> Result<(), Failed> {
        self.setup("--undo --yes")?.succeeded()?;
        same("after --undo", first, &self.files()?)?;
        let again = self.setup("--undo --yes")?.succeeded()?;
        again.says("nothing to be undone").map(drop)
    }

    /// Makes the image known to Docker or Podman as `mini`.
    pub(crate) fn import(&self, engine: &str) -> Result<(), Failed> {
        let archive = self.once("files.tar", |path| self.image.archive(path))?;
        let archive = archive.display();
        self.told(&format!("{engine} import {archive} mini"))
            .map(drop)
    }

    /// The image as an archive that containerd imports, by its full name.
    pub(crate) fn kubernetes_image(&self, name: &str) -> Result<PathBuf, Failed> {
        self.once("image.tar", |path| {
            self.image.archive_with_configuration(path, name)
        })
    }

    fn once(
        &self,
        name: &str,
        make: impl FnOnce(&Path) -> std::io::Result<()>,
    ) -> Result<PathBuf, Failed> {
        let _turn = ONCE.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.common.join(name);
        if !path.exists() {
            make(&path)?;
        }
        Ok(path)
    }

    /// A container of Docker or Podman with these options has these GPUs; `None`: it is one as any other.
    pub(crate) fn container_has(
        &self,
        engine: &str,
        options: &str,
        gpus: Option<&[usize]>,
    ) -> Result<(), Failed> {
        let script = format!("{engine} run --rm --network none {options} mini sh -c '{LIST}'");
        let ran = self.run(&script)?.succeeded()?;
        if ran.stdout == listing(gpus) {
            Ok(())
        } else {
            ran.complain(&format!("wanted: {}", listing(gpus)))
        }
    }

    /// The engine does not start a container with these options.
    pub(crate) fn refuses(&self, engine: &str, options: &str) -> Result<(), Failed> {
        let script = format!("{engine} run --rm --network none {options} mini true");
        let ran = self.run(&script)?;
        if ran.status == Some(0) {
            return ran.complain("wanted: a failure");
        }
        Ok(())
    }
}

/// What a container with these GPUs prints for [`LIST`].
pub(crate) fn listing(gpus: Option<&[usize]>) -> String {
    gpus.map_or_else(
        || "status=127\n".to_owned(),
        |gpus| suite::expected_listing(&suite::machine(MACHINE), gpus),
    )
}

/// Waits for something to become true.
pub(crate) fn eventually(
    what: &str,
    test: impl Fn() -> Result<bool, Failed>,
) -> Result<(), Failed> {
    let begun = std::time::Instant::now();
    while !test()? {
        if begun.elapsed().as_secs() > 20 {
            return Err(fail(format!("never: {what}")));
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Ok(())
}
