use super::explanation::{Explanation, print_json};
use super::inventory::Inventory;
use crate::error::CliError;
use crate::ui::Ui;
use clap::{Args, ValueEnum};

/// Print the JSON schema of a command's output
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The command
    command: Subject,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Subject {
    Explain,
    Inventory,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let schema = match arguments.command {
        Subject::Explain => schemars::schema_for!(Explanation),
        Subject::Inventory => schemars::schema_for!(Inventory),
    };
    print_json(&schema, ui)
}
