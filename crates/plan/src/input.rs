//! The inputs of a decision, read from the files that they come in; and the refusals that bad ones lead to.
//!
//! The one module here that reads a file: `config.toml`, which every road needs before it can decide.

use crate::refusal::{Code, Refusal};
use crate::request::{ContainerFacts, shortened_to};
use liftgate_config::{Config, Mode};
use liftgate_driver::{HostError, Places, PlatformKind};
use liftgate_oci::{Document, OciError};
use std::path::{Path, PathBuf};

/// With the value `csv-mounts=all`, every list of a Jetson is for the container, not only the usual three.
const JETPACK: &str = "NVIDIA_REQUIRE_JETPACK";

/// A `config.toml`, as it was read.
#[derive(Debug)]
pub struct Configuration {
    /// What it says.
    pub config: Config,
    /// Where it is, or would be.
    pub path: PathBuf,
    /// What in it was not understood and is not heeded.
    pub warnings: Vec<String>,
}

/// Reads `config.toml`: from `path`, or from where the environment says. Without the file there are the
/// defaults.
pub fn load_configuration(path: Option<&Path>) -> Result<Configuration, Refusal> {
    let path = path.map_or_else(
        || liftgate_config::config_path(|name| std::env::var_os(name)),
        Path::to_owned,
    );
    let malformed = |reason: String| {
        Refusal::new(
            Code::ConfigurationMalformed,
            format!("cannot understand `{}`: {reason}", path.display()),
            "mend the file, or move it away to have the defaults",
        )
    };
    let bytes = liftgate_sys::file::read(&path, liftgate_config::MAX_BYTES as u64)
        .map_err(|error| malformed(error.to_string()))?;
    let Some(bytes) = bytes else {
        return Ok(Configuration {
            config: Config::default(),
            path,
            warnings: Vec::new(),
        });
    };
    let text = std::str::from_utf8(&bytes).map_err(|error| malformed(error.to_string()))?;
    let (config, warnings) = Config::parse(text).map_err(|error| malformed(error.to_string()))?;
    Ok(Configuration {
        config,
        warnings: warnings.iter().map(ToString::to_string).collect(),
        path,
    })
}

/// Where the host is to be read from, for a container that says what it says.
///
/// Only what is as on any machine can come from the host record; whoever asks compares with
/// [`Places::host`].
pub fn places(config: &Config, mode: Mode, container: &ContainerFacts) -> Places {
    let mut places = Places::host(config.nvidia_container_cli.root.as_deref());
    if mode == Mode::Csv {
        places.platform = Some(PlatformKind::Tegra);
    }
    let directory = &config.nvidia_container_runtime.modes.csv.mount_spec_path;
    let every = container.variable(JETPACK) == Some("csv-mounts=all");
    if every || *directory != liftgate_config::Csv::default().mount_spec_path {
        places.csv_files = Places::csv_files_in(directory, every);
    }
    places
}

impl ContainerFacts {
    /// What a bundle's `config.json` says that decides about GPUs.
    pub fn of_document(document: &Document<'_>) -> Result<Self, OciError> {
        Ok(Self {
            environment: document
                .env()?
                .into_iter()
                .map(|entry| (entry.name, entry.value))
                .collect(),
            mounts: document
                .mounts()?
                .into_iter()
                .map(|mount| {
                    let source = mount.source.unwrap_or_default();
                    (PathBuf::from(mount.destination), PathBuf::from(source))
                })
                .collect(),
            annotations: document.annotations()?.into_iter().collect(),
            is_privileged: document
                .bounding_capabilities()?
                .iter()
                .any(|name| name == "CAP_SYS_ADMIN"),
        })
    }
}

impl Refusal {
    /// The `config.json` at `path` cannot be understood.
    pub fn of_document(path: &Path, error: &OciError) -> Self {
        let (code, hint) = match error {
            OciError::EnvWithoutEquals { .. } => (
                Code::EnvironmentMalformed,
                "give the variable a value, as in `-e NAME=VALUE`",
            ),
            _ => (
                Code::BundleMalformed,
                "the file is written by the container engine: look there for the cause",
            ),
        };
        Self::new(
            code,
            format!(
                "cannot understand `{}`: {}",
                path.display(),
                // It quotes the document, and an image may have written what is quoted.
                shortened_to(&error.to_string(), 400)
            ),
            hint,
        )
    }

    /// The `config.json` at `path` cannot be read.
    pub fn unreadable_bundle(path: &Path, reason: impl Into<String>) -> Self {
        Self::new(
            Code::BundleUnreadable,
            format!("cannot read `{}`", path.display()),
            "pass the directory of an OCI bundle with --bundle",
        )
        .because(reason)
    }
}

impl From<HostError> for Refusal {
    fn from(error: HostError) -> Self {
        let hint = match error {
            HostError::ConfiguredRoot { .. } => {
                "mend `root` of [nvidia-container-cli] in config.toml, or remove it to have the driver looked for"
            }
            HostError::Proc(_) => "mount /proc",
        };
        Self::new(Code::DriverRootUnreadable, error.to_string(), hint)
    }
}
