//! Where names cannot be exchanged, as on NFS and on some file systems of user space: `strace` has the kernel answer so.

use crate::race::{Way, save};
use crate::scene::{self, Scene, said};
use crate::subject::{SUBJECTS, Subject, subject};
use crate::trace::{disturb, inject};
use libtest_mimic::Trial;
use liftgate_conformance::suite::Ground;
use std::ffi::OsString;
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ERRORS: [&str; 2] = ["EINVAL", "ENOSYS"];
const PAUSE: Duration = Duration::from_millis(1);
const LIMIT: Duration = Duration::from_secs(10);

type Check = Box<dyn FnOnce(&Scene) -> Result<(), String> + Send>;

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    let mut add = |name: &str, check: Check| {
        trials.push(scene::trial(ground, name, check));
    };
    for subject in SUBJECTS {
        for error in ERRORS {
            let name = format!("no-exchange/{}/{}", subject.name, error.to_lowercase());
            add(
                &name,
                Box::new(move |scene| whole_life(scene, subject, error)),
            );
        }
    }
    add("no-exchange/editor", Box::new(saved_meanwhile));
}

fn whole_life(scene: &Scene, subject: &Subject, error: &str) -> Result<(), String> {
    let life = scene.life(subject)?;
    scene.lay(&life.before)?;
    for (words, wanted, is_undo) in [
        (scene.set_up(subject, false), &life.set_up, false),
        (scene.set_up(subject, true), &life.otherwise, false),
        (scene.undo(subject), &life.undone, true),
    ] {
        without_exchange(scene, &words, error, is_undo)?;
        scene.take_up()?.is(wanted)?;
    }
    Ok(())
}

fn without_exchange(
    scene: &Scene,
    words: &[OsString],
    error: &str,
    is_undo: bool,
) -> Result<(), String> {
    let ran = disturb(scene, words, "renameat2", &format!("error={error}"))?;
    // To take a file away needs none.
    let is_disturbed = ran.trace.contains("(INJECTED)") || is_undo;
    if ran.output.status.success() && is_disturbed {
        Ok(())
    } else {
        Err(format!("{words:?}: {}{}", said(&ran.output), ran.trace))
    }
}

/// Somebody saves the file while the new one is being written: without an exchange the last look is all there is, and it comes after
/// that.
fn saved_meanwhile(scene: &Scene) -> Result<(), String> {
    let subject = subject("docker");
    let life = scene.life(subject)?;
    scene.lay(&life.before)?;
    let mut strace = inject(scene, "renameat2", "error=EINVAL");
    let at = strace.iter().position(|word| word == "trace=renameat2");
    strace[at.ok_or("the words of strace")?] = "trace=renameat2,fsync".into();
    // The third is that of the configuration; the record has one for its file and one for its directory.
    strace.extend(["-e".into(), "inject=fsync:delay_enter=600000:when=3".into()]);
    let child = scene
        .under(&strace, &scene.set_up(subject, false))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let aside = scene.root.join("etc/docker/.daemon.json.liftgate-new");
    let begun = Instant::now();
    while fs::metadata(&aside).map_or(0, |metadata| metadata.len()) == 0 {
        if begun.elapsed() > LIMIT {
            return Err("the new file did not come".to_owned());
        }
        std::thread::sleep(PAUSE);
    }
    let text = "{\"log-level\": \"saved\"}\n";
    let path = scene.root.join("etc/docker/daemon.json");
    save(&path, text, Way::ByRename).map_err(|error| error.to_string())?;
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    let words = said(&output);
    if output.status.code() != Some(1) || !words.contains("engine-configuration-busy") {
        return Err(words);
    }
    match fs::read_to_string(&path) {
        Ok(found) if found == text && !aside.exists() => Ok(()),
        found => Err(format!("their text is lost: {found:?}")),
    }
}
