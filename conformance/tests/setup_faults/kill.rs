//! Killed before every system call that changes something: in a first setup, in a second one with other words, while it is taken
//! back.
//!
//! `strace` ends the program when it enters the call, so the trials see what there is between each change and the next. Whatever is
//! found has to be the old configuration or the new one; doing it again has to give the new one, and taking it back the first one, as
//! if nothing had happened.

use crate::private::privately;
use crate::scene::{self, Life, Scene};
use crate::subject::{SUBJECTS, Subject, subject};
use crate::trace::{Call, changing_calls, disturb};
use crate::tree::Tree;
use libtest_mimic::Trial;
use liftgate_conformance::suite::Ground;
use liftgate_sys::mount;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;

/// A signal, and its name.
pub(crate) type Signal = (i32, &'static str);

pub(crate) const KILL: Signal = (9, "KILL");

/// Those that a terminal and a service manager send: the program dies of them as it stands, after the call.
const OTHERS: [Signal; 3] = [(15, "TERM"), (2, "INT"), (1, "HUP")];

/// As many calls that change something as each of these has at least: fewer, and it is the list that is wrong.
const LEAST_CALLS: usize = 12;

/// How often it is tried to kill it at a place.
const MOST_TRIES: usize = 5;

/// How a call looks by which something is said.
const WORDS: [&str; 2] = ["write(1<", "write(2<"];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Phase {
    First,
    Second,
    Undo,
    /// A second one, of a configuration that somebody has edited since.
    Edited,
    /// Taken back then.
    UndoEdited,
}

/// Configurations that somebody edits between setups, and how: a text in the file, and the one in its place.
const EDITS: &[(&str, &str, &str, &str)] = &[
    ("docker", "etc/docker/daemon.json", "warn", "debug"),
    (
        "containerd",
        "etc/containerd/config.toml",
        "pause:3.9",
        "pause:3.10",
    ),
    (
        "crio",
        "etc/crio/crio.conf.d/99-nvidia.conf",
        "[crio.runtime.runtimes.nvidia]",
        "[crio.image]\npause = 1\n[crio.runtime.runtimes.nvidia]",
    ),
];

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    for subject in SUBJECTS {
        for (phase, name) in [
            (Phase::First, "first"),
            (Phase::Second, "second"),
            (Phase::Undo, "undo"),
        ] {
            // What NVIDIA's command has done is taken back by the same undo as the others.
            if subject.set_up[0] == "nvidia-ctk" && matches!(phase, Phase::Undo) {
                continue;
            }
            let name = format!("kill/{}/{name}", subject.name);
            trials.push(killed(ground, &name, subject, phase, KILL));
        }
    }
    for (name, ..) in EDITS {
        for (phase, label) in [
            (Phase::Edited, "edited"),
            (Phase::UndoEdited, "edited-undo"),
        ] {
            let label = format!("kill/{name}/{label}");
            trials.push(killed(ground, &label, subject(name), phase, KILL));
        }
    }
    for signal in OTHERS {
        let name = format!("end/{}/first", signal.1.to_lowercase());
        let containerd = subject("containerd");
        trials.push(killed(ground, &name, containerd, Phase::First, signal));
    }
}

fn killed(
    ground: &Result<Arc<Ground>, String>,
    name: &str,
    subject: &'static Subject,
    phase: Phase,
    signal: Signal,
) -> Trial {
    scene::trial(ground, name, move |scene| {
        // In memory: what is to survive here is a killed process, not a power cut.
        privately(|| {
            mount::tmpfs(&scene.root, "mode=755").map_err(|error| error.to_string())?;
            check(scene, subject, phase, signal)
        })
    })
}

/// What is killed, and what is to come of it.
struct Run<'a> {
    phase: Phase,
    signal: Signal,
    words: Vec<OsString>,
    old: &'a Tree,
    new: &'a Tree,
}

pub(crate) fn check(
    scene: &Scene,
    subject: &Subject,
    phase: Phase,
    signal: Signal,
) -> Result<(), String> {
    let mut life = scene.life(subject)?;
    let edited;
    let run = match phase {
        Phase::First => Run {
            phase,
            signal,
            words: scene.set_up(subject, false),
            old: &life.before,
            new: &life.set_up,
        },
        Phase::Second => Run {
            phase,
            signal,
            words: scene.set_up(subject, true),
            old: &life.set_up,
            new: &life.otherwise,
        },
        Phase::Undo => Run {
            phase,
            signal,
            words: scene.undo(subject),
            old: &life.set_up,
            new: &life.undone,
        },
        Phase::Edited | Phase::UndoEdited => {
            (edited, life) = edit(scene, subject, &life)?;
            let is_undo = matches!(phase, Phase::UndoEdited);
            Run {
                phase,
                signal,
                words: if is_undo {
                    scene.undo(subject)
                } else {
                    scene.set_up(subject, true)
                },
                old: &edited,
                new: if is_undo {
                    &life.undone
                } else {
                    &life.otherwise
                },
            }
        }
    };
    scene.lay(run.old)?;
    let calls = changing_calls(scene, &run.words)?;
    scene.take_up()?.is(run.new)?;
    if calls.len() < LEAST_CALLS {
        return Err(format!("it changes too little: {calls:?}"));
    }
    let mut problems = Vec::new();
    for call in without_the_middle_of_words(calls) {
        if let Err(reason) = killed_before(scene, subject, &life, &run, &call) {
            problems.push(format!("killed before {}: {reason}", call.line));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

/// What was set up, with an edit of somebody's, and the untroubled life from there.
fn edit(scene: &Scene, subject: &Subject, life: &Life) -> Result<(Tree, Life), String> {
    let edits = EDITS.iter().find(|(name, ..)| *name == subject.name);
    let (_, path, old, new) = edits.ok_or("there is an edit")?;
    let text = String::from_utf8_lossy(life.set_up.bytes(path).unwrap_or_default()).into_owned();
    let edited = life
        .set_up
        .clone()
        .with_bytes(path, &text.replace(old, new));
    if edited == life.set_up {
        return Err("the edit changes nothing".to_owned());
    }
    scene.lay(&edited)?;
    scene.succeed(&scene.set_up(subject, true))?;
    let otherwise = scene.take_up()?;
    scene.lay(&edited)?;
    scene.succeed(&scene.undo(subject))?;
    let undone = scene.take_up()?;
    scene.succeed(&scene.set_up(subject, false))?;
    let life = Life {
        before: undone.clone(),
        set_up: scene.take_up()?,
        otherwise,
        undone,
    };
    life.is_undone(&life.undone)?;
    Ok((edited, life))
}

/// Of what is said at the end, line by line, the first line is enough.
fn without_the_middle_of_words(calls: Vec<Call>) -> Vec<Call> {
    let mut has_spoken = false;
    let mut is_needed = |call: &Call| {
        let speaks = WORDS.iter().any(|start| call.line.starts_with(start));
        !std::mem::replace(&mut has_spoken, speaks) || !speaks
    };
    calls.into_iter().filter(|call| is_needed(call)).collect()
}

fn killed_before(
    scene: &Scene,
    subject: &Subject,
    life: &Life,
    run: &Run<'_>,
    call: &Call,
) -> Result<(), String> {
    kill_before(scene, run, call)?;
    let found = scene.take_up()?;
    is_old_or_new(subject, run, &found.clone().finished())?;

    scene
        .succeed(&run.words)
        .map_err(|reason| format!("again: {reason}"))?;
    let again = scene.take_up()?;
    again
        .is(run.new)
        .map_err(|reason| format!("again: {reason}"))?;

    scene.lay(&found)?;
    scene
        .succeed(&scene.undo(subject))
        .map_err(|reason| format!("taken back: {reason}"))?;
    let undone = scene.take_up()?;
    life.is_undone(&undone)
        .map_err(|reason| format!("taken back: {reason}"))?;

    // From there, and, where it was being taken back, from wherever that stopped.
    if let Phase::Undo = run.phase {
        scene.lay(&found)?;
    }
    scene
        .succeed(&scene.set_up(subject, false))
        .map_err(|reason| format!("set up anew: {reason}"))?;
    let anew = scene.take_up()?;
    anew.is(&life.set_up)
        .map_err(|reason| format!("set up anew: {reason}"))
}

/// Runs it until it is killed there. Which of its name the call is may depend on what else runs on the machine, of which the program
/// looks at every process: then it is looked up once more.
fn kill_before(scene: &Scene, run: &Run<'_>, call: &Call) -> Result<(), String> {
    let mut nth = call.nth;
    let mut failure = String::new();
    for _ in 0..MOST_TRIES {
        scene.lay(run.old)?;
        let injected = format!("signal={}:when={nth}", run.signal.1);
        let killed = disturb(scene, &run.words, &call.name, &injected)?;
        let of_name = |line: &&str| line.starts_with(&call.name);
        let last = killed.trace.lines().rev().find(of_name).unwrap_or_default();
        // A program that is killed does not make the call; other signals come after it.
        let is_it = run.signal != KILL || last.ends_with("= ?");
        let is_killed = killed.output.status.signal() == Some(run.signal.0);
        if is_killed && is_it && is_same(last, &call.line) {
            return Ok(());
        }
        failure = format!("{}, elsewhere than wanted: {last}", killed.output.status);
        scene.lay(run.old)?;
        let calls = changing_calls(scene, &run.words)?;
        let same = calls
            .iter()
            .find(|one| is_same(&plain(&one.line), &call.line));
        nth = same.map_or(nth, |same| same.nth);
    }
    Err(failure)
}

/// Two lines of `strace`, the first of a call that was not made, the second with the names of descriptors.
fn is_same(killed: &str, untouched: &str) -> bool {
    // What is said may have the time in it, or the daemon that happens to run here.
    if let Some(said) = WORDS.iter().find(|start| untouched.starts_with(*start)) {
        return killed.starts_with(said.trim_end_matches('<'));
    }
    arguments(killed) == arguments(&plain(untouched))
}

/// The call, without what came of it.
fn arguments(line: &str) -> &str {
    line.rsplit_once(" = ").unwrap_or((line, "")).0.trim_end()
}

/// A line without the names of descriptors.
fn plain(line: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_u32;
    let mut is_quoted = false;
    for one in line.chars() {
        is_quoted ^= one == '"';
        match one {
            '<' if !is_quoted => depth += 1,
            '>' if !is_quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(one),
            _ => {}
        }
    }
    plain
}

/// Every file is the old one or the new one, and the engine reads the one configuration or the other.
fn is_old_or_new(subject: &Subject, run: &Run<'_>, found: &Tree) -> Result<(), String> {
    for path in found.within("etc").paths() {
        let entry = found.get(path);
        if entry != run.old.get(path) && entry != run.new.get(path) {
            return Err(format!(
                "`{}` is neither old nor new: {entry:?}",
                path.display()
            ));
        }
    }
    let meaning = subject.meaning(found);
    let (old, new) = (subject.meaning(run.old), subject.meaning(run.new));
    if meaning == old || meaning == new {
        return Ok(());
    }
    Err(format!(
        "neither the old configuration nor the new one: {} | {}",
        meaning.differences(&old).join("; "),
        meaning.differences(&new).join("; ")
    ))
}
