use super::{SpecificationDirectories, files};
use crate::count::count;
use crate::error::CliError;
use crate::ui::Ui;
use clap::Args;
use liftgate_cdi::inject::{self, InjectError};
use liftgate_cdi::{Found, MAX_BYTES, Registry, Specification, ThisHost};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Check specifications: what no engine would read, and what does not fit this machine
///
/// Errors are what makes engines drop the whole file; with any, the exit status is 1. Warnings are entries that
/// this machine does not bear out: a node or file that is missing, a node with other numbers, a hook's program
/// that is not there. Each stands on a line of its own: `FILE:LINE:COLUMN`, then what is wrong.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files; every one of the directories if none is named
    #[arg(value_name = "FILE", conflicts_with = "named")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    directories: SpecificationDirectories,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let mut report = Report {
        ui,
        errors: 0,
        warnings: 0,
    };
    let files = if arguments.files.is_empty() {
        in_directories(&arguments.directories.paths(), &mut report)
    } else {
        arguments.files.clone()
    };
    for file in &files {
        report.check(file);
    }
    let Report {
        errors, warnings, ..
    } = report;
    ui.note(format!(
        "{}: {}, {}",
        count(files.len(), "file", "files"),
        count(errors, "error", "errors"),
        count(warnings, "warning", "warnings"),
    ));
    if errors > 0 {
        return Err(CliError::Shown);
    }
    Ok(())
}

/// The files of the directories. What is wrong between files, or with a directory, is reported at once.
fn in_directories(directories: &[PathBuf], report: &mut Report<'_>) -> Vec<PathBuf> {
    let registry = Registry::load(directories);
    let read: BTreeSet<&Path> = registry
        .specifications()
        .map(|file| file.path.as_path())
        .collect();
    for error in registry.errors() {
        if directories.contains(&error.path) || read.contains(error.path.as_path()) {
            report.error(&error.path, (0, 0), &error.reason);
        }
    }
    files(&registry, directories)
}

struct Report<'u> {
    ui: &'u mut Ui,
    errors: usize,
    warnings: usize,
}

impl Report<'_> {
    fn check(&mut self, file: &Path) {
        let bytes = match liftgate_sys::file::read_regular(file, MAX_BYTES as u64) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return self.error(file, (0, 0), "there is no such file"),
            Err(error) => return self.error(file, (0, 0), error),
        };
        let specification = match Specification::parse(&bytes) {
            Ok(specification) => specification,
            Err(error) => {
                let reason = match &*error.field {
                    "" => error.reason,
                    field => format!("`{field}` {}", error.reason),
                };
                return self.error(file, (error.line, error.column), reason);
            }
        };
        let violations = specification.violations().into_iter();
        let mut violations: Vec<_> = violations.map(|invalid| invalid.placed(&bytes)).collect();
        violations.sort_by_key(|invalid| invalid.line.0);
        for invalid in &violations {
            let reason = format!("`{}` {}", invalid.field, invalid.reason);
            self.error(file, (invalid.line.0, 0), reason);
        }
        if violations.is_empty() {
            self.compare(file, &specification);
        }
    }

    /// Looks for entries that do not fit the host, as a container start would.
    fn compare(&mut self, file: &Path, specification: &Specification) {
        let found: Vec<Found<'_>> = specification
            .devices
            .iter()
            .map(|device| Found {
                specification,
                path: file,
                device,
            })
            .collect();
        match inject::edits(&found, &ThisHost, (0, 0)) {
            Ok(_) => {}
            Err(InjectError::Stale(mut entries)) => {
                entries.sort_by_key(|entry| entry.line);
                for entry in entries {
                    let of = entry
                        .device
                        .map(|device| format!(", of device `{device}`"))
                        .unwrap_or_default();
                    let reason = format!("`{}`{of}: {}", entry.path, entry.what);
                    self.warning(file, entry.line, reason);
                }
            }
            Err(InjectError::NotAbsolute {
                line, what, value, ..
            }) => {
                let reason = format!("{what} `{value}` is not an absolute path");
                self.warning(file, line, reason);
            }
        }
    }

    fn error(&mut self, file: &Path, place: (u32, u32), reason: impl Display) {
        self.errors += 1;
        self.ui
            .line(format!("{}: error: {reason}", located(file, place)));
    }

    fn warning(&mut self, file: &Path, line: u32, reason: impl Display) {
        self.warnings += 1;
        let place = located(file, (line, 0));
        self.ui.line(format!("{place}: warning: {reason}"));
    }
}

/// The place as compilers name it, so that editors can jump there.
fn located(file: &Path, place: (u32, u32)) -> String {
    let file = file.display();
    match place {
        (0, _) => file.to_string(),
        (line, 0) => format!("{file}:{line}"),
        (line, column) => format!("{file}:{line}:{column}"),
    }
}
