//! `liftgate`: the tool for people, scripts and systemd units.

#![forbid(unsafe_code)]

mod cdi;
mod commands;
mod count;
mod error;
mod install;
mod nvml_names;
mod ui;

use clap::Parser as _;
use commands::{Arguments, nvidia_ctk};
use error::CliError;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;
use ui::Ui;

fn main() -> ExitCode {
    if let Some(arguments) = of_nvidia_ctk() {
        return nvidia_ctk::run(&arguments, &mut Ui::new());
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, on standard output; the rest are mistakes.
            let code = if error.use_stderr() { 2 } else { 0 };
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(error) => CliError::from(error).report(&mut Ui::new()),
            };
        }
    };
    let mut ui = Ui::new();
    match commands::run(&arguments, &mut ui) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = error.report(&mut ui);
            ui.flush().ok();
            code
        }
    }
}

/// The arguments of `nvidia-ctk`, if that is what this program was started as: by its name, or by its first word.
fn of_nvidia_ctk() -> Option<Vec<OsString>> {
    let mut words = std::env::args_os();
    let program = words.next().unwrap_or_default();
    let name = OsStr::new(nvidia_ctk::NAME);
    if Path::new(&program).file_name() != Some(name) && words.next()? != name {
        return None;
    }
    Some(words.collect())
}
