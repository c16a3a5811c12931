//! Hostile images: whatever an image has in the places that we look at, nothing outside its root file system
//! changes, nothing of the host's is read into it, and nothing waits for ever.
//!
//! Beside `/etc`, `/usr/bin` and the library directories as links, pipes, devices and loops: loader
//! variables with a library to load (CVE-2025-23266), requests and annotations made to be printed, and a root
//! file system that changes under the hook (CVE-2024-0132, CVE-2025-23359).

#[path = "hostile_image/images.rs"]
mod images;
#[path = "hostile_image/loader_variables.rs"]
mod loader_variables;
#[path = "hostile_image/old_kernel.rs"]
mod old_kernel;
#[path = "hostile_image/race.rs"]
mod race;
#[path = "hostile_image/requests.rs"]
mod requests;

use images::{Ending, Hostile};
use libtest_mimic::Failed;
use liftgate_conformance::hostile::{self, Check, Scene, Spoiling, gpus};
use liftgate_conformance::suite::{self, Ground, fail};
use liftgate_conformance::{Bundle, Outcome, Programs, find_program};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::process::ExitCode;

const RUNTIMES: [&str; 2] = ["runc", "crun"];

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let mut trials = Vec::new();
    for low_level in RUNTIMES {
        for image in images::all() {
            let name = format!("{low_level}::{}::{}", image.machine, image.name);
            trials.push(hostile::trial(
                &ground,
                low_level,
                image.machine,
                &name,
                Box::new(move |scene| check_image(scene, &image)),
            ));
        }
        for image in images::all() {
            let name = format!("{low_level}-hook::{}::{}", image.machine, image.name);
            trials.push(hostile::trial(
                &ground,
                low_level,
                image.machine,
                &name,
                Box::new(move |scene| check_image_by_hook(scene, &image)),
            ));
        }
        for (label, check) in loader_variables::checks()
            .into_iter()
            .chain(requests::checks())
        {
            let name = format!("{low_level}::{label}");
            trials.push(hostile::trial(&ground, low_level, "h200-580", &name, check));
        }
    }
    for (label, check) in race::checks() {
        trials.push(hostile::trial(&ground, "runc", "h200-580", label, check));
    }
    for (name, missing) in old_kernel::kernels() {
        if find_program("strace").is_some() {
            let check = Box::new(move |scene: &Scene| old_kernel::check(scene, missing));
            trials.push(hostile::trial(&ground, "runc", "h200-580", &name, check));
        } else {
            trials.push(suite::trial(&name, Some("needs strace"), || Ok(())));
        }
    }
    suite::conclude(trials, || {})
}

/// The tool by its name, or where the machine has it: the link in `/usr/bin` may be what the image spoils.
const LIST: &str = "nvidia-smi -L || /usr/local/nvidia/bin/nvidia-smi -L";

/// The same by the prestart hook, which mounts in the image's file system itself, and makes nodes there.
fn check_image_by_hook(scene: &Scene, image: &Hostile) -> Result<(), Failed> {
    let hook = scene.inside.programs.hook();
    let mut inside = scene.inside.clone();
    inside.programs.runtime.clone_from(&inside.low_level);
    let bundle = spoiled(scene, image)?;
    let mut configuration: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
    configuration["hooks"] = json!({"prestart": [{
        "path": hook,
        "args": ["nvidia-container-runtime-hook", "prestart"],
        "env": [format!("NVIDIA_CTK_CONFIG_FILE_PATH={}", bundle.directory().join("config.toml").display())]
    }]});
    fs::write(bundle.config(), configuration.to_string())?;
    judge(image, &scene.start_with(&inside, &bundle)?)
}

fn check_image(scene: &Scene, image: &Hostile) -> Result<(), Failed> {
    let bundle = spoiled(scene, image)?;
    judge(image, &scene.start(&bundle)?)
}

fn spoiled(scene: &Scene, image: &Hostile) -> io::Result<Bundle> {
    let mut options = gpus(LIST);
    if ["profile/", "mount-points/dev"]
        .iter()
        .any(|subject| image.name.starts_with(subject))
    {
        // What is made for programs that draw: the profile, and links in `/dev`.
        let all = "NVIDIA_DRIVER_CAPABILITIES=all".to_owned();
        options.environment.push(all);
    }
    let bundle = scene.bundle(&options)?;
    (image.spoil)(&Spoiling::new(&bundle, &scene.canary))?;
    Ok(bundle)
}

fn judge(image: &Hostile, outcome: &Outcome) -> Result<(), Failed> {
    let machine = suite::machine(image.machine);
    let all: Vec<usize> = (0..machine.gpus().len()).collect();
    let ending = if outcome.stdout.contains(machine.smi_list(&all).trim_end()) {
        Ending::Serves
    } else if outcome.status == Some(0) {
        Ending::Starts
    } else {
        Ending::Refused
    };
    if ending == Ending::Refused {
        in_words(outcome)?;
    }
    if image.ending == Ending::Any || image.ending == ending {
        Ok(())
    } else {
        Err(fail(format!(
            "wanted {:?}, found {ending:?}: {}",
            image.ending,
            outcome.describe()
        )))
    }
}

/// A refusal, ours or the low-level runtime's, says something, exits with an error, and is no crash.
fn in_words(outcome: &Outcome) -> Result<(), Failed> {
    let is_in_words = outcome.status != Some(0)
        && !outcome.stderr.trim().is_empty()
        && !outcome.stderr.contains("panicked");
    let is_from_us = outcome.stderr.contains("error[") || outcome.stderr.contains("[setup-failed]");
    let is_from_runtime = outcome.log.contains("\"error\"");
    if is_in_words && (is_from_us || is_from_runtime || Programs::is_other_runtime()) {
        Ok(())
    } else {
        Err(fail(format!(
            "refused without a word: {}",
            outcome.describe()
        )))
    }
}
