use super::{SpecificationDirectories, files, generate};
use crate::cdi::{self, Format, Recorded, SpecificationRecord, Target};
use crate::commands::explanation::print_json;
use crate::commands::nvidia_ctk;
use crate::error::CliError;
use crate::ui::Ui;
use clap::Args;
use liftgate_cdi::{MAX_BYTES, Registry, Specification};
use liftgate_plan::{Code, Refusal};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Make specifications anew that no longer fit this machine
///
/// Only files that liftgate made are touched: each says about itself what it was made of and how it was asked
/// for. One that still holds is left alone; another is replaced in one step. Where there is no file of liftgate's
/// yet, one is written, as `nvidia-ctk cdi generate` would write it: its variables (`NVIDIA_CTK_CDI_GENERATE_…`)
/// count. The exit status is 1 if a file could not be made anew; the old one then stays.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files; every one of the directories if none is named
    #[arg(value_name = "FILE", conflicts_with = "named")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    directories: SpecificationDirectories,

    /// The file that is written where there is none yet
    /// [default: `$NVIDIA_CTK_CDI_OUTPUT_FILE_PATH`, or /var/run/cdi/nvidia.yaml]
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    output: Option<PathBuf>,

    /// Name the files that are left alone, too
    #[arg(long, short)]
    verbose: bool,

    /// Print JSON; `docs/schema/cdi-refresh.json` is its schema
    #[arg(long)]
    json: bool,
}

const OUTPUT_VARIABLE: &str = "NVIDIA_CTK_CDI_OUTPUT_FILE_PATH";
const OUTPUT: &str = "/var/run/cdi/nvidia.yaml";

/// The JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::commands) struct Refreshed {
    /// Raised when a field changes its meaning.
    format: u32,
    /// What became of every file.
    files: Vec<RefreshedFile>,
}

/// A file.
#[derive(Debug, Serialize, JsonSchema)]
struct RefreshedFile {
    /// Which.
    path: PathBuf,
    /// What became of it.
    #[serde(flatten)]
    outcome: Outcome,
}

/// What became of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
enum Outcome {
    /// It still holds.
    Held,
    /// It was made anew.
    MadeAnew {
        /// What has changed.
        reason: String,
    },
    /// There was none of liftgate's yet.
    Written,
    /// It is somebody else's.
    Foreign,
    /// There is nothing to make it of; it stays as it is.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// It could not be read or written; it stays as it is.
    Failed {
        /// Why.
        reason: String,
    },
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let mut refreshed = Refreshed {
        format: 1,
        files: Vec::new(),
    };
    let directories = arguments.directories.paths();
    let (paths, registry) = if arguments.files.is_empty() {
        let registry = Registry::load(&directories);
        (files(&registry, &directories), Some(registry))
    } else {
        (arguments.files.clone(), None)
    };
    for path in paths {
        let outcome = settled(&path, refresh(&path));
        refreshed.files.push(RefreshedFile { path, outcome });
    }
    let is_foreign = |file: &RefreshedFile| matches!(file.outcome, Outcome::Foreign);
    if let Some(registry) = registry
        && refreshed.files.iter().all(is_foreign)
    {
        let target = Target::new(
            Some(&arguments.output.clone().unwrap_or_else(usual_output)),
            None,
        );
        let path = target.path.unwrap_or_default();
        let outcome = write_first(&path, target.format, &registry, ui)?;
        let outcome = settled(&path, outcome);
        refreshed.files.retain(|file| file.path != path);
        refreshed.files.push(RefreshedFile { path, outcome });
    }
    let is_done = |file: &RefreshedFile| {
        !matches!(
            file.outcome,
            Outcome::Refused { .. } | Outcome::Failed { .. }
        )
    };
    let is_all_done = refreshed.files.iter().all(is_done);
    if arguments.json {
        print_json(&refreshed, ui)?;
    } else {
        for file in &refreshed.files {
            file.print(arguments.verbose || !arguments.files.is_empty(), ui);
        }
    }
    if is_all_done {
        Ok(())
    } else {
        Err(CliError::Shown)
    }
}

/// Where the first file of ours goes, unless the command line says another place.
pub(in crate::commands) fn usual_output() -> PathBuf {
    let variable = std::env::var_os(OUTPUT_VARIABLE).filter(|value| !value.is_empty());
    variable.map_or_else(|| PathBuf::from(OUTPUT), PathBuf::from)
}

/// Looks once more at a file that was written: what changed while it was made (seven MIG devices do not come at
/// once) has nobody else who notices, for a unit that runs is not started again.
fn settled(path: &Path, outcome: Outcome) -> Outcome {
    const MOST: usize = 3;
    if !matches!(outcome, Outcome::MadeAnew { .. } | Outcome::Written) {
        return outcome;
    }
    for _ in 0..MOST {
        match refresh(path) {
            Outcome::MadeAnew { .. } => {}
            Outcome::Held => break,
            other => return other,
        }
    }
    outcome
}

/// Makes a file anew, if it is ours and no longer holds.
fn refresh(path: &Path) -> Outcome {
    let failed = |reason: String| Outcome::Failed { reason };
    let bytes = match liftgate_sys::file::read_regular(path, MAX_BYTES as u64) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return failed("there is no such file".to_owned()),
        // Whatever it is, it was not made by us.
        Err(_) if !path.is_file() => return Outcome::Foreign,
        Err(error) => return failed(error.to_string()),
    };
    let record = match Recorded::of(&bytes) {
        Recorded::Foreign => return Outcome::Foreign,
        Recorded::Unclear(reason) => {
            return failed(format!(
                "{reason}; remove the file and make another with `liftgate cdi generate`"
            ));
        }
        Recorded::Ours(record) => record,
    };
    let made = match cdi::make(&record.options) {
        Ok(made) => made,
        Err(refusal) => return Outcome::Refused { refusal },
    };
    let is_whole = Specification::load(&bytes).is_ok();
    if is_whole && made.record.fingerprint == record.fingerprint {
        return Outcome::Held;
    }
    let reason = if is_whole {
        difference(&record, &made.record)
    } else {
        "the file was damaged".to_owned()
    };
    // A link stays, and what it leads to is replaced.
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let text = generate::text(made, Format::of(path).unwrap_or(Format::Yaml), true);
    match cdi::write(&real, &text) {
        Ok(()) => Outcome::MadeAnew { reason },
        Err(error) => failed(error.to_string()),
    }
}

/// What has changed, in words.
fn difference(old: &SpecificationRecord, new: &SpecificationRecord) -> String {
    let (then, now) = (&old.facts, &new.facts);
    let version = |driver: &Option<String>| driver.clone().unwrap_or_else(|| "none".to_owned());
    if then.driver != now.driver {
        format!(
            "the driver was {}, and is {}",
            version(&then.driver),
            version(&now.driver)
        )
    } else if then.liftgate != now.liftgate {
        "another liftgate made it".to_owned()
    } else if then.boot != now.boot {
        "the machine was booted since".to_owned()
    } else if then.majors != now.majors {
        "device majors have changed".to_owned()
    } else {
        "the driver's files or devices have changed".to_owned()
    }
}

/// Writes the first file of ours, unless somebody else's has devices of that kind: two files that define one
/// device in a directory make it unusable, and of two directories one hides the other.
fn write_first(
    path: &Path,
    format: Format,
    registry: &Registry,
    ui: &mut Ui,
) -> Result<Outcome, CliError> {
    let recipe = nvidia_ctk::recipe_of_environment().map_err(|error| CliError::Usage {
        sentence: error,
        hint: "look at the variables NVIDIA_CTK_CDI_GENERATE_… of this process".to_owned(),
    })?;
    let is_same_kind = |specification: &Specification| {
        specification.vendor == recipe.vendor && specification.class == recipe.class
    };
    let other = registry
        .specifications()
        .find(|file| is_same_kind(&file.specification))
        .map(|file| file.path.as_path())
        .or_else(|| path.exists().then_some(path));
    if let Some(other) = other {
        let kind = format!("{}/{}", recipe.vendor, recipe.class);
        return Ok(Outcome::Refused {
            refusal: Refusal::new(
                Code::CdiSpecificationConflict,
                format!(
                    "`{}` was not made by liftgate and has the devices of {kind}",
                    other.display()
                ),
                format!(
                    "remove it, or replace it: liftgate cdi generate --output {}",
                    other.display()
                ),
            )
            .because("two files with the same devices make them unusable, or one hides the other"),
        });
    }
    let made = match cdi::make(&recipe) {
        Ok(made) => made,
        Err(refusal) => return Ok(Outcome::Refused { refusal }),
    };
    for note in &made.notes {
        ui.warning(note);
    }
    let text = generate::text(made, format, true);
    Ok(match cdi::write(path, &text) {
        Ok(()) => Outcome::Written,
        Err(error) => Outcome::Failed {
            reason: error.to_string(),
        },
    })
}

impl RefreshedFile {
    fn print(&self, has_all: bool, ui: &mut Ui) {
        let path = self.path.display();
        match &self.outcome {
            Outcome::Held if has_all => ui.line(format!("{path}: still holds")),
            Outcome::Foreign if has_all => {
                ui.line(format!("{path}: not made by liftgate, left alone"));
            }
            Outcome::Held | Outcome::Foreign => {}
            Outcome::MadeAnew { reason } => ui.line(format!("{path}: made anew: {reason}")),
            Outcome::Written => ui.line(format!("{path}: written")),
            Outcome::Refused { refusal } => {
                ui.refusal(refusal);
                if self.path.exists() {
                    ui.detail("note", format!("`{path}` stays as it is"));
                }
            }
            Outcome::Failed { reason } => {
                ui.error(None, format!("cannot refresh `{path}`: {reason}"));
            }
        }
    }
}
