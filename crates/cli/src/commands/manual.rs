use crate::error::CliError;
use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;
use std::path::PathBuf;

/// Write the manual pages into a directory
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The directory
    directory: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    for (name, page) in pages() {
        std::fs::write(arguments.directory.join(name), page).map_err(|error| CliError::Failed {
            sentence: format!(
                "cannot write manual pages into `{}`: {error}",
                arguments.directory.display()
            ),
            hint: "the directory must exist and be writable".to_owned(),
        })?;
    }
    Ok(())
}

/// The manual pages, by the names of their files: one for every verb that is shown.
pub(crate) fn pages() -> Vec<(String, Vec<u8>)> {
    let mut command = super::Arguments::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    add(&command, &mut pages);
    pages
}

fn add(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) {
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        add(verb, pages);
    }
    let manual = Man::new(command.clone());
    let mut page = Vec::new();
    // Nothing fails in writing to memory.
    if manual.render(&mut page).is_ok() {
        pages.push((manual.get_filename(), page));
    }
}
