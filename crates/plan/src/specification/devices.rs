//! The devices of a specification: GPUs and MIG devices by their names, all of them as one, and what is beside
//! GPUs. Fewer devices than there are GPUs is a refusal.

use super::{ALL, NameStrategy, SpecificationOptions, edits_of_nodes, policy, request};
use crate::container_setup::Link;
use crate::granted::Node;
use crate::identifiers;
use crate::nodes;
use crate::planner::plan;
use crate::refusal::{Code, Refusal};
use crate::request::Devices;
use crate::setup_hooks::device_hooks;
use liftgate_cdi::{ContainerEdits, Device, Mount};
use liftgate_driver::{Extra, Host, PlatformKind};

/// A device for each GPU and MIG device, by every name; and `all`.
pub(super) fn gpus(
    host: &Host,
    ids: &[String],
    options: &SpecificationOptions,
) -> Result<Vec<Device>, Refusal> {
    if ids.iter().any(|id| id == "none") {
        let edits = ContainerEdits {
            env: vec!["NVCT_EMPTY_DEVICE=".to_owned()],
            ..ContainerEdits::default()
        };
        return Ok(vec![device("none", edits)]);
    }
    let asks_all = ids.iter().any(|id| id == ALL);
    if asks_all && !host.unreadable_gpus.is_empty() {
        return Err(Refusal::new(
            Code::GpuNotReadable,
            format!(
                "a GPU does not answer, and a specification without it would give fewer devices than there are: {}",
                host.unreadable_gpus.join(", ")
            ),
            "`nvidia-smi` and `dmesg | grep -e NVRM -e Xid` say why; to make a specification of the others, name them (--device-id 0 --device-id 1 …)",
        )
        .because("`/proc/driver/nvidia/gpus` lists it and its `information` cannot be read"));
    }
    if host.platform.kind() != PlatformKind::Nvidia {
        return one_device(host, options);
    }
    let ids = if asks_all {
        vec![ALL.to_owned()]
    } else {
        ids.to_vec()
    };
    let mut devices = Vec::new();
    let mut every: (Vec<Node>, Vec<Link>) = (Vec::new(), Vec::new());
    for selected in identifiers::resolve(&ids, &host.gpus)? {
        let (nodes, links) = nodes::of_gpu(host, &selected, options.capabilities)?;
        let edits = edits_of_gpu(&nodes, &links, options);
        for strategy in &options.names {
            let name = device_name(host, &selected, *strategy)?;
            devices.push(device(&name, edits.clone()));
        }
        for node in nodes {
            if every.0.iter().all(|known| known.path != node.path) {
                every.0.push(node);
            }
        }
        for link in links {
            if !every.1.contains(&link) {
                every.1.push(link);
            }
        }
    }
    if options.has_all {
        devices.push(device(ALL, edits_of_gpu(&every.0, &every.1, options)));
    }
    Ok(devices)
}

fn edits_of_gpu(nodes: &[Node], links: &[Link], options: &SpecificationOptions) -> ContainerEdits {
    ContainerEdits {
        hooks: device_hooks(links, &options.hooks),
        ..edits_of_nodes(nodes, options)
    }
}

/// The devices of a machine that has one node, or one set of nodes, for all that it has.
fn one_device(host: &Host, options: &SpecificationOptions) -> Result<Vec<Device>, Refusal> {
    let plan = plan(
        &request(Devices::All, options.capabilities),
        host,
        &policy(options),
    )?;
    let edits = edits_of_nodes(&plan.nodes, options);
    let mut devices = Vec::new();
    if host.platform.kind() == PlatformKind::Tegra {
        for strategy in &options.names {
            match strategy {
                NameStrategy::Index => devices.push(device("0", edits.clone())),
                NameStrategy::TypeIndex => devices.push(device("gpu0", edits.clone())),
                NameStrategy::Uuid => {}
            }
        }
        if devices.is_empty() {
            return Err(Refusal::new(
                Code::SpecificationMalformed,
                "the GPU of this Jetson has no UUID to be named by",
                "name devices by index",
            ));
        }
    }
    if options.has_all || devices.is_empty() {
        devices.push(device(ALL, edits));
    }
    Ok(devices)
}

fn device_name(
    host: &Host,
    selected: &identifiers::Selected,
    strategy: NameStrategy,
) -> Result<String, Refusal> {
    let gpu = &host.gpus[selected.position];
    let mig = selected.mig.map(|at| &gpu.mig[at]);
    let unnamed = || {
        let refusal = Refusal::new(
            Code::DeviceUnknown,
            "a device has no name to be written into a specification",
            "only NVML knows the names of MIG devices, and the UUID of a GPU that was never used: run `nvidia-smi` on the host, and see what it says",
        )
        .because(mig.map_or_else(
            || identifiers::describe(gpu),
            |device| identifiers::describe_mig(gpu, device),
        ));
        match &host.mig_unnamed {
            Some(reason) => refusal.because(reason.clone()),
            None => refusal,
        }
    };
    let index = || -> Result<String, Refusal> {
        match mig {
            None => Ok(gpu.index.to_string()),
            Some(device) => {
                let index = device.index.ok_or_else(unnamed)?;
                Ok(format!("{}:{index}", gpu.index))
            }
        }
    };
    match strategy {
        NameStrategy::Index => index(),
        NameStrategy::TypeIndex => {
            let kind = if mig.is_some() { "mig" } else { "gpu" };
            Ok(format!("{kind}{}", index()?))
        }
        NameStrategy::Uuid => {
            let uuid = match mig {
                None => &gpu.uuid,
                Some(device) => &device.uuid,
            };
            // The old form of a MIG device's UUID has slashes, which no name of a device may have.
            uuid.as_ref()
                .map(|uuid| uuid.replace('/', "-"))
                .ok_or_else(unnamed)
        }
    }
}

pub(super) fn management(
    every_node: &[liftgate_driver::DeviceNode],
    options: &SpecificationOptions,
) -> Result<Device, Refusal> {
    if every_node.is_empty() {
        return Err(Refusal::new(
            Code::NothingToSpecify,
            "there is no device node of the driver",
            "load the driver (`modprobe nvidia`) and make its nodes (`nvidia-modprobe -c 0 -u`)",
        )
        .because("`/dev` has no nvidia…"));
    }
    let nodes: Vec<Node> = every_node
        .iter()
        .map(|node| nodes::granted(node, String::new()))
        .collect();
    Ok(device(ALL, edits_of_nodes(&nodes, options)))
}

pub(super) fn extra_device(
    host: &Host,
    extra: Extra,
    options: &SpecificationOptions,
) -> Result<Device, Refusal> {
    let found = host.extras.iter().find(|found| found.extra == extra);
    let Some(found) = found.filter(|found| !found.nodes.is_empty()) else {
        return Err(Refusal::new(
            Code::NothingToSpecify,
            format!("this machine has nothing for the mode {}", extra.name()),
            "load the module that makes the nodes, or leave the mode out",
        )
        .because(format!("there is no {}", extra.what())));
    };
    let nodes: Vec<Node> = found
        .nodes
        .iter()
        .map(|node| nodes::granted(node, String::new()))
        .collect();
    let mut edits = edits_of_nodes(&nodes, options);
    edits.mounts = found
        .files
        .iter()
        .map(|(host_path, container_path)| Mount {
            host_path: host_path.to_string_lossy().into_owned(),
            container_path: container_path.to_string_lossy().into_owned(),
            options: crate::planner::FILE_OPTIONS.map(str::to_owned).to_vec(),
            ..Mount::default()
        })
        .collect();
    Ok(device(ALL, edits))
}

pub(super) fn channels(
    host: &Host,
    ids: &[String],
    options: &SpecificationOptions,
) -> Result<Vec<Device>, Refusal> {
    let mut asked = request(Devices::None, options.capabilities);
    if ids.iter().any(|id| id == ALL) {
        asked.imex_channels = host
            .imex_channels
            .iter()
            .map(|channel| channel.number)
            .collect();
        if asked.imex_channels.is_empty() {
            return Err(Refusal::new(
                Code::NothingToSpecify,
                "this machine has no IMEX channel",
                "have the driver make channels (`nvidia-modprobe -c`, or the module's parameter NVreg_CreateImexChannel0)",
            )
            .because("`/dev/nvidia-caps-imex-channels` holds no channel"));
        }
    } else {
        for id in ids {
            let number = crate::beside::imex_channel(id)?;
            if !asked.imex_channels.contains(&number) {
                asked.imex_channels.push(number);
            }
        }
    }
    let mut devices = Vec::new();
    let mut every = Vec::new();
    for &number in &asked.imex_channels {
        let node = nodes::channel(host, number)?;
        let node = nodes::granted(node, String::new());
        devices.push(device(
            &number.to_string(),
            edits_of_nodes(std::slice::from_ref(&node), options),
        ));
        every.push(node);
    }
    if options.has_all {
        devices.push(device(ALL, edits_of_nodes(&every, options)));
    }
    Ok(devices)
}

fn device(name: &str, edits: ContainerEdits) -> Device {
    Device {
        name: name.to_owned(),
        edits,
        ..Device::default()
    }
}
