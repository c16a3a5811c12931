//! An explanation: the road, the request, the decision, and the reason for every line of it.

use crate::error::CliError;
use crate::ui::Ui;
use liftgate_driver::Host;
use liftgate_plan::{Devices, Plan, Refusal, Request, Source};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Display;

/// What `liftgate explain` says. This is also its JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Explanation {
    /// Raised when a field changes its meaning.
    format: u32,
    /// The way that the request takes.
    road: Road,
    /// What is asked for, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Request>,
    /// What the machine has, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<HostSummary>,
    /// What comes of it.
    #[serde(flatten)]
    pub(super) outcome: Outcome,
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

#[derive(Debug, Serialize, JsonSchema)]
struct HostSummary {
    driver_version: Option<String>,
    gpus: usize,
}

/// What comes of a request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// The container gets this.
    Granted {
        /// The plan.
        plan: Box<Plan>,
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
    },
}

impl Explanation {
    pub(super) fn new(
        road: Road,
        request: Option<Request>,
        host: Option<&Host>,
        outcome: Outcome,
    ) -> Self {
        Self {
            format: 1,
            road,
            request,
            host: host.map(|host| HostSummary {
                driver_version: host.driver_version().map(str::to_owned),
                gpus: host.gpus.len(),
            }),
            outcome,
        }
    }

    /// Prints it for people.
    pub(super) fn print(&self, ui: &mut Ui) {
        ui.field("Road", format!("{} → {}", self.road.by, self.road.program));
        for step in &self.road.steps {
            ui.field("", step);
        }
        for note in &self.road.notes {
            ui.field("", format!("note: {note}"));
        }
        if let Some(request) = &self.request {
            ui.field("Request", describe_request(request));
            ui.field(
                "Capabilities",
                format!("{} ({})", request.capabilities, request.capabilities_reason),
            );
        }
        if let Some(host) = &self.host {
            let version = host
                .driver_version
                .as_deref()
                .unwrap_or("no working driver");
            ui.field("Host", format!("driver {version}, {} GPUs", host.gpus));
        }
        match &self.outcome {
            Outcome::NothingAsked { reason } => ui.field(
                "Outcome",
                format!("no GPU: {reason}; config.json is left as it is"),
            ),
            Outcome::Refused { .. } => ui.field("Outcome", "refused; the container does not start"),
            Outcome::Granted { plan } => print_plan(plan, ui),
        }
    }
}

fn describe_request(request: &Request) -> String {
    let devices = match &request.devices {
        Devices::All => "all GPUs".to_owned(),
        Devices::None => "the driver without GPUs (none)".to_owned(),
        Devices::Ids(ids) => ids.join(", "),
    };
    let source = match &request.source {
        Source::Environment { variables } => format!("the environment ({})", variables.join(", ")),
        Source::VolumeMounts => "volume mounts".to_owned(),
        Source::LegacyImage => {
            "the image: it sets CUDA_VERSION and not NVIDIA_VISIBLE_DEVICES".to_owned()
        }
    };
    format!("{devices}, by {source}")
}

fn print_plan(plan: &Plan, ui: &mut Ui) {
    ui.field("Outcome", format!("granted {} GPUs", plan.gpus.len()));
    for gpu in &plan.gpus {
        ui.field(
            "",
            format!(
                "GPU {}: {}, {}, {}, asked for as {}",
                gpu.index,
                gpu.model,
                gpu.uuid.as_deref().unwrap_or("no UUID yet"),
                gpu.bus,
                gpu.asked_as.join(", ")
            ),
        );
    }
    for check in &plan.checks {
        ui.field("Checked", format!("{}: {}", check.subject, check.outcome));
    }
    let nodes = plan.nodes.iter().map(|node| {
        let device = format!("{} ({}:{})", node.path.display(), node.major, node.minor);
        (device, node.reason.as_str())
    });
    section("Device nodes", nodes, ui);
    let mounts = plan.mounts.iter().map(|mount| {
        let place = if mount.host_path == mount.container_path {
            mount.container_path.display().to_string()
        } else {
            format!(
                "{} → {}",
                mount.host_path.display(),
                mount.container_path.display()
            )
        };
        (place, mount.reason.as_str())
    });
    section("Files mounted", mounts, ui);
    let links = plan.links.iter().map(|link| {
        (
            format!("{} → {}", link.path.display(), link.target),
            link.reason.as_str(),
        )
    });
    section("Links", links, ui);
    let directories = plan.setup.library_directories.iter().map(|directory| {
        (
            directory.display().to_string(),
            "found by the loader: /etc/ld.so.cache and ld.so.conf.d",
        )
    });
    section("Library directories", directories, ui);
    let environment = plan.environment.iter().map(|variable| {
        (
            format!("{}={}", variable.name, variable.value),
            variable.reason.as_str(),
        )
    });
    section("Environment", environment, ui);
    let groups = plan.additional_groups.iter().map(|group| {
        (
            group,
            "the group of a device node that not everybody may open",
        )
    });
    section("Groups", groups, ui);
    for warning in &plan.warnings {
        ui.warning(format!("[{}] {}", warning.code, warning.sentence));
    }
}

/// A heading, and lines with their reasons in a column.
fn section<'a>(heading: &str, lines: impl Iterator<Item = (impl Display, &'a str)>, ui: &mut Ui) {
    let lines: Vec<(String, &str)> = lines
        .map(|(text, reason)| (text.to_string(), reason))
        .collect();
    if lines.is_empty() {
        return;
    }
    let width = lines
        .iter()
        .map(|(text, _)| text.chars().count())
        .max()
        .unwrap_or(0)
        .min(72);
    ui.line("");
    ui.heading(heading);
    for (text, reason) in lines {
        ui.line(format!("  {text:<width$}  {reason}"));
    }
}

/// Prints a value as JSON, indented.
pub(super) fn print_json(value: &impl Serialize, ui: &mut Ui) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| CliError::Failed {
        sentence: format!("cannot write JSON: {error}"),
        hint: "this is a defect of liftgate".to_owned(),
    })?;
    ui.line(text);
    Ok(())
}
