//! Findings on their way out: data on standard output, how many there are on standard error.

use super::{Format, Looked};
use crate::commands::explanation::print_json;
use crate::count::count;
use crate::error::CliError;
use crate::ui::Ui;
use liftgate_lint::output::{self, Linted, TextStyle};

/// Shows what was found.
pub(super) fn show(looked: &[Looked], format: Format, ui: &mut Ui) -> Result<(), CliError> {
    let linted: Vec<Linted<'_>> = looked
        .iter()
        .map(|looked| Linted {
            path: &looked.path,
            text: &looked.text,
            findings: &looked.findings,
        })
        .collect();
    match format {
        Format::Text => {
            let style = TextStyle {
                // What is not for a terminal is stripped where it is written.
                color: true,
                width: 120,
            };
            for one in &linted {
                ui.raw(output::text(one, style).as_bytes());
            }
        }
        Format::Json => print_json(&output::json(&linted), ui)?,
        Format::Sarif => print_json(&output::sarif(&linted, env!("CARGO_PKG_VERSION")), ui)?,
        Format::Github => {
            for one in &linted {
                ui.raw(output::github(one).as_bytes());
            }
        }
    }
    let (errors, warnings, notes) =
        output::counts(linted.iter().flat_map(|linted| linted.findings));
    let files = match linted.as_slice() {
        [one] => format!("`{}`", one.path),
        many => count(many.len(), "file", "files"),
    };
    if errors + warnings + notes == 0 {
        ui.note(format_args!("{files}: nothing found"));
    } else {
        let parts: Vec<String> = [
            (errors, "error", "errors"),
            (warnings, "warning", "warnings"),
            (notes, "note", "notes"),
        ]
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| count(number, one, many))
        .collect();
        ui.note(format_args!("{files}: {}", parts.join(", ")));
    }
    Ok(())
}
