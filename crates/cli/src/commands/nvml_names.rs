use super::explanation::print_json;
use crate::error::CliError;
use crate::nvml_names;
use crate::ui::Ui;
use clap::Args;
use std::ffi::OsString;

/// Ask NVML how the MIG devices are called, for the process that started this one
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where the library may be
    candidates: Vec<OsString>,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    print_json(&nvml_names::answer(&arguments.candidates), ui)
}
