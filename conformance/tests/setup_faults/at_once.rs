//! All at once: an editor that saves as often as it can while it is set up and taken back in turn, and several setups at a time.

use crate::race::{Way, save};
use crate::scene::{self, Scene, said};
use crate::subject::subject;
use crate::trace::inject;
use libtest_mimic::Trial;
use liftgate_conformance::suite::Ground;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long the editor goes on, and how often it saves.
const DURATION: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(1);
/// What was taken out by mistake is put back within this time.
const PATIENCE: Duration = Duration::from_secs(2);
/// Fewer saves, or turns, than these, and it was no race.
const LEAST: u64 = 20;

/// How many setups at a time, and how often.
const SETUPS: usize = 4;
const ROUNDS: usize = 5;

type Check = Box<dyn FnOnce(&Scene) -> Result<(), String> + Send>;

pub(crate) fn add(
    trials: &mut Vec<Trial>,
    ground: &Result<Arc<Ground>, String>,
    traced: &Result<Arc<Ground>, String>,
) {
    let mut add = |name: &str, ground: &Result<Arc<Ground>, String>, check: Check| {
        trials.push(scene::trial(ground, name, check));
    };
    add(
        "at-once/editor/by-rename",
        ground,
        Box::new(|scene| editor(scene, Way::ByRename)),
    );
    add(
        "at-once/editor/in-place",
        ground,
        Box::new(|scene| editor(scene, Way::InPlace)),
    );
    add("at-once/setups", ground, Box::new(setups));
    add("at-once/undos", ground, Box::new(setups_and_undos));
    add("at-once/strangers", ground, Box::new(strangers));
    add(
        "at-once/second-is-refused",
        traced,
        Box::new(second_is_refused),
    );
}

/// The number that only the editor changes.
fn number_in(text: &[u8]) -> Option<u64> {
    let value: Value = serde_json::from_slice(text).ok()?;
    value.get("max-concurrent-downloads")?.as_u64()
}

fn with_number(text: &[u8], number: u64) -> Option<String> {
    let mut value: Value = serde_json::from_slice(text).ok()?;
    value["max-concurrent-downloads"] = number.into();
    serde_json::to_string_pretty(&value).ok()
}

/// Saves the file again and again, each time from what is in it, and looks each time whether the last save is still there. Says how
/// often it saved.
fn edit(path: &Path, way: Way, is_over: &AtomicBool) -> Result<u64, String> {
    let mut number = 0;
    while !is_over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let text = loop {
            let found = fs::read(path).unwrap_or_default();
            match number_in(&found) {
                Some(found_number) if found_number == number => break found,
                Some(_) if begun.elapsed() < PATIENCE => {}
                Some(other) => return Err(format!("save {number} is lost: {other} is there")),
                // Who writes in place is the only one who leaves half a file.
                None => {
                    return Err(format!(
                        "after save {number} it is no whole file: {:?}",
                        String::from_utf8_lossy(&found)
                    ));
                }
            }
        };
        number += 1;
        let text = with_number(&text, number).ok_or("the text was whole a moment ago")?;
        save(path, &text, way).map_err(|error| error.to_string())?;
        std::thread::sleep(PAUSE);
    }
    Ok(number)
}

fn editor(scene: &Scene, way: Way) -> Result<(), String> {
    let subject = subject("docker");
    let life = scene.life(subject)?;
    scene.lay(&life.before)?;
    let path = scene.root.join("etc/docker/daemon.json");
    let first = fs::read(&path).map_err(|error| error.to_string())?;
    let first = with_number(&first, 0).ok_or("the first text is JSON")?;
    fs::write(&path, first).map_err(|error| error.to_string())?;
    let is_over = AtomicBool::new(false);
    let begun = Instant::now();
    let (saves, turns, done) = std::thread::scope(|scope| {
        let editing = scope.spawn(|| edit(&path, way, &is_over));
        let (mut turns, mut done) = (0, 0);
        let mut failure = None;
        while begun.elapsed() < DURATION && failure.is_none() && !editing.is_finished() {
            let words = if turns % 2 == 0 {
                scene.set_up(subject, turns % 4 == 0)
            } else {
                scene.undo(subject)
            };
            turns += 1;
            match scene.command(&words).output() {
                Ok(output) if output.status.success() => done += 1,
                Ok(output) if is_refused(&output) => {}
                Ok(output) => failure = Some(said(&output)),
                Err(error) => failure = Some(error.to_string()),
            }
        }
        is_over.store(true, Ordering::Relaxed);
        let saves = editing
            .join()
            .map_err(|_| "the editor panicked".to_owned())??;
        failure.map_or(Ok((saves, turns, done)), Err)
    })?;
    if saves < LEAST || turns < LEAST || done == 0 {
        return Err(format!(
            "no race: {saves} saves, {turns} turns, {done} done"
        ));
    }
    scene.succeed(&scene.set_up(subject, false))?;
    scene.succeed(&scene.undo(subject))?;
    let found = fs::read(&path).map_err(|error| error.to_string())?;
    if number_in(&found) != Some(saves) || String::from_utf8_lossy(&found).contains("/bin/true") {
        return Err(format!(
            "after {saves} saves: {}",
            String::from_utf8_lossy(&found)
        ));
    }
    let tree = scene.take_up()?;
    let left: Vec<&Path> = tree
        .paths()
        .filter(|path| life.before.get(path).is_none())
        .filter(|path| !path.ends_with("setup") && !path.ends_with("lock"))
        .collect();
    if left.is_empty() {
        Ok(())
    } else {
        Err(format!("left over: {left:?}"))
    }
}

/// Starts the commands, and gives what came of them once all have ended.
fn all_at_once(commands: Vec<Command>) -> Result<Vec<Output>, String> {
    let mut children = Vec::new();
    for mut command in commands {
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        children.push(child.map_err(|error| error.to_string())?);
    }
    let ended = children
        .into_iter()
        .map(|child| child.wait_with_output().map_err(|error| error.to_string()));
    ended.collect()
}

/// Refused as busy, or because half of the file was there.
fn is_refused(output: &Output) -> bool {
    let words = said(output);
    let codes = [
        "engine-configuration-busy",
        "engine-configuration-malformed",
    ];
    output.status.code() == Some(1)
        && codes
            .iter()
            .any(|code| words.contains(&format!("error[{code}]")))
}

/// Each is done or refused, and what there is is what one of them has done.
fn setups(scene: &Scene) -> Result<(), String> {
    for name in ["docker", "containerd", "podman"] {
        let subject = subject(name);
        let life = scene.life(subject)?;
        for _ in 0..ROUNDS {
            scene.lay(&life.before)?;
            let mut commands = Vec::new();
            for number in 0..SETUPS {
                let command = scene.command(&scene.set_up(subject, number % 2 == 1));
                commands.push(command);
            }
            let mut done = 0;
            for output in all_at_once(commands)? {
                if output.status.success() {
                    done += 1;
                } else if !is_refused(&output) || said(&output).contains("malformed") {
                    return Err(said(&output));
                }
            }
            if done == 0 {
                return Err("all of them were refused".to_owned());
            }
            let found = scene.take_up()?.within("etc");
            if found != life.set_up.within("etc") && found != life.otherwise.within("etc") {
                return Err(format!(
                    "{name}: {}",
                    found.differences(&life.set_up.within("etc")).join("; ")
                ));
            }
            scene.succeed(&scene.undo(subject))?;
            life.is_undone(&scene.take_up()?)?;
        }
    }
    Ok(())
}

/// Setups and undos: the last undo takes the records' directory away, where others are about to lock it.
fn setups_and_undos(scene: &Scene) -> Result<(), String> {
    let subject = subject("docker");
    let life = scene.life(subject)?;
    for _ in 0..ROUNDS * 6 {
        scene.lay(&life.before)?;
        let mut commands = Vec::new();
        for number in 0..SETUPS * 2 {
            let words = if number % 3 == 0 {
                scene.set_up(subject, false)
            } else {
                scene.undo(subject)
            };
            let command = scene.command(&words);
            commands.push(command);
        }
        for output in all_at_once(commands)? {
            if !output.status.success() && !is_refused(&output) {
                return Err(said(&output));
            }
        }
        let found = scene.take_up()?.within("etc");
        if found != life.before.within("etc") {
            found.is(&life.set_up.within("etc"))?;
        }
        scene.succeed(&scene.undo(subject))?;
        life.is_undone(&scene.take_up()?)?;
    }
    Ok(())
}

/// The same by processes that share no records, as in containers: nobody finds half of a file, and nothing is left.
fn strangers(scene: &Scene) -> Result<(), String> {
    let subject = subject("nvidia-ctk-docker");
    let life = scene.life(subject)?;
    for _ in 0..ROUNDS * 3 {
        scene.lay(&life.before)?;
        let mut commands = Vec::new();
        for number in 0..SETUPS {
            let mut command = scene.command(&scene.set_up(subject, number % 2 == 1));
            let state = scene.root.join("state").join(number.to_string());
            command.env("LIFTGATE_STATE_DIRECTORY", state);
            commands.push(command);
        }
        for output in all_at_once(commands)? {
            let is_busy = said(&output).contains("was written by somebody else meanwhile");
            if !output.status.success() && !is_busy {
                return Err(said(&output));
            }
        }
        let found = scene.take_up()?.within("etc");
        if found != life.set_up.within("etc") && found != life.otherwise.within("etc") {
            return Err(found.differences(&life.set_up.within("etc")).join("; "));
        }
    }
    Ok(())
}

/// While one waits for its disk, another one, an undo and NVIDIA's command are refused.
fn second_is_refused(scene: &Scene) -> Result<(), String> {
    let docker = subject("docker");
    let life = scene.life(docker)?;
    scene.lay(&life.before)?;
    let words = scene.set_up(docker, false);
    let slow = inject(scene, "fsync", "delay_enter=2000000:when=1");
    let first = scene
        .under(&slow, &words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let begun = Instant::now();
    // The record's new file is written, and waits to last.
    while scene.take_up()?.within("state/setup").paths().count() < 3 {
        if begun.elapsed() > PATIENCE {
            return Err("the first one does not begin".to_owned());
        }
        std::thread::sleep(PAUSE);
    }
    let ctk = subject("nvidia-ctk-docker");
    for words in [
        scene.set_up(docker, true),
        scene.set_up(subject("containerd-unconfigured"), false),
        scene.set_up(ctk, false),
    ] {
        let output = scene
            .command(&words)
            .output()
            .map_err(|error| error.to_string())?;
        let text = said(&output);
        if output.status.code() != Some(1)
            || !text.contains("another process changes engines' configuration")
        {
            return Err(format!("{words:?}: {text}"));
        }
    }
    let output = first
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(said(&output));
    }
    scene.take_up()?.is(&life.set_up)
}
