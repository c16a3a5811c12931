use super::flags::Values;
use super::log::Log;
use crate::ui::Ui;
use liftgate_cdi::Registry;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) fn run(values: &Values, log: Log, ui: &mut Ui) {
    let mut directories: Vec<PathBuf> = values
        .list("spec-dir")
        .into_iter()
        .filter(|directory| !directory.is_empty())
        .map(PathBuf::from)
        .collect();
    if values.text("spec-dir").is_none() {
        directories = liftgate_cdi::registry::DEFAULT_DIRECTORIES
            .map(PathBuf::from)
            .to_vec();
    }
    let registry = Registry::load(&directories);
    let mut errors: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
    for error in registry.errors() {
        errors.entry(&error.path).or_default().push(&error.reason);
    }
    if !errors.is_empty() {
        log.warning("The following registry errors were reported:");
    }
    for (path, reasons) in errors {
        log.warning(&format!("{}: [{}]", path.display(), reasons.join(" ")));
    }
    log.info(&format!("Found {} CDI devices", registry.devices().count()));
    for name in registry.devices() {
        ui.line(name);
    }
}
