//! An explanation for people.

use super::{Explanation, Outcome, SpecifiedShare};
use crate::count::count;
use crate::ui::Ui;
use liftgate_plan::{Devices, Plan, Request, Source};

/// The most names of a request that are shown: an image may name a million.
const MOST_NAMES: usize = 16;

impl Explanation {
    /// Prints it for people.
    pub(in crate::commands) fn print(&self, ui: &mut Ui) {
        ui.field("Road", format!("{} → {}", self.road.by, self.road.program));
        for step in &self.road.steps {
            ui.field("", step);
        }
        for note in &self.road.notes {
            ui.field("", format!("note: {note}"));
        }
        if let Some(file) = &self.configuration {
            let path = file.path.display();
            ui.field(
                "Configuration",
                if file.exists {
                    path.to_string()
                } else {
                    format!("the defaults: there is no {path}")
                },
            );
        }
        if let Some(request) = &self.request {
            ui.field("Request", describe_request(request));
            // A CDI device brings what its specification says, whatever part of the driver is asked for.
            if request.devices != Devices::Unasked {
                ui.field(
                    "Capabilities",
                    format!("{} ({})", request.capabilities, request.capabilities_reason),
                );
            }
        }
        if let Some(host) = &self.host {
            let gpus = count(host.gpus, "GPU", "GPUs");
            ui.field(
                "Host",
                match &host.driver_version {
                    Some(version) => format!("driver {version}, {gpus}"),
                    None => format!("no working driver, {gpus}"),
                },
            );
        }
        match &self.outcome {
            Outcome::NothingAsked { reason, .. } => {
                ui.field("Outcome", "no GPU; the container starts as any other");
                ui.field("Because", reason);
            }
            Outcome::Refused { .. } => ui.field("Outcome", "refused; the container does not start"),
            Outcome::Granted { plan, specified } => {
                if let Some(plan) = plan {
                    print_plan(plan, ui);
                }
                if let Some(share) = specified {
                    print_share(share, plan.is_none(), ui);
                }
                ui.gap();
            }
        }
        for (number, step) in self.next.iter().enumerate() {
            ui.field(if number == 0 { "Next" } else { "" }, step);
        }
    }
}

fn describe_request(request: &Request) -> String {
    let devices = match &request.devices {
        Devices::All => "all GPUs".to_owned(),
        Devices::None => "the driver without a GPU (none)".to_owned(),
        Devices::Ids(ids) => {
            let shown = ids[..ids.len().min(MOST_NAMES)].join(", ");
            match ids.len().saturating_sub(MOST_NAMES) {
                0 => shown,
                more => format!("{shown} and {more} more"),
            }
        }
        Devices::Unasked => String::new(),
    };
    let mut asked: Vec<String> = Vec::new();
    if !devices.is_empty() {
        asked.push(devices);
    }
    if !request.specified.is_empty() {
        let shown = &request.specified[..request.specified.len().min(MOST_NAMES)];
        asked.push(format!("the CDI devices {}", shown.join(", ")));
    }
    asked.extend(request.extras.iter().map(|extra| extra.name().to_owned()));
    if !request.imex_channels.is_empty() {
        let numbers: Vec<String> = request
            .imex_channels
            .iter()
            .take(MOST_NAMES)
            .map(u32::to_string)
            .collect();
        asked.push(format!("IMEX channels {}", numbers.join(", ")));
    }
    let devices = asked.join(" and ");
    let source = match &request.source {
        Source::Options => "options on the command line".to_owned(),
        Source::Environment { variables } => {
            format!("the environment variable {}", variables.join(" and "))
        }
        Source::Annotations { keys } => format!("the annotation {}", keys.join(" and ")),
        Source::VolumeMounts => "volume mounts".to_owned(),
        Source::LegacyImage => {
            "the image: it sets CUDA_VERSION and not NVIDIA_VISIBLE_DEVICES".to_owned()
        }
    };
    format!("{devices}; asked by {source}")
}

fn print_share(share: &SpecifiedShare, is_all: bool, ui: &mut Ui) {
    if is_all {
        let devices = count(share.devices.len(), "CDI device", "CDI devices");
        ui.field("Outcome", format!("granted: {devices}"));
    }
    let devices = share.devices.iter().map(|device| {
        let place = format!("`{}`, line {}", device.file.display(), device.line);
        (device.name.clone(), place)
    });
    ui.table("CDI devices", &devices.collect::<Vec<_>>());
    for (heading, lines) in [
        ("Device nodes of specifications", &share.nodes),
        ("Files mounted for them", &share.mounts),
        ("Environment of specifications", &share.environment),
        ("Hooks", &share.hooks),
    ] {
        let lines = lines.iter().map(|line| (line.clone(), String::new()));
        ui.table(heading, &lines.collect::<Vec<_>>());
    }
}

fn print_plan(plan: &Plan, ui: &mut Ui) {
    ui.field(
        "Outcome",
        match plan.gpus.len() {
            0 => "granted: the driver without a GPU".to_owned(),
            gpus => format!("granted: {}", count(gpus, "GPU", "GPUs")),
        },
    );
    for gpu in &plan.gpus {
        let part = gpu.mig.as_ref().map(|device| {
            format!(
                "MIG device {} of ",
                device.uuid.as_deref().unwrap_or("without a name"),
            )
        });
        ui.field(
            "",
            format!(
                "{}GPU {}: {}, {}, {}, asked for as {}",
                part.unwrap_or_default(),
                gpu.index,
                gpu.model,
                gpu.uuid.as_deref().unwrap_or("no UUID yet"),
                gpu.bus,
                gpu.asked_as.join(", ")
            ),
        );
    }
    // The capabilities, and how they came about, stand with the request.
    let checks = plan
        .checks
        .iter()
        .filter(|check| check.subject != "capabilities");
    for (number, check) in checks.enumerate() {
        ui.field(
            if number == 0 { "Checked" } else { "" },
            format!("{}: {}", check.subject, check.outcome),
        );
    }
    let nodes = plan.nodes.iter().map(|node| {
        let device = format!("{} ({}:{})", node.path.display(), node.major, node.minor);
        (device, node.reason.clone())
    });
    ui.table("Device nodes", &nodes.collect::<Vec<_>>());
    let mounts = plan.mounts.iter().map(|mount| {
        let container = mount.container_path.display();
        let place = if mount.host_path == mount.container_path {
            container.to_string()
        } else {
            format!("{} → {container}", mount.host_path.display())
        };
        (place, mount.reason.clone())
    });
    ui.table("Files mounted", &mounts.collect::<Vec<_>>());
    let links = plan.links.iter().map(|link| {
        let link_and_target = format!("{} → {}", link.path.display(), link.target);
        (link_and_target, link.reason.clone())
    });
    ui.table("Links", &links.collect::<Vec<_>>());
    let directories = plan.setup.library_directories.iter().map(|directory| {
        (
            directory.display().to_string(),
            "found by the loader: /etc/ld.so.cache and ld.so.conf.d".to_owned(),
        )
    });
    ui.table("Library directories", &directories.collect::<Vec<_>>());
    let environment = plan.environment.iter().map(|variable| {
        (
            format!("{}={}", variable.name, variable.value),
            variable.reason.clone(),
        )
    });
    ui.table("Environment", &environment.collect::<Vec<_>>());
    let groups = plan.additional_groups.iter().map(|group| {
        (
            group.to_string(),
            "the group of a device node that not everybody may open".to_owned(),
        )
    });
    ui.table("Groups", &groups.collect::<Vec<_>>());
    for warning in &plan.warnings {
        ui.warning(format!("[{}] {}", warning.code, warning.sentence));
    }
}
