//! `nvidia-container-runtime-hook`: the prestart hook by which Docker before 29.2 answers `--gpus`.
//!
//! It runs as root on the host, with dockerd's environment and everything open that dockerd had open, when
//! the container has been created and its process has not begun. What it reads is the container's state, the
//! bundle's `config.json` and `config.toml`; what it does is the plan that the runtime would have made, in the
//! container's mount namespace.

mod command_line;

use crate::bundle::Bundle;
use crate::existing::{self, Wish};
use crate::journal::{Journal, Style};
use crate::{output, reference_words, state};
use command_line::Invocation;
use liftgate_apply::Process;
use liftgate_config::{LogLevel, Mode};
use liftgate_plan::{Asked, Code, Policy, Refusal};
use liftgate_sys::process;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the hook.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    match Invocation::parse(arguments) {
        Invocation::Help { is_asked } => {
            output::error(command_line::USAGE);
            if is_asked {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            }
        }
        Invocation::Problem(sentence) => {
            output::error(&format!("{sentence}\n{}", command_line::USAGE));
            ExitCode::from(2)
        }
        Invocation::Version => output::line(concat!(
            "NVIDIA Container Runtime Hook version ",
            env!("CARGO_PKG_VERSION"),
            " (liftgate)\n"
        )),
        // The mounts go with the container's mount namespace: there is nothing to be done after it.
        Invocation::Nothing => ExitCode::SUCCESS,
        Invocation::Prestart { config, is_debug } => prestart(config, is_debug),
    }
}

fn prestart(config: Option<PathBuf>, is_debug: bool) -> ExitCode {
    let mut journal = Journal::default();
    match serve(config, is_debug, &mut journal) {
        Ok(()) => {
            journal.flush();
            ExitCode::SUCCESS
        }
        Err(refusal) => {
            journal.error(&refusal.one_line());
            journal.flush();
            output::error(&reference_words::lines(&refusal));
            ExitCode::FAILURE
        }
    }
}

fn serve(config: Option<PathBuf>, is_debug: bool, journal: &mut Journal) -> Result<(), Refusal> {
    let config =
        config.unwrap_or_else(|| liftgate_config::config_path(|name| std::env::var_os(name)));
    process::shed().map_err(|error| malformed(error.to_string()))?;
    let configuration = liftgate_plan::load_configuration(Some(&config))?;
    let config = &configuration.config;
    let mut policy = Policy::from_config(config)?;
    // As with the reference: who sets this has GPUs given by the hook, whatever the runtime's mode is.
    if config.nvidia_container_runtime_hook.skip_mode_detection {
        policy.mode = Mode::Auto;
    }
    let state = state::read().map_err(malformed)?;
    let directory = state
        .bundle
        .as_deref()
        .ok_or_else(|| malformed("the container's state names no bundle".to_owned()))?;
    let bundle = Bundle::read(Some(directory), None)?;
    let document = bundle.parse()?;
    let facts = bundle.facts(&document)?;
    let mut open_journal = || {
        let standard_error = is_debug.then(|| Path::new("/dev/stderr"));
        journal.open(
            standard_error.or(config.nvidia_container_cli.debug.as_deref()),
            Style::Letters,
            LogLevel::Debug,
        );
    };
    let request = match Asked::by(&facts, &policy)? {
        Asked::For(request) => {
            open_journal();
            request
        }
        Asked::Nothing {
            reason,
            is_ignored_request: true,
        } => {
            open_journal();
            journal.warning(&reason);
            return Ok(());
        }
        Asked::Nothing { .. } => return Ok(()),
    };
    for warning in &configuration.warnings {
        journal.warning(&format!("{}: {warning}", configuration.path.display()));
    }
    check_road(policy.mode, &request.specified)?;
    let pid = state
        .pid
        .and_then(|pid| u32::try_from(pid).ok())
        .filter(|pid| *pid > 0)
        .ok_or_else(|| malformed("the container's state names no process".to_owned()))?;
    let root = bundle.root(&document)?;
    let root = std::path::absolute(&root).unwrap_or(root);
    let rules = existing::rules(&document).map_err(|error| bundle.malformed(&error))?;
    existing::serve(
        &Wish {
            config,
            policy: &policy,
            mode: policy.mode,
            request: &request,
            facts: &facts,
            process: Process::Init(pid),
            root: &root,
            nodes: true,
            cgroup: !config.nvidia_container_cli.no_cgroups,
            rules: Some(&rules),
            leave_out: &[],
        },
        journal,
    )
}

fn malformed(reason: String) -> Refusal {
    Refusal::new(
        Code::BundleMalformed,
        "the hook was not started as container runtimes start it",
        "it is for `docker run --gpus`, and reads a container's state from standard input",
    )
    .because(reason)
}

/// What a hook cannot give, because the container has been configured already.
fn check_road(mode: Mode, specified: &[String]) -> Result<(), Refusal> {
    if let Some(name) = specified.first() {
        return Err(Refusal::new(
            Code::WrongRoad,
            format!("`{name}` names a device of a CDI specification, which `--gpus` cannot give"),
            format!(
                "`docker run --device {name}` (Docker 25 or newer with CDI), or `docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES={name}`"
            ),
        )
        .because(match mode {
            Mode::Cdi => "config.toml says mode = \"cdi\", so that every name is one of a CDI device",
            _ => "NVIDIA_VISIBLE_DEVICES, or a mount below /var/run/nvidia-container-devices, names it",
        }));
    }
    Ok(())
}
