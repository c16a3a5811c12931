//! How long the prestart hook takes, by which Docker answers `--gpus`.
//!
//! Without a GPU it is run alone. With one it needs a container that has been created: runc calls it, and bare is
//! runc without a hook. The reference's is measured where its `nvidia-container-cli` lies beside it.

use super::{CONTAINER_ROUNDS, ROUNDS, Times, median};
use crate::{Failure, say, workspace};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Which turn is the reference's: after bare and ours.
const REFERENCE: usize = 2;

const HOOK: &str = "nvidia-container-runtime-hook";

/// A hook and its configuration.
struct Candidate {
    program: PathBuf,
    configuration: PathBuf,
}

impl Candidate {
    fn new(programs: &Path, name: &str, directory: &Path) -> Result<Self, Failure> {
        let configuration = directory.join(format!("{name}-hook.toml"));
        // The rest is for the reference.
        let text = format!(
            "[nvidia-container-cli]\npath = \"{}\"\nldconfig = \"@/sbin/ldconfig\"\n[nvidia-container-runtime-hook]\nskip-mode-detection = true\n",
            programs.join("nvidia-container-cli").display()
        );
        fs::write(&configuration, text)?;
        Ok(Self {
            program: programs.join(HOOK),
            configuration,
        })
    }
}

/// Ours, and the reference's if it can be run.
fn candidates(
    programs: &Path,
    reference: Option<&Path>,
    directory: &Path,
) -> Result<Vec<Candidate>, Failure> {
    let mut candidates = vec![Candidate::new(programs, "liftgate", directory)?];
    if let Some(reference) = reference.filter(|path| path.join("nvidia-container-cli").exists()) {
        candidates.push(Candidate::new(reference, "reference", directory)?);
    }
    Ok(candidates)
}

/// The hook of a container that asks for no GPU; bare is a program that does nothing.
pub(super) fn without_gpu(
    nothing: &Path,
    programs: &Path,
    reference: Option<&Path>,
    directory: &Path,
) -> Result<Times, Failure> {
    let state = directory.join("state.json");
    let text = json!({
        "ociVersion": "1.0.2", "id": "bench", "status": "creating",
        "pid": std::process::id(), "bundle": directory.join("plain")
    });
    fs::write(&state, text.to_string())?;
    let candidates = candidates(programs, reference, directory)?;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..ROUNDS {
        let turns = [None].into_iter().chain(candidates.iter().map(Some));
        for (index, candidate) in turns.enumerate() {
            let mut command = Command::new(candidate.map_or(nothing, |hook| &hook.program));
            command.arg("prestart").stdin(File::open(&state)?);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            if let Some(hook) = candidate {
                command.env("NVIDIA_CTK_CONFIG_FILE_PATH", &hook.configuration);
            }
            let begun = Instant::now();
            let status = command.status()?;
            times[index].push(begun.elapsed());
            if !status.success() {
                return Err(format!("{command:?}: {status}").into());
            }
        }
    }
    Ok(medians(times))
}

/// `runc create` of a container that asks for one GPU, with the hook; bare is without it.
pub(super) fn with_gpu(
    runc: &Path,
    bundle: &Path,
    programs: &Path,
    reference: Option<&Path>,
    directory: &Path,
) -> Result<Times, Failure> {
    let file = bundle.join("config.json");
    let before = fs::read(&file)?;
    let configuration: Value = serde_json::from_slice(&before)?;
    let mut candidates = candidates(programs, reference, directory)?;
    let mut times: [Vec<Duration>; 3] = Default::default();
    let mut does_reference_start = true;
    for round in 0..CONTAINER_ROUNDS {
        if !does_reference_start {
            candidates.truncate(1);
        }
        let turns = [None].into_iter().chain(candidates.iter().map(Some));
        for (index, candidate) in turns.enumerate() {
            let mut configuration = configuration.clone();
            if let Some(hook) = candidate {
                configuration["hooks"]["prestart"] = json!([{
                    "path": hook.program,
                    "args": [HOOK, "prestart"],
                    "env": [
                        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                        format!("NVIDIA_CTK_CONFIG_FILE_PATH={}", hook.configuration.display())
                    ]
                }]);
            }
            fs::write(&file, configuration.to_string())?;
            let id = format!("bench-hook-{}-{round}-{index}", std::process::id());
            let command = |arguments: &[&str]| {
                let mut command = Command::new(runc);
                command.args(arguments);
                command.stdin(Stdio::null()).stdout(Stdio::null());
                command
            };
            let begun = Instant::now();
            let created = workspace::succeed(command(&["create", "--bundle"]).arg(bundle).arg(&id));
            let took = begun.elapsed();
            match created {
                Ok(()) => times[index].push(took),
                // The reference does not start on every simulated machine; ours has to.
                Err(error) if index == REFERENCE => {
                    say::progress(&format!("without the reference's hook: {error}"));
                    does_reference_start = false;
                }
                Err(error) => return Err(error),
            }
            workspace::succeed(&mut command(&["delete", "--force", &id]))?;
        }
    }
    fs::write(&file, before)?;
    Ok(medians(times))
}

fn medians([bare, ours, reference]: [Vec<Duration>; 3]) -> Times {
    (
        median(bare),
        median(ours),
        (!reference.is_empty()).then(|| median(reference)),
    )
}
