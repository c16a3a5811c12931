//! A plan carried out in a container that exists already, whole or not at all.
//!
//! In this order: everything of the host's is taken hold of; places and nodes are made inside the container's
//! root; the container's mount namespace is entered; mounts are put in place; the device cgroup is told; what
//! is left inside the file system is done. Access to the devices is given when everything that it is for is
//! there, and a step that fails takes back what the steps before it did.
//!
//! The mount namespace is entered and not left: nothing of the host's is needed afterwards that is not held
//! by a descriptor.

use crate::cgroup::{self, DeviceCgroup, Rule};
use crate::container::Container;
use crate::nodes;
use crate::points::Points;
use crate::setup;
use crate::step::{Failure, Step};
use liftgate_plan::{Mount, Node, Plan, Refusal};
use liftgate_sys::namespace::Namespace;
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
pub fn carry_out(order: &Order<'_>) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    let mut points = Points::new(&order.container.root, order.container.owner);
    carry_out_with(order, &mut points, &mut notes).map(|()| notes)
}

fn carry_out_with(
    order: &Order<'_>,
    points: &mut Points<'_>,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let container = order.container;
    let mut trees = Vec::with_capacity(order.plan.mounts.len());
    for mount in &order.plan.mounts {
        if is_wanted(mount, order, notes) {
            let flags = Flags::of_options(&mount.options);
            let tree = Tree::of(&mount.host_path, flags, order.calls)
                .map_err(|error| Step::Mount.failed(&mount.host_path, &error))?;
            trees.push((tree, mount.container_path.as_path()));
        }
    }
    let given: &[Node] = if order.nodes { &order.plan.nodes } else { &[] };
    let ready = nodes::ready(given, container, order.calls)?;
    let cgroup_failed = |error: cgroup::Error| Step::Cgroup.failed(container.root.path(), &error);
    // In a user namespace nobody could have forbidden a device in the container's own cgroup, and nobody can allow
    // one: a rootless engine's containers open what its user may open.
    let is_rootless = !liftgate_sys::namespace::is_real_root();
    if order.cgroup && is_rootless {
        notes.push("the device cgroup is left alone, as in every user namespace".to_owned());
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
    let opened = Writable::open(&container.root)?;
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
        setup::set_up(&container.root, &order.plan.setup)
            .map_err(|refusal| failed_set_up(&container.root, &refusal))
    })();
    let result = result.map_err(|mut failure: Failure| {
        failure.not_undone = std::mem::take(&mut points.undo).take_back();
        failure
    });
    let closed = opened.close();
    notes.extend(result?);
    closed
}

/// Whether a mount of the plan does not give way: to a mount of the user's own at the same place, or to a file of
/// the image where the plan says so.
fn is_wanted(mount: &Mount, order: &Order<'_>, notes: &mut Vec<String>) -> bool {
    let place = &mount.container_path;
    let whose = if order.users_mounts.contains(place) {
        "the user has mounted something on"
    } else if mount.yields_to_image && setup::has_file(&order.container.root, place) {
        "the image has its own"
    } else {
        return true;
    };
    notes.push(format!(
        "{whose} {}; the driver's is left out",
        place.display()
    ));
    false
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

/// A root that is writable for the moment of the work. crun makes a read-only root read-only before its hooks
/// run, runc after; nothing of the container runs yet.
struct Writable<'a> {
    root: &'a Root,
    was_read_only: bool,
}

impl<'a> Writable<'a> {
    fn open(root: &'a Root) -> Result<Self, Failure> {
        let was_read_only = liftgate_sys::mount::is_read_only(root.as_fd()).unwrap_or(false);
        let opened = Self {
            root,
            was_read_only,
        };
        opened.set(false)?;
        Ok(opened)
    }

    fn close(self) -> Result<(), Failure> {
        self.set(true)
    }

    fn set(&self, read_only: bool) -> Result<(), Failure> {
        if !self.was_read_only {
            return Ok(());
        }
        liftgate_sys::mount::set_read_only(self.root.as_fd(), read_only)
            .map_err(|error| Step::Container.failed(self.root.path(), &error))
    }
}
