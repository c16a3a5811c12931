//! How long it takes to make a CDI specification.

use super::{ROUNDS, Times, median};
use crate::Failure;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Bare is a program that does nothing; each candidate prints the specification of every device.
pub(super) fn generate(
    nothing: &Path,
    ours: &Path,
    reference: Option<&Path>,
) -> Result<Times, Failure> {
    let mut candidates = vec![
        (nothing.to_owned(), &[][..]),
        (ours.join("liftgate"), &["cdi", "generate"][..]),
    ];
    if let Some(reference) = reference {
        candidates.push((reference.join("nvidia-ctk"), &["cdi", "generate"][..]));
    }
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (index, (program, arguments)) in candidates.iter().enumerate() {
            let mut command = Command::new(program);
            command
                .args(*arguments)
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
    let [bare, ours, reference] = times;
    Ok((
        median(bare),
        median(ours),
        (!reference.is_empty()).then(|| median(reference)),
    ))
}

/// Writes the specification that containers of the benchmark name.
pub(super) fn write(program: &Path, file: &Path) -> Result<(), Failure> {
    let output = Command::new(program)
        .args(["cdi", "generate", "--output"])
        .arg(file)
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("`{}` cdi generate: {words}", program.display()).into())
}
