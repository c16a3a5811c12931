//! A plan as text, one line for each thing that is given.

use crate::machine::Copy;
use liftgate_plan::Plan;
use std::fmt::Write as _;

pub(crate) fn rendering(copy: &Copy, plan: &Plan) -> String {
    let mut text = String::new();
    let mut line =
        |arguments: std::fmt::Arguments<'_>| writeln!(text, "{arguments}").expect("written");
    line(format_args!(
        "driver {} below {} for {}",
        plan.driver_version,
        plan.driver_root.display(),
        plan.capabilities
    ));
    for gpu in &plan.gpus {
        line(format_args!(
            "gpu {} minor {} {} {} {}, asked as {}",
            gpu.index,
            gpu.minor,
            gpu.uuid.as_deref().unwrap_or("no UUID"),
            gpu.bus,
            gpu.model,
            gpu.asked_as.join(" ")
        ));
    }
    for node in &plan.nodes {
        line(format_args!(
            "node {} {}:{} {:o}{} # {}",
            node.path.display(),
            node.major,
            node.minor,
            node.mode,
            node.gid
                .map_or_else(String::new, |gid| format!(" group {gid}")),
            node.reason
        ));
    }
    for group in &plan.additional_groups {
        line(format_args!("group {group}"));
    }
    for mount in &plan.mounts {
        let from = copy.normalised(&mount.host_path.display().to_string());
        let to = mount.container_path.display().to_string();
        let from = match from.strip_prefix("/root") {
            Some(same) if same == to => String::new(),
            _ => format!(" ← {from}"),
        };
        let options = match mount.options.join(",").as_str() {
            "ro,nosuid,nodev,rbind,rprivate" => String::new(),
            other => format!(" ({other})"),
        };
        line(format_args!(
            "mount {to}{from}{options}{} # {}",
            if mount.yields_to_image {
                " unless the image has it"
            } else {
                ""
            },
            mount.reason
        ));
    }
    for (link, made) in plan.links.iter().zip(&plan.setup.links) {
        assert_eq!((&link.path, &link.target), (&made.path, &made.target));
        line(format_args!(
            "link {} → {}{} # {}",
            link.path.display(),
            link.target,
            if made.yields_to_image {
                " unless the image has it"
            } else {
                ""
            },
            link.reason
        ));
    }
    assert_eq!(plan.links.len(), plan.setup.links.len());
    for entry in &plan.setup.loader_entries {
        line(format_args!(
            "loader {}{} {}",
            entry.name,
            if entry.is_32_bit { " 32" } else { "" },
            entry.path.display()
        ));
    }
    for directory in &plan.setup.library_directories {
        line(format_args!("loader directory {}", directory.display()));
    }
    if plan.setup.cover_params {
        line(format_args!("cover params"));
    }
    for variable in &plan.environment {
        line(format_args!(
            "environment {}={} # {}",
            variable.name, variable.value, variable.reason
        ));
    }
    for check in &plan.checks {
        line(format_args!("check {}: {}", check.subject, check.outcome));
    }
    for warning in &plan.warnings {
        line(format_args!(
            "warning[{}] {}",
            warning.code, warning.sentence
        ));
    }
    copy.normalised(&text)
}
