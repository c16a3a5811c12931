//! Our CDI specification and the reference's give the same container, and so do the two runtimes without any
//! specification.
//!
//! Specifications are not compared as text: two that differ in every line may mean the same. Each is
//! injected into a bundle, the container is run on the simulated machine, and what it is then is compared,
//! fact by fact. What may differ stands in a list, with the reason.
//!
//! The reference's facts are recorded, so that nothing of it is needed to judge ours:
//!
//! | variable | what happens |
//! |---|---|
//! | none | our specification, injected by our runtime, against the recorded facts |
//! | `LIFTGATE_REFERENCE=DIR` | the facts are recorded: the reference's specification and runtime, in `DIR` |
//! | `LIFTGATE_OTHER_GENERATOR=PATH` | the specification of another `nvidia-ctk` instead of ours; it has to agree in everything |
//! | `LIFTGATE_OTHER_RUNTIME=PATH` | another `nvidia-container-runtime` injects instead of ours |
//!
//! With one of the last two, a fault is told to be of our specification or of our injection; what our runtime
//! does without a specification is not judged then.

#[path = "cdi_reference/broken.rs"]
mod broken;
#[path = "cdi_reference/comparison.rs"]
mod comparison;
#[path = "cdi_reference/container.rs"]
mod container;
#[path = "cdi_reference/machines.rs"]
mod machines;
#[path = "cdi_reference/meant.rs"]
mod meant;
#[path = "cdi_reference/proof.rs"]
mod proof;
#[path = "cdi_reference/recorded.rs"]
mod recorded;

use comparison::{Difference, Meant, compare};
use container::{Generator, Scene};
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::Programs;
use liftgate_conformance::suite::{self, Ground, fail, trial};
use machines::{SETTINGS, Setting};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// The directory of the reference's programs.
const REFERENCE: &str = "LIFTGATE_REFERENCE";

/// Another program that generates specifications, to prove the comparison before it judges ours.
const OTHER_GENERATOR: &str = "LIFTGATE_OTHER_GENERATOR";

/// The machine on which specifications are spoilt: the one with the fewest GPUs.
const SPOILT_ON: &str = "h200-580";

fn main() -> ExitCode {
    let mut trials = proof::trials();
    match (Bench::prepare(), std::env::var_os(REFERENCE)) {
        (Ok(bench), None) => add_comparisons(&mut trials, &Arc::new(bench)),
        (Ok(bench), Some(directory)) => {
            let bench = Arc::new(bench.of_reference(Path::new(&directory)));
            add_recordings(&mut trials, &bench);
        }
        (Err(missing), _) => {
            for setting in SETTINGS {
                trials.push(trial(setting.name, Some(&missing), || Ok(())));
            }
        }
    }
    suite::conclude(trials, || {})
}

/// What every trial that starts containers shares.
struct Bench {
    ground: Arc<Ground>,
    low_level: PathBuf,
    generator: Generator,
    runtime: PathBuf,
    /// The differences that are meant, between this generator and the reference.
    meant: &'static [Meant],
    compared: BTreeMap<&'static str, OnceLock<Result<Differences, String>>>,
}

/// Device → where its container differs.
type Differences = BTreeMap<String, Vec<Difference>>;

impl Bench {
    fn prepare() -> Result<Self, String> {
        let ground = Ground::prepare()?;
        let low_level = suite::low_level("runc")?;
        let other = std::env::var_os(OTHER_GENERATOR).map(PathBuf::from);
        let (generator, meant) = match &other {
            Some(program) => (Generator::reference(program), [].as_slice()),
            None => (Generator::ours(&ground.programs.liftgate), meant::MEANT),
        };
        let compared = SETTINGS
            .iter()
            .map(|setting| (setting.name, OnceLock::new()))
            .collect();
        Ok(Self {
            runtime: ground.programs.runtime.clone(),
            ground,
            low_level,
            generator,
            meant,
            compared,
        })
    }

    fn of_reference(self, directory: &Path) -> Self {
        Self {
            generator: Generator::reference(&directory.join("nvidia-ctk")),
            runtime: directory.join("nvidia-container-runtime"),
            ..self
        }
    }

    fn scene(&self, setting: Setting, label: &str) -> Result<Scene<'_>, Failed> {
        Scene::new(&self.ground, setting, &self.runtime, &self.low_level, label)
    }

    /// The differences on a machine; whoever asks first runs the containers.
    fn differences(&self, setting: Setting) -> Result<&Differences, Failed> {
        let compared = &self.compared[setting.name];
        let result = compared.get_or_init(|| {
            self.compare_on(setting)
                .map_err(|failed| failed.message().unwrap_or_default().to_owned())
        });
        result.as_ref().map_err(fail)
    }

    fn compare_on(&self, setting: Setting) -> Result<Differences, Failed> {
        self.compare_with(&self.generator, setting, "compare")
    }

    fn compare_with(
        &self,
        generator: &Generator,
        setting: Setting,
        label: &str,
    ) -> Result<Differences, Failed> {
        let recorded = recorded::read(setting.name)?;
        let scene = self.scene(setting, label)?;
        let observed = scene.observe_all(generator)?;
        if !observed.keys().eq(recorded.keys()) {
            return Err(fail(format!(
                "`{}` was recorded for other containers; record it anew",
                setting.name
            )));
        }
        let pairs = recorded.iter().zip(&observed);
        Ok(pairs
            .map(|((device, reference), (_, ours))| (device.clone(), compare(reference, ours)))
            .collect())
    }
}

fn add_comparisons(trials: &mut Vec<Trial>, bench: &Arc<Bench>) {
    let is_other = std::env::var_os(OTHER_GENERATOR).is_some() || Programs::is_other_runtime();
    let about_ours = is_other.then_some("is about our runtime alone");
    for &setting in SETTINGS {
        let missing = about_ours.filter(|_| !setting.is_specified());
        let shared = Arc::clone(bench);
        trials.push(trial(setting.name, missing, move || {
            check_machine(&shared, setting)
        }));
    }
    for &setting in SETTINGS.iter().filter(|setting| setting.is_specified()) {
        let shared = Arc::clone(bench);
        let name = format!("separate-hooks::{}", setting.name);
        trials.push(trial(&name, about_ours, move || {
            check_separate_hooks(&shared, setting)
        }));
    }
    let shared = Arc::clone(bench);
    let name = "every-difference-that-is-meant-occurs";
    trials.push(trial(name, about_ours, move || {
        check_that_all_occur(&shared, SETTINGS)
    }));
    add_spoilt(trials, bench);
}

/// With the hooks that other toolkits' specifications have, the container is the same.
fn check_separate_hooks(bench: &Bench, setting: Setting) -> Result<(), Failed> {
    let generator = Generator::ours_with_separate_hooks(&bench.ground.programs.liftgate);
    judge(
        bench,
        setting,
        &bench.compare_with(&generator, setting, "separate")?,
    )
}

fn check_machine(bench: &Bench, setting: Setting) -> Result<(), Failed> {
    judge(bench, setting, bench.differences(setting)?)
}

fn judge(bench: &Bench, setting: Setting, differences: &Differences) -> Result<(), Failed> {
    let not_meant = meant::not_meant(bench.meant, setting.name, differences);
    if not_meant.is_empty() {
        return Ok(());
    }
    let text = not_meant.join("\n");
    Err(fail(format!(
        "{} differences that are not meant:\n{text}",
        not_meant.len()
    )))
}

fn check_that_all_occur(bench: &Bench, settings: &[Setting]) -> Result<(), Failed> {
    let mut machines = BTreeMap::new();
    for &setting in settings {
        let differences = bench.differences(setting)?;
        machines.insert(setting.name.to_owned(), differences.clone());
    }
    let not_seen = meant::not_seen(bench.meant, &machines);
    if not_seen.is_empty() {
        Ok(())
    } else {
        Err(fail(format!("these cover nothing: {not_seen:#?}")))
    }
}

fn add_recordings(trials: &mut Vec<Trial>, bench: &Arc<Bench>) {
    for &setting in SETTINGS {
        let shared = Arc::clone(bench);
        let name = format!("record::{}", setting.name);
        trials.push(trial(&name, None, move || {
            let scene = shared.scene(setting, "record")?;
            recorded::write(setting.name, &scene.observe_all(&shared.generator)?)
        }));
    }
    add_spoilt(trials, bench);
}

fn add_spoilt(trials: &mut Vec<Trial>, bench: &Arc<Bench>) {
    let setting = SETTINGS
        .iter()
        .find(|setting| setting.name == SPOILT_ON)
        .copied();
    for spoilt in broken::all() {
        let shared = Arc::clone(bench);
        let name = format!("spoilt::{}", spoilt.name);
        trials.push(trial(&name, None, move || {
            let setting = setting.ok_or("the machine is not in the list")?;
            let scene = shared.scene(setting, spoilt.name)?;
            broken::check(&scene, &shared.generator, &spoilt)
        }));
    }
}
