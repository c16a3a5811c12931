//! Somebody else at the same file: their text survives, whenever they save it.
//!
//! `strace` holds the rename up, so that the save certainly falls between the last look and the rename; beside it an editor that saves
//! as often as it can, while it is set up and taken back in turn.

use crate::scene::{self, Life, Scene, said};
use crate::subject::{Subject, subject};
use crate::trace::inject;
use crate::tree::Entry;
use libtest_mimic::Trial;
use liftgate_conformance::suite::Ground;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a rename is held up, and how long after the last thing before it somebody saves.
const DELAY: Duration = Duration::from_millis(500);
const MOMENT: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(1);

/// A file that is saved while it is being changed.
struct Race {
    name: &'static str,
    subject: &'static str,
    is_undo: bool,
    /// The file that is saved.
    path: &'static str,
    /// Where the new file lies that is to be exchanged for it.
    aside: &'static str,
    /// The call that is held up, and which of them it is.
    call: &'static str,
    nth: usize,
}

const RACES: &[Race] = &[
    Race {
        name: "docker",
        subject: "docker",
        is_undo: false,
        path: "etc/docker/daemon.json",
        aside: "etc/docker/.daemon.json.liftgate-new",
        call: "renameat2",
        nth: 2,
    },
    Race {
        name: "docker-new",
        subject: "docker-unconfigured",
        is_undo: false,
        path: "etc/docker/daemon.json",
        aside: "etc/docker/.daemon.json.liftgate-new",
        call: "renameat2",
        nth: 2,
    },
    Race {
        name: "containerd-main",
        subject: "containerd",
        is_undo: false,
        path: "etc/containerd/config.toml",
        aside: "etc/containerd/.config.toml.liftgate-new",
        call: "renameat2",
        nth: 3,
    },
    Race {
        name: "docker-undo",
        subject: "docker",
        is_undo: true,
        path: "etc/docker/daemon.json",
        aside: "etc/docker/.daemon.json.liftgate-new",
        call: "renameat2",
        nth: 1,
    },
    Race {
        name: "nvidia-ctk",
        subject: "nvidia-ctk-docker",
        is_undo: false,
        path: "etc/docker/daemon.json",
        aside: "etc/docker/.daemon.json.liftgate-new",
        call: "renameat2",
        nth: 2,
    },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A new file in the place of the old one.
    ByRename,
    /// The old file, truncated and written anew.
    InPlace,
}

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

/// Saves a file as editors do.
pub(crate) fn save(path: &Path, text: &str, way: Way) -> std::io::Result<()> {
    if way == Way::InPlace {
        return fs::write(path, text);
    }
    let new = path.with_extension("saved-by-editor");
    fs::write(&new, text)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644))?;
    fs::rename(new, path)
}

/// Starts it, with a call held up.
fn start(scene: &Scene, words: &[OsString], call: &str, when: &str) -> Result<Child, String> {
    let injected = format!("delay_enter={}:when={when}", DELAY.as_micros());
    scene
        .under(&inject(scene, call, &injected), words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())
}

/// Waits until something is so.
fn until(what: &str, is_so: impl Fn() -> bool) -> Result<(), String> {
    let begun = Instant::now();
    while !is_so() {
        if begun.elapsed() > LIMIT {
            return Err(format!("{what} did not come"));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// Waits until the new file is ready to be exchanged: its mode is the last thing that it gets.
fn until_ready(aside: &Path, mode: u32) -> Result<(), String> {
    until("the new file", || {
        fs::metadata(aside).is_ok_and(|metadata| {
            metadata.permissions().mode() & 0o7777 == mode && metadata.len() > 0
        })
    })?;
    std::thread::sleep(MOMENT);
    Ok(())
}

fn end(child: Child) -> Result<Output, String> {
    child.wait_with_output().map_err(|error| error.to_string())
}

/// That it was refused because somebody else was at the file.
fn is_busy(subject: &Subject, output: &Output) -> Result<(), String> {
    let words = said(output);
    let is_said = if subject.set_up[0] == "nvidia-ctk" {
        words.contains("was written by somebody else meanwhile")
    } else {
        words.contains("error[engine-configuration-busy]: ")
    };
    if output.status.code() == Some(1) && is_said {
        Ok(())
    } else {
        Err(format!("it was not refused as busy: {words}"))
    }
}

fn renames(scene: &Scene, path: &str) -> Result<usize, String> {
    let trace = fs::read_to_string(scene.beside("trace")).map_err(|error| error.to_string())?;
    let name = format!("{path}\"");
    let is_rename = |line: &&str| line.contains(&name) && line.contains("RENAME_");
    Ok(trace.lines().filter(is_rename).count())
}

struct Stage<'a> {
    subject: &'static Subject,
    life: Life,
    words: Vec<OsString>,
    race: &'a Race,
}

fn stage<'a>(scene: &Scene, race: &'a Race) -> Result<Stage<'a>, String> {
    let subject = subject(race.subject);
    let life = scene.life(subject)?;
    let (tree, words) = if race.is_undo {
        (&life.set_up, scene.undo(subject))
    } else {
        (&life.before, scene.set_up(subject, false))
    };
    scene.lay(tree)?;
    Ok(Stage {
        subject,
        life,
        words,
        race,
    })
}

impl Stage<'_> {
    /// A text that somebody might save now.
    fn text(&self, word: &str) -> String {
        if self.race.path.ends_with("/daemon.json") {
            format!("{{\"log-level\": \"{word}\"}}\n")
        } else {
            format!("version = 2\noom_score = 7\n# {word}\n")
        }
    }

    fn mode(&self) -> u32 {
        if self.race.subject == "docker" {
            0o640
        } else {
            0o644
        }
    }

    /// The file has the text, everything else is as it was, and it can be set up and taken back.
    fn is_theirs(&self, scene: &Scene, text: &str) -> Result<(), String> {
        let found = scene.take_up()?;
        if found.bytes(self.race.path) != Some(text.as_bytes()) {
            return Err(format!(
                "their text is lost: {:?}",
                found.bytes(self.race.path).map(String::from_utf8_lossy)
            ));
        }
        let tree = if self.race.is_undo {
            &self.life.set_up
        } else {
            &self.life.before
        };
        let is_it =
            |path: &Path| path.ends_with(Path::new(self.race.path).file_name().unwrap_or_default());
        let left: Vec<&Path> = found
            .paths()
            .filter(|path| tree.get(path).is_none() && !is_it(path))
            .filter(|path| !path.ends_with("lock") && !path.ends_with("setup"))
            .filter(|path| !matches!(found.get(path), Some(Entry::Directory(_))))
            .collect();
        if !left.is_empty() {
            return Err(format!("left over: {left:?}"));
        }
        scene.succeed(&scene.set_up(self.subject, false))?;
        scene.succeed(&scene.undo(self.subject))?;
        let found = scene.take_up()?;
        let bytes = found.bytes(self.race.path).unwrap_or_default();
        // Taken back, it keeps what they wrote; containerd's import may stay.
        let words = String::from_utf8_lossy(bytes).into_owned();
        let marks: Vec<&str> = text
            .split(['"', '#'])
            .filter(|word| word.contains("saved"))
            .collect();
        if marks.iter().all(|mark| words.contains(mark.trim()))
            && !words.contains("nvidia-container-runtime")
        {
            Ok(())
        } else {
            Err(format!("taken back, it is {words:?}"))
        }
    }
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
