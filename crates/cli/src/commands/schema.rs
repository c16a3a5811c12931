use super::cdi::{Listing, Refreshed};
use super::compat::Compatibility;
use super::dockerfile::Written;
use super::explanation::{Explanation, print_json};
use super::inventory::Inventory;
use super::setup::Report;
use crate::error::CliError;
use crate::ui::Ui;
use clap::{Args, ValueEnum};
use liftgate_lint::configuration::Configuration;
use liftgate_lint::output::LintReport;
use schemars::generate::SchemaSettings;

/// Print the JSON schema of a command's output
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The command
    command: Subject,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Subject {
    Compat,
    Explain,
    Inventory,
    CdiList,
    CdiRefresh,
    Setup,
    DockerfileNew,
    Lint,
    LintConfiguration,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    // What we write, not what we would read: a field that is always there is required.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let generator = settings.into_generator();
    let schema = match arguments.command {
        Subject::Compat => generator.into_root_schema_for::<Compatibility>(),
        Subject::Explain => generator.into_root_schema_for::<Explanation>(),
        Subject::Inventory => generator.into_root_schema_for::<Inventory>(),
        Subject::CdiList => generator.into_root_schema_for::<Listing>(),
        Subject::CdiRefresh => generator.into_root_schema_for::<Refreshed>(),
        Subject::Setup => generator.into_root_schema_for::<Report>(),
        Subject::DockerfileNew => generator.into_root_schema_for::<Written>(),
        Subject::Lint => generator.into_root_schema_for::<LintReport>(),
        // What we read, not what we would write.
        Subject::LintConfiguration => SchemaSettings::draft2020_12()
            .into_generator()
            .into_root_schema_for::<Configuration>(),
    };
    print_json(&schema, ui)
}
