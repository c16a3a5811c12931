//! What a plan is made of. Each line carries the reason for which it stands there.

use crate::container_setup::ContainerSetup;
use liftgate_driver::{BusId, Capabilities, NodeOrigin};
use serde::Serialize;
use std::path::PathBuf;

/// A container's share of the driver and of the GPUs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// The version of the driver, kernel module and libraries alike.
    pub driver_version: String,
    /// Where the driver's files were found.
    pub driver_root: PathBuf,
    /// The part of the driver that is given.
    pub capabilities: Capabilities,
    /// The GPUs that are given.
    pub gpus: Vec<GrantedGpu>,
    /// Device nodes.
    pub nodes: Vec<Node>,
    /// Files mounted into the container.
    pub mounts: Vec<Mount>,
    /// Environment variables.
    pub environment: Vec<Environment>,
    /// Groups that the process needs in order to open the nodes.
    pub additional_groups: Vec<u32>,
    /// Links made in the container, with their reasons.
    pub links: Vec<PlannedLink>,
    /// The work left for the hook.
    pub setup: ContainerSetup,
    /// What was checked, and how it came out.
    pub checks: Vec<Check>,
    /// What the user should know although the container starts.
    pub warnings: Vec<Warning>,
}

/// A GPU that is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GrantedGpu {
    /// Its index on the host.
    pub index: u32,
    /// Its device minor.
    pub minor: u32,
    /// Its UUID.
    pub uuid: Option<String>,
    /// Its PCI bus address.
    pub bus: BusId,
    /// Its model.
    pub model: String,
    /// The part of it that is given; `None`: all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mig: Option<GrantedMig>,
    /// The names that it was asked by.
    pub asked_as: Vec<String>,
}

/// A MIG device that is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GrantedMig {
    /// Its index on the GPU.
    pub index: Option<u32>,
    /// Its UUID.
    pub uuid: Option<String>,
    /// The GPU instance's id.
    pub gpu_instance: u32,
    /// The compute instance's id.
    pub compute_instance: u32,
}

/// A device node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Node {
    /// Its path in the container.
    pub path: PathBuf,
    /// Its path on the host, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_path: Option<PathBuf>,
    /// Major number.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
    /// Permission bits.
    pub mode: u32,
    /// Group, where it is not root's.
    pub gid: Option<u32>,
    /// Where the numbers come from.
    pub origin: NodeOrigin,
    /// Why.
    pub reason: String,
}

/// A file mounted into the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mount {
    /// The file on the host.
    pub host_path: PathBuf,
    /// Its place in the container.
    pub container_path: PathBuf,
    /// Mount options.
    pub options: Vec<&'static str>,
    /// Whether it gives way to a file that the image has in its place.
    pub yields_to_image: bool,
    /// Why.
    pub reason: String,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// A link, and why it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedLink {
    /// Where it is.
    pub path: PathBuf,
    /// Its text.
    pub target: String,
    /// Why.
    pub reason: String,
}

/// Something that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// What.
    pub subject: String,
    /// How it came out.
    pub outcome: String,
}

/// Something the user should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Warning {
    /// A stable code.
    pub code: &'static str,
    /// One sentence.
    pub sentence: String,
}
