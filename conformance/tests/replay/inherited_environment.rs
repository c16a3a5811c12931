//! CVE-2025-23266 from its other end, as it was published: an image of three lines, a specification whose hook has no
//! environment of its own, and a low-level runtime that gives it the image's.

use crate::attack::{Attack, Report};
use crate::target::Target;
use libtest_mimic::Failed;
use liftgate_conformance::hostile::{self, Scene, gpus, library};
use liftgate_conformance::suite;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// The first runc that gives such a hook nothing.
const CURED: (u32, u32) = (1, 3);

pub(crate) fn attacks() -> Vec<Attack> {
    let name = "CVE-2025-23266/runc-with-update-ldcache";
    vec![
        Attack::new(name, "h200-580", run)
            .bites("inherited-environment")
            .bit("1.17.7")
            .only_seen_unless(is_cured()),
    ]
}

/// Why a hook has nothing to inherit here.
fn is_cured() -> Option<String> {
    let runc = suite::low_level("runc").ok()?;
    let output = Command::new(runc).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(2)?;
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let found: (u32, u32) = (numbers.next()?, numbers.next()?);
    (found >= CURED).then(|| "needs a runc before 1.3".to_owned())
}

fn run(scene: &Scene, target: &Target) -> Result<Report, Failed> {
    let mut options = gpus("true");
    options.environment = vec!["LD_PRELOAD=./owned.so".to_owned()];
    let bundle = scene.bundle(&options)?;
    library(scene, &bundle)?;
    let mut configuration: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
    configuration["hooks"] = json!({"createContainer": [{
        "path": target.named("nvidia-cdi-hook"),
        "args": ["nvidia-cdi-hook", "update-ldcache", "--folder", "/usr/local/nvidia/lib64"]
    }]});
    fs::write(bundle.config(), configuration.to_string())?;
    let mut inside = scene.inside.clone();
    inside.programs.runtime.clone_from(&inside.low_level);
    let outcome = hostile::run(&inside, &bundle)?;
    let mut report = Report {
        account: outcome.describe(),
        ..Report::default()
    };
    if outcome.status != Some(0) {
        report.faults.push("the container did not start".to_owned());
    }
    if !bundle.root().join("owned").exists() {
        // In the container it has to be loaded: nothing else proves that the image is what it is meant to be.
        report.faults.push("the library does nothing".to_owned());
    }
    let configured = bundle.root().join("etc/ld.so.conf.d/00-liftgate.conf");
    if !target.is_reference() && !configured.exists() {
        report.faults.push("the hook has done nothing".to_owned());
    }
    report.look_at(scene, target)?;
    Ok(report)
}
