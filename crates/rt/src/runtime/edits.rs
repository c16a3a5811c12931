//! A plan as edits of `config.json`.

use crate::bundle::Bundle;
use crate::journal::Journal;
use liftgate_apply::gives_way;
use liftgate_oci::{Device, DeviceKind, DeviceRule, Document, Edits, EnvEntry, Hook, Mount, Stage};
use liftgate_plan::{CONTAINER_SETUP, ContainerSetup, HOOK_ENVIRONMENT, Plan, Refusal};
use liftgate_sys::Root;
use std::path::PathBuf;

/// The reference's prestart hook: with both at work, each container would be served twice.
pub(super) const OTHER_HOOKS: [&str; 2] =
    ["nvidia-container-runtime-hook", "nvidia-container-toolkit"];

/// Device access as the CDI road gives it: reading, writing, and making the node again.
const ACCESS: &str = "rwm";

/// The edits that carry out `plan`.
pub(crate) fn of_plan(
    plan: &Plan,
    bundle: &Bundle,
    document: &Document<'_>,
    journal: &mut Journal,
) -> Result<Edits, Refusal> {
    let mut edits = Edits {
        remove_prestart: OTHER_HOOKS.map(str::to_owned).to_vec(),
        additional_gids: plan.additional_groups.clone(),
        mounts: mounts(plan, bundle, document, journal)?,
        ..Edits::default()
    };
    for variable in &plan.environment {
        edits.env.push(EnvEntry {
            name: variable.name.clone(),
            value: variable.value.clone(),
        });
    }
    for gpu in &plan.gpus {
        journal.info(&format!(
            "Granting GPU {} ({}, {})",
            gpu.index, gpu.model, gpu.bus
        ));
    }
    for node in &plan.nodes {
        let path = node.path.to_string_lossy().into_owned();
        journal.info(&format!("Selecting {path} as {path}"));
        let (major, minor) = (Some(i64::from(node.major)), Some(i64::from(node.minor)));
        edits.devices.push(Device {
            path,
            kind: DeviceKind::Character,
            major,
            minor,
            file_mode: Some(node.mode),
            uid: None,
            gid: node.gid,
        });
        edits.device_rules.push(DeviceRule {
            kind: DeviceKind::Character,
            major,
            minor,
            access: ACCESS.to_owned(),
        });
    }
    if plan.setup == ContainerSetup::default() {
        return Ok(edits);
    }
    let program = crate::own::path()?.to_string_lossy().into_owned();
    let mut arguments = vec!["liftgate-rt".to_owned(), CONTAINER_SETUP.to_owned()];
    arguments.extend(journal.hook_arguments());
    arguments.extend(plan.setup.to_arguments());
    edits.hooks.push((
        Stage::CreateContainer,
        Hook {
            path: program,
            args: arguments,
            env: vec![HOOK_ENVIRONMENT.to_owned()],
            timeout: None,
        },
    ));
    Ok(edits)
}

/// The plan's mounts, but for those that give way: to a mount of the user's own at the same place, and to
/// a file of the image where the plan says so.
fn mounts(
    plan: &Plan,
    bundle: &Bundle,
    document: &Document<'_>,
    journal: &mut Journal,
) -> Result<Vec<Mount>, Refusal> {
    let theirs: Vec<PathBuf> = document
        .mounts()
        .map_err(|error| bundle.malformed(&error))?
        .into_iter()
        .map(|mount| PathBuf::from(mount.destination))
        .collect();
    // An engine may lay out the root file system only after us; then nothing is known of the image.
    let image = Root::open(&bundle.root(document)?).ok();
    let mut mounts = Vec::with_capacity(plan.mounts.len());
    for mount in &plan.mounts {
        let place = &mount.container_path;
        if let Some(sentence) = gives_way(mount, &theirs, image.as_ref()) {
            journal.warning(&sentence);
            continue;
        }
        journal.info(&format!(
            "Selecting {} as {}",
            mount.host_path.display(),
            place.display()
        ));
        mounts.push(Mount {
            destination: place.to_string_lossy().into_owned(),
            kind: Some("bind".to_owned()),
            source: Some(mount.host_path.to_string_lossy().into_owned()),
            options: mount
                .options
                .iter()
                .map(|option| (*option).to_owned())
                .collect(),
        });
    }
    Ok(mounts)
}
