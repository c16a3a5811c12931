//! GPUs for a container that exists already: by the prestart hook, or by `nvidia-container-cli configure`.

use crate::journal::Journal;
use crate::{host, kernel_modules};
use liftgate_apply::cgroup::{Kind, Rule};
use liftgate_apply::{Container, Failure, Order, Process, Step, carry_out};
use liftgate_config::{Config, Mode};
use liftgate_driver::Host;
use liftgate_oci::{Document, OciError};
use liftgate_plan::{
    Code, ContainerFacts, Devices, Node, Plan, Policy, Refusal, Request, Source, places,
};
use liftgate_sys::tree::Calls;
use std::path::{Path, PathBuf};

/// What is to be given, to whom, and how.
#[derive(Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) config: &'a Config,
    pub(crate) policy: &'a Policy,
    pub(crate) mode: Mode,
    pub(crate) request: &'a Request,
    /// What the container's configuration says, where there is one.
    pub(crate) facts: &'a ContainerFacts,
    pub(crate) process: Process,
    /// The container's root, as its mount namespace knows it.
    pub(crate) root: &'a Path,
    /// Whether device nodes are given.
    pub(crate) nodes: bool,
    /// Whether the device cgroup is changed.
    pub(crate) cgroup: bool,
    /// What the container's configuration has the device cgroup allow, where there is one.
    pub(crate) rules: Option<&'a [Rule]>,
    /// Parts of paths of the host that are not mounted.
    pub(crate) leave_out: &'a [&'a str],
}

/// Plans and carries out.
pub(crate) fn serve(wish: &Wish<'_>, journal: &mut Journal) -> Result<(), Refusal> {
    let container = Container::open(wish.process, wish.root).map_err(|error| {
        not_carried_out(&Failure {
            step: Step::Container,
            subject: wish.root.to_owned(),
            reason: error.to_string(),
            not_undone: Vec::new(),
        })
    })?;
    let mut plan = plan(wish, journal)?;
    plan.mounts.retain(|mount| {
        let path = mount.host_path.to_string_lossy();
        !wish.leave_out.iter().any(|part| path.contains(part))
    });
    if !wish.cgroup {
        check_cgroup(&plan, wish.rules)?;
    }
    for warning in &plan.warnings {
        journal.warning(&format!("[{}] {}", warning.code, warning.sentence));
    }
    for gpu in &plan.gpus {
        journal.info(&format!(
            "granting GPU {} ({}, {})",
            gpu.index, gpu.model, gpu.bus
        ));
    }
    let users_mounts: Vec<PathBuf> = wish
        .facts
        .mounts
        .iter()
        .map(|(destination, _)| destination.clone())
        .collect();
    let done = carry_out(&Order {
        plan: &plan,
        container: &container,
        nodes: wish.nodes,
        cgroup: wish.cgroup,
        rules: wish.rules,
        users_mounts: &users_mounts,
        calls: Calls::default(),
    })
    .map_err(|failure| not_carried_out(&failure))?;
    for note in done.notes {
        journal.warning(&note);
    }
    for kept in done.kept {
        journal.info(&format!("not given up: {kept}"));
    }
    Ok(())
}

fn plan(wish: &Wish<'_>, journal: &mut Journal) -> Result<Plan, Refusal> {
    let places = places(wish.config, wish.mode, wish.facts);
    let mut host = host::acquire(wish.config, &places, journal)?;
    let request = &without_mig_control(wish.request, &host);
    if wish.config.nvidia_container_cli.load_kmods
        && kernel_modules::load_missing(wish.config, request, &host, journal)
    {
        host = host::acquire(wish.config, &places, journal)?;
    }
    if liftgate_plan::needs_nvml(request, &host, wish.policy) {
        host = host::acquire_knowing(wish.config, &places, true, journal)?;
    }
    let asks_imex = !request.imex_channels.is_empty();
    host.read_extras(&places, &request.extras, asks_imex);
    let plan = liftgate_plan::plan(request, &host, wish.policy)?;
    if let Some(refusal) = mig_conflict(request, &plan) {
        return Err(refusal);
    }
    if wish.config.nvidia_container_cli.load_kmods {
        kernel_modules::make_missing_nodes(&plan, journal);
    }
    Ok(plan)
}

/// A failed step, in our words, with the reference's: its stage and the operation.
fn not_carried_out(failure: &Failure) -> Refusal {
    let (stage, hint) = match failure.step {
        Step::Container => (
            "container error: open failed",
            "the process and the root have to be those of a container that was created and not started",
        ),
        Step::Enter => (
            "mount error: namespace association failed",
            "run as root, or in a user namespace that has the container's mount namespace",
        ),
        Step::Mount => (
            "mount error",
            "`liftgate explain` shows what is mounted, and why",
        ),
        Step::Node => (
            "mount error",
            "`nvidia-modprobe -c0 -u` makes the host's nodes; rootless engines need them",
        ),
        Step::Cgroup => (
            "mount error: failed to add device rules",
            "for rootless engines set no-cgroups = true in [nvidia-container-cli] of config.toml; elsewhere use --runtime=nvidia or CDI, which need no change of a cgroup",
        ),
        Step::SetUp => (
            "ldcache error",
            "`liftgate explain` shows what was to be done",
        ),
    };
    Refusal::new(
        Code::NotCarriedOut,
        format!(
            "the container could not be given its GPUs: {} failed",
            failure.step
        ),
        hint,
    )
    .because(format!(
        "`{}`: {}",
        failure.subject.display(),
        failure.reason
    ))
    .about(format!("{stage}: {}", failure.reason))
}

/// `--mig-config` and `--mig-monitor` are for GPUs that know MIG, and say nothing where there is none.
fn without_mig_control(request: &Request, host: &Host) -> Request {
    let mut request = request.clone();
    if request.source == Source::Options {
        request.mig_config &= host.devices.mig_config.is_some();
        request.mig_monitor &= host.devices.mig_monitor.is_some();
    }
    request
}

/// Leave to make and destroy MIG devices does not go with some of them.
pub(crate) fn mig_conflict(request: &Request, plan: &Plan) -> Option<Refusal> {
    let option = if request.mig_config {
        "mig-config"
    } else if request.mig_monitor {
        "mig-monitor"
    } else {
        return None;
    };
    let has_some =
        matches!(request.devices, Devices::Ids(_)) && plan.gpus.iter().any(|gpu| gpu.mig.is_some());
    (has_some && request.source == Source::Options).then(|| {
        Refusal::new(
            Code::MigControlNotAllowed,
            format!("--{option} is for whole GPUs, and MIG devices are asked for by name"),
            "name the GPUs, or leave the option out",
        )
        .about(format!(
            "{option} error: all: cannot enable {option} with specific MIG devices selected"
        ))
    })
}

/// The rules of a container's device cgroup, from its configuration.
pub(crate) fn rules(document: &Document<'_>) -> Result<Vec<Rule>, OciError> {
    let number = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let rules = document.device_rules()?;
    Ok(rules
        .into_iter()
        .map(|rule| {
            let access = rule.access.as_deref().unwrap_or("rwm");
            Rule {
                allow: rule.allow,
                kind: match rule.kind.as_deref() {
                    Some("c" | "u") => Kind::Char,
                    Some("b") => Kind::Block,
                    _ => Kind::All,
                },
                major: number(rule.major),
                minor: number(rule.minor),
                read: access.contains('r'),
                write: access.contains('w'),
                mknod: access.contains('m'),
            }
        })
        .collect())
}

/// Refuses `no-cgroups` where the container's device cgroup denies the GPUs: it would start, and not reach them.
/// Rootless engines have no device cgroup, and a container whose own rules allow the devices needs no change.
fn check_cgroup(plan: &Plan, rules: Option<&[Rule]>) -> Result<(), Refusal> {
    let denied = rules.and_then(|rules| first_denied(&plan.nodes, rules));
    match denied {
        Some(node) if liftgate_sys::namespace::is_real_root() => Err(Refusal::new(
            Code::CgroupDenies,
            format!(
                "the container's device cgroup denies `{}`, and it is to be left alone",
                node.path.display()
            ),
            "set no-cgroups = false in [nvidia-container-cli] of config.toml: true is for rootless engines",
        )
        .because("config.toml says no-cgroups = true")
        .because(format!(
            "no rule of the container's configuration allows c {}:{} rw",
            node.major, node.minor
        ))),
        _ => Ok(()),
    }
}

/// The first node that the rules do not let be read and written. The last rule that fits counts; without rules
/// nothing is denied.
fn first_denied<'a>(nodes: &'a [Node], rules: &[Rule]) -> Option<&'a Node> {
    if rules.is_empty() {
        return None;
    }
    nodes.iter().find(|node| {
        let is_allowed = |wanted: fn(&Rule) -> bool| {
            let fits = |rule: &&Rule| {
                rule.kind != Kind::Block
                    && wanted(rule)
                    && rule.major.is_none_or(|major| major == node.major)
                    && rule.minor.is_none_or(|minor| minor == node.minor)
            };
            rules.iter().rev().find(fits).is_some_and(|rule| rule.allow)
        };
        !(is_allowed(|rule| rule.read) && is_allowed(|rule| rule.write))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(major: u32, minor: u32) -> Node {
        Node {
            path: format!("/dev/{major}-{minor}").into(),
            host_path: None,
            major,
            minor,
            mode: 0o666,
            gid: None,
            origin: liftgate_driver::NodeOrigin::Host,
            reason: String::new(),
        }
    }

    /// The first denied of three devices, by the rules of a configuration.
    fn denied(devices: &str) -> Option<u32> {
        let text = format!(r#"{{"linux": {{"resources": {{"devices": [{devices}]}}}}}}"#);
        let document = Document::parse(text.as_bytes()).unwrap();
        let nodes = [node(195, 0), node(195, 1), node(508, 0)];
        first_denied(&nodes, &rules(&document).unwrap()).map(|node| node.minor + node.major)
    }

    #[test]
    fn the_last_rule_that_fits_counts() {
        let deny = r#"{"allow": false, "access": "rwm"}"#;
        let all = r#"{"allow": true, "type": "c", "major": 195, "access": "rwm"}"#;
        let memory = r#"{"allow": true, "type": "c", "major": 508, "minor": 0, "access": "rw"}"#;
        assert_eq!(denied(""), None);
        assert_eq!(denied(deny), Some(195));
        assert_eq!(denied(&format!("{deny}, {all}")), Some(508));
        assert_eq!(denied(&format!("{deny}, {all}, {memory}")), None);
        assert_eq!(denied(&format!("{all}, {memory}, {deny}")), Some(195));
        // Everything, as for a privileged container.
        assert_eq!(
            denied(&format!(r#"{deny}, {{"allow": true, "access": "rwm"}}"#)),
            None
        );
        assert_eq!(
            denied(&format!(r#"{deny}, {{"allow": true, "type": "a"}}"#)),
            None
        );
        for less in [
            r#"{"allow": true, "type": "b", "access": "rwm"}"#,
            r#"{"allow": true, "type": "c", "access": "m"}"#,
            r#"{"allow": true, "type": "c", "access": "r"}"#,
        ] {
            assert_eq!(denied(&format!("{deny}, {less}")), Some(195), "{less}");
        }
        let one = r#"{"allow": false, "type": "c", "major": 195, "minor": 1, "access": "w"}"#;
        assert_eq!(
            denied(&format!("{deny}, {all}, {memory}, {one}")),
            Some(196)
        );
        // Negative numbers are any.
        let any = r#"{"allow": true, "type": "c", "major": -1, "minor": -1, "access": "rwm"}"#;
        assert_eq!(denied(&format!("{deny}, {any}")), None);
    }
}
