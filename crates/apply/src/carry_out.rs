//! A plan carried out in a container that exists already, whole or not at all.
//!
//! In this order: everything of the host's is taken hold of; the container's mount namespace is entered; places
//! are made and mounts put on them; nodes are made; the device cgroup is told; what is left inside the file
//! system is done. Access to the devices is given when everything that it is for is
//! there, and a step that fails takes back what the steps before it did.
//!
//! The mount namespace is entered and not left: nothing of the host's is needed afterwards that is not held
//! by a descriptor.

use crate::cgroup::{self, DeviceCgroup, Rule};
use crate::container::Container;
use crate::giving_way::gives_way;
use crate::nodes;
use crate::points::Points;
use crate::setup;
use crate::setup::Done;
use crate::step::{Failure, Step};
use crate::writable::Writable;
use liftgate_plan::{Node, Plan, Refusal};
use liftgate_sys::namespace::Namespace;
use liftgate_sys::sandbox::Job;
use liftgate_sys::tree::{self, Calls, Flags, Tree};
use liftgate_sys::{Root, SysError};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

/// What is to be done, and how.
#[derive(Debug)]
pub struct Order<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The container.
    pub container: &'a Container,
    /// Whether device nodes are given.
    pub nodes: bool,
    /// Whether the device cgroup is told of them.
    pub cgroup: bool,
    /// The rules that the container's configuration has for its device cgroup, where there is one.
    pub rules: Option<&'a [Rule]>,
    /// Where the container's configuration mounts something of the user's own.
    pub users_mounts: &'a [PathBuf],
    /// Which system calls put mounts in place.
    pub calls: Calls,
}

/// Carries the plan out. What the user should know comes back in sentences.
pub fn carry_out(order: &Order<'_>) -> Result<Done, Failure> {
    let mut done = Done::default();
    let mut points = Points::new(&order.container.root, order.container.owner);
    carry_out_with(order, &mut points, &mut done).map(|()| done)
}

fn carry_out_with(
    order: &Order<'_>,
    points: &mut Points<'_>,
    done: &mut Done,
) -> Result<(), Failure> {
    let container = order.container;
    let mut trees = Vec::with_capacity(order.plan.mounts.len());
    for mount in &order.plan.mounts {
        if let Some(note) = gives_way(mount, order.users_mounts, Some(&container.root)) {
            done.notes.push(note);
            continue;
        }
        let flags = Flags::of_options(&mount.options);
        let tree = Tree::of(&mount.host_path, flags, order.calls)
            .map_err(|error| Step::Mount.failed(&mount.host_path, &error))?;
        trees.push((tree, mount.container_path.as_path()));
    }
    let given: &[Node] = if order.nodes { &order.plan.nodes } else { &[] };
    let ready = nodes::ready(given, container, order.calls)?;
    let cgroup_failed = |error: cgroup::Error| Step::Cgroup.failed(container.root.path(), &error);
    // In a user namespace nobody could have forbidden a device in the container's own cgroup, and nobody can allow
    // one: a rootless engine's containers open what its user may open.
    let is_rootless = !liftgate_sys::namespace::is_real_root();
    if order.cgroup && is_rootless {
        done.notes
            .push("the device cgroup is left alone, as in every user namespace".to_owned());
    }
    let cgroup = if order.cgroup && !is_rootless && !order.plan.nodes.is_empty() {
        let proc = Path::new("/proc");
        Some(DeviceCgroup::open(container.process, proc).map_err(cgroup_failed)?)
    } else {
        None
    };
    let enter = |namespace: &Option<Namespace>| match namespace {
        Some(namespace) => namespace
            .enter()
            .map_err(|error| Step::Enter.failed(container.root.path(), &error)),
        None => Ok(()),
    };
    enter(&container.mounts)?;
    let root_failed = |error: SysError| Step::Container.failed(container.root.path(), &error);
    let opened = Writable::open(&container.root).map_err(root_failed)?;
    let result = (|| {
        for (tree, place) in trees {
            attach(tree, place, points).map_err(|error| Step::Mount.failed(place, &error))?;
        }
        ready.give(container, points)?;
        if let Some(cgroup) = &cgroup {
            let devices: Vec<cgroup::Device> = order
                .plan
                .nodes
                .iter()
                .map(|node| (node.major, node.minor))
                .collect();
            let granted = cgroup.allow(&devices, order.rules);
            points.undo.allowed(granted.map_err(cgroup_failed)?);
        }
        enter(&container.users)?;
        // In a child, because this process may have to take back what it has done.
        let mut files = setup::in_child(&container.root, Job::Files, |root| {
            setup::work(root, &order.plan.setup)
        })
        .map_err(|refusal| failed_set_up(&container.root, &refusal))?;
        if order.plan.setup.cover_params {
            files.notes.extend(setup::cover(container).notes);
        }
        Ok(files)
    })();
    let result = result.map_err(|mut failure: Failure| {
        failure.not_undone = std::mem::take(&mut points.undo).take_back();
        failure
    });
    let closed = opened.close().map_err(root_failed);
    let files = result?;
    done.notes.extend(files.notes);
    done.kept.extend(files.kept);
    closed
}

/// Puts a mount in its place, unless something is mounted there: by the user at start, or by us before.
fn attach(tree: Tree, place: &Path, points: &mut Points<'_>) -> Result<(), SysError> {
    let target = points.point(place, tree.kind()?)?;
    if !tree::is_mount_point(target.as_fd()) {
        points.undo.mounted(tree.attach(target.as_fd())?);
    }
    Ok(())
}

fn failed_set_up(root: &Root, refusal: &Refusal) -> Failure {
    let reason = SysError::refused("setup", refusal.evidence.join("; "));
    Step::SetUp.failed(root.path(), &reason)
}
