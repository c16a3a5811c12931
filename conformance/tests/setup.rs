//! `liftgate setup` and `nvidia-ctk runtime configure` with real engines: each loads what was written, gives a container
//! its GPUs, and loads what is left after `--undo`; and where something fails, it runs as before.
//!
//! Every test has a machine of its own, on which engines are services under their real names and their real files are
//! written. So the commands are those that people type.

#[path = "setup/choice.rs"]
mod choice;
#[path = "setup/containerd.rs"]
mod containerd;
#[path = "setup/docker.rs"]
mod docker;
#[path = "setup/fails.rs"]
mod fails;
#[path = "setup/json.rs"]
mod json;
#[path = "setup/podman.rs"]
mod podman;
#[path = "setup/ran.rs"]
mod ran;
#[path = "setup/restarts.rs"]
mod restarts;
#[path = "setup/stage.rs"]
mod stage;
#[path = "setup/systemd.rs"]
mod systemd;

use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Ground, fail, trial};
use liftgate_conformance::{Engines, Init, Site, find_program};
use stage::Stage;
use std::path::Path;
use std::process::ExitCode;

/// The machine of a test that does not care.
const MACHINE: &str = "ubuntu-550";

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let mut cases = docker::cases();
    cases.extend(containerd::cases());
    cases.extend(podman::cases());
    cases.extend(restarts::cases());
    cases.extend(fails::cases());
    cases.extend(choice::cases());
    cases.extend(systemd::cases());
    let trials = cases.into_iter().map(|case| {
        let missing = match &ground {
            Err(missing) => Some(missing.clone()),
            Ok(_) => case.missing(),
        };
        let ground = ground.clone();
        let name = case.name();
        trial(&name.clone(), missing.as_deref(), move || {
            let ground = ground.map_err(fail)?;
            let site = Site::new(&ground.programs, case.machine, &ground.state);
            let engines = match case.release {
                Release::Distribution => None,
                Release::Current => Some(Engines::find(&[]).map_err(fail)?),
            };
            let place = ground.place(&name);
            let engines = engines.as_ref();
            let stage = Stage::start(&ground, &site, engines, case.init, &place, case.change)?;
            (case.test)(&stage)
        })
    });
    let mut trials: Vec<Trial> = trials.collect();
    let missing = "needs CRI-O, of which no package is known here";
    trials.push(trial("crio", Some(missing), || Ok(())));
    suite::conclude(trials, || ())
}

/// Whose engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Release {
    /// As this distribution has it.
    Distribution,
    /// A current one.
    Current,
}

impl Release {
    const BOTH: [Self; 2] = [Self::Distribution, Self::Current];
}

type Test = fn(&Stage) -> Result<(), Failed>;

/// One test.
struct Case {
    label: &'static str,
    release: Release,
    /// The engine's programs.
    needs: &'static [&'static str],
    machine: &'static str,
    init: Init,
    /// Shell text that changes the machine before anything runs.
    change: &'static str,
    test: Test,
}

impl Case {
    fn new(
        label: &'static str,
        release: Release,
        needs: &'static [&'static str],
        test: Test,
    ) -> Self {
        Self {
            label,
            release,
            needs,
            machine: MACHINE,
            init: Init::Scripts,
            change: "",
            test,
        }
    }

    fn on(mut self, machine: &'static str) -> Self {
        self.machine = machine;
        self
    }

    fn under(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    fn changed_by(mut self, change: &'static str) -> Self {
        self.change = change;
        self
    }

    fn name(&self) -> String {
        let release = match self.release {
            Release::Distribution => "distribution",
            Release::Current => "current",
        };
        format!("{}::{release}", self.label)
    }

    fn missing(&self) -> Option<String> {
        // The program in the proof's image has no library beside it.
        if std::env::var_os("LIFTGATE_DIST").is_none() {
            return Some("needs the programs as they are shipped, LIFTGATE_DIST".to_owned());
        }
        if self.init == Init::Systemd {
            let has_unified = std::fs::read_to_string("/proc/filesystems")
                .is_ok_and(|filesystems| filesystems.contains("\tcgroup2\n"));
            if !has_unified || !Path::new("/lib/systemd/systemd").exists() {
                return Some("needs systemd, and cgroup v2".to_owned());
            }
        }
        match self.release {
            Release::Current => Engines::find(self.needs).err(),
            Release::Distribution => {
                let mut needs = self.needs.iter();
                let missing = needs.find(|program| find_program(program).is_none());
                missing.map(|program| format!("needs {program}"))
            }
        }
    }
}
