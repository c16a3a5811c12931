//! The verbs about CDI specifications.

mod generate;
mod list;
mod refresh;
mod transform;
mod validate;

use crate::error::CliError;
use crate::ui::Ui;
use clap::{Args, Subcommand};
pub(super) use list::Listing;
pub(super) use refresh::Refreshed;

/// Make, list, check and refresh CDI specifications: the files that tell engines what a device is
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

/// The directories that specifications are looked for in.
#[derive(Debug, Args)]
struct SpecificationDirectories {
    /// A directory of specifications, instead of /etc/cdi and /var/run/cdi; a later one overrules an earlier
    /// one; may be repeated
    #[arg(long = "spec-dir", value_name = "DIR", value_delimiter = ',')]
    named: Vec<std::path::PathBuf>,
}

impl SpecificationDirectories {
    fn paths(&self) -> Vec<std::path::PathBuf> {
        if self.named.is_empty() {
            return liftgate_cdi::DEFAULT_DIRECTORIES.map(Into::into).to_vec();
        }
        self.named.clone()
    }
}
