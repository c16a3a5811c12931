//! The proof: the engine is asked what it knows, and a container is asked what it has.
//!
//! The container's image is made from nothing: one static program of ours, which says which GPUs it can open. Nothing is pulled, and
//! nothing is left behind. A machine without a GPU has nothing to prove this with, and says so.

mod command;
mod containerd;
mod docker;
mod image;
mod podman;

use super::target::Target;
use crate::error::CliError;
use command::output;
use containerd::by_containerd;
use docker::{await_docker, by_docker};
use liftgate_driver::{Host, Places, Platform};
use liftgate_engines::{Engine, Wish, crio};
use liftgate_plan::{Code, Refusal};
use podman::by_podman;
use std::process::Command;
use std::time::Duration;

/// How long a daemon may take to answer after a restart.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

/// What was proven, one sentence each.
pub(super) type Proven = Vec<String>;

/// Asks the engine, and a container.
pub(super) fn prove(target: &Target, wish: &Wish) -> Result<Proven, String> {
    let mut proven = Vec::new();
    match target.engine() {
        Engine::Docker => {
            let Some(socket) = target
                .socket
                .as_deref()
                .filter(|_| target.process.is_some())
            else {
                return Ok(vec![not_running(target)]);
            };
            let info = await_docker(socket, wish)?;
            proven.push(format!("Docker {} knows the runtime", info.server_version));
            by_docker(target, socket, wish, &mut proven)?;
        }
        Engine::Podman => by_podman(target, wish, &mut proven)?,
        Engine::Containerd => {
            if target.process.is_none() {
                return Ok(vec![not_running(target)]);
            }
            by_containerd(target, wish, &mut proven)?;
        }
        Engine::Crio => {
            let Some(program) = target.program.as_ref().filter(|_| target.process.is_some()) else {
                return Ok(vec![not_running(target)]);
            };
            let text = output(Command::new(program).args(["status", "config"]))?;
            is_known(crio::program_of(&text, &wish.name), wish)?;
            proven.push("CRI-O knows the runtime".to_owned());
            proven.push("no container was started: only kubelet asks CRI-O for one".to_owned());
        }
    }
    Ok(proven)
}

fn not_running(target: &Target) -> String {
    format!(
        "{} does not run: nothing was proven, and it will read the configuration when it starts",
        target.engine()
    )
}

/// What a container takes; where it is not there, that is said instead.
fn needed<T>(proven: &mut Proven, found: Result<T, String>) -> Option<T> {
    found
        .map_err(|reason| proven.push(format!("no container was started: {reason}")))
        .ok()
}

/// The GPUs that a container is to have: those of the driver of this machine. None where the kernel does not list them, under WSL and
/// on a Jetson: there a container can be asked for the driver alone.
fn gpus() -> Result<usize, String> {
    // A driver root that nobody can read the name of is looked for.
    let root = liftgate_plan::load_configuration(None)
        .ok()
        .and_then(|loaded| loaded.config.nvidia_container_cli.root);
    let host = Host::discover(&Places::host(root.as_deref())).map_err(|error| error.to_string())?;
    // Between an upgrade and a boot no container gets a GPU, and no setup is to blame.
    liftgate_plan::has_working_driver(&host).map_err(|refusal| refusal.one_line())?;
    if host.gpus.is_empty() && !opens_unlisted(&host.platform) {
        return Err("the driver has no GPU".to_owned());
    }
    Ok(host.gpus.len())
}

fn opens_unlisted(platform: &Platform) -> bool {
    match platform {
        Platform::Nvidia => false,
        Platform::Wsl { node } => node.is_some(),
        Platform::Tegra { nodes } => !nodes.is_empty(),
    }
}

/// Whether the runtime's program, as the engine tells it, is ours.
fn is_known(program: Option<String>, wish: &Wish) -> Result<(), String> {
    match program {
        Some(program) if program == wish.path => Ok(()),
        Some(program) => Err(format!(
            "the engine's runtime `{}` is `{program}`, not `{}`",
            wish.name, wish.path
        )),
        None => Err(format!(
            "the engine does not know the runtime `{}`",
            wish.name
        )),
    }
}

/// Whether a container's words say that it has every GPU, and the driver.
fn given(text: &str, gpus: usize, how: &str) -> Result<(), String> {
    let count = text.lines().filter(|line| line.starts_with("gpu ")).count();
    let has_driver = text.lines().any(|line| line.starts_with("libcuda "));
    if gpus > 0 && count != gpus {
        return Err(format!(
            "a container with `{how}` has {count} of {gpus} GPUs"
        ));
    }
    if !has_driver {
        return Err(format!("a container with `{how}` has no libcuda"));
    }
    Ok(())
}

fn container(gpus: usize, how: &str) -> String {
    let what = match gpus {
        0 => "the driver".to_owned(),
        gpus => crate::count::count(gpus, "GPU", "GPUs"),
    };
    format!("a container got {what}: {how}")
}

/// A proof that failed, for people.
pub(super) fn failed(target: &Target, reason: &str) -> CliError {
    let refusal = Refusal::new(
        Code::EngineNotProven,
        format!(
            "{} was configured and does not serve GPUs; its configuration is as it was before",
            target.engine()
        ),
        "`liftgate explain --gpus all` says what a container would get; --no-proof keeps the configuration nevertheless".to_owned(),
    );
    CliError::Refused(refusal.because(reason))
}
