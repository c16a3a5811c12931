//! The plan of every device, as a CDI specification.
//!
//! What every container gets, whatever GPU it asks for, is the plan of a request for none; what a device adds
//! to it are its nodes. So a container that an engine gives a device of ours has what our runtime would have
//! given it.
//!
//! What is written about a node shapes how long the specification holds. The driver's own major (195) and
//! that of DRM (226) are fixed. Every other is given anew when a module is loaded, and an engine that finds
//! a number in a specification does not look at the host's node: so for these there are none.

mod devices;

use crate::granted::Node;
use crate::planner::plan;
use crate::policy::Policy;
use crate::refusal::{Code, Refusal};
use crate::request::{Devices, Request, Source};
use crate::setup_hooks::{Hooks, hooks};
use liftgate_cdi::{ContainerEdits, DeviceNode, Mount, Specification};
use liftgate_driver::{Capabilities, Extra, Host, NodeOrigin};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// What a device of a specification is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameStrategy {
    /// `0`, and `0:1` for a MIG device.
    Index,
    /// `GPU-…`, `MIG-…`.
    Uuid,
    /// `gpu0`, `mig0:1`.
    TypeIndex,
}

/// Which devices a specification has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// GPUs and MIG devices: those that these ids name.
    Gpus(Vec<String>),
    /// One device with every node of the driver, for who manages the machine.
    Management,
    /// One device with everything of one kind beside GPUs.
    Extra(Extra),
    /// Channels of IMEX: those of these numbers, `channelN`, or `all`.
    ImexChannels(Vec<String>),
}

/// How a specification is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecificationOptions {
    /// The vendor of its kind.
    pub vendor: String,
    /// The class of its kind.
    pub class: String,
    /// What GPUs are called; each strategy makes a device of its own.
    pub names: Vec<NameStrategy>,
    /// Whether there is a device `all`.
    pub has_all: bool,
    /// The part of the driver that containers get.
    pub capabilities: Capabilities,
    /// Whether the sockets of the driver's daemons are given.
    pub has_sockets: bool,
    /// Whether containers get the groups of nodes that not everybody may open.
    pub additional_groups: bool,
    /// The hooks.
    pub hooks: Hooks,
}

/// The name of the device that is all of them.
const ALL: &str = "all";

/// Majors that the kernel gives to one driver for ever: NVIDIA's, and DRM's.
const FIXED_MAJORS: [u32; 2] = [195, 226];

/// Makes the specification of `content` on `host`, or says why there is none.
///
/// `host` must have been asked for the extras and channels that `content` is about, and `every_node` is
/// what [`Host::every_node`] finds, for [`Content::Management`].
pub fn specify(
    host: &Host,
    content: &Content,
    options: &SpecificationOptions,
    every_node: &[liftgate_driver::DeviceNode],
) -> Result<Specification, Refusal> {
    let mut specification = Specification {
        vendor: options.vendor.clone(),
        class: options.class.clone(),
        ..Specification::default()
    };
    match content {
        Content::Gpus(ids) => {
            specification.edits = common(host, options, false)?;
            specification.devices = devices::gpus(host, ids, options)?;
        }
        Content::Management => {
            specification.edits = common(host, options, true)?;
            specification.devices = vec![devices::management(every_node, options)?];
        }
        Content::Extra(extra) => {
            specification.edits = void();
            specification.devices = vec![devices::extra_device(host, *extra, options)?];
        }
        Content::ImexChannels(ids) => {
            specification.edits = void();
            specification.devices = devices::channels(host, ids, options)?;
        }
    }
    finish(&mut specification, options)?;
    Ok(specification)
}

/// A container that is given any device has been seen to: the runtime must not serve it once more.
fn void() -> ContainerEdits {
    ContainerEdits {
        env: vec!["NVIDIA_VISIBLE_DEVICES=void".to_owned()],
        ..ContainerEdits::default()
    }
}

fn request(devices: Devices, capabilities: Capabilities) -> Request {
    let source = Source::Environment {
        variables: Vec::new(),
    };
    Request::of(
        source,
        devices,
        capabilities,
        "what the specification is made for",
    )
}

fn policy(options: &SpecificationOptions) -> Policy {
    let mut policy = Policy {
        additional_groups: options.additional_groups,
        sockets: options.has_sockets,
        ..Policy::default()
    };
    if let Some(root) = &options.hooks.compat_root {
        policy.orin_compat_root.clone_from(root);
    }
    policy
}

/// What a container gets with any device: the plan of a request for none.
fn common(
    host: &Host,
    options: &SpecificationOptions,
    is_management: bool,
) -> Result<ContainerEdits, Refusal> {
    let mut plan = plan(
        &request(Devices::None, options.capabilities),
        host,
        &policy(options),
    )?;
    if is_management {
        // Who manages the machine makes nodes; and the nodes are its device's.
        plan.setup.cover_params = false;
        plan.setup.application_profile = false;
        plan.nodes.clear();
        let graphics: BTreeSet<_> = host
            .installation
            .iter()
            .flat_map(|files| &files.configurations)
            .map(|file| file.container_path.clone())
            .collect();
        plan.mounts
            .retain(|mount| !graphics.contains(&mount.container_path));
    }
    let mut edits = edits_of_nodes(&plan.nodes, options);
    edits.env = plan
        .environment
        .iter()
        .map(|variable| format!("{}={}", variable.name, variable.value))
        .collect();
    edits.mounts = plan.mounts.iter().map(mount).collect();
    edits.hooks = hooks(&plan, host, &options.hooks);
    Ok(edits)
}

fn mount(mount: &crate::granted::Mount) -> Mount {
    Mount {
        host_path: mount.host_path.to_string_lossy().into_owned(),
        container_path: mount.container_path.to_string_lossy().into_owned(),
        options: mount
            .options
            .iter()
            .map(|option| (*option).to_owned())
            .collect(),
        ..Mount::default()
    }
}

fn edits_of_nodes(nodes: &[Node], options: &SpecificationOptions) -> ContainerEdits {
    let mut edits = ContainerEdits {
        device_nodes: nodes.iter().map(device_node).collect(),
        ..ContainerEdits::default()
    };
    if options.additional_groups {
        let groups: BTreeSet<u32> = nodes
            .iter()
            .filter(|node| node.mode & 0o006 != 0o006)
            .filter_map(|node| node.gid)
            .collect();
        edits.additional_gids = groups.into_iter().collect();
    }
    edits
}

fn device_node(node: &Node) -> DeviceNode {
    let is_fixed = FIXED_MAJORS.contains(&node.major) || node.origin != NodeOrigin::Host;
    let number = |number: u32| is_fixed.then_some(i64::from(number));
    DeviceNode {
        path: node.path.to_string_lossy().into_owned(),
        host_path: node
            .host_path
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned()),
        // With it, an engine need not find a node on the host.
        kind: is_fixed.then(|| "c".to_owned()),
        major: number(node.major),
        minor: number(node.minor),
        file_mode: Some(node.mode),
        permissions: Some("rwm".to_owned()),
        gid: node.gid,
        ..DeviceNode::default()
    }
}

/// Sorts what has no order of its own, writes the version, and checks the whole.
fn finish(
    specification: &mut Specification,
    options: &SpecificationOptions,
) -> Result<(), Refusal> {
    specification
        .devices
        .sort_by(|one, other| one.name.cmp(&other.name));
    let devices = specification.devices.iter_mut();
    for edits in devices
        .map(|device| &mut device.edits)
        .chain([&mut specification.edits])
    {
        edits
            .device_nodes
            .sort_by_cached_key(|node| depth_first(&node.path));
        edits
            .mounts
            .sort_by_cached_key(|mount| depth_first(&mount.container_path));
    }
    specification.version = specification.minimum_version().to_string();
    specification.validate().map_err(|error| {
        Refusal::new(
            Code::SpecificationMalformed,
            "the specification would not be a valid one",
            "name another vendor, class or device name strategy",
        )
        .because(error.to_string())
        .because(format!(
            "its kind is `{}/{}`",
            options.vendor, options.class
        ))
    })
}

fn depth_first(path: &str) -> (usize, String) {
    (Path::new(path).components().count(), path.to_owned())
}

/// Everything but 32-bit libraries: the reference's specifications have none, and hardly a container a use
/// for them.
pub fn usual_capabilities() -> Capabilities {
    liftgate_driver::Capability::ALL
        .into_iter()
        .filter(|capability| *capability != liftgate_driver::Capability::Compat32)
        .fold(Capabilities::NONE, |mut set, capability| {
            set.insert(capability);
            set
        })
}
