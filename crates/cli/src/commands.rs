//! The verbs. The doc comments of the argument structs are the help texts.

mod cdi;
mod compat;
mod completions;
mod dockerfile;
mod explain;
mod explanation;
mod install;
mod inventory;
mod lint;
mod manual;
mod next_step;
pub(crate) mod nvidia_ctk;
pub(crate) mod nvidia_docker;
mod nvml_names;
mod rule;
mod run;
mod schema;
mod setup;
mod uninstall;

use crate::error::CliError;
use crate::ui::Ui;
use clap::{Parser, Subcommand};

pub(crate) use completions::script as completion_script;
pub(crate) use manual::pages as manual_pages;

/// Gives containers their GPUs, and says in words why a container has none.
#[derive(Debug, Parser)]
#[command(name = "liftgate", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Install(install::Arguments),
    Uninstall(uninstall::Arguments),
    Setup(setup::Arguments),
    Run(run::Arguments),
    Lint(lint::Arguments),
    Rule(rule::Arguments),
    Explain(explain::Arguments),
    Compat(compat::Arguments),
    Inventory(inventory::Arguments),
    Cdi(cdi::Arguments),
    Dockerfile(dockerfile::Arguments),
    Completions(completions::Arguments),
    #[command(hide = true, name = crate::nvml_names::VERB)]
    NvmlNames(nvml_names::Arguments),
    #[command(hide = true)]
    Manual(manual::Arguments),
    #[command(hide = true)]
    Schema(schema::Arguments),
}

/// Runs the verb that was asked for.
pub(crate) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let result = match &arguments.verb {
        Verb::Run(arguments) => run::run(arguments, ui),
        Verb::Lint(arguments) => lint::run(arguments, ui),
        Verb::Rule(arguments) => rule::run(arguments, ui),
        Verb::Explain(arguments) => explain::run(arguments, ui),
        Verb::Compat(arguments) => compat::run(arguments, ui),
        Verb::Inventory(arguments) => inventory::run(arguments, ui),
        Verb::Setup(arguments) => setup::run(arguments, ui),
        Verb::Cdi(arguments) => cdi::run(arguments, ui),
        Verb::Dockerfile(arguments) => dockerfile::run(arguments, ui),
        Verb::Install(arguments) => install::run(arguments, ui),
        Verb::Uninstall(arguments) => uninstall::run(arguments, ui),
        Verb::Completions(arguments) => {
            completions::run(arguments, ui);
            Ok(())
        }
        Verb::NvmlNames(arguments) => nvml_names::run(arguments, ui),
        Verb::Manual(arguments) => manual::run(arguments),
        Verb::Schema(arguments) => schema::run(arguments, ui),
    };
    // What was found out before a failure is shown before it.
    ui.flush()?;
    result
}
