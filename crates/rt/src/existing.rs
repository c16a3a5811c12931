//! GPUs for a container that exists already: by the prestart hook, or by `nvidia-container-cli configure`.

use crate::bundle::Bundle;
use crate::journal::Journal;
use crate::{host, kernel_modules};
use liftgate_apply::{Container, Failure, Order, Process, Step, carry_out};
use liftgate_config::{Config, Mode};
use liftgate_oci::Document;
use liftgate_plan::{Code, ContainerFacts, Plan, Policy, Refusal, Request, places};
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
}

/// Plans and carries out.
pub(crate) fn serve(wish: &Wish<'_>, journal: &mut Journal) -> Result<(), Refusal> {
    let plan = plan(wish, journal)?;
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
    let container = Container::open(wish.process, wish.root).map_err(|error| {
        not_carried_out(&Failure {
            step: Step::Container,
            subject: wish.root.to_owned(),
            reason: error.to_string(),
            not_undone: Vec::new(),
        })
    })?;
    let notes = carry_out(&Order {
        plan: &plan,
        container: &container,
        nodes: wish.nodes,
        cgroup: wish.cgroup,
        users_mounts: &users_mounts,
        calls: Calls::default(),
    })
    .map_err(|failure| not_carried_out(&failure))?;
    for note in notes {
        journal.warning(&note);
    }
    Ok(())
}

fn plan(wish: &Wish<'_>, journal: &mut Journal) -> Result<Plan, Refusal> {
    let places = places(wish.config, wish.mode, wish.facts);
    let mut host = host::acquire(wish.config, &places, journal)?;
    if wish.config.nvidia_container_cli.load_kmods
        && kernel_modules::load_missing(wish.config, wish.request, &host, journal)
    {
        host = host::acquire(wish.config, &places, journal)?;
    }
    if liftgate_plan::needs_nvml(wish.request, &host, wish.policy) {
        host = host::acquire_knowing(wish.config, &places, true, journal)?;
    }
    let asks_imex = !wish.request.imex_channels.is_empty();
    host.read_extras(&places, &wish.request.extras, asks_imex);
    let plan = liftgate_plan::plan(wish.request, &host, wish.policy)?;
    if wish.config.nvidia_container_cli.load_kmods {
        kernel_modules::make_missing_nodes(&plan, journal);
    }
    Ok(plan)
}

/// A failed step, in our words, with the reference's: its stage and the operation.
fn not_carried_out(failure: &Failure) -> Refusal {
    let (stage, hint) = match failure.step {
        Step::Container => (
            "container error",
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
    .because(format!("`{}`: {}", failure.subject.display(), failure.reason))
    .about(format!("{stage}: {}", failure.reason))
}

/// Refuses `no-cgroups = true` where the container's device cgroup denies the GPUs: it would start, and not
/// reach them.
pub(crate) fn check_cgroup(_bundle: &Bundle, _document: &Document<'_>) -> Result<(), Refusal> {
    Ok(())
}
