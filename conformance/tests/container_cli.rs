//! `nvidia-container-cli`, called as those call it that have been written against it: by flags, in containers
//! that were made by hand or by a runtime, on simulated machines.
//!
//! | variable | what it does |
//! |---|---|
//! | `LIFTGATE_ENROOT` | a directory with enroot's `98-nvidia.sh` and `common.sh`, which are run as they are |

#[path = "container_cli/callers.rs"]
mod callers;
#[path = "container_cli/failures.rs"]
mod failures;
#[path = "container_cli/output.rs"]
mod output;
#[path = "container_cli/stage.rs"]
mod stage;
#[path = "container_cli/touched.rs"]
mod touched;

use liftgate_conformance::suite::{self, Ground};
use std::process::ExitCode;

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let mut trials = Vec::new();
    callers::add(&mut trials, &ground);
    output::add(&mut trials, &ground);
    failures::add(&mut trials, &ground);
    touched::add(&mut trials, &ground);
    suite::conclude(trials, || {})
}
