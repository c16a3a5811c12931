//! Fixes on their way into files.

use super::files::Input;
use crate::count::count;
use crate::error::CliError;
use crate::ui::Ui;
use liftgate_lint::fix::Fixed;
use liftgate_sys::file;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// What was changed, or would be.
#[derive(Debug, Default)]
pub(super) struct Changes {
    files: usize,
}

impl Changes {
    /// Shows a change as a patch.
    pub(super) fn show(&mut self, input: &Input, fixed: &str, ui: &mut Ui) {
        self.files += 1;
        let diff = similar::TextDiff::from_lines(input.text.as_str(), fixed);
        let patch = diff
            .unified_diff()
            .header(&format!("a/{}", input.shown), &format!("b/{}", input.shown))
            .to_string();
        for line in patch.lines() {
            ui.diff_line(line);
        }
    }

    /// Writes a file anew, by a rename, with the mode that it had. Standard input goes to standard output.
    pub(super) fn make(
        &mut self,
        input: &Input,
        fixed: &Fixed,
        ui: &mut Ui,
    ) -> Result<(), CliError> {
        self.files += 1;
        let Some(path) = &input.path else {
            ui.raw(fixed.text.as_bytes());
            return Ok(());
        };
        let failed = |error: String| CliError::Failed {
            sentence: format!("cannot write `{}`: {error}", input.shown),
            hint: "nothing of it was changed; --diff shows the changes".to_owned(),
        };
        // The file that a link leads to is the one that is meant.
        let real = fs::canonicalize(path).map_err(|error| failed(error.to_string()))?;
        let now = fs::read(&real).map_err(|error| failed(error.to_string()))?;
        if now != input.text.as_bytes() {
            return Err(failed("somebody else has changed it meanwhile".to_owned()));
        }
        let mode = fs::metadata(&real)
            .map_err(|error| failed(error.to_string()))?
            .permissions()
            .mode();
        file::replace(&real, fixed.text.as_bytes(), mode & 0o7777)
            .map_err(|error| failed(error.to_string()))?;
        for (code, title) in &fixed.titles {
            ui.note(format_args!("{}: {code}: {title}", input.shown));
        }
        Ok(())
    }

    /// Says how many files it is.
    pub(super) fn summary(&self, ui: &mut Ui) {
        if self.files == 0 {
            ui.note("there is nothing that could be changed");
        } else {
            ui.note(format_args!(
                "{} would be changed",
                count(self.files, "file", "files")
            ));
        }
    }
}
