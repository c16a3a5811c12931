//! The device nodes of a plan: who gets a node may use what is behind it, so nothing stands here that was
//! not asked for.

use crate::container_setup::Link;
use crate::granted::{Check, Mount, Node, Plan, Warning};
use crate::identifiers::{self, Selected};
use crate::planner::push_link;
use crate::refusal::{Code, Refusal};
use crate::request::{Devices, Request, shortened};
use liftgate_driver::{
    Capabilities, Capability, DeviceNode, Gpu, GpuNodes, Host, NodeOrigin, Platform,
};

/// What CUDA programs ask for.
pub(crate) const CUDA: Capabilities = Capabilities::of(&[Capability::Compute, Capability::Video]);
/// What programs that draw ask for.
pub(crate) const SCREEN: Capabilities =
    Capabilities::of(&[Capability::Graphics, Capability::Display]);

/// Adds the nodes of what was asked for.
pub(crate) fn add(
    plan: &mut Plan,
    request: &Request,
    host: &Host,
    selected: &[Selected],
) -> Result<(), Refusal> {
    match &host.platform {
        Platform::Nvidia => {
            add_control(plan, host);
            for selected in selected {
                add_gpu(plan, host, selected)?;
            }
            add_mig_control(plan, request, host)?;
        }
        Platform::Wsl { node } => add_wsl(plan, request, node.as_ref())?,
        Platform::Tegra { nodes } => add_tegra(plan, request, nodes),
    }
    add_extras(plan, request, host);
    add_channels(plan, request, host)
}

fn add_control(plan: &mut Plan, host: &Host) {
    let devices = &host.devices;
    if let Some(node) = &devices.control {
        push(
            plan,
            node,
            "every program of the driver talks to the kernel module through it",
        );
    }
    if plan.capabilities.intersects(CUDA) {
        for node in &devices.unified_memory {
            push(plan, node, "CUDA manages memory through it");
        }
        if devices.unified_memory.is_empty() {
            plan.warnings.push(Warning {
                code: "uvm-not-loaded",
                sentence: "the module nvidia-uvm is not loaded, so CUDA will fail to initialise in the container; `modprobe nvidia-uvm` loads it".to_owned(),
            });
        }
    }
    if plan.capabilities.intersects(SCREEN)
        && let Some(node) = &devices.modeset
    {
        push(plan, node, "graphics and display set modes through it");
    }
}

fn add_gpu(plan: &mut Plan, host: &Host, selected: &Selected) -> Result<(), Refusal> {
    let gpu = &host.gpus[selected.position];
    let nodes = host.devices.gpus.get(selected.position);
    let asked_as = quoted(&selected.asked_as);
    let Some((nodes, node)) = nodes.and_then(|nodes| Some((nodes, nodes.node.as_ref()?))) else {
        return Err(Refusal::new(
            Code::DeviceNodeUnknown,
            format!("the device number of GPU {} is not known", gpu.index),
            "load the module again (`modprobe -r nvidia_uvm nvidia_drm nvidia_modeset nvidia; modprobe nvidia`)",
        )
        .because("`/proc/devices` has no character device named nvidia")
        .because(identifiers::describe(gpu)));
    };
    let Some(mig) = selected.mig else {
        push(
            plan,
            node,
            &format!("GPU {}, asked for as {asked_as}", gpu.index),
        );
        add_drm(plan, gpu, nodes);
        if !gpu.mig.is_empty() {
            plan.warnings.push(Warning {
                code: "gpu-is-partitioned",
                sentence: format!(
                    "GPU {} is partitioned into {} MIG devices; the container gets the GPU's own node, with which CUDA sees none of them",
                    gpu.index,
                    gpu.mig.len()
                ),
            });
        }
        return Ok(());
    };
    add_mig(plan, gpu, nodes, node, mig, &asked_as)
}

fn add_mig(
    plan: &mut Plan,
    gpu: &Gpu,
    nodes: &GpuNodes,
    parent: &DeviceNode,
    at: usize,
    asked_as: &str,
) -> Result<(), Refusal> {
    let device = &gpu.mig[at];
    let capabilities = nodes.mig.get(at).and_then(|nodes| {
        Some([
            nodes.gpu_instance.as_ref()?,
            nodes.compute_instance.as_ref()?,
        ])
    });
    let Some(capabilities) = capabilities else {
        return Err(Refusal::new(
            Code::DeviceNodeUnknown,
            "the device numbers of a MIG device are not known",
            "`nvidia-smi -L` on the host shows whether it still exists; `modprobe nvidia-caps` is not needed, the capabilities belong to the module nvidia",
        )
        .because("`/proc/devices` has no nvidia-caps, or `/proc/driver/nvidia/capabilities` tells no minor")
        .because(identifiers::describe_mig(gpu, device)));
    };
    let name = device.index.map_or_else(
        || format!("a MIG device of GPU {}", gpu.index),
        |index| format!("MIG device {}:{index}", gpu.index),
    );
    push(
        plan,
        parent,
        &format!("the GPU of {name}, asked for as {asked_as}"),
    );
    for (node, of) in capabilities.into_iter().zip(["GPU", "compute"]) {
        push(plan, node, &format!("opens the {of} instance of {name}"));
    }
    if device.has_graphics {
        add_drm(plan, gpu, nodes);
    }
    Ok(())
}

fn add_drm(plan: &mut Plan, gpu: &Gpu, nodes: &GpuNodes) {
    if plan.capabilities.intersects(SCREEN) {
        for node in &nodes.drm {
            push(
                plan,
                node,
                &format!("GPU {} for direct rendering", gpu.index),
            );
        }
        for link in &nodes.drm_links {
            push_link(
                plan,
                link.path.clone(),
                &link.target,
                false,
                format!("finds GPU {} by its place on the bus", gpu.index),
            );
        }
    }
}

fn add_mig_control(plan: &mut Plan, request: &Request, host: &Host) -> Result<(), Refusal> {
    let asked = [
        (
            request.mig_config,
            &host.devices.mig_config,
            "config",
            "makes MIG devices",
        ),
        (
            request.mig_monitor,
            &host.devices.mig_monitor,
            "monitor",
            "watches MIG devices",
        ),
    ];
    for (is_asked, node, name, reason) in asked {
        match node {
            _ if !is_asked => {}
            Some(node) => push(plan, node, reason),
            None => {
                return Err(Refusal::new(
                    Code::DeviceNodeUnknown,
                    format!("the node that {reason} is not known on this machine"),
                    "leave the variable out: no GPU of this machine knows MIG, or its driver is older than 450",
                )
                .because(format!(
                    "there is no `/proc/driver/nvidia/capabilities/mig/{name}`, or `/proc/devices` has no nvidia-caps"
                )));
            }
        }
    }
    Ok(())
}

/// One node for every GPU of the Windows host: there is no giving one of them.
fn add_wsl(plan: &mut Plan, request: &Request, node: Option<&DeviceNode>) -> Result<(), Refusal> {
    if request.devices == Devices::None {
        return Ok(());
    }
    let Some(node) = node else {
        return Err(Refusal::new(
            Code::DeviceNodeUnknown,
            "there is no `/dev/dxg`",
            "`wsl --update` and `wsl --shutdown` on Windows; WSL 1 has no GPUs",
        ));
    };
    push(plan, node, "every GPU of the Windows host");
    plan.checks.push(Check {
        subject: "GPUs".to_owned(),
        outcome: "all of the Windows host's: WSL has one node for them".to_owned(),
    });
    if let Devices::Ids(ids) = &request.devices {
        plan.warnings.push(Warning {
            code: "gpus-not-separable",
            sentence: format!(
                "{} is asked for, and the container sees every GPU: WSL has one node for all of them",
                quoted(ids)
            ),
        });
    }
    Ok(())
}

fn add_tegra(plan: &mut Plan, request: &Request, nodes: &[DeviceNode]) {
    if request.devices == Devices::None {
        return;
    }
    for node in nodes {
        push(plan, node, "listed in devices.csv, for the chip's GPU");
    }
}

fn add_extras(plan: &mut Plan, request: &Request, host: &Host) {
    for &extra in &request.extras {
        let found = host.extras.iter().find(|found| found.extra == extra);
        let reason = format!("asked for by {}=enabled", extra.variable());
        match found.filter(|found| !found.nodes.is_empty()) {
            None => plan.warnings.push(Warning {
                code: "nothing-of-that-kind",
                sentence: format!(
                    "{}=enabled asks for {}, and this machine has none",
                    extra.variable(),
                    extra.what()
                ),
            }),
            Some(found) => {
                for node in &found.nodes {
                    push(plan, node, &reason);
                }
                for (host_path, container_path) in &found.files {
                    plan.mounts.push(Mount {
                        host_path: host_path.clone(),
                        container_path: container_path.clone(),
                        options: crate::planner::FILE_OPTIONS.to_vec(),
                        yields_to_image: false,
                        reason: reason.clone(),
                    });
                }
            }
        }
    }
}

fn add_channels(plan: &mut Plan, request: &Request, host: &Host) -> Result<(), Refusal> {
    for &number in &request.imex_channels {
        push(
            plan,
            channel(host, number)?,
            &format!("IMEX channel {number}"),
        );
    }
    Ok(())
}

/// The node of a channel of IMEX.
pub(crate) fn channel(host: &Host, number: u32) -> Result<&DeviceNode, Refusal> {
    let found = host
        .imex_channels
        .iter()
        .find(|channel| channel.number == number);
    found.map(|channel| &channel.node).ok_or_else(|| {
        let there: Vec<String> = host
            .imex_channels
            .iter()
            .take(16)
            .map(|channel| channel.number.to_string())
            .collect();
        Refusal::new(
            Code::ImexChannelUnknown,
            format!("this machine has no IMEX channel {number}"),
            "ask for one that there is, or have the administrator make it (`nvidia-modprobe -c`, or the module's parameter NVreg_CreateImexChannel0)",
        )
        .because(match there.as_slice() {
            [] => "`/dev/nvidia-caps-imex-channels` holds no channel".to_owned(),
            there => format!("there are {}", there.join(", ")),
        })
    })
}

/// The nodes of one GPU or MIG device and the links to them, and nothing else.
pub(crate) fn of_gpu(
    host: &Host,
    selected: &Selected,
    capabilities: Capabilities,
) -> Result<(Vec<Node>, Vec<Link>), Refusal> {
    let mut plan = Plan {
        capabilities,
        ..Plan::default()
    };
    add_gpu(&mut plan, host, selected)?;
    Ok((plan.nodes, plan.setup.links))
}

/// A node of the host as a plan has it.
pub(crate) fn granted(node: &DeviceNode, reason: String) -> Node {
    Node {
        path: node.path.clone(),
        host_path: node.host_path.clone(),
        major: node.major,
        minor: node.minor,
        mode: node.mode,
        gid: (node.gid != 0).then_some(node.gid),
        origin: node.origin,
        reason,
    }
}

fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{}`", shortened(name)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn push(plan: &mut Plan, node: &DeviceNode, reason: &str) {
    // Two MIG devices of one GPU share the GPU's own node.
    if plan.nodes.iter().any(|known| known.path == node.path) {
        return;
    }
    let reason = match node.origin {
        NodeOrigin::Host => reason.to_owned(),
        NodeOrigin::Majors => {
            format!("{reason}; the host has no node yet, its numbers are from `/proc/devices`")
        }
        NodeOrigin::StaleNode => format!(
            "{reason}; the host's node has other numbers than `/proc/devices` and is left over"
        ),
    };
    if node.origin == NodeOrigin::StaleNode {
        plan.warnings.push(Warning {
            code: "stale-device-node",
            sentence: format!(
                "`{}` on the host is not {}:{}; the container gets the right numbers, programs on the host do not",
                node.path.display(),
                node.major,
                node.minor
            ),
        });
    }
    plan.nodes.push(granted(node, reason));
}
