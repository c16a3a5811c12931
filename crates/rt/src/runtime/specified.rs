//! Devices of CDI specifications, for a container that names them.

use super::edits::OTHER_HOOKS;
use crate::bundle::Bundle;
use crate::journal::Journal;
use liftgate_cdi::{Registry, ThisHost};
use liftgate_config::Config;
use liftgate_oci::{Document, Edits};
use liftgate_plan::{Refusal, Specified};

/// The edits that give the container the devices of these names.
pub(super) fn edits(
    names: &[String],
    config: &Config,
    bundle: &Bundle,
    document: &Document<'_>,
    journal: &mut Journal,
) -> Result<Edits, Refusal> {
    let registry = Registry::load(&config.nvidia_container_runtime.modes.cdi.spec_dirs);
    for error in registry.errors() {
        journal.warning(&error.to_string());
    }
    let user = document.user().map_err(|error| bundle.malformed(&error))?;
    let mut specified = Specified::find(names, &registry, &ThisHost, (user.uid, user.gid))?;
    for device in &specified.devices {
        journal.info(&format!(
            "Selecting {} from `{}`, line {}",
            device.name,
            device.file.display(),
            device.line
        ));
    }
    specified.edits.remove_prestart = OTHER_HOOKS.map(str::to_owned).to_vec();
    Ok(specified.edits)
}
