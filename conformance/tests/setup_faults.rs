//! Setting engines up where things go wrong: killed at every write, no room, nothing to write to, somebody else at the same file.
//!
//! No engine is needed: the configurations lie in a directory of the test, and nobody reads them. What is promised of `liftgate setup`
//! and of `nvidia-ctk runtime configure` is promised for any moment: the old configuration or the new one, never a mixture, and
//! nobody's edits lost.

#[path = "setup_faults/at_once.rs"]
mod at_once;
#[path = "setup_faults/editor.rs"]
mod editor;
#[path = "setup_faults/ended.rs"]
mod ended;
#[path = "setup_faults/failing.rs"]
mod failing;
#[path = "setup_faults/fallback.rs"]
mod fallback;
#[path = "setup_faults/kill.rs"]
mod kill;
#[path = "setup_faults/private.rs"]
mod private;
#[path = "setup_faults/race.rs"]
mod race;
#[path = "setup_faults/room.rs"]
mod room;
#[path = "setup_faults/scene.rs"]
mod scene;
#[path = "setup_faults/specification.rs"]
mod specification;
#[path = "setup_faults/subject.rs"]
mod subject;
#[path = "setup_faults/trace.rs"]
mod trace;
#[path = "setup_faults/tree.rs"]
mod tree;
#[path = "setup_faults/unwritable.rs"]
mod unwritable;

use liftgate_conformance::find_program;
use liftgate_conformance::suite::{self, Ground};
use std::process::ExitCode;

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let traced = match (&ground, find_program("strace")) {
        (Ok(_), None) => Err("needs strace".to_owned()),
        _ => ground.clone(),
    };
    let mut trials = Vec::new();
    kill::add(&mut trials, &traced);
    failing::add(&mut trials, &traced);
    room::add(&mut trials, &ground);
    unwritable::add(&mut trials, &ground);
    editor::add(&mut trials, &traced);
    at_once::add(&mut trials, &ground, &traced);
    fallback::add(&mut trials, &traced);
    specification::add(&mut trials, &traced);
    ended::add(&mut trials, &ground);
    suite::conclude(trials, || {})
}
