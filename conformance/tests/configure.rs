//! `nvidia-ctk runtime configure`, `liftgate setup podman` and the undo of both, on configuration files as people
//! have them.
//!
//! Each case is laid out in a directory of its own. What comes of it is compared with what comes of it with the
//! reference, by what the files say, not by how they say it; where the reference is wrong the case says what is
//! right, and why. Then: that nothing of the old text is lost, that a second run writes nothing, that an undo gives
//! the first bytes back, that a file which cannot be read is refused with line and column and left alone, that a
//! dry run says what would be written, and that the engines which this machine has load the result and know the
//! runtime.
//!
//! | variable | what happens |
//! |---|---|
//! | none | our programs, against the recorded facts |
//! | `LIFTGATE_REFERENCE=DIR` | the facts are recorded: the reference's `nvidia-ctk`, in `DIR` |
//! | `LIFTGATE_OTHER_CTK=PATH` | another `nvidia-ctk` instead of ours, to prove the suite before it judges ours |

#[path = "configure/cases.rs"]
mod cases;
#[path = "configure/dumps.rs"]
mod dumps;
#[path = "configure/engines.rs"]
mod engines;
#[path = "configure/layout.rs"]
mod layout;
#[path = "configure/lossless.rs"]
mod lossless;
#[path = "configure/meaning.rs"]
mod meaning;
#[path = "configure/proof.rs"]
mod proof;
#[path = "configure/random.rs"]
mod random;
#[path = "configure/recorded.rs"]
mod recorded;
#[path = "configure/steps.rs"]
mod steps;
#[path = "configure/touched.rs"]
mod touched;
#[path = "configure/tree.rs"]
mod tree;
#[path = "configure/wanted.rs"]
mod wanted;

use cases::{Case, Engine, Lie};
use layout::Place;
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::Programs;
use liftgate_conformance::suite::{self, trial};
use recorded::{Fact, Facts};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use steps::Tools;

/// The directory of the reference's programs.
const REFERENCE: &str = "LIFTGATE_REFERENCE";

fn main() -> ExitCode {
    let mut trials = proof::trials();
    if let Some(directory) = std::env::var_os(REFERENCE) {
        let ctk = Path::new(&directory).join("nvidia-ctk");
        trials.push(trial("record", None, move || record(&ctk)));
    } else {
        add_trials(&mut trials, &Bench::prepare());
    }
    suite::conclude(trials, || {})
}

/// What every trial shares.
#[derive(Clone)]
struct Bench {
    tools: Arc<Tools>,
    facts: Arc<Facts>,
}

impl Bench {
    /// Finds it, or says what is missing.
    fn prepare() -> Result<Self, String> {
        if !liftgate_sys::namespace::is_real_root() {
            return Err("needs root, for files of other owners".to_owned());
        }
        let programs = Programs::find().map_err(|error| error.to_string())?;
        let tools = Tools {
            ctk: programs.ctk().map_err(|error| error.to_string())?,
            liftgate: programs.liftgate,
        };
        let facts = recorded::read();
        let facts = facts.map_err(|failed| failed.message().unwrap_or_default().to_owned())?;
        Ok(Self {
            tools: Arc::new(tools),
            facts: Arc::new(facts),
        })
    }
}

/// What is asked of a case.
type Check = Box<dyn FnOnce(&Bench) -> Result<(), Failed> + Send>;

type Step = fn(&Tools, Case) -> Result<(), Failed>;

/// What is asked of every case that is not refused, beside what it says.
const STEPS: [(&str, Step); 4] = [
    ("lossless", steps::lossless),
    ("again", steps::again),
    ("undo", steps::undo),
    ("dry-run", steps::dry_run),
];

fn add_trials(trials: &mut Vec<Trial>, bench: &Result<Bench, String>) {
    let of_ours = Programs::is_other_ctk().then_some("is about our programs alone");
    let mut add = |name: String, missing: Option<&str>, check: Check| {
        trials.push(match bench.clone() {
            Err(missing) => trial(&name, Some(&missing), || Ok(())),
            Ok(bench) => trial(&name, missing, move || check(&bench)),
        });
    };
    for case in cases::all() {
        let name = |step: &str| format!("{step}::{}", case.name());
        // Podman is configured by `liftgate`, whatever the other program is.
        let missing = of_ours.filter(|_| case.engine == Engine::Podman);
        if case.is_refused() {
            let check: Check = Box::new(move |bench| steps::refused(&bench.tools, case));
            add(name("refused"), missing, check);
            continue;
        }
        let check: Check = Box::new(move |bench| steps::meaning(&bench.tools, &bench.facts, case));
        add(name("meaning"), missing, check);
        // A hook is shown in another way, `hook-shown`, and is no setting of an engine's that could be undone.
        let is_hook = case.has("--config-mode=oci-hook");
        for (step, check) in STEPS {
            if is_hook && matches!(step, "dry-run" | "undo") {
                continue;
            }
            let missing = missing.or(of_ours.filter(|_| step == "undo"));
            let check: Check = Box::new(move |bench| check(&bench.tools, case));
            add(name(step), missing, check);
        }
        // The mode, the owner and a link are no business of a parser's, and what is taken from a made-up
        // `config dump` is not what the engine has.
        if case.lie != Lie::Usual || is_hook || case.has("--config-source=command") {
            continue;
        }
        for (engine, loader) in engines::of(case.engine) {
            // What an engine does not read, whoever configures it cannot mend.
            let unread = case.unread.contains(&engine);
            let missing =
                missing.or(unread.then_some("is not read by this engine, configured or not"));
            let name = name(&format!("loads::{engine}"));
            match loader {
                Err(missing) => add(name, Some(&missing), Box::new(|_| Ok(()))),
                Ok(loader) => {
                    let check: Check =
                        Box::new(move |bench| engines::loads(&bench.tools, &loader, case));
                    add(name, missing, check);
                }
            }
        }
    }
    for (name, check) in random::CHECKS {
        let check: Check = Box::new(move |bench| check(&bench.tools));
        add(name.to_owned(), of_ours, check);
    }
}

/// Runs every case on the reference, and writes down what comes of it.
fn record(ctk: &Path) -> Result<(), Failed> {
    let mut facts = Facts::new();
    for case in cases::all() {
        if case.engine == Engine::Podman {
            continue;
        }
        let place = Place::new(case)?;
        let output = place.configure(ctk, Path::new(""), &[])?;
        facts.insert(case.name(), Fact::of(&place, &output)?);
    }
    recorded::write(&facts)
}
