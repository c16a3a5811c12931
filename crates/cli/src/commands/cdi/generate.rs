use crate::cdi::{self, Disabled, Format, Made, Mode, Recipe, Target, Wording, absolute};
use crate::count::count;
use crate::error::CliError;
use crate::ui::Ui;
use clap::{Args, ValueEnum};
use liftgate_driver::Capabilities;
use liftgate_plan::{HookPart, HookStyle, NameStrategy, usual_capabilities};
use std::path::{Path, PathBuf};

/// Make a specification of this machine's GPUs
///
/// It goes to standard output, or into a file, which is replaced in one step or not at all. It says about
/// itself what it was made of, so that `liftgate cdi refresh` can make it anew when the driver changes.
/// A specification with fewer devices than the machine has GPUs is not made; --device-id names those that
/// are wanted.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What it is about; auto: the GPUs, as this kind of machine has them
    #[arg(long, value_name = "MODE", default_value = "auto", value_parser = Mode::read)]
    mode: Mode,

    /// The file, which gets the ending .yaml or .json if it has neither
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The format; the ending of --output overrules it
    #[arg(long)]
    format: Option<FormatChoice>,

    /// How devices are named: index (0, 0:1), uuid, type-index (gpu0, mig0:1); each gives every device a name
    #[arg(
        long, value_name = "STRATEGY", value_delimiter = ',',
        value_parser = NameStrategy::read, default_values = ["index", "uuid"]
    )]
    device_name_strategy: Vec<NameStrategy>,

    /// The vendor of the devices' kind
    #[arg(long, default_value = "nvidia.com")]
    vendor: String,

    /// The class of the devices' kind
    #[arg(long, default_value = "gpu")]
    class: String,

    /// A device to be part of it: index, UUID, PCI bus address, channel of IMEX, all or none; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',', default_value = "all")]
    device_id: Vec<String>,

    /// Leave out the device `all`
    #[arg(long)]
    no_all_device: bool,

    /// The driver root: where the driver's files are, instead of looking for it
    #[arg(long, value_name = "DIR", value_parser = absolute)]
    driver_root: Option<PathBuf>,

    /// The root below whose /dev the device nodes are [default: the driver root if it has /dev/nvidiactl]
    #[arg(long, value_name = "DIR", value_parser = absolute)]
    dev_root: Option<PathBuf>,

    /// A directory to find the driver's libraries in, instead of looking for them; may be repeated
    #[arg(long, value_name = "DIR", value_delimiter = ',', value_parser = absolute)]
    library_search_path: Vec<PathBuf>,

    /// A directory to find the driver's configuration files in, instead of the usual ones; may be repeated
    #[arg(long, value_name = "DIR", value_delimiter = ',', value_parser = absolute)]
    config_search_path: Vec<PathBuf>,

    /// A file that lists what containers get on a Jetson, instead of the usual ones; may be repeated
    #[arg(long = "csv.file", value_name = "FILE", value_delimiter = ',', value_parser = absolute)]
    csv_file: Vec<PathBuf>,

    /// A pattern of links in those files that are left out; may be repeated
    #[arg(
        long = "csv.ignore-pattern",
        value_name = "PATTERN",
        value_delimiter = ','
    )]
    csv_ignore_pattern: Vec<String>,

    /// Where images for a Jetson have newer CUDA libraries
    #[arg(long = "csv.compat-container-root", value_name = "DIR")]
    csv_compat_container_root: Option<PathBuf>,

    /// The program of the hooks: a path, or a name to be found on PATH [default: liftgate-rt, beside this one]
    #[arg(long, value_name = "PROGRAM")]
    nvidia_cdi_hook_path: Option<PathBuf>,

    /// One hook that does all the work, which liftgate-rt knows, or the separate ones of NVIDIA's toolkit
    #[arg(long, value_name = "STYLE", default_value = "auto")]
    hook_style: StyleChoice,

    /// ldconfig on the machine where containers start, for the separate hooks
    #[arg(long, value_name = "FILE")]
    ldconfig_path: Option<PathBuf>,

    /// A hook to leave out, by the name of the separate hook, or all; may be repeated
    #[arg(long, value_name = "HOOK", value_delimiter = ',', value_parser = Disabled::read)]
    disable_hook: Vec<Disabled>,

    /// A hook to keep although --disable-hook leaves it out; may be repeated
    #[arg(long, value_name = "HOOK", value_delimiter = ',', value_parser = HookPart::read)]
    enable_hook: Vec<HookPart>,

    /// A peculiarity to switch on; may be repeated
    #[arg(long, value_name = "FEATURE", value_delimiter = ',')]
    feature_flag: Vec<FeatureChoice>,

    /// The part of the driver that containers get [default: all of it but 32-bit libraries]
    #[arg(long, value_name = "CAPABILITY", value_delimiter = ',', value_parser = Capabilities::read)]
    driver_capabilities: Vec<Capabilities>,

    /// Leave out what the specification says about itself; it cannot be refreshed then
    #[arg(long)]
    no_record: bool,
}

const EXAMPLES: &str = "\
Examples:
  liftgate cdi generate
  liftgate cdi generate --output /etc/cdi/nvidia.yaml
  liftgate cdi generate --device-id 0,1 --device-name-strategy type-index
  liftgate cdi generate --mode management --vendor management.nvidia.com";

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatChoice {
    Yaml,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StyleChoice {
    /// What fits the program
    Auto,
    /// One hook
    One,
    /// The separate hooks
    Separate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FeatureChoice {
    /// Containers do not get the groups of nodes that not everybody may open
    NoAdditionalGidsForDeviceNodes,
    /// Leave out the sockets of the driver's daemons
    DisableIpcDiscoverer,
    /// Write two more specifications, of the GPUs that share the processor's page tables and of the others
    EnableCoherentAnnotations,
    /// Give the dispatchers of OpenGL and the loader of OpenCL, too, where they lie beside the driver's libraries
    EnableExplicitDriverLibraries,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let format = arguments.format.map(|format| match format {
        FormatChoice::Yaml => Format::Yaml,
        FormatChoice::Json => Format::Json,
    });
    let target = Target::new(arguments.output.as_deref(), format);
    if let Some(format) = target.overruled {
        ui.warning(format!(
            "--format {} is overruled by the ending of --output",
            format.name()
        ));
    }
    let recipe = arguments.recipe();
    let made = cdi::make(&recipe)?;
    for note in &made.notes {
        ui.warning(note);
    }
    let split = if arguments
        .feature_flag
        .contains(&FeatureChoice::EnableCoherentAnnotations)
    {
        cdi::split(&recipe, &made)?
    } else {
        Vec::new()
    };
    let path = target.path.as_deref();
    let mut put = |made: Made, path: Option<&Path>| -> Result<(), CliError> {
        let devices = devices(&made);
        let text = text(made, target.format, !arguments.no_record);
        let Some(path) = path else {
            ui.raw(text.as_bytes());
            return Ok(());
        };
        write(path, &text)?;
        ui.field("Written to", path.display());
        ui.field("Devices", devices);
        Ok(())
    };
    put(made, path)?;
    for (kind, made) in split {
        put(made, path.map(|path| cdi::file_of(path, kind)).as_deref())?;
    }
    Ok(())
}

/// Writes the file, or says why it could not be written.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CliError> {
    cdi::write(path, text).map_err(|error| CliError::Failed {
        sentence: format!(
            "cannot write the specification `{}`: {error}",
            path.display()
        ),
        hint: "run as root, or choose another file with --output".to_owned(),
    })
}

pub(super) fn text(made: Made, format: Format, has_record: bool) -> String {
    let mut text = format.text(made.specification, has_record.then_some(made.record));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The devices, in words.
pub(super) fn devices(made: &Made) -> String {
    const MOST: usize = 8;
    let specification = &made.specification;
    let names: Vec<&str> = specification
        .devices
        .iter()
        .map(|device| &*device.name)
        .collect();
    let shown = names[..names.len().min(MOST)].join(", ");
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{} of {}/{}: {shown}{more}",
        count(names.len(), "name", "names"),
        specification.vendor,
        specification.class
    )
}

impl Arguments {
    fn recipe(&self) -> Recipe {
        let mut recipe = Recipe {
            mode: self.mode,
            vendor: self.vendor.clone(),
            class: self.class.clone(),
            names: self.device_name_strategy.clone(),
            devices: self.device_id.clone(),
            has_all: !self.no_all_device,
            configuration: None,
            driver_root: self.driver_root.clone(),
            device_root: self.dev_root.clone(),
            library_search_paths: self.library_search_path.clone(),
            configuration_search_paths: self.config_search_path.clone(),
            csv_files: self.csv_file.clone(),
            csv_ignored: self.csv_ignore_pattern.clone(),
            csv_compat_root: self.csv_compat_container_root.clone(),
            hook_program: self.nvidia_cdi_hook_path.clone(),
            hook_style: match self.hook_style {
                StyleChoice::Auto => None,
                StyleChoice::One => Some(HookStyle::One),
                StyleChoice::Separate => Some(HookStyle::Separate),
            },
            ldconfig: self.ldconfig_path.clone(),
            disabled_hooks: Vec::new(),
            has_sockets: !self
                .feature_flag
                .contains(&FeatureChoice::DisableIpcDiscoverer),
            explicit_libraries: self
                .feature_flag
                .contains(&FeatureChoice::EnableExplicitDriverLibraries),
            additional_groups: !self
                .feature_flag
                .contains(&FeatureChoice::NoAdditionalGidsForDeviceNodes),
            capabilities: if self.driver_capabilities.is_empty() {
                usual_capabilities()
            } else {
                let members = self.driver_capabilities.iter().flat_map(|set| set.iter());
                Capabilities::from(members.collect::<Vec<_>>())
            },
        };
        recipe.disable_hooks(&self.disable_hook, &self.enable_hook);
        recipe
    }
}
