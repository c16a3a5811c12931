//! What a setup is about to do, and what came of it: as text, and as JSON.

use super::engine_step::Step;
use super::target::Target;
use crate::commands::explanation::print_json;
use crate::error::CliError;
use crate::ui::Ui;
use liftgate_engines::change::{FileChange, diff};
use liftgate_plan::Refusal;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// The JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::commands) struct Report {
    /// Raised when a field changes its meaning.
    pub(super) format: u32,
    /// Whether all of it was done; otherwise it was only planned, or an engine is as it was before.
    pub(super) is_done: bool,
    /// The engines.
    pub(super) engines: Vec<EngineReport>,
}

/// An engine.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EngineReport {
    /// Its name.
    pub(super) engine: &'static str,
    /// What it is, with its version and its unit.
    pub(super) title: String,
    /// The files that change.
    pub(super) files: Vec<FileReport>,
    /// How the engine takes it up; nothing if it does by itself.
    pub(super) step: Option<String>,
    /// What the reader should know.
    pub(super) notes: Vec<String>,
    /// What was proven.
    pub(super) proven: Vec<String>,
    /// Why it is as it was before.
    pub(super) failure: Option<Refusal>,
}

/// A file.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FileReport {
    /// Which.
    pub(super) path: PathBuf,
    /// The change, as `diff -u` shows it.
    pub(super) diff: String,
}

impl Report {
    pub(super) const fn planned() -> Self {
        Self {
            format: 1,
            is_done: false,
            engines: Vec::new(),
        }
    }
}

impl Report {
    /// Prints it for programs, if it is for them; people have read it engine by engine.
    pub(super) fn show(&self, json: bool, ui: &mut Ui) -> Result<(), CliError> {
        if json {
            print_json(self, ui)?;
        }
        Ok(())
    }

    /// The same, of one that was to be done.
    pub(super) fn conclude(&self, json: bool, ui: &mut Ui) -> Result<(), CliError> {
        self.show(json, ui)?;
        if self.is_done {
            Ok(())
        } else {
            Err(CliError::Shown)
        }
    }
}

impl EngineReport {
    /// It is as it was before, and that is said.
    pub(super) fn fail(&mut self, refusal: Refusal, ui: &mut Ui) {
        ui.refusal(&refusal);
        self.failure = Some(refusal);
    }

    pub(super) fn new(
        target: &Target,
        changes: &[FileChange],
        step: &Step,
        notes: Vec<String>,
    ) -> Self {
        let real = changes.iter().filter(|change| !change.is_nothing());
        Self {
            engine: target.engine().name(),
            title: target.title(),
            files: real
                .map(|change| FileReport {
                    path: change.path.clone(),
                    diff: diff(change),
                })
                .collect(),
            step: step.in_words(),
            notes,
            proven: Vec::new(),
            failure: None,
        }
    }

    /// Whether nothing is to be done.
    pub(super) fn is_nothing(&self) -> bool {
        self.files.is_empty() && self.step.is_none()
    }

    /// The plan, for people: the diffs are data, the rest is words.
    pub(super) fn print(&self, ui: &mut Ui) {
        ui.heading(&self.title);
        for file in &self.files {
            for line in file.diff.lines() {
                ui.diff_line(line);
            }
        }
        if let Some(step) = &self.step {
            ui.line(step);
        } else if self.files.is_empty() {
            ui.line("nothing to be done: it is configured");
        }
        for note in &self.notes {
            ui.warning(note);
        }
    }
}
