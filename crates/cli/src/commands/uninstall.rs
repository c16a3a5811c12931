use super::install::{Place, unreadable};
use crate::consent;
use crate::error::CliError;
use crate::install::{
    Fate, Removal, Scope, after_uninstall, before_uninstall, has_backups, leave_nothing_running,
    owners, read_manifest, remove, run_calls,
};
use crate::ui::Ui;
use clap::Args;
use liftgate_sys::Root;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Take away what `liftgate install` has put on this machine
///
/// Only what its manifest lists goes. What was changed since stays, and is named; what was kept aside comes
/// back. What `liftgate setup` has changed in the configuration of engines is undone first.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let place = &arguments.place;
    let root = place.root()?;
    let manifest_path = place.manifest();
    let Some(manifest) = read_manifest(&root, &manifest_path)? else {
        let remains =
            Removal::of_remains(&root, &manifest_path).map_err(|error| unreadable(&error))?;
        if let Some(remains) = remains.filter(|_| !place.dry_run) {
            carry_out(&root, &remains)?;
        }
        if place.scope() == Scope::Package {
            return tidy(&root, place, ui);
        }
        ui.note(format!(
            "`liftgate install` has put nothing into {}: nothing to do.",
            place.prefix.display()
        ));
        return Ok(());
    };
    let paths: Vec<&Path> = manifest.entries.iter().map(|(path, _)| &**path).collect();
    let owned = if place.is_machine() && place.scope() == Scope::Whole {
        owners(&paths)
    } else {
        Vec::new()
    };
    let is_owned = |path: &Path| owned.iter().any(|owned| owned.path == path);
    let removal = Removal::make(&root, manifest, &manifest_path, is_owned)
        .map_err(|error| unreadable(&error))?;
    show(&removal, ui);
    if place.dry_run {
        ui.note("Nothing was changed (--dry-run).");
        return Ok(());
    }
    if !consent::ask(place.yes, ui)? {
        return Ok(());
    }
    if place.is_machine() {
        if place.scope() == Scope::Whole && has_backups(&root) {
            undo_setup(&place.prefix, ui)?;
        }
        run_calls(&before_uninstall(), ui);
    }
    carry_out(&root, &removal)?;
    tidy(&root, place, ui)?;
    ui.note("liftgate is uninstalled.");
    Ok(())
}

fn carry_out(root: &Root, removal: &Removal) -> Result<(), CliError> {
    remove(root, removal).map_err(|error| CliError::Failed {
        sentence: format!("cannot uninstall: {error}"),
        hint: if error.is_not_permitted() {
            "run as root"
        } else {
            "a second run completes it"
        }
        .to_owned(),
    })
}

/// What the programs have left while they ran, and what daemons are told when they are gone.
fn tidy(root: &Root, place: &Place, ui: &mut Ui) -> Result<(), CliError> {
    if !place.is_machine() || place.dry_run {
        return Ok(());
    }
    for left in leave_nothing_running(root).map_err(|error| unreadable(&error))? {
        ui.warning(format!(
            "`{}` stays, and names what is gone",
            left.display()
        ));
    }
    if place.scope() == Scope::Whole {
        run_calls(&after_uninstall(), ui);
    }
    Ok(())
}

/// Engines that name a runtime which is gone start no container at all, so they are told first.
fn undo_setup(prefix: &Path, ui: &mut Ui) -> Result<(), CliError> {
    ui.flush()?;
    let program: PathBuf = prefix.join("bin/liftgate");
    let status = Command::new(&program)
        .args(["setup", "--undo", "--yes", "--no-restart"])
        .stdin(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => ui.warning(format!("`liftgate setup --undo`: {status}")),
        Err(error) => ui.warning(format!("`{}`: {error}", program.display())),
    }
    Ok(())
}

fn show(removal: &Removal, ui: &mut Ui) {
    let lines: Vec<(String, String)> = removal
        .fates
        .iter()
        .map(|(path, fate)| {
            let words = match fate {
                Fate::Remove => "removed",
                Fate::Restore => "brought back",
                Fate::Gone => "is gone already",
                Fate::Edited => "was changed since; stays",
                Fate::Owned => "is a package's now; stays",
                Fate::Others => "was never replaced; stays",
                Fate::KeptAside => "something else has the name; the old one stays aside",
            };
            (path.display().to_string(), words.to_owned())
        })
        .collect();
    ui.table("Files", &lines);
}
