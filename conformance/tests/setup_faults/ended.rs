//! Nobody listens: standard streams that are closed, full, or not read; the work is done all the same.

use crate::scene::{self, Scene, said};
use crate::subject::subject;
use libtest_mimic::Trial;
use liftgate_conformance::suite::Ground;
use std::ffi::OsString;
use std::fs;
use std::process::Command;
use std::sync::Arc;

/// What is called, how it starts the program, how it has to end.
const STREAMS: &[(&str, &str, i32)] = &[
    ("closed", r#"exec "$0" "$@" <&- >&- 2>&-"#, 0),
    ("full", r#"exec "$0" "$@" > /dev/full"#, 3),
    ("all-full", r#"exec "$0" "$@" > /dev/full 2>&1"#, 3),
    ("not-read", NOT_READ, 0),
];

/// Standard output is a pipe whose other end is closed.
const NOT_READ: &str =
    r#"{ { "$0" "$@"; echo $? >&3; } | true; } 3>&1 | { read status; exit "$status"; }"#;

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    for (name, script, status) in STREAMS {
        let name = format!("nobody-listens/{name}");
        trials.push(scene::trial(ground, &name, move |scene| {
            check(scene, script, *status)
        }));
    }
    trials.push(scene::trial(ground, "nobody-listens/restart", restarted));
}

/// A daemon is to be restarted, and nobody takes what is said before that.
fn restarted(scene: &Scene) -> Result<(), String> {
    let in_words = |error: std::io::Error| error.to_string();
    let subject = subject("containerd");
    let life = scene.life(subject)?;
    scene.lay(&life.before)?;
    // It has the name of the daemon, and does nothing. If there is another one, nothing is done to that, either.
    let daemon = scene.beside("containerd");
    fs::copy("/bin/sleep", &daemon).map_err(in_words)?;
    let mut running = Command::new(&daemon).arg("60").spawn().map_err(in_words)?;
    let mark = scene.beside("restarted");
    let mut words = scene.set_up(subject, false);
    words.retain(|word| word != "--no-restart");
    words.push("--restart-command".into());
    words.push(format!("touch {}", mark.display()).into());
    let mut undo = scene.undo(subject);
    undo.retain(|word| word != "--no-restart");
    undo.extend(words[words.len() - 2..].iter().cloned());
    let result = [(words, &life.set_up), (undo, &life.undone)]
        .into_iter()
        .try_for_each(|(words, wanted)| {
            let shell = ["/bin/sh", "-c", NOT_READ].map(OsString::from);
            let output = scene.under(&shell, &words).output().map_err(in_words)?;
            scene.take_up()?.is(wanted)?;
            let is_restarted = fs::remove_file(&mark).is_ok();
            if is_restarted && output.status.success() {
                Ok(())
            } else {
                Err(format!(
                    "{words:?}: restarted: {is_restarted}: {}",
                    said(&output)
                ))
            }
        });
    running.kill().ok();
    running.wait().ok();
    result
}

fn check(scene: &Scene, script: &str, status: i32) -> Result<(), String> {
    let shell = ["/bin/sh", "-c", script].map(OsString::from);
    for name in ["docker", "containerd", "podman"] {
        let subject = subject(name);
        let life = scene.life(subject)?;
        scene.lay(&life.before)?;
        for (words, wanted) in [
            (scene.set_up(subject, false), &life.set_up),
            (scene.set_up(subject, true), &life.otherwise),
            (scene.undo(subject), &life.undone),
        ] {
            let output = scene
                .under(&shell, &words)
                .output()
                .map_err(|error| error.to_string())?;
            scene.take_up()?.is(wanted)?;
            if output.status.code() != Some(status) {
                return Err(format!("{words:?}: {}", said(&output)));
            }
        }
    }
    Ok(())
}
