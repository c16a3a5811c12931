use super::flags::Values;
use crate::cdi::{self, Target};
use crate::commands::cdi::transform;
use crate::ui::Ui;
use liftgate_cdi::{RelativeTo, Specification};
use std::path::Path;

pub(super) fn run(values: &Values, ui: &mut Ui) -> Result<(), String> {
    let relative_to = match values.text("relative-to") {
        None | Some("host") => RelativeTo::Host,
        Some("container") => RelativeTo::Container,
        Some(other) => return Err(format!("invalid --relative-to value: {other}")),
    };
    let input = Path::new(values.text("input").unwrap_or("-"));
    let failed = |error: String| format!("failed to load CDI specification: {error}");
    let bytes = transform::read(input).map_err(failed)?;
    let mut specification =
        Specification::load(&bytes).map_err(|error| failed(error.to_string()))?;
    transform::transform(
        &mut specification,
        values.text("from").unwrap_or_default(),
        values.text("to").unwrap_or_default(),
        relative_to,
    );
    let target = Target::new(values.filled("output").map(Path::new), None);
    let text = target.format.text(specification, None);
    match &target.path {
        None => ui.raw(text.as_bytes()),
        Some(path) => {
            cdi::write(path, &text).map_err(|error| format!("failed to write spec: {error}"))?;
        }
    }
    Ok(())
}
