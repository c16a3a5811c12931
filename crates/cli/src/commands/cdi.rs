//! The verbs about CDI specifications.

mod generate;
mod list;
mod refresh;
pub(super) mod transform;
mod validate;

use crate::error::CliError;
use crate::ui::Ui;
use clap::{Args, Subcommand};
use liftgate_cdi::Registry;
pub(super) use list::Listing;
pub(super) use refresh::{Refreshed, usual_output};
use std::path::PathBuf;

/// Make, list, check and refresh CDI specifications
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Generate(Box<generate::Arguments>),
    List(list::Arguments),
    Refresh(refresh::Arguments),
    Transform(transform::Arguments),
    Validate(validate::Arguments),
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    match &arguments.verb {
        Verb::Generate(arguments) => generate::run(arguments, ui),
        Verb::List(arguments) => list::run(arguments, ui),
        Verb::Refresh(arguments) => refresh::run(arguments, ui),
        Verb::Transform(arguments) => transform::run(arguments, ui),
        Verb::Validate(arguments) => validate::run(arguments, ui),
    }
}

/// The files of the directories, those that cannot be read included, in the order of directories and names.
fn files(registry: &Registry, directories: &[PathBuf]) -> Vec<PathBuf> {
    let read = registry.specifications().map(|file| file.path.clone());
    let unread = registry.errors().iter().map(|error| error.path.clone());
    let mut files: Vec<PathBuf> = read
        .chain(unread)
        .filter(|path| !directories.contains(path))
        .collect();
    files.sort_by_cached_key(|path| {
        let position = directories
            .iter()
            .position(|directory| path.parent() == Some(directory));
        (position, path.clone())
    });
    files.dedup();
    files
}

/// The directories that specifications are looked for in.
#[derive(Debug, Args)]
struct SpecificationDirectories {
    /// A directory of specifications, instead of /etc/cdi and /var/run/cdi; a later one overrules an earlier
    /// one; may be repeated
    #[arg(long = "spec-dir", value_name = "DIR", value_delimiter = ',')]
    named: Vec<PathBuf>,
}

impl SpecificationDirectories {
    fn paths(&self) -> Vec<PathBuf> {
        if self.named.is_empty() {
            return liftgate_cdi::registry::DEFAULT_DIRECTORIES
                .map(Into::into)
                .to_vec();
        }
        self.named.clone()
    }
}
