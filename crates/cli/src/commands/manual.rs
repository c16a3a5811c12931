use crate::error::CliError;
use clap::{Args, CommandFactory as _};
use std::path::PathBuf;

/// Write the manual pages into a directory
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The directory
    directory: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    clap_mangen::generate_to(super::Arguments::command(), &arguments.directory).map_err(|error| {
        CliError::Failed {
            sentence: format!(
                "cannot write manual pages into `{}`: {error}",
                arguments.directory.display()
            ),
            hint: "the directory must exist and be writable".to_owned(),
        }
    })
}
