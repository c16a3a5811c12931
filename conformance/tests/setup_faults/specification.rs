//! On a machine with GPUs: the CDI specification that a setup makes goes with the setup that made it, and with no other.

use crate::kill::{KILL, Phase, check};
use crate::scene::{SPECIFICATION, Scene};
use crate::subject::subject;
use libtest_mimic::Trial;
use liftgate_conformance::suite::{Ground, fail, trial};
use std::fs;
use std::sync::Arc;

const MACHINE: &str = "h200-580";

type Check = fn(&Scene) -> Result<(), String>;

const CHECKS: &[(&str, Check)] = &[
    ("specification/killed", killed),
    ("specification/second-fails", second_fails),
    ("specification/anothers", anothers),
];

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    for (name, check) in CHECKS {
        trials.push(match ground {
            Err(missing) => trial(name, Some(missing), || Ok(())),
            Ok(ground) => {
                let ground = Arc::clone(ground);
                trial(name, None, move || {
                    let scene = Scene::new(&ground, name)?.on_machine(&ground, MACHINE);
                    check(&scene).map_err(fail)
                })
            }
        });
    }
}

fn killed(scene: &Scene) -> Result<(), String> {
    let subject = subject("podman");
    let life = scene.life(subject)?;
    if life.set_up.get(SPECIFICATION).is_none() {
        return Err("a setup makes no specification".to_owned());
    }
    check(scene, subject, Phase::First, KILL)
}

/// What the first setup has made is not for the second one to take back.
fn second_fails(scene: &Scene) -> Result<(), String> {
    let subject = subject("podman");
    let life = scene.life(subject)?;
    scene.lay(&life.set_up)?;
    // A directory in the place of the new file cannot be removed as a file is.
    let aside = scene
        .root
        .join("etc/containers/.99-nvidia.conf.liftgate-new");
    fs::create_dir(&aside).map_err(|error| error.to_string())?;
    if scene.succeed(&scene.set_up(subject, true)).is_ok() {
        return Err("the second setup does not fail".to_owned());
    }
    fs::remove_dir(&aside).map_err(|error| error.to_string())?;
    scene.take_up()?.is(&life.set_up)?;
    scene.succeed(&scene.undo(subject))?;
    life.is_undone(&scene.take_up()?)
}

/// One that was there before stays.
fn anothers(scene: &Scene) -> Result<(), String> {
    let subject = subject("podman");
    let life = scene.life(subject)?;
    scene.lay(&life.before)?;
    let path = scene.root.join(SPECIFICATION);
    let made = life.set_up.bytes(SPECIFICATION).unwrap_or_default();
    fs::write(&path, made).map_err(|error| error.to_string())?;
    scene.succeed(&scene.set_up(subject, false))?;
    scene.succeed(&scene.undo(subject))?;
    if path.exists() {
        Ok(())
    } else {
        Err("it is gone".to_owned())
    }
}
