//! What takes longer than a change's tests may: races and random trees, in numbers.

use crate::{Failure, build, packages, say, workspace};
use std::ffi::OsString;

/// How often the hooks meet a root that changes under them.
const RACE_RUNS: u32 = 100_000;
/// How many random trees and paths a property is tried on.
const CASES: u32 = 2_000;

/// Runs both; the first argument is another number of runs.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    let runs = match arguments.first().map(|text| text.to_string_lossy()) {
        None => RACE_RUNS,
        Some(text) => text
            .parse()
            .map_err(|_| format!("`{text}` is not a number of runs"))?,
    };
    packages::ensure(packages::RUNTIMES);
    let dist = build::run()?;
    say::heading(&format!(
        "{runs} runs of hooks, against a root that changes"
    ));
    let mut race = workspace::cargo([
        "test",
        "--package",
        "liftgate-conformance",
        "--test",
        "hostile_image",
        "--",
        "--exact",
        "race",
    ]);
    race.env("LIFTGATE_DIST", dist)
        .env("LIFTGATE_RACE_RUNS", runs.to_string());
    workspace::succeed(&mut race)?;
    say::heading(&format!("{CASES} random trees for each property of paths"));
    let mut paths = workspace::cargo(["test", "--package", "liftgate-sys", "--test", "paths"]);
    workspace::succeed(paths.env("PROPTEST_CASES", CASES.to_string()))
}
