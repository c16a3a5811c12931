//! A build of `liftgate-rt` that is weak on purpose and never shipped: the suite `replay` shows by it that it would
//! see the attacks that it replays. `crates/sys/src/weakness.rs` says how it is weak.
//!
//! This is the one place that sets the cfg for it; a test sees to that.

use crate::Failure;
use crate::workspace::{cargo, succeed, target};
use std::path::PathBuf;

/// Builds it as cargo builds for tests: dynamic, so that the loader's variables move it. It is in a target directory
/// of its own, because a cfg of the whole build would have everything else built anew each time.
pub(crate) fn build() -> Result<PathBuf, Failure> {
    let directory = target().join("weakened");
    succeed(
        cargo(["build", "--quiet", "--package", "liftgate-rt"])
            .arg("--target-dir")
            .arg(&directory)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("RUSTFLAGS", "--cfg liftgate_weakened")
            // It is copied for each attack, and nobody debugs it.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_STRIP", "symbols"),
    )?;
    Ok(directory.join("debug"))
}
