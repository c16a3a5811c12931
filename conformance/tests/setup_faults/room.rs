//! No room: for the configuration, for what is remembered of it, for both; a file system that is full of bytes, or of files.
//!
//! A small file system is filled but for a page, two pages, and so on, until there is room enough: so each write is once the one that
//! fails.

use crate::private::privately;
use crate::scene::{self, Life, Scene, said};
use crate::subject::{Subject, subject};
use crate::tree::Tree;
use libtest_mimic::Trial;
use liftgate_conformance::suite::Ground;
use liftgate_sys::mount;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SUBJECTS: &[&str] = &[
    "docker",
    "docker-unconfigured",
    "containerd",
    "containerd-own-drop-in",
    "podman",
    "nvidia-ctk-containerd",
];

/// What is small: the file system of a directory, or of everything.
const PLACES: &[&str] = &["etc", "state", ""];

const PAGE: usize = 4096;
const PAGES: usize = 64;
/// More than any of these needs.
const MOST: usize = 24;
const FILLER: &str = "filler";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lack {
    Bytes,
    Files,
}

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    for name in SUBJECTS {
        for place in PLACES {
            for lack in [Lack::Bytes, Lack::Files] {
                let subject = subject(name);
                let place_name = if place.is_empty() { "both" } else { place };
                let kind = if lack == Lack::Bytes {
                    "bytes"
                } else {
                    "files"
                };
                let name = format!("no-room/{name}/{place_name}/{kind}");
                trials.push(scene::trial(ground, &name, move |scene| {
                    privately(|| check(scene, subject, place, lack))
                }));
            }
        }
    }
}

fn check(scene: &Scene, subject: &Subject, place: &str, lack: Lack) -> Result<(), String> {
    let life = scene.life(subject)?;
    let is_of_ctk = subject.set_up[0] == "nvidia-ctk";
    for free in 0..MOST {
        let small = Small::mount(scene, &life.before, place)?;
        small.fill(lack, free)?;
        let words = scene.set_up(subject, false);
        let output = scene
            .command(&words)
            .output()
            .map_err(|error| error.to_string())?;
        let found = small.take_up(scene)?;
        if output.status.success() {
            found.is(&life.set_up)?;
            if free == 0 {
                return Err("there was room enough from the first".to_owned());
            }
            drop(small);
            return undo(scene, subject, &life, place, lack);
        }
        let wanted = if is_of_ctk { 1 } else { 3 };
        let words_of = said(&output);
        if output.status.code() != Some(wanted) || !words_of.contains("No space left on device") {
            return Err(format!("{free} free: {words_of}"));
        }
        if words_of.contains("not everything could be put back") {
            return Err(format!("{free} free: {words_of}"));
        }
        life.is_undone(&found)
            .map_err(|reason| format!("{free} free: {reason}\n{words_of}"))?;
        small.empty()?;
        scene.succeed(&words)?;
        small
            .take_up(scene)?
            .is(&life.set_up)
            .map_err(|reason| format!("with room again: {reason}"))?;
    }
    Err("there was never room enough".to_owned())
}

/// The same when it is taken back: it is still set up, or it is not any more.
fn undo(
    scene: &Scene,
    subject: &Subject,
    life: &Life,
    place: &str,
    lack: Lack,
) -> Result<(), String> {
    for free in 0..MOST {
        let small = Small::mount(scene, &life.set_up, place)?;
        small.fill(lack, free)?;
        let output = scene
            .command(&scene.undo(subject))
            .output()
            .map_err(|error| error.to_string())?;
        let found = small.take_up(scene)?;
        if output.status.success() {
            return life.is_undone(&found);
        }
        let words = said(&output);
        if output.status.code() != Some(3) || !words.contains("No space left on device") {
            return Err(format!("undo, {free} free: {words}"));
        }
        found
            .is(&life.set_up)
            .map_err(|reason| format!("undo, {free} free: {reason}\n{words}"))?;
        small.empty()?;
        scene.succeed(&scene.undo(subject))?;
        life.is_undone(&small.take_up(scene)?)
            .map_err(|reason| format!("undo with room again: {reason}"))?;
    }
    Err("there was never room enough to take it back".to_owned())
}

/// A small file system, in which a part of the scene lies.
struct Small {
    place: PathBuf,
    filler: PathBuf,
}

impl Small {
    fn mount(scene: &Scene, tree: &Tree, place: &str) -> Result<Self, String> {
        let in_words = |error: std::io::Error| error.to_string();
        scene.lay(tree)?;
        let small = Self {
            place: scene.root.join(place),
            filler: scene.root.join(place).join(FILLER),
        };
        let options = format!("mode=755,size={},nr_inodes={PAGES}", PAGE * PAGES);
        mount::tmpfs(&small.place, &options).map_err(|error| error.to_string())?;
        tree.below(place).write(&small.place).map_err(in_words)?;
        Ok(small)
    }

    /// Leaves so many pages, or files, free.
    fn fill(&self, lack: Lack, free: usize) -> Result<(), String> {
        let in_words = |error: std::io::Error| error.to_string();
        fs::create_dir(&self.filler).map_err(in_words)?;
        if lack == Lack::Files {
            let name = |number: usize| self.filler.join(number.to_string());
            let count = (0..PAGES)
                .take_while(|number| File::create(name(*number)).is_ok())
                .count();
            for number in count.saturating_sub(free)..count {
                fs::remove_file(name(number)).map_err(in_words)?;
            }
            return Ok(());
        }
        let mut file = File::create(self.filler.join("bytes")).map_err(in_words)?;
        let mut pages = 0_usize;
        while file.write_all(&[0; PAGE]).is_ok() {
            pages += 1;
        }
        let size = pages.saturating_sub(free) * PAGE;
        file.set_len(size as u64).map_err(in_words)
    }

    fn empty(&self) -> Result<(), String> {
        fs::remove_dir_all(&self.filler).map_err(|error| error.to_string())
    }

    fn take_up(&self, scene: &Scene) -> Result<Tree, String> {
        let filler = self
            .filler
            .strip_prefix(&scene.root)
            .unwrap_or(Path::new(FILLER));
        Ok(scene.take_up()?.without(filler))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        mount::unmount_detach(&self.place).ok();
    }
}
