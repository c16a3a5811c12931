//! `liftgate setup`: engines are told of the runtime, in one command that shows what it will do, does it whole or not at all, proves
//! it, and can be taken back.

mod apply;
mod check;
mod engine_step;
mod failure;
mod notes;
mod proof;
mod report;
mod specification;
mod target;
mod undo;
mod way;

pub(in crate::commands) use report::Report;
pub(in crate::commands) use target::absolute;

use crate::error::CliError;
use crate::ui::Ui;
use clap::Args;
use liftgate_engines::Engine;
use liftgate_plan::{Code, Refusal};
use std::path::PathBuf;
use target::Target;

/// Tell container engines of liftgate's runtime, and prove that containers get their GPUs
///
/// Shows every change as a diff, asks, writes, reloads or restarts the engine as it needs, and starts a container of its own that has
/// to have the GPUs. If one of these fails, everything is as it was before. `--undo` gives back the files as they were before the first
/// setup. Run as root for the machine's engines, as yourself for rootless Docker and Podman. The exit status is 1 if the engine is not
/// set up, with a code.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The engine: docker, containerd, crio or podman; the only one that is there if none is named
    #[arg(value_parser = engine, conflicts_with = "all")]
    pub(super) engine: Option<Engine>,

    /// Every engine that is there
    #[arg(long)]
    all: bool,

    /// Give back what was there before the first setup
    #[arg(long)]
    undo: bool,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// Make it the runtime of containers that name none
    #[arg(long)]
    set_as_default: bool,

    /// Have the engine take devices of CDI specifications where it has to be told (Docker 25 to 28.1, containerd 1.7)
    #[arg(long)]
    cdi: bool,

    /// Podman: have a hook look at every container for a request in its environment, too; always before Podman 4.1, which knows no CDI
    #[arg(long)]
    podman_hook: bool,

    /// The runtime's name
    #[arg(long, value_name = "NAME", default_value = "nvidia")]
    runtime_name: String,

    /// The runtime's program [default: nvidia-container-runtime beside liftgate]
    #[arg(long, value_name = "FILE")]
    runtime_path: Option<PathBuf>,

    /// The engine's configuration, instead of the one that it reads
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The drop-in that is written for containerd, CRI-O and Podman
    #[arg(long, value_name = "FILE")]
    drop_in_config: Option<PathBuf>,

    /// Where the engine's daemon answers
    #[arg(long, value_name = "SOCKET")]
    socket: Option<PathBuf>,

    /// A shell command that restarts the engine, where neither systemd nor an init script does
    #[arg(long, value_name = "COMMAND", conflicts_with = "no_restart")]
    restart_command: Option<String>,

    /// Neither reload nor restart the engine
    #[arg(long)]
    no_restart: bool,

    /// Start no container, and keep the configuration without a proof
    #[arg(long)]
    no_proof: bool,

    /// Print JSON; `docs/schema/setup.json` is its schema
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  liftgate setup docker
  liftgate setup docker --dry-run
  liftgate setup --all --yes
  liftgate setup --undo";

fn engine(text: &str) -> Result<Engine, String> {
    Engine::from_name(text)
        .ok_or_else(|| "the engines are docker, containerd, crio and podman".to_owned())
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    if arguments.undo {
        return undo::run(arguments, ui);
    }
    apply::run(arguments, ui)
}

/// The engines that are meant.
fn targets(arguments: &Arguments) -> Result<Vec<Target>, CliError> {
    if let Some(engine) = arguments.engine {
        let target = target::find(engine, arguments)?.ok_or_else(|| {
            Refusal::new(
                Code::EngineNotFound,
                format!("{engine} is not on this machine: there is no program of it, and nobody answers for it"),
                format!("install {engine}, or name another: docker, containerd, crio, podman"),
            )
        })?;
        return Ok(vec![target]);
    }
    let mut found = Vec::new();
    let mut refusals = Vec::new();
    for engine in Engine::ALL {
        match target::find(engine, arguments) {
            Ok(target) => found.extend(target.filter(|target| target.aside.is_none())),
            Err(refusal) => refusals.push(refusal),
        }
    }
    let names: Vec<&str> = found.iter().map(|target| target.engine().name()).collect();
    match found.len() {
        0 => Err(refusals
            .into_iter()
            .next()
            .unwrap_or_else(|| {
                Refusal::new(
                    Code::EngineNotFound,
                    "there is no container engine on this machine",
                    "install Docker or Podman first",
                )
            })
            .into()),
        1 => Ok(found),
        _ if arguments.all => Ok(found),
        _ => Err(CliError::Usage {
            sentence: format!("there is more than one engine: {}", names.join(", ")),
            hint: format!("name one (liftgate setup {}), or use --all", names[0]),
        }),
    }
}
