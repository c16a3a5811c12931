//! Somebody else at the same file: their text survives, whenever they save it.

use crate::race::{
    MOMENT, RACES, Race, Way, end, is_busy, renames, save, stage, start, until, until_ready,
};
use crate::scene::{self, Scene};
use crate::subject::subject;
use libtest_mimic::Trial;
use liftgate_conformance::suite::Ground;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const WAYS: [(Way, &str); 2] = [(Way::ByRename, "by-rename"), (Way::InPlace, "in-place")];

type Check = Box<dyn FnOnce(&Scene) -> Result<(), String> + Send>;

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    let mut add = |name: &str, check: Check| {
        trials.push(scene::trial(ground, name, check));
    };
    for race in RACES {
        for (way, label) in WAYS {
            let name = format!("editor/once/{}/{label}", race.name);
            add(&name, Box::new(move |scene| saved_once(scene, race, way)));
        }
    }
    for (way, label) in WAYS {
        let name = format!("editor/twice/{label}");
        add(&name, Box::new(move |scene| saved_twice(scene, way)));
    }
    add("editor/killed", Box::new(killed_meanwhile));
    add("editor/once/removed-file", Box::new(removed));
    add("editor/still-writing", Box::new(still_writing));
    add("editor/link-instead", Box::new(link_instead));
}

fn saved_once(scene: &Scene, race: &Race, way: Way) -> Result<(), String> {
    let stage = stage(scene, race)?;
    let path = scene.root.join(race.path);
    let child = start(scene, &stage.words, race.call, &race.nth.to_string())?;
    until_ready(&scene.root.join(race.aside), stage.mode())?;
    let text = stage.text("saved-once");
    save(&path, &text, way).map_err(|error| error.to_string())?;
    is_busy(stage.subject, &end(child)?)?;
    // It was put where it belongs by a second exchange, or not let in by the first.
    let wanted = if stage.life.before.get(race.path).is_some() {
        2
    } else {
        1
    };
    let count = renames(scene, race.path)?;
    if count != wanted {
        return Err(format!("{count} renames: the race did not happen"));
    }
    stage.is_theirs(scene, &text)
}

/// Once more while the first save is put back.
fn saved_twice(scene: &Scene, way: Way) -> Result<(), String> {
    let race = &RACES[0];
    let stage = stage(scene, race)?;
    let (path, aside) = (scene.root.join(race.path), scene.root.join(race.aside));
    let child = start(scene, &stage.words, race.call, &format!("{}+", race.nth))?;
    until_ready(&aside, stage.mode())?;
    let first = stage.text("saved-first");
    save(&path, &first, Way::ByRename).map_err(|error| error.to_string())?;
    until("the exchange", || {
        fs::read(&aside).is_ok_and(|bytes| bytes == first.as_bytes())
    })?;
    std::thread::sleep(MOMENT);
    let second = stage.text("saved-second");
    save(&path, &second, way).map_err(|error| error.to_string())?;
    is_busy(stage.subject, &end(child)?)?;
    let count = renames(scene, race.path)?;
    if count != 3 {
        return Err(format!("{count} exchanges: the race did not happen"));
    }
    stage.is_theirs(scene, &second)
}

/// It is killed when it has just found that it has taken somebody's file out. Whatever is done next, their text is there again.
fn killed_meanwhile(scene: &Scene) -> Result<(), String> {
    let race = &RACES[0];
    for is_undo in [false, true] {
        let stage = stage(scene, race)?;
        let (path, aside) = (scene.root.join(race.path), scene.root.join(race.aside));
        let child = start(scene, &stage.words, race.call, &format!("{}+", race.nth))?;
        until_ready(&aside, stage.mode())?;
        let text = stage.text("saved");
        save(&path, &text, Way::ByRename).map_err(|error| error.to_string())?;
        until("the exchange", || {
            fs::read(&aside).is_ok_and(|bytes| bytes == text.as_bytes())
        })?;
        let children = format!("/proc/{0}/task/{0}/children", child.id());
        let id = fs::read_to_string(children).map_err(|error| error.to_string())?;
        let kill = Command::new("kill").args(["-9", id.trim()]).status();
        if !kill.is_ok_and(|status| status.success()) {
            return Err(format!("it cannot be killed: {id:?}"));
        }
        end(child)?;
        if is_undo {
            scene.succeed(&scene.undo(stage.subject))?;
            let found = fs::read_to_string(&path).map_err(|error| error.to_string())?;
            if found != text {
                return Err(format!("their text is lost: {found:?}"));
            }
        } else {
            scene.succeed(&stage.words)?;
            let found = fs::read_to_string(&path).map_err(|error| error.to_string())?;
            if !found.contains("saved") || !found.contains("/bin/true") {
                return Err(format!("their text is lost: {found:?}"));
            }
        }
        if aside.exists() {
            return Err("it is left aside".to_owned());
        }
    }
    Ok(())
}

/// The file is taken away that was made for the runtime alone, and somebody saves it at that moment.
fn removed(scene: &Scene) -> Result<(), String> {
    let subject = subject("docker-unconfigured");
    let life = scene.life(subject)?;
    scene.lay(&life.set_up)?;
    let path = scene.root.join("etc/docker/daemon.json");
    let child = start(scene, &scene.undo(subject), "renameat", "1")?;
    // Nothing can be seen before this rename: it is the first call of its name.
    let lock = scene.root.join("state/setup/lock");
    until("the lock", || is_locked(&lock))?;
    std::thread::sleep(MOMENT);
    let text = "{\"log-level\": \"saved\"}\n";
    save(&path, text, Way::ByRename).map_err(|error| error.to_string())?;
    is_busy(subject, &end(child)?)?;
    let found = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    if found != text {
        return Err(format!("their text is lost: {found:?}"));
    }
    scene.succeed(&scene.undo(subject))?;
    let found = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    if found == text {
        Ok(())
    } else {
        Err(format!("taken back, it is {found:?}"))
    }
}

/// Whether somebody has the file locked.
fn is_locked(path: &Path) -> bool {
    let Ok(metadata) = fs::metadata(path) else {
        return false;
    };
    // 1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF
    let inode = format!(":{}", metadata.ino());
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    locks
        .lines()
        .any(|line| line.split_whitespace().any(|word| word.ends_with(&inode)))
}

/// Somebody has truncated the file, and writes it in their own time.
fn still_writing(scene: &Scene) -> Result<(), String> {
    let subject = subject("docker");
    let life = scene.life(subject)?;
    for (tree, words) in [
        (&life.before, scene.set_up(subject, false)),
        (&life.set_up, scene.undo(subject)),
    ] {
        scene.lay(tree)?;
        let path = scene.root.join("etc/docker/daemon.json");
        let open = fs::File::options().write(true).truncate(true).open(&path);
        let mut open = open.map_err(|error| error.to_string())?;
        let output = scene
            .command(&words)
            .output()
            .map_err(|error| error.to_string())?;
        is_busy(subject, &output)?;
        let text = "{\"log-level\": \"saved\"}\n";
        open.write_all(text.as_bytes())
            .map_err(|error| error.to_string())?;
        drop(open);
        let found = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        if found != text {
            return Err(format!("their text is lost: {found:?}"));
        }
        scene.succeed(&words)?;
    }
    Ok(())
}

/// Somebody puts a link in the place of the file.
fn link_instead(scene: &Scene) -> Result<(), String> {
    let race = &RACES[0];
    let stage = stage(scene, race)?;
    let (path, aside): (PathBuf, PathBuf) =
        (scene.root.join(race.path), scene.root.join(race.aside));
    let child = start(scene, &stage.words, race.call, &race.nth.to_string())?;
    until_ready(&aside, stage.mode())?;
    let kept = scene.root.join("etc/kept.json");
    let in_words = |error: std::io::Error| error.to_string();
    fs::copy(&path, &kept).map_err(in_words)?;
    let link = scene.root.join("etc/docker/link");
    std::os::unix::fs::symlink("../kept.json", &link).map_err(in_words)?;
    fs::rename(&link, &path).map_err(in_words)?;
    is_busy(stage.subject, &end(child)?)?;
    if !path.is_symlink() {
        return Err("the link is lost".to_owned());
    }
    scene.succeed(&stage.words)?;
    if !path.is_symlink()
        || fs::read(&kept).map_err(in_words)? == fs::read(aside).unwrap_or_default()
    {
        return Err("the link is lost the second time".to_owned());
    }
    scene.succeed(&scene.undo(stage.subject))?;
    let found = scene.take_up()?;
    if found.bytes("etc/kept.json") == stage.life.before.bytes(race.path) && path.is_symlink() {
        Ok(())
    } else {
        Err("it is not as it was".to_owned())
    }
}
