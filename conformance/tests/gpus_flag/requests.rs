//! What can be asked for on the command line, and how confined a container may be.

use crate::Case;
use crate::container::{Wanted, expect, expect_refused, expect_untouched, run};
use crate::stage::{Engine, Scene, Stage};
use libtest_mimic::Failed;
use liftgate_conformance::suite;
use liftgate_testhost::Machine;
use std::fs;

/// What a value of `--gpus` comes to.
enum Outcome {
    Given(Wanted),
    Unknown(String),
    Untouched,
}

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let machine = suite::machine(scene.machine);
    requests(&machine)
        .into_iter()
        .map(|(label, value, outcome)| Case::new(label, move |stage| ask(stage, &value, &outcome)))
        .collect()
}

fn requests(machine: &Machine) -> Vec<(&'static str, String, Outcome)> {
    let gpus = machine.gpus();
    let last = gpus.len() - 1;
    let given = |gpus: &[usize]| Outcome::Given(Wanted::gpus(gpus.iter().copied()));
    let all: Vec<usize> = (0..gpus.len()).collect();
    let device = |id: &str| format!("device={id}");
    let mut requests = vec![
        ("all", "all".to_owned(), given(&all)),
        ("one", "1".to_owned(), given(&[0])),
        ("none", "0".to_owned(), Outcome::Untouched),
        ("index", device(&last.to_string()), given(&[last])),
        ("bus-address", device(&gpus[last].bus), given(&[last])),
        (
            "uuid-prefix",
            device(&gpus[last].uuid[..12]),
            given(&[last]),
        ),
        ("twice", "\"device=0,0\"".to_owned(), given(&[0])),
        (
            "unknown-index",
            device("17"),
            Outcome::Unknown("17".to_owned()),
        ),
        (
            "unknown-uuid",
            device("GPU-00000000"),
            Outcome::Unknown("GPU-00000000".to_owned()),
        ),
        (
            "one-known-one-not",
            "\"device=0,17\"".to_owned(),
            Outcome::Unknown("17".to_owned()),
        ),
        (
            "more-than-there-are",
            (gpus.len() + 1).to_string(),
            Outcome::Unknown(gpus.len().to_string()),
        ),
        (
            "uuid-for-utility",
            format!("\"device={}\",\"capabilities=utility\"", gpus[last].uuid),
            Outcome::Given(Wanted {
                cuda: false,
                ..Wanted::gpus([last])
            }),
        ),
        (
            "compute-alone",
            "all,capabilities=compute".to_owned(),
            Outcome::Given(Wanted {
                utility: false,
                ..Wanted::gpus(all.clone())
            }),
        ),
    ];
    if gpus.len() > 2 {
        requests.push(("two", "2".to_owned(), given(&[0, 1])));
        requests.push(("two-indices", "\"device=0,2\"".to_owned(), given(&[0, 2])));
        requests.push(("backwards", "\"device=2,0\"".to_owned(), given(&[0, 2])));
    }
    requests
}

fn ask(stage: &Stage, value: &str, outcome: &Outcome) -> Result<(), Failed> {
    let options = ["--gpus", value];
    stage.together(|docker| match outcome {
        Outcome::Given(wanted) => expect(docker, &stage.machine, &options, wanted),
        Outcome::Untouched => expect_untouched(docker, &options),
        Outcome::Unknown(id) => {
            let reference = format!("nvidia-container-cli: device error: {id}: unknown device\n");
            expect_refused(docker, &options, &[&reference, "[device-unknown]"])
        }
    })
}

const USER: [&str; 2] = ["--user", "1000"];
const NO_CAPABILITY: [&str; 2] = ["--cap-drop", "ALL"];

pub(crate) fn confined(scene: &Scene) -> Vec<Case> {
    let everything = ["--read-only", "--user", "1000", "--cap-drop", "ALL"];
    let confinements: [(&str, &[&'static str]); 5] = [
        ("read-only", &["--read-only"]),
        ("user", &USER),
        ("no-capability", &NO_CAPABILITY),
        ("confined", &everything),
        (
            "no-new-privileges",
            &["--security-opt", "no-new-privileges"],
        ),
    ];
    let mut cases: Vec<Case> = confinements
        .into_iter()
        .map(|(label, options)| {
            let options = options.to_vec();
            Case::new(label, move |stage| confine(stage, &options))
        })
        .collect();
    cases.push(Case::new("privileged", privileged).unless(lacks_for_privileged(scene)));
    cases
}

fn confine(stage: &Stage, options: &[&str]) -> Result<(), Failed> {
    let all = 0..stage.machine.gpus().len();
    let wanted = Wanted::gpus(all).confined_by(options);
    let mut with_gpus = vec!["--gpus", "all"];
    with_gpus.extend(options);
    stage.together(|docker| expect(docker, &stage.machine, &with_gpus, &wanted))
}

/// A privileged container has every node of the machine, whatever was asked for; the hook brings the driver.
fn privileged(stage: &Stage) -> Result<(), Failed> {
    let all: Vec<usize> = (0..stage.machine.gpus().len()).collect();
    let wanted = suite::expected_listing(&stage.machine, &all);
    let options = ["--gpus", "1", "--privileged"];
    let script = "nvidia-smi -L; echo status=$?; ls /dev/nvidia[0-9]* | wc -l";
    let ran = stage.together(|docker| run(docker, &options, script))?;
    if ran.is_success && ran.stdout == format!("{wanted}{}\n", all.len()) {
        Ok(())
    } else {
        ran.complain("a privileged container is not given the driver")
    }
}

/// runc before 1.2 gives a privileged container every capability there is, or does not start it.
fn lacks_for_privileged(scene: &Scene) -> Option<String> {
    if scene.engine == Engine::Current {
        return None;
    }
    let bounding = capabilities()?;
    let last: u32 = fs::read_to_string("/proc/sys/kernel/cap_last_cap")
        .ok()
        .and_then(|number| number.trim().parse().ok())?;
    let every = (1_u64 << (last + 1)) - 1;
    (bounding & every != every).then(|| "needs every capability".to_owned())
}

/// The capabilities that a process of this machine can have.
pub(crate) fn capabilities() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let digits = status
        .lines()
        .find_map(|line| line.strip_prefix("CapBnd:"))?;
    u64::from_str_radix(digits.trim(), 16).ok()
}
