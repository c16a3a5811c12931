//! Each system call that changes something fails once: a disk that is broken. What is said is not looked at; what is there afterwards
//! is the old configuration, or, where the failure does no harm, the new one, and nothing beside it.

use crate::private::privately;
use crate::scene::{self, Life, Scene, said};
use crate::subject::{Subject, subject};
use crate::trace::{Call, changing_calls, disturb};
use crate::tree::Tree;
use libtest_mimic::Trial;
use liftgate_conformance::suite::Ground;
use liftgate_sys::mount;
use std::ffi::OsString;
use std::sync::Arc;

const SUBJECTS: &[&str] = &[
    "docker",
    "docker-unconfigured",
    "containerd",
    "podman",
    "nvidia-ctk-containerd",
];

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    for name in SUBJECTS {
        for (is_undo, phase) in [(false, "set-up"), (true, "undo")] {
            let subject = subject(name);
            let label = format!("failing/{name}/{phase}");
            trials.push(scene::trial(ground, &label, move |scene| {
                privately(|| {
                    mount::tmpfs(&scene.root, "mode=755").map_err(|error| error.to_string())?;
                    check(scene, subject, is_undo)
                })
            }));
        }
    }
}

fn check(scene: &Scene, subject: &Subject, is_undo: bool) -> Result<(), String> {
    let life = scene.life(subject)?;
    let (words, old, new) = if is_undo {
        (scene.undo(subject), &life.set_up, &life.undone)
    } else {
        (scene.set_up(subject, false), &life.before, &life.set_up)
    };
    scene.lay(old)?;
    let calls = changing_calls(scene, &words)?;
    let mut problems = Vec::new();
    for call in calls {
        // Of what is said nothing depends, and of calls that fail anyway neither.
        let is_said = ["write(1<", "write(2<"]
            .iter()
            .any(|start| call.line.starts_with(start));
        if is_said || call.line.contains(" = -1 ") {
            continue;
        }
        if let Err(reason) = failing(scene, &words, &life, (old, new), &call) {
            problems.push(format!("{} fails: {reason}", call.line));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

fn failing(
    scene: &Scene,
    words: &[OsString],
    life: &Life,
    (old, new): (&Tree, &Tree),
    call: &Call,
) -> Result<(), String> {
    scene.lay(old)?;
    let injected = format!("error=EIO:when={}", call.nth);
    let ran = disturb(scene, words, &call.name, &injected)?;
    if !ran.trace.contains("(INJECTED)") {
        return Err(format!("it was not injected: {}", said(&ran.output)));
    }
    let found = scene.take_up()?;
    let words_of = said(&ran.output);
    let is_undo = old != &life.before;
    let is_right = if ran.output.status.success() && is_undo {
        // The empty directory of records may stay.
        life.is_undone(&found)
    } else if ran.output.status.success() {
        found.is(new)
    } else if old == &life.before {
        life.is_undone(&found)
    } else if words_of.contains("the configuration is as it was before") {
        // Only something else is still to be removed, and is known for that.
        let files = |tree: &Tree| tree.within("etc").finished().files();
        files(&found).is(&files(new))
    } else {
        found.is(old)
    };
    is_right.map_err(|reason| format!("{reason}\n{words_of}"))?;
    scene.succeed(words)?;
    let again = scene.take_up()?;
    again.is(new).map_err(|reason| format!("again: {reason}"))
}
