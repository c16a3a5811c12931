//! Nothing to write to: a file system that is read-only, a file that is immutable or a mount of its own, a directory that is another
//! user's. It is said, nothing is changed, and nothing is left; where there is another way, it is taken.

use crate::private::privately;
use crate::scene::{self, Life, Scene, said};
use crate::subject::{Subject, subject};
use crate::tree::Tree;
use libtest_mimic::Trial;
use liftgate_conformance::find_program;
use liftgate_conformance::suite::Ground;
use liftgate_sys::mount;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// A user of no account.
const SOMEBODY: u32 = 54_321;

type Check = fn(&Scene) -> Result<(), String>;

const CHECKS: &[(&str, Option<&str>, Check)] = &[
    ("read-only/etc", None, |scene| read_only(scene, "etc")),
    ("read-only/state", None, |scene| read_only(scene, "state")),
    ("read-only/state/nvidia-ctk", None, nothing_is_remembered),
    ("mounted-file", None, mounted_file),
    ("mounted-drop-ins", None, mounted_drop_ins),
    ("overlay", None, overlay),
    ("immutable", Some("chattr"), immutable),
    ("another-users-directory", Some("setpriv"), another_users),
    ("ones-own-directory", Some("setpriv"), ones_own),
];

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    for (name, program, check) in CHECKS {
        let name = format!("unwritable/{name}");
        let missing = program.filter(|program| find_program(program).is_none());
        let ground = match (ground, missing) {
            (Ok(_), Some(program)) => Err(format!("needs {program}")),
            _ => ground.clone(),
        };
        trials.push(scene::trial(&ground, &name, move |scene| {
            privately(|| check(scene))
        }));
    }
}

/// That it is refused with these words, by exit status 3, and nothing has changed.
fn refused(
    scene: &Scene,
    words: &[OsString],
    under: &[OsString],
    reason: &str,
    wanted: &Tree,
) -> Result<(), String> {
    let output = scene
        .under(under, words)
        .output()
        .map_err(|error| error.to_string())?;
    let text = said(&output);
    if output.status.code() != Some(3) || !text.contains(reason) || !text.contains("  hint: ") {
        return Err(format!("{words:?}: {text}"));
    }
    if text.contains("could be put back") {
        return Err(text);
    }
    let found = scene.take_up()?;
    // The lock may be there, and nothing beside it.
    let found = match wanted.get("state/setup") {
        None => found
            .without("state/setup/lock")
            .without_empty("state/setup"),
        Some(_) => found,
    };
    found
        .is(wanted)
        .map_err(|reason| format!("{reason}\n{text}"))
}

fn set_read_only(path: &Path, is_read_only: bool) -> Result<(), String> {
    let directory = File::open(path).map_err(|error| error.to_string())?;
    mount::set_read_only(directory.as_fd(), is_read_only).map_err(|error| error.to_string())
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn read_only(scene: &Scene, place: &str) -> Result<(), String> {
    for name in [
        "docker",
        "docker-unconfigured",
        "containerd",
        "crio",
        "podman",
    ] {
        let subject = subject(name);
        let life = scene.life(subject)?;
        let place = scene.root.join(place);
        let set_up = scene.set_up(subject, false);
        for (tree, words) in [
            (&life.before, set_up.clone()),
            (&life.set_up, scene.set_up(subject, true)),
            (&life.set_up, scene.undo(subject)),
        ] {
            scene.lay(tree)?;
            mount::bind(&place, &place).map_err(in_words)?;
            set_read_only(&place, true)?;
            let result = refused(scene, &words, &[], "Read-only file system", tree);
            set_read_only(&place, false)?;
            let again = scene.succeed(&words);
            mount::unmount_detach(&place).map_err(in_words)?;
            result.map_err(|reason| format!("{name}: {reason}"))?;
            again?;
        }
    }
    Ok(())
}

/// NVIDIA's tool writes where nothing can be remembered, and says so.
fn nothing_is_remembered(scene: &Scene) -> Result<(), String> {
    for name in [
        "nvidia-ctk-docker",
        "nvidia-ctk-containerd",
        "nvidia-ctk-crio",
    ] {
        let subject = subject(name);
        let life = scene.life(subject)?;
        scene.lay(&life.before)?;
        let state = scene.root.join("state");
        mount::bind(&state, &state).map_err(in_words)?;
        set_read_only(&state, true)?;
        let output = scene.succeed(&scene.set_up(subject, false));
        mount::unmount_detach(&state).map_err(in_words)?;
        let words = said(&output?);
        if !words.contains("cannot be remembered") {
            return Err(words);
        }
        let found = scene.take_up()?;
        found.within("etc").is(&life.set_up.within("etc"))?;
        found.within("state").is(&life.before.within("state"))?;
    }
    Ok(())
}

/// As a container has it that is given one file of its host's.
fn mounted_file(scene: &Scene) -> Result<(), String> {
    let subject = subject("docker");
    let life = scene.life(subject)?;
    let path = scene.root.join("etc/docker/daemon.json");
    for (tree, words) in [
        (&life.before, scene.set_up(subject, false)),
        (&life.set_up, scene.undo(subject)),
    ] {
        scene.lay(tree)?;
        mount::bind(&path, &path).map_err(in_words)?;
        let result = refused(scene, &words, &[], "Device or resource busy", tree);
        mount::unmount_detach(&path).map_err(in_words)?;
        result?;
        scene.succeed(&words)?;
    }
    Ok(())
}

/// A directory of drop-ins that is a mount of the same file system: no file can be renamed into it from without.
fn mounted_drop_ins(scene: &Scene) -> Result<(), String> {
    for (name, drop_ins) in [
        ("crio", "etc/crio/crio.conf.d"),
        ("containerd-own-drop-in", "etc/containerd/conf.d"),
    ] {
        let subject = subject(name);
        let life = scene.life(subject)?;
        scene.lay(&life.before)?;
        let drop_ins = scene.root.join(drop_ins);
        mount::bind(&drop_ins, &drop_ins).map_err(in_words)?;
        let result = live_again(scene, subject, &life);
        mount::unmount_detach(&drop_ins).map_err(in_words)?;
        result.map_err(|reason| format!("{name}: {reason}"))?;
    }
    Ok(())
}

fn live_again(scene: &Scene, subject: &Subject, life: &Life) -> Result<(), String> {
    scene.succeed(&scene.set_up(subject, false))?;
    scene.take_up()?.is(&life.set_up)?;
    scene.succeed(&scene.undo(subject))?;
    life.is_undone(&scene.take_up()?)
}

/// A container's own file system, in which everything lies below at first.
fn overlay(scene: &Scene) -> Result<(), String> {
    for name in [
        "docker",
        "docker-unconfigured",
        "containerd-own-drop-in",
        "crio",
    ] {
        let subject = subject(name);
        let life = scene.life(subject)?;
        mount::tmpfs(&scene.root, "mode=755").map_err(in_words)?;
        let [below, upper, work] = ["below", "upper", "work"].map(|name| scene.root.join(name));
        for directory in [&below, &upper, &work] {
            fs::create_dir(directory).map_err(in_words)?;
        }
        life.before.write(&below).map_err(in_words)?;
        mount::overlay(&[&below], &upper, &work, &scene.root).map_err(in_words)?;
        let result = live_again(scene, subject, &life);
        mount::unmount_detach(&scene.root).map_err(in_words)?;
        mount::unmount_detach(&scene.root).map_err(in_words)?;
        result.map_err(|reason| format!("{name}: {reason}"))?;
    }
    Ok(())
}

/// An immutable file, which only some file systems have.
fn immutable(scene: &Scene) -> Result<(), String> {
    let subject = subject("docker");
    let life = scene.life(subject)?;
    let path = scene.root.join("etc/docker/daemon.json");
    for (tree, words) in [
        (&life.before, scene.set_up(subject, false)),
        (&life.set_up, scene.undo(subject)),
    ] {
        scene.lay(tree)?;
        let held = Immutable::new(&path)?;
        refused(scene, &words, &[], "Operation not permitted", tree)?;
        drop(held);
        scene.succeed(&words)?;
    }
    Ok(())
}

struct Immutable(PathBuf);

impl Immutable {
    fn new(path: &Path) -> Result<Self, String> {
        let output = Command::new("chattr").arg("+i").arg(path).output();
        let output = output.map_err(in_words)?;
        if output.status.success() {
            Ok(Self(path.to_owned()))
        } else {
            Err(format!("chattr +i: {}", said(&output)))
        }
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        Command::new("chattr").arg("-i").arg(&self.0).status().ok();
    }
}

/// Words that start a program as somebody else.
fn as_somebody() -> Vec<OsString> {
    let id = SOMEBODY.to_string();
    ["setpriv", "--reuid", &id, "--regid", &id, "--clear-groups"]
        .map(OsString::from)
        .to_vec()
}

fn give(path: &Path) -> Result<(), String> {
    chown(path, Some(SOMEBODY), Some(SOMEBODY)).map_err(in_words)
}

fn another_users(scene: &Scene) -> Result<(), String> {
    let subject = subject("docker-linked");
    let life = scene.life(subject)?;
    let words = scene.set_up(subject, false);
    // Everything is root's; then what is remembered may be theirs, which does not help.
    for is_state_theirs in [false, true] {
        scene.lay(&life.before)?;
        if is_state_theirs {
            give(&scene.root.join("state"))?;
        }
        let before = scene.take_up()?;
        refused(scene, &words, &as_somebody(), "Permission denied", &before)?;
    }
    Ok(())
}

/// A user's own configuration stays theirs.
fn ones_own(scene: &Scene) -> Result<(), String> {
    let subject = subject("docker");
    let life = scene.life(subject)?;
    scene.lay(&life.before)?;
    let path = scene.root.join("etc/docker/daemon.json");
    give(&path)?;
    give(&scene.root.join("etc/docker"))?;
    give(&scene.root.join("state"))?;
    let before = scene.take_up()?;
    let run = |words: &[OsString]| -> Result<(), String> {
        let output = scene
            .under(&as_somebody(), words)
            .output()
            .map_err(in_words)?;
        if output.status.success() {
            Ok(())
        } else {
            Err(said(&output))
        }
    };
    run(&scene.set_up(subject, false))?;
    let metadata = fs::metadata(&path).map_err(in_words)?;
    if (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777) != (SOMEBODY, SOMEBODY, 0o640) {
        return Err("it is theirs no longer".to_owned());
    }
    let found = scene.take_up()?;
    if found.bytes("etc/docker/daemon.json") != life.set_up.bytes("etc/docker/daemon.json") {
        return Err("it is not set up".to_owned());
    }
    run(&scene.undo(subject))?;
    scene.take_up()?.within("etc").is(&before.within("etc"))
}
