use super::SpecificationDirectories;
use crate::commands::explanation::print_json;
use crate::count::count;
use crate::error::CliError;
use crate::ui::Ui;
use clap::Args;
use liftgate_cdi::Registry;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// List the devices that containers can be given by name
///
/// Files that are broken, and devices that two files of one directory define, are named on standard error.
/// They keep no other device from the list and do not change the exit status: `liftgate cdi validate` does.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    directories: SpecificationDirectories,

    /// Print JSON; `docs/schema/cdi-list.json` is its schema
    #[arg(long)]
    json: bool,
}

/// The JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::commands) struct Listing {
    /// Raised when a field changes its meaning.
    format: u32,
    /// Where it was looked, in the order of rising priority.
    directories: Vec<PathBuf>,
    /// The devices that can be asked for, sorted.
    devices: Vec<ListedDevice>,
    /// What is wrong with files and directories.
    errors: Vec<ListedError>,
}

/// A device.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedDevice {
    /// The name that it is asked for by.
    name: String,
    /// The file that defines it.
    file: PathBuf,
}

/// Something wrong with a file or directory.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedError {
    /// Which.
    path: PathBuf,
    /// What is wrong.
    reason: String,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let directories = arguments.directories.paths();
    let registry = Registry::load(&directories);
    if arguments.json {
        return print_json(&Listing::of(&registry, directories), ui);
    }
    for name in registry.devices() {
        ui.line(name);
    }
    for error in registry.errors() {
        ui.warning(error);
    }
    let devices = count(registry.devices().count(), "device", "devices");
    ui.note(match registry.specifications().count() {
        0 => format!("no specification in {}", shown(&directories)),
        files => format!("{devices} in {}", count(files, "file", "files")),
    });
    Ok(())
}

fn shown(directories: &[PathBuf]) -> String {
    let directories = directories
        .iter()
        .map(|directory| directory.display().to_string());
    directories.collect::<Vec<_>>().join(" and ")
}

impl Listing {
    fn of(registry: &Registry, directories: Vec<PathBuf>) -> Self {
        let devices = registry.devices().filter_map(|name| {
            let found = registry.get(name)?;
            Some(ListedDevice {
                name: name.to_string(),
                file: found.path.to_owned(),
            })
        });
        let errors = registry.errors().iter().map(|error| ListedError {
            path: error.path.clone(),
            reason: error.reason.clone(),
        });
        Self {
            format: 1,
            directories,
            devices: devices.collect(),
            errors: errors.collect(),
        }
    }
}
