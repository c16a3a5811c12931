//! Requests by the names of CDI devices, of MIG devices, and for what stands beside GPUs; in every mode; on
//! every simulated machine.
//!
//! Specifications are made on the machine by `liftgate cdi generate`, into the machine's own `/etc/cdi`.

#[path = "cdi_requests/cases.rs"]
mod cases;

use cases::{Case, Wanted};
use libtest_mimic::Failed;
use liftgate_conformance::suite::{self, Ground, fail, trial};
use liftgate_conformance::{Bundle, BundleOptions, Inside, Outcome};
use std::fs;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let trials = cases::all()
        .into_iter()
        .map(|case| {
            let setting = ground
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|ground| Ok((Arc::clone(ground), suite::low_level("runc")?)));
            let name = format!("{}::{}", case.machine, case.name);
            match setting {
                Err(missing) => trial(&name, Some(&missing), || Ok(())),
                Ok((ground, low_level)) => {
                    let place = ground.place(&name);
                    trial(&name, None, move || {
                        let inside = Inside {
                            programs: ground.programs.clone(),
                            machine: case.machine.to_owned(),
                            state: ground.state.clone(),
                            writable: Vec::new(),
                            low_level,
                        };
                        check(&ground, &inside, &place, &case)
                    })
                }
            }
        })
        .collect();
    suite::conclude(trials, || {})
}

/// What is asked of every container that starts.
const SCRIPT: &str = "nvidia-smi -L; echo status=$?; \
    echo == nodes; find /dev -name '*nvidia*' -type c -o -path '*/infiniband/*' -type c -o -name gdrdrv -o -name 'channel*' | sort; \
    echo == cache; ldconfig -p | grep -c 'libcuda.so.1 '; \
    echo == environment; env | sort; \
    echo == greeting; cat /run/acme/greeting 2>/dev/null";

fn check(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
    case: &Case,
) -> Result<(), Failed> {
    let options = BundleOptions {
        script: SCRIPT.to_owned(),
        environment: case.environment.iter().map(|&one| one.to_owned()).collect(),
        annotations: case
            .annotations
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        binds: case
            .mounts
            .iter()
            .map(|path| {
                (
                    "/dev/null".into(),
                    format!("/var/run/nvidia-container-devices/{path}"),
                )
            })
            .collect(),
        capabilities: case
            .capabilities
            .iter()
            .map(|&one| one.to_owned())
            .collect(),
        ..BundleOptions::default()
    };
    let bundle = Bundle::make(place, &ground.image, &options)?;
    fs::write(
        place.join("config.toml"),
        format!("{}\n{}", case.top, inside.configuration()) + case.configuration,
    )?;
    let before = fs::read(bundle.config())?;
    let outcome = inside.run(&bundle, case.prelude)?;
    let machine = suite::machine(case.machine);
    match &case.wanted {
        Wanted::Listing(listing) => {
            let found = outcome
                .stdout
                .split("== nodes\n")
                .next()
                .unwrap_or_default();
            equal(&outcome, found, &listing(&machine))?;
            if outcome.part("cache") == "0\n" {
                return Err(fail(format!(
                    "libcuda.so.1 is in no loader's cache: {}",
                    outcome.describe()
                )));
            }
        }
        Wanted::Started => {
            contains(&outcome, &outcome.stdout, "status=")?;
        }
        Wanted::Refused(code) => {
            if outcome.status == Some(0) {
                return Err(fail(format!("was not refused: {}", outcome.describe())));
            }
            contains(&outcome, &outcome.stderr, &format!("error[{code}]"))?;
            contains(&outcome, &outcome.stderr, "hint:")?;
            contains(&outcome, &outcome.log, &format!("[{code}]"))?;
            if before != fs::read(bundle.config())? {
                return Err(fail("config.json has changed"));
            }
        }
    }
    for text in case.says {
        let all = format!("{}{}{}", outcome.stdout, outcome.stderr, outcome.log);
        contains(&outcome, &all, text)?;
    }
    let nodes = outcome.part("nodes");
    for node in case.nodes {
        contains(&outcome, &nodes, &format!("{node}\n"))?;
    }
    for node in case.no_nodes {
        if nodes.contains(node) {
            return Err(fail(format!("{node} is there: {}", outcome.describe())));
        }
    }
    Ok(())
}

fn equal(outcome: &Outcome, found: &str, wanted: &str) -> Result<(), Failed> {
    if found == wanted {
        return Ok(());
    }
    Err(fail(format!(
        "wanted:\n{wanted}found:\n{found}{}",
        outcome.describe()
    )))
}

fn contains(outcome: &Outcome, text: &str, wanted: &str) -> Result<(), Failed> {
    if text.contains(wanted) {
        return Ok(());
    }
    Err(fail(format!(
        "`{wanted}` is not there: {}",
        outcome.describe()
    )))
}
