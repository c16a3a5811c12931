//! `docker run --gpus`: the prestart hook in the hands of real daemons, on simulated machines.
//!
//! Docker before 29.2 looks for `nvidia-container-runtime-hook` on its `PATH`; what it finds here is ours, and
//! nothing else of ours takes part. Each daemon runs on a machine of its own: the distribution's Docker and a
//! current one, on the cgroups that this machine has, and on a machine that has version 2 alone, where the
//! hook changes the programs that runc has attached.
//!
//! Simulated devices have no driver behind their numbers. A node whose number the device cgroup allows opens
//! with ENXIO, one that it denies with EPERM; that tells them apart.

#[path = "gpus_flag/broken.rs"]
mod broken;
#[path = "gpus_flag/compose.rs"]
mod compose;
#[path = "gpus_flag/configured.rs"]
mod configured;
#[path = "gpus_flag/container.rs"]
mod container;
#[path = "gpus_flag/denied.rs"]
mod denied;
#[path = "gpus_flag/judge.rs"]
mod judge;
#[path = "gpus_flag/life.rs"]
mod life;
#[path = "gpus_flag/requests.rs"]
mod requests;
#[path = "gpus_flag/required.rs"]
mod required;
#[path = "gpus_flag/special.rs"]
mod special;
#[path = "gpus_flag/stage.rs"]
mod stage;
#[path = "gpus_flag/under_crun.rs"]
mod under_crun;
#[path = "gpus_flag/unified_memory.rs"]
mod unified_memory;

use libtest_mimic::Failed;
use liftgate_conformance::suite::{self, Ground, MACHINES, fail, trial};
use stage::{Cgroups, Engine, Scene, Stage};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let scenes: Vec<Arc<Scene>> = scenes().into_iter().map(Arc::new).collect();
    let mut trials = Vec::new();
    for scene in &scenes {
        let missing = match (&ground, &scene.missing) {
            (Err(missing), _) | (Ok(_), Some(missing)) => Some(missing.clone()),
            (Ok(_), None) => None,
        };
        for case in cases(scene) {
            let name = format!("{}::{}", scene.name, case.label);
            let missing = missing.clone().or(case.missing);
            let (ground, scene) = (ground.clone(), Arc::clone(scene));
            trials.push(trial(&name, missing.as_deref(), move || {
                let stage = scene.get(&*ground.map_err(fail)?)?;
                (case.test)(&stage)
            }));
        }
    }
    suite::conclude(trials, || {
        // Each daemon takes a second to end.
        std::thread::scope(|scope| {
            for scene in &scenes {
                scope.spawn(|| scene.stop());
            }
        });
    })
}

type Test = Box<dyn FnOnce(&Stage) -> Result<(), Failed> + Send>;

/// One test of one scene.
struct Case {
    label: String,
    missing: Option<String>,
    test: Test,
}

impl Case {
    fn new(
        label: impl Into<String>,
        test: impl FnOnce(&Stage) -> Result<(), Failed> + Send + 'static,
    ) -> Self {
        Self {
            label: label.into(),
            missing: None,
            test: Box::new(test),
        }
    }

    /// The same, unless something is missing for it.
    fn unless(mut self, missing: Option<String>) -> Self {
        self.missing = missing;
        self
    }
}

/// After an upgrade without a reboot.
const BETWEEN_DRIVERS: &str = "ubuntu-570+ubuntu-550";

fn scenes() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for engine in [Engine::Distribution, Engine::Current] {
        for machine in MACHINES.into_iter().chain([BETWEEN_DRIVERS]) {
            scenes.push(Scene::new(engine, machine, Cgroups::OfThisMachine));
        }
        scenes.push(Scene::new(engine, MACHINES[0], Cgroups::Unified));
        scenes.push(Scene::new(engine, MACHINES[0], Cgroups::Systemd));
    }
    let distribution = |machine, cgroups| Scene::new(Engine::Distribution, machine, cgroups);
    scenes.push(distribution(MACHINES[0], Cgroups::Legacy));
    for machine in [special::MIG, special::DRIVER_CONTAINER, special::WSL] {
        scenes.push(distribution(machine, Cgroups::OfThisMachine));
    }
    scenes.push(Scene::new(Engine::Current, special::MIG, Cgroups::Unified));
    scenes
}

/// Where what does not hang on the machine is tested.
fn cases(scene: &Scene) -> Vec<Case> {
    if scene.machine == BETWEEN_DRIVERS {
        return broken::between_drivers();
    }
    let special = special::cases(scene.machine);
    if !special.is_empty() {
        return special;
    }
    if scene.cgroups == Cgroups::Legacy {
        return under_crun::cases(scene);
    }
    let mut cases = requests::cases(scene);
    let is_first = scene.machine == MACHINES[0];
    if is_first {
        cases.extend(requests::confined(scene));
    }
    if scene.cgroups == Cgroups::Unified && scene.engine == Engine::Distribution {
        cases.extend(under_crun::cases(scene));
    }
    cases.extend(denied::cases());
    if scene.cgroups == Cgroups::Systemd {
        cases.extend(life::of_systemd(scene));
        return cases;
    }
    if is_first {
        cases.extend(life::cases(scene));
        cases.extend(compose::cases());
    }
    if scene.cgroups == Cgroups::OfThisMachine {
        cases.extend(required::cases(scene));
        cases.extend(broken::cases(scene));
        if is_first {
            cases.extend(configured::cases());
            cases.extend(unified_memory::cases());
        }
    }
    cases
}
