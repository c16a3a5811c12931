//! An explanation: the road, the request, the decision, and the reason for every line of it.

mod text;

use crate::error::CliError;
use crate::ui::Ui;
use liftgate_driver::Host;
use liftgate_plan::{Plan, Refusal, Request, Specified, SpecifiedDevice};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// What `liftgate explain` says. This is also its JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Explanation {
    /// Raised when a field changes its meaning.
    pub(super) format: u32,
    /// The way that the request takes.
    pub(super) road: Road,
    /// The configuration that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) configuration: Option<ConfigurationFile>,
    /// What is asked for, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<Request>,
    /// What the machine has, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<HostSummary>,
    /// What comes of it.
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// What to do next; a refusal has its own hint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) next: Vec<String>,
}

/// The way that a request takes.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Road {
    /// What starts it.
    by: String,
    /// Who answers.
    program: String,
    /// What is done.
    steps: Vec<String>,
    /// What else there is to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
}

impl Road {
    /// The runtime shim.
    pub(super) fn runtime(by: &str, low_level: &str) -> Self {
        Self {
            by: by.to_owned(),
            program: "nvidia-container-runtime".to_owned(),
            steps: vec![
                "edits config.json of the bundle".to_owned(),
                format!("becomes {low_level}"),
                "which makes the nodes and the mounts, and runs one hook (liftgate-rt container-setup) for links and the loader's cache".to_owned(),
            ],
            notes: Vec::new(),
        }
    }
}

/// A `config.toml`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ConfigurationFile {
    /// Where it is, or would be.
    pub(super) path: PathBuf,
    /// Whether it is there; without it the defaults hold.
    pub(super) exists: bool,
}

/// What the machine has, in short.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HostSummary {
    driver_version: Option<String>,
    pub(super) gpus: usize,
}

impl From<&Host> for HostSummary {
    fn from(host: &Host) -> Self {
        Self {
            driver_version: host.driver_version().map(str::to_owned),
            gpus: host.gpus.len(),
        }
    }
}

/// What comes of a request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// The container gets this.
    Granted {
        /// The plan, where the driver is asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        plan: Option<Box<Plan>>,
        /// What CDI specifications give, where their devices are asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        specified: Option<SpecifiedShare>,
    },
    /// The container is refused, and does not start.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// The container starts without GPUs, as any other.
    NothingAsked {
        /// Why.
        reason: String,
        /// Whether it did ask, and was not heeded.
        is_ignored_request: bool,
    },
}

/// What devices of CDI specifications give a container, as text.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SpecifiedShare {
    /// The devices, and where they are written.
    devices: Vec<SpecifiedDevice>,
    /// Device nodes.
    nodes: Vec<String>,
    /// What is mounted, and where.
    mounts: Vec<String>,
    /// Environment variables.
    environment: Vec<String>,
    /// Hooks: when, and which program.
    hooks: Vec<String>,
}

impl From<Specified> for SpecifiedShare {
    fn from(specified: Specified) -> Self {
        let Specified { devices, edits } = specified;
        let number = |number: Option<i64>| number.map_or_else(String::new, |one| one.to_string());
        Self {
            devices,
            nodes: edits
                .devices
                .iter()
                .map(|node| {
                    let (major, minor) = (number(node.major), number(node.minor));
                    format!("{} ({major}:{minor})", node.path)
                })
                .collect(),
            mounts: edits
                .mounts
                .iter()
                .map(|mount| match &mount.source {
                    Some(source) if *source != mount.destination => {
                        format!("{source} → {}", mount.destination)
                    }
                    _ => mount.destination.clone(),
                })
                .collect(),
            environment: edits
                .env
                .iter()
                .map(|variable| format!("{}={}", variable.name, variable.value))
                .collect(),
            hooks: edits
                .hooks
                .iter()
                .map(|(stage, hook)| format!("{}: {}", stage.name(), hook.path))
                .collect(),
        }
    }
}

/// Prints a value as JSON, indented.
pub(super) fn print_json(value: &impl Serialize, ui: &mut Ui) -> Result<(), CliError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| CliError::Failed {
        sentence: format!("cannot write JSON: {error}"),
        hint: "this is a defect of liftgate".to_owned(),
    })?;
    text.push(b'\n');
    ui.raw(&text);
    Ok(())
}
