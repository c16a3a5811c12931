//! Making a specification: the host is read, its MIG devices are named, and the plan is written down.

use super::hook_program;
use super::recipe::{Mode, Recipe};
use super::record::SpecificationRecord;
use crate::nvml_names;
use liftgate_cdi::Specification;
use liftgate_config::Config;
use liftgate_driver::Host;
use liftgate_plan::{Code, Hooks, Refusal, SpecificationOptions};

/// A specification, and what belongs to it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) specification: Specification,
    pub(crate) record: SpecificationRecord,
    /// The host that it is of.
    pub(crate) host: Host,
    /// What whoever asked should know.
    pub(crate) notes: Vec<String>,
}

/// Makes the specification, or says why there is none.
pub(crate) fn make(recipe: &Recipe) -> Result<Made, Refusal> {
    let mut notes = Vec::new();
    if let Some(root) = recipe.device_root.as_ref().filter(|root| !root.is_dir()) {
        return Err(Refusal::new(
            Code::DriverRootUnreadable,
            format!(
                "there is no directory `{}` for device nodes to be below",
                root.display()
            ),
            "name another --dev-root, or none to have the host's nodes",
        ));
    }
    let config = configuration(recipe, &mut notes);
    let configured_root = config
        .nvidia_container_runtime
        .modes
        .csv
        .compat_container_root
        .clone();
    let places = recipe.places(config.nvidia_container_cli.root.as_deref());
    let (host_record, mut host) = nvml_names::make_record(&places).map_err(|error| {
        let mut refusal = Refusal::from(error);
        if recipe.driver_root.is_some() {
            "name another --driver-root, or none to have the driver looked for"
                .clone_into(&mut refusal.hint);
        }
        refusal
    })?;
    let extra: Vec<_> = recipe.mode.extra().into_iter().collect();
    if let Some(reason) = &host.tegra_unknown {
        notes.push(format!(
            "newer CUDA libraries of an image will not be used, because NVML does not tell the driver's own CUDA version: {reason}"
        ));
    }
    host.read_extras(&places, &extra, recipe.mode == Mode::Imex);
    let every_node = match recipe.mode {
        Mode::Management => Host::every_node(&places),
        _ => Vec::new(),
    };
    let program = hook_program::choose(recipe.hook_program.as_deref(), recipe.hook_style);
    let hooks = Hooks {
        program: program.path,
        style: program.style,
        disabled: recipe.disabled_hooks.clone(),
        ldconfig: recipe.ldconfig.clone(),
        compat_root: recipe.csv_compat_root.clone().or(Some(configured_root)),
    };
    let options = SpecificationOptions {
        vendor: recipe.vendor.clone(),
        class: recipe.class.clone(),
        names: recipe.names.clone(),
        has_all: recipe.has_all,
        capabilities: recipe.capabilities,
        has_sockets: recipe.has_sockets,
        additional_groups: recipe.additional_groups,
        hooks,
    };
    let specification = liftgate_plan::specify(&host, &recipe.content(), &options, &every_node)?;
    if has_hooks(&specification) {
        notes.extend(program.note);
    }
    let record = SpecificationRecord::new(
        host_record.fingerprint(),
        &host,
        &specification,
        recipe.clone(),
    );
    Ok(Made {
        specification,
        record,
        host,
        notes,
    })
}

fn has_hooks(specification: &Specification) -> bool {
    let devices = specification.devices.iter().map(|device| &device.edits);
    devices
        .chain([&specification.edits])
        .any(|edits| !edits.hooks.is_empty())
}

/// `config.toml`, of which two directories matter here: the driver root, and where images for an Orin have CUDA. One that cannot be understood is named, and does
/// not stand in the way of a specification, as with the reference.
fn configuration(recipe: &Recipe, notes: &mut Vec<String>) -> Config {
    if recipe.driver_root.is_some() {
        return Config::default();
    }
    let loaded = liftgate_plan::load_configuration(recipe.configuration.as_deref());
    match loaded {
        Ok(loaded) => loaded.config,
        Err(refusal) => {
            notes.push(format!("{}; the defaults are taken", refusal.sentence));
            Config::default()
        }
    }
}
