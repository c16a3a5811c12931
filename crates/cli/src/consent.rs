//! Whether what was shown is to be done: asked at a terminal, unless it was said beforehand.

use crate::error::CliError;
use crate::ui::Ui;
use std::io::{BufRead as _, IsTerminal as _};

/// Asks, unless `is_given`.
pub(crate) fn ask(is_given: bool, ui: &mut Ui) -> Result<bool, CliError> {
    if is_given {
        return Ok(true);
    }
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(CliError::Usage {
            sentence: "nobody is there to be asked, and nothing was changed".to_owned(),
            hint: "say --yes to have it done, or --dry-run to have it shown only".to_owned(),
        });
    }
    ui.question("Go on? [y/N]")?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    let is_agreed = matches!(answer.trim(), "y" | "Y" | "yes");
    if !is_agreed {
        ui.note("Nothing was changed.");
    }
    Ok(is_agreed)
}
