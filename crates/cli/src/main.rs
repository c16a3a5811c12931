//! `liftgate`: the tool for people, scripts and systemd units.

#![forbid(unsafe_code)]

mod calendar;
mod cdi;
mod commands;
mod consent;
mod count;
mod error;
mod install;
mod nvml_names;
mod recipe;
mod records;
mod shell;
mod ui;

use clap::Parser as _;
use commands::{Arguments, nvidia_ctk, nvidia_docker};
use error::CliError;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;
use ui::Ui;

fn main() -> ExitCode {
    if let Some((other, arguments)) = of_other() {
        return other(&arguments, &mut Ui::new());
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

/// The command line of another program, and the words behind its name.
type Other = fn(&[OsString], &mut Ui) -> ExitCode;

/// The names of other programs that this one answers to.
const OTHERS: [(&str, Other); 3] = [
    (nvidia_ctk::NAME, nvidia_ctk::run),
    (nvidia_docker::NAME, nvidia_docker::run),
    (nvidia_docker::PLUGIN, nvidia_docker::no_plugin),
];

/// What this program was started as, if that is another: by its name, or by its first word.
fn of_other() -> Option<(Other, Vec<OsString>)> {
    let mut words = std::env::args_os();
    let program = words.next().unwrap_or_default();
    let called = |name: &OsStr| OTHERS.iter().find(|(other, _)| OsStr::new(other) == name);
    let (_, other) = match Path::new(&program).file_name().and_then(called) {
        Some(other) => other,
        None => called(&words.next()?)?,
    };
    Some((*other, words.collect()))
}
