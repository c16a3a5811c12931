//! `liftgate-rt`: the executable that runs at every container start, as root, beside hostile images.
//!
//! It is static, so nothing that an image puts into the loader's variables or search paths moves it. It
//! answers to several names; which one it was started by decides what it is.

#![forbid(unsafe_code)]

mod bundle;
mod cdi_hook;
mod container_cli;
mod ctk;
mod existing;
mod hook_process;
mod host;
mod journal;
mod kernel_modules;
mod output;
mod own;
mod prestart_hook;
mod proof;
mod reference_words;
mod runtime;
mod setup;
mod state;

use liftgate_config::Mode;
use liftgate_plan::CONTAINER_SETUP;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let name = arguments
        .first()
        .and_then(|program| Path::new(program).file_name())
        .unwrap_or_default();
    match Name::of(name) {
        Name::Runtime(mode) => runtime::run(mode, &arguments),
        Name::CdiHook => cdi_hook::run(arguments.get(1..).unwrap_or_default()),
        Name::PrestartHook => prestart_hook::run(arguments.get(1..).unwrap_or_default()),
        Name::ContainerCli => container_cli::run(&arguments),
        Name::Ctk => ctk::run(arguments.get(1..).unwrap_or_default()),
        Name::Other => by_subcommand(&arguments),
    }
}

/// What a program name means.
enum Name {
    /// The runtime, with the mode that the name forces.
    Runtime(Option<Mode>),
    /// The program of hooks in CDI specifications.
    CdiHook,
    /// The prestart hook.
    PrestartHook,
    /// `nvidia-container-cli`.
    ContainerCli,
    /// `nvidia-ctk`.
    Ctk,
    /// Nothing by itself.
    Other,
}

impl Name {
    fn of(name: &OsStr) -> Self {
        match name.to_str() {
            Some("nvidia-container-runtime") => Self::Runtime(None),
            Some("nvidia-container-runtime.cdi") => Self::Runtime(Some(Mode::Cdi)),
            Some("nvidia-container-runtime.legacy") => Self::Runtime(Some(Mode::Legacy)),
            Some("nvidia-cdi-hook") => Self::CdiHook,
            Some("nvidia-container-runtime-hook" | "nvidia-container-toolkit") => {
                Self::PrestartHook
            }
            Some("nvidia-container-cli") => Self::ContainerCli,
            Some(ctk::NAME) => Self::Ctk,
            _ => Self::Other,
        }
    }
}

fn by_subcommand(arguments: &[OsString]) -> ExitCode {
    let rest = arguments.get(1..).unwrap_or_default();
    let Some(subcommand) = rest.first() else {
        return output::usage();
    };
    if subcommand == CONTAINER_SETUP {
        return setup::run(&rest[1..], false);
    }
    if subcommand == proof::NAME {
        return proof::run();
    }
    match Name::of(subcommand) {
        Name::Runtime(mode) => runtime::run(mode, rest),
        Name::CdiHook => cdi_hook::run(&rest[1..]),
        Name::PrestartHook => prestart_hook::run(&rest[1..]),
        Name::ContainerCli => container_cli::run(rest),
        Name::Ctk => ctk::run(&rest[1..]),
        Name::Other if subcommand == "--version" || subcommand == "-V" => output::version(),
        Name::Other => output::usage(),
    }
}
