//! A save that certainly falls between the last look at a file and its rename: `strace` holds the rename up.

use crate::scene::{Life, Scene, said};
use crate::subject::{Subject, subject};
use crate::trace::inject;
use crate::tree::Entry;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a rename is held up, and how long after the last thing before it somebody saves.
pub(crate) const DELAY: Duration = Duration::from_millis(500);
pub(crate) const MOMENT: Duration = Duration::from_millis(100);
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
pub(crate) const PAUSE: Duration = Duration::from_millis(1);

/// A file that is saved while it is being changed.
pub(crate) struct Race {
    pub(crate) name: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) is_undo: bool,
    /// The file that is saved.
    pub(crate) path: &'static str,
    /// Where the new file lies that is to be exchanged for it.
    pub(crate) aside: &'static str,
    /// The call that is held up, and which of them it is.
    pub(crate) call: &'static str,
    pub(crate) nth: usize,
}

pub(crate) const RACES: &[Race] = &[
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
pub(crate) fn start(
    scene: &Scene,
    words: &[OsString],
    call: &str,
    when: &str,
) -> Result<Child, String> {
    let injected = format!("delay_enter={}:when={when}", DELAY.as_micros());
    scene
        .under(&inject(scene, call, &injected), words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())
}

/// Waits until something is so.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) -> Result<(), String> {
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
pub(crate) fn until_ready(aside: &Path, mode: u32) -> Result<(), String> {
    until("the new file", || {
        fs::metadata(aside).is_ok_and(|metadata| {
            metadata.permissions().mode() & 0o7777 == mode && metadata.len() > 0
        })
    })?;
    std::thread::sleep(MOMENT);
    Ok(())
}

pub(crate) fn end(child: Child) -> Result<Output, String> {
    child.wait_with_output().map_err(|error| error.to_string())
}

/// That it was refused because somebody else was at the file.
pub(crate) fn is_busy(subject: &Subject, output: &Output) -> Result<(), String> {
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

pub(crate) fn renames(scene: &Scene, path: &str) -> Result<usize, String> {
    let trace = fs::read_to_string(scene.beside("trace")).map_err(|error| error.to_string())?;
    let name = format!("{path}\"");
    let is_rename = |line: &&str| line.contains(&name) && line.contains("RENAME_");
    Ok(trace.lines().filter(is_rename).count())
}

pub(crate) struct Stage<'a> {
    pub(crate) subject: &'static Subject,
    pub(crate) life: Life,
    pub(crate) words: Vec<OsString>,
    pub(crate) race: &'a Race,
}

pub(crate) fn stage<'a>(scene: &Scene, race: &'a Race) -> Result<Stage<'a>, String> {
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
    pub(crate) fn text(&self, word: &str) -> String {
        if self.race.path.ends_with("/daemon.json") {
            format!("{{\"log-level\": \"{word}\"}}\n")
        } else {
            format!("version = 2\noom_score = 7\n# {word}\n")
        }
    }

    pub(crate) fn mode(&self) -> u32 {
        if self.race.subject == "docker" {
            0o640
        } else {
            0o644
        }
    }

    /// The file has the text, everything else is as it was, and it can be set up and taken back.
    pub(crate) fn is_theirs(&self, scene: &Scene, text: &str) -> Result<(), String> {
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
