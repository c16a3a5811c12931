//! `liftgate`: the tool for people, scripts and systemd units.

#![forbid(unsafe_code)]

mod commands;
mod count;
mod error;
mod nvml_names;
mod ui;

use clap::Parser as _;
use commands::Arguments;
use error::CliError;
use std::process::ExitCode;
use ui::Ui;

fn main() -> ExitCode {
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
