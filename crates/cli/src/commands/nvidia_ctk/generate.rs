use super::flags::Values;
use super::log::Log;
use crate::cdi::{self, Disabled, Format, Made, Mode, Recipe, Target, Wording, absolute};
use crate::ui::Ui;
use liftgate_cdi::name;
use liftgate_driver::PlatformKind;
use liftgate_plan::{HookPart, NameStrategy};
use std::path::{Path, PathBuf};

/// The feature that writes two more specifications.
const COHERENT: &str = "enable-coherent-annotations";

pub(super) fn run(values: &Values, log: Log, ui: &mut Ui) -> Result<(), String> {
    let format = match values.text("format") {
        None => None,
        Some(name) => {
            let format = Format::from_name(name);
            Some(format.ok_or_else(|| format!("invalid output format: {}", name.to_lowercase()))?)
        }
    };
    let mut notes = Vec::new();
    let recipe = recipe(values, &mut notes)?;
    let target = Target::new(values.filled("output").map(Path::new), format);
    if let Some(format) = target.overruled {
        notes.push(format!(
            "Requested output format \"{}\" does not match format implied by output file name: \"{}\"",
            format.name(),
            target.format.name()
        ));
    }
    for note in &notes {
        log.warning(note);
    }
    let made = cdi::make(&recipe)
        .map_err(|refusal| format!("failed to generate CDI spec: {}", refusal.one_line()))?;
    say(&made, &recipe, log);
    let split = if values
        .list("feature-flag")
        .iter()
        .any(|flag| flag == COHERENT)
    {
        cdi::split(&recipe, &made)
            .map_err(|refusal| format!("failed to generate CDI spec: {}", refusal.one_line()))?
    } else {
        Vec::new()
    };
    let path = target.path.as_deref();
    put(made, path, target.format, log, ui)?;
    for (kind, made) in split {
        let path = path.map(|path| cdi::file_of(path, kind));
        put(made, path.as_deref(), target.format, log, ui)?;
    }
    Ok(())
}

/// Writes one specification to where it belongs.
fn put(
    made: Made,
    path: Option<&Path>,
    format: Format,
    log: Log,
    ui: &mut Ui,
) -> Result<(), String> {
    let version = made.specification.version.clone();
    // An annotation would ask every reader for CDI 0.6.0; who wants a record in JSON says so with our own verb.
    let record = (format == Format::Yaml).then_some(made.record);
    let text = format.text(made.specification, record);
    match path {
        None => ui.raw(text.as_bytes()),
        Some(path) => {
            cdi::write(path, &text).map_err(|error| format!("failed to write spec: {error}"))?;
        }
    }
    log.info(&format!("Generated CDI spec with version {version}"));
    Ok(())
}

/// What was found, in lines that people search logs for.
fn say(made: &Made, recipe: &Recipe, log: Log) {
    for note in &made.notes {
        log.warning(note);
    }
    if recipe.mode == Mode::Auto {
        let detected = match made.host.platform.kind() {
            PlatformKind::Nvidia => Mode::Nvml,
            PlatformKind::Wsl => Mode::Wsl,
            PlatformKind::Tegra => Mode::Csv,
        };
        log.info(&format!("Auto-detected mode as '{}'", detected.name()));
    }
    if let Some(version) = made.host.driver_version() {
        log.info(&format!("Using driver version {version}"));
    }
    let specification = &made.specification;
    let devices = specification.devices.iter().map(|device| &device.edits);
    for edits in devices.chain([&specification.edits]) {
        for node in &edits.device_nodes {
            log.info(&format!("Selecting {} as {}", node.host_path(), node.path));
        }
        for mount in &edits.mounts {
            log.info(&format!(
                "Selecting {} as {}",
                mount.host_path, mount.container_path
            ));
        }
    }
}

/// What the flags and variables ask for.
pub(super) fn recipe(values: &Values, notes: &mut Vec<String>) -> Result<Recipe, String> {
    let mut recipe = Recipe::default();
    if let Some(mode) = values.text("mode") {
        recipe.mode = Mode::from_name(mode)
            .ok_or_else(|| format!("invalid discovery mode: {}", mode.to_lowercase()))?;
    }
    if values.text("device-name-strategy").is_some() {
        recipe.names = values
            .list("device-name-strategy")
            .iter()
            .map(|name| {
                NameStrategy::read(name)
                    .map_err(|_| format!("invalid device name strategy: {name}"))
            })
            .collect::<Result<_, _>>()?;
    }
    if let Some(vendor) = values.text("vendor") {
        name::check_vendor(vendor).map_err(|error| format!("invalid CDI vendor name: {error}"))?;
        vendor.clone_into(&mut recipe.vendor);
    }
    if let Some(class) = values.text("class") {
        name::check_class(class).map_err(|error| format!("invalid CDI class name: {error}"))?;
        class.clone_into(&mut recipe.class);
    }
    if values.text("device-id").is_some() {
        recipe.devices = values.list("device-id");
    }
    recipe.has_all = !values.is_on("no-all-device");
    if recipe.devices.iter().any(|id| id == "none") && recipe.has_all {
        notes.push("Disabling generation of 'all' device".to_owned());
        recipe.has_all = false;
    }
    hooks(values, &mut recipe, notes)?;
    features(values, &mut recipe, notes);
    let path = |name| values.filled(name).map(absolute).transpose();
    let paths = |name| -> Result<Vec<PathBuf>, String> {
        let texts = values.list(name).into_iter();
        texts
            .filter(|text| !text.is_empty())
            .map(|text| absolute(&text))
            .collect()
    };
    recipe.configuration = path("config")?;
    recipe.driver_root = path("driver-root")?;
    recipe.device_root = path("dev-root")?;
    recipe.library_search_paths = paths("library-search-path")?;
    recipe.configuration_search_paths = paths("config-search-path")?;
    recipe.csv_files = paths("csv.file")?;
    recipe.csv_ignored = values.list("csv.ignore-pattern");
    recipe.csv_compat_root = values
        .filled("csv.compat-container-root")
        .map(PathBuf::from);
    Ok(recipe)
}

fn hooks(values: &Values, recipe: &mut Recipe, notes: &mut Vec<String>) -> Result<(), String> {
    recipe.hook_program = values.filled("nvidia-cdi-hook-path").map(PathBuf::from);
    recipe.ldconfig = values.filled("ldconfig-path").map(PathBuf::from);
    let mut known = |name: &str| {
        let disabled = Disabled::read(name);
        if disabled.is_err() && !name.is_empty() {
            notes.push(format!("there is no hook `{name}`"));
        }
        disabled.ok()
    };
    let named = values.list("disable-hook");
    let disabled: Vec<Disabled> = named.iter().filter_map(|name| known(name)).collect();
    let mut enabled: Vec<HookPart> = Vec::new();
    for name in values.list("enable-hook") {
        match known(&name) {
            Some(Disabled::All) => return Err("enabling all hooks is not supported".to_owned()),
            Some(Disabled::Part(part)) => enabled.push(part),
            None => {}
        }
    }
    if enabled.contains(&HookPart::Chmod) {
        notes.push(
            "the hook chmod is never needed: directories get their modes when they are made"
                .to_owned(),
        );
    }
    recipe.disable_hooks(&disabled, &enabled);
    Ok(())
}

fn features(values: &Values, recipe: &mut Recipe, notes: &mut Vec<String>) {
    for name in values.list("feature-flag") {
        match &*name {
            "no-additional-gids-for-device-nodes" => recipe.additional_groups = false,
            "disable-ipc-discoverer" => recipe.has_sockets = false,
            // What these switch off is never done here; coherence makes further specifications, and none different.
            ""
            | COHERENT
            | "disable-nvsandboxutils"
            | "disable-nvsandbox-utils"
            | "disable-multiple-csv-devices" => {}
            "enable-explicit-driver-libraries" => recipe.explicit_libraries = true,
            _ => notes.push(format!("there is no feature `{name}`")),
        }
    }
}
