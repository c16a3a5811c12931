//! Nobody listens: standard streams that are closed, full, or not read; the work is done all the same.

use crate::scene::{Scene, said};
use crate::subject::subject;
use libtest_mimic::Trial;
use liftgate_conformance::suite::{Ground, fail, trial};
use std::ffi::OsString;
use std::sync::Arc;

/// What is called, how it starts the program, how it has to end.
const STREAMS: &[(&str, &str, i32)] = &[
    ("closed", r#"exec "$0" "$@" <&- >&- 2>&-"#, 0),
    ("full", r#"exec "$0" "$@" > /dev/full"#, 3),
    ("all-full", r#"exec "$0" "$@" > /dev/full 2>&1"#, 3),
    (
        "not-read",
        r#"{ { "$0" "$@"; echo $? >&3; } | true; } 3>&1 | { read status; exit "$status"; }"#,
        0,
    ),
];

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Result<Arc<Ground>, String>) {
    for (name, script, status) in STREAMS {
        let name = format!("nobody-listens/{name}");
        trials.push(match ground {
            Err(missing) => trial(&name, Some(missing), || Ok(())),
            Ok(ground) => {
                let (ground, label) = (Arc::clone(ground), name.clone());
                trial(&name, None, move || {
                    let scene = Scene::new(&ground, &label)?;
                    check(&scene, script, *status).map_err(fail)
                })
            }
        });
    }
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
