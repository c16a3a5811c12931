//! Our CDI specifications in the hands of real engines, on simulated machines: Podman and current releases of
//! Docker and containerd read what `liftgate cdi generate` has written on the machine, and what is judged is
//! the container that they make of it. Our runtime takes no part; of our programs only the hook runs.

#[path = "cdi_engines/container.rs"]
mod container;
#[path = "cdi_engines/engine.rs"]
mod engine;

use container::{Case, cases, judge};
use engine::{Cri, CurrentDocker, DistributionPodman, Engine};
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::cri::Road;
use liftgate_conformance::suite::{self, Ground, MACHINES, fail, trial};
use liftgate_conformance::{Engines, Site, find_program};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let mut trials = Vec::new();
    let mut shared = Vec::new();
    for machine in MACHINES {
        let scene = Arc::new(Scene::new(machine));
        for engine in engines() {
            let engine = Arc::new(engine);
            add(&mut trials, &ground, &scene, &engine);
            shared.push(engine);
        }
    }
    add_hook_by_name(&mut trials, &ground);
    suite::conclude(trials, || {
        for engine in shared {
            engine.stop();
        }
    })
}

type Prepared = Result<Arc<Ground>, String>;

/// A machine and its specification, written by the first test that needs it.
struct Scene {
    machine: &'static str,
    specification: Mutex<Option<PathBuf>>,
}

impl Scene {
    const fn new(machine: &'static str) -> Self {
        Self {
            machine,
            specification: Mutex::new(None),
        }
    }

    fn site(&self, ground: &Ground) -> Result<Site, Failed> {
        let site = Site::new(&ground.programs, self.machine, &ground.state);
        let mut slot = self
            .specification
            .lock()
            .map_err(|_| fail("another test has failed to write the specification"))?;
        let file = if let Some(file) = &*slot {
            file.clone()
        } else {
            let directory = ground.place(&format!("specification-{}", self.machine));
            slot.insert(site.generate(&directory, &[])?).clone()
        };
        Ok(site.with_specification(&file))
    }
}

type Start = fn(&Ground, Site) -> Result<Arc<dyn Engine>, Failed>;

/// An engine that the tests of one machine share, started by the first of them. One that does not start is
/// not tried again by the next: each would wait for it.
struct Shared {
    name: &'static str,
    missing: Option<String>,
    start: Start,
    running: Mutex<Option<Result<Arc<dyn Engine>, String>>>,
}

impl Shared {
    fn get(&self, ground: &Ground, scene: &Scene) -> Result<Arc<dyn Engine>, Failed> {
        let mut slot = self
            .running
            .lock()
            .map_err(|_| fail("another test has failed to start the engine"))?;
        let started = slot.get_or_insert_with(|| {
            scene
                .site(ground)
                .and_then(|site| (self.start)(ground, site))
                .map_err(|error| error.message().unwrap_or_default().to_owned())
        });
        started.clone().map_err(fail)
    }

    fn stop(&self) {
        if let Ok(mut slot) = self.running.lock() {
            *slot = None;
        }
    }
}

fn engines() -> Vec<Shared> {
    let podman = |low_level: &str| {
        find_program("podman")
            .ok_or("needs podman".to_owned())
            .and_then(|_| suite::low_level(low_level))
            .err()
    };
    let docker = || Engines::find(&["dockerd", "docker", "containerd", "runc"]).err();
    let containerd = || Engines::find(&["containerd", "ctr", "runc"]).err();
    let shared = |name, missing, start: Start| Shared {
        name,
        missing,
        start,
        running: Mutex::new(None),
    };
    vec![
        shared("podman::runc", podman("runc"), |ground, site| {
            Ok(Arc::new(DistributionPodman::start(ground, site, "runc")?))
        }),
        shared("podman::crun", podman("crun"), |ground, site| {
            Ok(Arc::new(DistributionPodman::start(ground, site, "crun")?))
        }),
        shared("docker", docker(), |ground, site| {
            Ok(Arc::new(CurrentDocker::start(ground, &site)?))
        }),
        shared("cri::field", containerd(), |ground, site| {
            Ok(Arc::new(Cri::start(ground, &site, Road::Field)?))
        }),
        shared("cri::annotation", containerd(), |ground, site| {
            Ok(Arc::new(Cri::start(ground, &site, Road::Annotation)?))
        }),
    ]
}

fn add(trials: &mut Vec<Trial>, ground: &Prepared, scene: &Arc<Scene>, engine: &Arc<Shared>) {
    let machine = scene.machine;
    let missing = match (ground, &engine.missing) {
        (Err(missing), _) | (Ok(_), Some(missing)) => Some(missing.as_str()),
        (Ok(_), None) => None,
    };
    for case in cases(&suite::machine(machine)) {
        let name = format!("{}::{machine}::{}", engine.name, case.label);
        let (ground, scene, engine) = (ground.clone(), Arc::clone(scene), Arc::clone(engine));
        trials.push(trial(&name, missing, move || {
            let ground = ground.map_err(fail)?;
            let engine = engine.get(&ground, &scene)?;
            run(&*engine, machine, &case)
        }));
    }
}

fn run(engine: &dyn Engine, machine: &str, case: &Case) -> Result<(), Failed> {
    let machine = suite::machine(machine);
    judge(
        &machine,
        case,
        &engine.run(case, &container::script(&machine, case))?,
    )
}

/// A specification whose hook is called by the name that the reference's has. It is a name of our program,
/// but an installation may well have it as a link in a directory of its own.
fn add_hook_by_name(trials: &mut Vec<Trial>, ground: &Prepared) {
    const MACHINE: &str = "h200-580";
    let low_level = suite::low_level("runc").and_then(|path| match find_program("podman") {
        Some(_) => Ok(path),
        None => Err("needs podman".to_owned()),
    });
    let missing = ground.as_ref().err().or(low_level.as_ref().err());
    let ground = ground.clone();
    let name = format!("podman::{MACHINE}::hook-by-name");
    trials.push(trial(&name, missing.map(String::as_str), move || {
        let ground = ground.map_err(fail)?;
        let directory = ground.place("hook-by-name");
        std::fs::create_dir_all(&directory)?;
        let link = directory.join("nvidia-cdi-hook");
        symlink(ground.programs.runtime.with_file_name("liftgate-rt"), &link)?;
        let link = link.to_string_lossy();
        let site = Site::new(&ground.programs, MACHINE, &ground.state);
        let file = site.generate(&directory, &["--nvidia-cdi-hook-path", &link])?;
        if !std::fs::read_to_string(&file)?.contains(&*link) {
            return Err(fail("the specification does not name the hook"));
        }
        let site = site.with_specification(&file);
        let podman = DistributionPodman::start(&ground, site, "runc")?;
        let all = &cases(&suite::machine(MACHINE))[0];
        run(&podman, MACHINE, all)
    }));
}
