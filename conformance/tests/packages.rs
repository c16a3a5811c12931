//! Packages on a machine: installed, upgraded, removed; in the place of NVIDIA's; and the tarball.
//!
//! The machine is a root of Debian under an overlay, in mount and process namespaces of its own, with the package
//! managers that people have. What a removal must leave is what was there before: every path of the root with its mode,
//! owner and content, but for the package manager's own records. NVIDIA's packages are stand-ins of the same names,
//! versions, paths and relations, whose scripts do what those of NVIDIA's are documented to do.

#[path = "packages/debian.rs"]
mod debian;
#[path = "packages/machine.rs"]
mod machine;
#[path = "packages/made.rs"]
mod made;
#[path = "packages/red_hat.rs"]
mod red_hat;
#[path = "packages/stand_in.rs"]
mod stand_in;
#[path = "packages/story.rs"]
mod story;
#[path = "packages/tarball.rs"]
mod tarball;

use libtest_mimic::Failed;
use liftgate_conformance::find_program;
use liftgate_conformance::suite::{self, trial};
use machine::Machine;
use made::Made;
use std::process::ExitCode;
use std::sync::Arc;

/// What a test needs beside the packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// Of this machine, for a root that has none.
    Rpm,
}

/// A test: its name, what it needs, and what it does with a machine and the packages.
type Scene = (
    &'static str,
    Needs,
    fn(&Machine, &Made) -> Result<(), Failed>,
);

fn main() -> ExitCode {
    let made = Made::find().map(Arc::new);
    let scenes = debian::SCENES
        .iter()
        .chain(tarball::SCENES)
        .chain(red_hat::SCENES);
    let mut trials = Vec::new();
    for &(name, needs, check) in scenes {
        let missing = match &made {
            Err(missing) => Some(missing.clone()),
            Ok(_) if needs == Needs::Rpm && find_program("rpmbuild").is_none() => {
                Some("needs rpm and rpmbuild".to_owned())
            }
            Ok(_) => None,
        };
        let made = made.clone();
        trials.push(trial(name, missing.as_deref(), move || {
            let made = made?;
            check(&Machine::new(&made)?, &made)
        }));
    }
    trials.extend(story::trials(&made));
    suite::conclude(trials, || ())
}
