use super::explanation::Explanation;
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
    let text = serde_json::to_string_pretty(&schema).map_err(|error| CliError::Failed {
        sentence: format!("cannot write the schema: {error}"),
        hint: "this is a defect of liftgate".to_owned(),
    })?;
    ui.line(text);
    Ok(())
}
