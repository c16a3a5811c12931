//! A package takes the place of what `liftgate install` had put on the machine.

use super::unreadable;
use crate::error::CliError;
use crate::install::{
    Fate, Manifest, OWN_PACKAGE, Removal, aside, is_configuration, manifest_path, owners, remove,
};
use crate::ui::Ui;
use liftgate_sys::Root;
use std::path::{Path, PathBuf};

/// Where `liftgate install` writes down what it puts where packages have their files.
pub(super) fn unpackaged_manifest() -> PathBuf {
    manifest_path(Path::new("/usr"))
}

/// What `liftgate install` had put where the package has its own now is the package's; the rest of it goes.
pub(super) fn hand_over(
    root: &Root,
    mut unpackaged: Manifest,
    ui: &mut Ui,
) -> Result<(), CliError> {
    unpackaged
        .entries
        .retain(|(path, _)| !is_configuration(path));
    let paths: Vec<&Path> = unpackaged.entries.iter().map(|(path, _)| &**path).collect();
    let owned = owners(&paths);
    if !owned.iter().any(|owned| owned.package == OWN_PACKAGE) {
        // The package manager does not answer while it works; nothing is removed on a guess.
        ui.warning(format!(
            "`{}` lists what `liftgate install` had put here before this package",
            unpackaged_manifest().display()
        ));
        return Ok(());
    }
    let is_owned = |path: &Path| owned.iter().any(|owned| owned.path == path);
    let removal = Removal::make(root, unpackaged, &unpackaged_manifest(), is_owned)
        .map_err(|error| unreadable(&error))?;
    remove(root, &removal).map_err(|error| CliError::Failed {
        sentence: format!("cannot take away what the package does not have: {error}"),
        hint: "`liftgate uninstall` does it".to_owned(),
    })?;
    ui.note("What `liftgate install` had put into /usr is the package's now.");
    for (path, fate) in &removal.fates {
        if *fate == Fate::KeptAside {
            let path = aside(path);
            ui.note(format!(
                "`{}` stays: liftgate had replaced it",
                path.display()
            ));
        }
    }
    Ok(())
}
