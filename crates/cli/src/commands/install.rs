mod hand_over;
mod others;
mod place;

pub(super) use place::Place;

use crate::consent;
use crate::error::CliError;
use crate::install::{
    Layout, Machine, Plan, Programs, Scope, Step, Why, after_install, carry_out, read_manifest,
    run_calls,
};
use crate::ui::Ui;
use clap::Args;
use hand_over::{hand_over, unpackaged_manifest};
use liftgate_sys::SysError;
use std::path::Path;

/// Install liftgate on this machine, under the names of NVIDIA's toolkit, too
///
/// The executables are those beside this one. What is put where is shown first, and kept in a manifest
/// (PREFIX/share/liftgate/manifest), by which `liftgate uninstall` takes it away again. A second run writes
/// nothing. Files of NVIDIA's toolkit are not touched, unless --replace says so.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) place: Place,

    /// Keep others' files aside that have the names, until `liftgate uninstall` brings them back
    #[arg(long)]
    replace: bool,

    /// Neither enable nor start the systemd units
    #[arg(long)]
    no_enable: bool,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let place = &arguments.place;
    let root = place.root()?;
    let manifest_path = place.manifest();
    let mut old = read_manifest(&root, &manifest_path)?;
    // A package's units are enabled once: after that it is the administrator's affair which of them run.
    let is_first = place.scope() == Scope::Whole || old.is_none();
    let unpackaged = match place.scope() {
        Scope::Whole => None,
        Scope::Package => read_manifest(&root, &unpackaged_manifest())?,
    };
    if let Some(unpackaged) = &unpackaged
        && old.is_none()
    {
        old = Some(unpackaged.configuration());
    }
    let programs = match place.scope() {
        Scope::Whole => programs()?,
        Scope::Package => Programs::default(),
    };
    let machine = Machine::of(&root).map_err(|error| unreadable(&error))?;
    let layout = Layout::new(&place.prefix, place.scope(), programs, &machine);
    let tmpfiles = Layout::tmpfiles(&place.prefix);
    let plan = Plan::make(&root, layout, old.as_ref(), &manifest_path)
        .map_err(|error| unreadable(&error))?;
    others::refuse(&plan, old.as_ref(), arguments)?;

    let version = env!("CARGO_PKG_VERSION");
    let shown = place.prefix.display();
    if plan.is_settled() {
        // The units are the package's, and may be others than before.
        if place.scope() == Scope::Package && !place.dry_run {
            run_calls(&after_install(false, &tmpfiles), ui);
        }
        ui.note(format!(
            "liftgate {version} is installed in {shown}: nothing to do."
        ));
        return Ok(());
    }
    show(&plan, ui);
    if place.dry_run {
        ui.note("Nothing was changed (--dry-run).");
        return Ok(());
    }
    if !consent::ask(place.yes, ui)? {
        return Ok(());
    }
    let then = |ui: &mut Ui| {
        if place.is_machine() {
            run_calls(
                &after_install(!arguments.no_enable && is_first, &tmpfiles),
                ui,
            );
        }
    };
    carry_out(&root, &plan, || then(ui)).map_err(|error| CliError::Failed {
        sentence: format!("cannot install: {error}"),
        hint: if error.is_not_permitted() {
            "run as root; what was begun is completed by the next run"
        } else {
            "a second run completes it, `liftgate uninstall` takes it away; another --prefix may be writable"
        }
        .to_owned(),
    })?;
    if place.scope() == Scope::Package {
        return unpackaged.map_or(Ok(()), |unpackaged| hand_over(&root, unpackaged, ui));
    }
    ui.note(format!("liftgate {version} is installed in {shown}."));
    if place.is_machine() {
        ui.detail(
            "next",
            "`liftgate setup` makes it known to the engines of this machine",
        );
    }
    Ok(())
}

/// The executables that this one was unpacked, or built, with.
fn programs() -> Result<Programs, CliError> {
    let own = std::env::current_exe()?;
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| CliError::Failed {
            sentence: format!("cannot read `{}`: {error}", path.display()),
            hint: "run the `liftgate` that lies beside `liftgate-rt`, as unpacked or built"
                .to_owned(),
        })
    };
    Ok(Programs {
        rt: read(&own.with_file_name("liftgate-rt"))?,
        liftgate: read(&own.with_file_name("liftgate"))?,
    })
}

fn show(plan: &Plan, ui: &mut Ui) {
    let lines: Vec<(String, String)> = plan
        .steps
        .iter()
        .map(|step| match step {
            Step::SetAside(path) => (path.display().to_string(), "kept aside".to_owned()),
            Step::Put(item, why) => {
                let why = match why {
                    Why::New => "new",
                    Why::Renewed => "renewed",
                    Why::Edited => "was edited; replaced",
                };
                let path = item.path.display();
                let path = item
                    .target()
                    .map_or_else(|| path.to_string(), |target| format!("{path} → {target}"));
                (path, why.to_owned())
            }
            Step::Remove(path) => (path.display().to_string(), "not needed any more".to_owned()),
        })
        .collect();
    ui.table("Files", &lines);
    if plan.is_resumed {
        ui.note("The last run did not come to its end; this one completes it.");
    }
}

pub(super) fn unreadable(error: &SysError) -> CliError {
    CliError::Failed {
        sentence: format!("cannot look at what is there: {error}"),
        hint: "nothing was changed".to_owned(),
    }
}
