//! The verbs about Dockerfiles.

mod look;
mod new;

use crate::error::CliError;
use crate::ui::Ui;
use clap::{Args, Subcommand};
pub(super) use new::Written;

/// Write Dockerfiles that are right for a GPU and its driver
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(Box<new::Arguments>),
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    match &arguments.verb {
        Verb::New(arguments) => new::run(arguments, ui),
    }
}
