//! The facts that were recorded from the reference: one file a setting, in `conformance/reference`.

use libtest_mimic::Failed;
use liftgate_conformance::observe::Observation;
use liftgate_conformance::suite::fail;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Device → what a container with it is.
pub(crate) type Recorded = BTreeMap<String, Observation>;

/// The file of a setting.
pub(crate) fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("reference")
        .join(format!("{name}.json"))
}

/// Reads the facts of a setting.
pub(crate) fn read(name: &str) -> Result<Recorded, Failed> {
    let path = file(name);
    let text = fs::read_to_string(&path)
        .map_err(|error| fail(format!("read `{}`: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| fail(format!("`{}`: {error}", path.display())))
}

/// Writes the facts of a setting.
pub(crate) fn write(name: &str, recorded: &Recorded) -> Result<(), Failed> {
    let mut text = serde_json::to_string_pretty(recorded)?;
    text.push('\n');
    fs::write(file(name), text)?;
    Ok(())
}
