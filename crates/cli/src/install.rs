//! Liftgate put in place on a machine, and taken away again.
//!
//! What goes where is said by a pure [`Layout`]; comparing it with what is there gives a [`Plan`]; and the plan is
//! carried out file by file, each by rename. A manifest says what was put there, so that only that is taken away.
//!
//! The manifest is written first, and lists everything that is going to be: a run that is killed in the middle
//! leaves nothing that a second one does not complete, or that `uninstall` does not find. What people have edited
//! since is told by its checksum, and kept.
//!
//! A package's scripts use the same with [`Scope::Package`]: everything but the files that the package has itself.

mod carry_out;
mod layout;
mod manifest;
mod owner;
mod place;
mod plan;
mod removal;
mod running;
mod sha256;
mod system;
mod thing;

pub(crate) use carry_out::{carry_out, remove};
pub(crate) use layout::{Layout, Machine, Programs};
pub(crate) use manifest::{Manifest, PACKAGE_MANIFEST, is_configuration, manifest_path};
pub(crate) use owner::{OWN_PACKAGE, Owned, owners};
pub(crate) use place::aside;
pub(crate) use plan::{Plan, Step, Why};
pub(crate) use removal::{Fate, Removal};
pub(crate) use running::{has_backups, leave_nothing_running};
pub(crate) use system::{after_install, after_uninstall, before_uninstall};

use crate::error::CliError;
use crate::ui::Ui;
use liftgate_sys::Root;
use std::path::Path;

/// What is put in place or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything.
    Whole,
    /// What a package's scripts add to its files.
    Package,
}

/// The manifest at a path, if there is one.
pub(crate) fn read_manifest(root: &Root, path: &Path) -> Result<Option<Manifest>, CliError> {
    let failed = |reason: String| CliError::Failed {
        sentence: format!("cannot read the manifest `{}`: {reason}", path.display()),
        hint: "it says what `liftgate install` has put here; remove it if you know better"
            .to_owned(),
    };
    let bytes = root
        .read(path, manifest::LIMIT)
        .map_err(|error| failed(error.to_string()))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    Manifest::parse(&text).map(Some).map_err(failed)
}

/// Runs commands, one after the other; one that fails is a warning.
pub(crate) fn run_calls(calls: &[system::Call], ui: &mut Ui) {
    for call in calls {
        if let Err(reason) = system::run(call) {
            ui.warning(format!("`{}`: {reason}", call.join(" ")));
        }
    }
}
