//! How long it takes to look at a Dockerfile.

use super::{ROUNDS, Times, median};
use crate::{Failure, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long the Dockerfile is, at least.
const LINES: usize = 100;

/// Bare is a program that does nothing; ours looks at a Dockerfile of a hundred lines, stages of real ones. There is no other
/// program that knows CUDA to compare with.
pub(super) fn lint(nothing: &Path, ours: &Path, directory: &Path) -> Result<Times, Failure> {
    let file = directory.join("Dockerfile");
    fs::write(&file, dockerfile()?)?;
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..ROUNDS {
        let ours = ours.join("liftgate");
        for (index, program) in [nothing, &ours].into_iter().enumerate() {
            let mut command = Command::new(program);
            command
                .args(["lint", "--fail-on", "never", "--no-config"])
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let begun = Instant::now();
            let status = command.status()?;
            times[index].push(begun.elapsed());
            if !status.success() {
                return Err(format!("{command:?}: {status}").into());
            }
        }
    }
    let [bare, ours] = times;
    Ok((median(bare), median(ours), None))
}

/// Reductions of real Dockerfiles, one after the other, until there are enough lines.
fn dockerfile() -> Result<String, Failure> {
    let corpus = workspace::root().join("crates/lint/tests/corpus/dockerfiles");
    let mut files: Vec<PathBuf> = fs::read_dir(&corpus)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, Failure>>()?;
    files.sort();
    let mut text = String::new();
    for file in files {
        text.push_str(&fs::read_to_string(file)?);
        if text.lines().count() >= LINES {
            return Ok(text);
        }
    }
    Err(format!("`{}` has less than {LINES} lines", corpus.display()).into())
}
