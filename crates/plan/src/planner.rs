//! The planner itself.

use crate::container_setup::{ContainerSetup, Link, LoaderEntry};
use crate::granted::{Check, Environment, GrantedGpu, Mount, Node, Plan, PlannedLink, Warning};
use crate::identifiers::{self, Selected};
use crate::policy::Policy;
use crate::refusal::{Code, Refusal};
use crate::request::{Devices, Request, VISIBLE_DEVICES};
use liftgate_driver::{
    Capabilities, Capability, DeviceNode, Gpu, Host, Installation, Library, NodeOrigin,
};
use liftgate_sys::process::USUAL_PATH;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A driver's file in a container: seen, never written, never a way to gain privilege.
const FILE_OPTIONS: [&str; 5] = ["ro", "nosuid", "nodev", "rbind", "rprivate"];
/// A daemon's socket: connecting needs a writable mount.
const SOCKET_OPTIONS: [&str; 5] = ["nosuid", "nodev", "noexec", "rbind", "rprivate"];

const CUDA: Capabilities = Capabilities::of(&[Capability::Compute, Capability::Video]);
const SCREEN: Capabilities = Capabilities::of(&[Capability::Graphics, Capability::Display]);

/// Grants or refuses a request.
pub fn plan(request: &Request, host: &Host, policy: &Policy) -> Result<Plan, Refusal> {
    let (version, installation) = working_driver(host)?;
    let selected = select(request, host)?;
    let mut plan = Plan {
        driver_version: version.to_owned(),
        driver_root: installation.root.clone(),
        capabilities: request.capabilities,
        gpus: selected
            .iter()
            .map(|selected| granted(&host.gpus[selected.position], selected))
            .collect(),
        nodes: Vec::new(),
        mounts: Vec::new(),
        environment: Vec::new(),
        additional_groups: Vec::new(),
        links: Vec::new(),
        setup: ContainerSetup {
            cover_params: true,
            ..ContainerSetup::default()
        },
        checks: vec![
            Check {
                subject: "driver version".to_owned(),
                outcome: format!("kernel module and libraries are both {version}"),
            },
            Check {
                subject: "capabilities".to_owned(),
                outcome: format!("{}: {}", request.capabilities, request.capabilities_reason),
            },
            Check {
                subject: "requirements".to_owned(),
                outcome: "NVIDIA_REQUIRE_* is not evaluated".to_owned(),
            },
        ],
        warnings: request
            .unheeded
            .iter()
            .map(|name| Warning {
                code: "not-served",
                sentence: format!("{name} is set, and what it asks for is not served yet"),
            })
            .collect(),
    };
    add_nodes(&mut plan, host, &selected)?;
    add_libraries(&mut plan, installation);
    add_tools(&mut plan, installation);
    add_other_files(&mut plan, installation);
    add_environment(&mut plan, installation);
    if policy.additional_groups {
        add_groups(&mut plan);
    }
    plan.mounts.sort_by(|one, other| {
        let key = |mount: &Mount| {
            (
                mount.container_path.components().count(),
                mount.container_path.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
    Ok(plan)
}

/// The version and the files of a driver whose two halves fit together.
fn working_driver(host: &Host) -> Result<(&str, &Installation), Refusal> {
    let Some(module) = &host.kernel_module else {
        return Err(Refusal::new(
            Code::DriverNotLoaded,
            "no NVIDIA driver is loaded on this machine",
            "install the NVIDIA driver and load it (`modprobe nvidia`); on a machine with a GPU, `lsmod | grep nvidia` then shows it",
        )
        .because("`/proc/driver/nvidia/version` does not exist"));
    };
    let files = host.installation.as_ref();
    if let Some(files) = files.filter(|files| !files.libraries.is_empty()) {
        return Ok((&module.version, files));
    }
    let module_evidence = format!("`/proc/driver/nvidia/version` says {}", module.version);
    match files.filter(|files| !files.other_versions.is_empty()) {
        Some(files) => Err(Refusal::new(
            Code::DriverVersionMismatch,
            format!(
                "the NVIDIA kernel module is {} and the libraries are {}",
                module.version,
                files.other_versions.join(" and ")
            ),
            "reboot, or unload and load the kernel modules, so that the module and the libraries are of one installation",
        )
        .because(module_evidence)
        .because(format!(
            "below `{}` there is no libcuda.so.{} but {}",
            files.root.display(),
            module.version,
            files
                .other_versions
                .iter()
                .map(|version| format!("…so.{version}"))
                .collect::<Vec<_>>()
                .join(", ")
        ))),
        None => Err(Refusal::new(
            Code::DriverFilesMissing,
            format!("the libraries of the loaded NVIDIA driver {} were not found", module.version),
            "install the driver's user-space part, or name the driver root in config.toml ([nvidia-container-cli] root)",
        )
        .because(module_evidence)
        .because(files.map_or_else(
            || "no driver root could be read".to_owned(),
            |files| missing_files(files, &module.version),
        ))),
    }
}

/// What is wrong with a driver root that holds no driver. A file of the right name that is no library is the
/// thing to say: an installation that was interrupted leaves such files.
fn missing_files(files: &Installation, version: &str) -> String {
    let is_library = |path: &Path| {
        path.to_str()
            .is_some_and(|path| path.ends_with(&format!(".so.{version}")))
    };
    let odd = files
        .unrecognised
        .iter()
        .find(|file| is_library(&file.path));
    match odd {
        Some(file) => format!("`{}` {}", file.path.display(), file.reason),
        None => format!(
            "there is neither libcuda.so.{version} nor libnvidia-ml.so.{version} below `{}`",
            files.root.display()
        ),
    }
}

fn select(request: &Request, host: &Host) -> Result<Vec<Selected>, Refusal> {
    match &request.devices {
        Devices::None => Ok(Vec::new()),
        Devices::Ids(ids) => identifiers::resolve(ids, &host.gpus),
        Devices::All => identifiers::resolve(&["all".to_owned()], &host.gpus),
    }
}

fn granted(gpu: &Gpu, selected: &Selected) -> GrantedGpu {
    GrantedGpu {
        index: gpu.index,
        minor: gpu.minor,
        uuid: gpu.uuid.clone(),
        bus: gpu.bus,
        model: gpu.model.clone(),
        asked_as: selected.asked_as.clone(),
    }
}

fn add_nodes(plan: &mut Plan, host: &Host, selected: &[Selected]) -> Result<(), Refusal> {
    let devices = &host.devices;
    if let Some(node) = &devices.control {
        push_node(
            plan,
            node,
            "every program of the driver talks to the kernel module through it",
        );
    }
    if plan.capabilities.intersects(CUDA) {
        for node in &devices.unified_memory {
            push_node(plan, node, "CUDA manages memory through it");
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
        push_node(plan, node, "graphics and display set modes through it");
    }
    for selected in selected {
        let gpu = &host.gpus[selected.position];
        let nodes = devices.gpus.get(selected.position);
        let Some(node) = nodes.and_then(|nodes| nodes.node.as_ref()) else {
            return Err(Refusal::new(
                Code::DeviceNodeUnknown,
                format!("the device number of GPU {} is not known", gpu.index),
                "load the module again (`modprobe -r nvidia_uvm nvidia_drm nvidia_modeset nvidia; modprobe nvidia`)",
            )
            .because("`/proc/devices` has no character device named nvidia")
            .because(identifiers::describe(gpu)));
        };
        let reason = format!(
            "GPU {}, asked for as {}",
            gpu.index,
            quoted(&selected.asked_as)
        );
        push_node(plan, node, &reason);
        if plan.capabilities.intersects(SCREEN) {
            for node in nodes.map(|nodes| &nodes.drm).into_iter().flatten() {
                push_node(
                    plan,
                    node,
                    &format!("GPU {} for direct rendering", gpu.index),
                );
            }
        }
        if gpu.mig_instances > 0 {
            plan.warnings.push(Warning {
                code: "gpu-is-partitioned",
                sentence: format!(
                    "GPU {} has {} MIG instances; the container gets the GPU's node, with which CUDA sees no instance",
                    gpu.index, gpu.mig_instances
                ),
            });
        }
    }
    Ok(())
}

fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{}`", crate::request::shortened(name)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn push_node(plan: &mut Plan, node: &DeviceNode, reason: &str) {
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
    plan.nodes.push(Node {
        path: node.path.clone(),
        major: node.major,
        minor: node.minor,
        mode: node.mode,
        gid: (node.gid != 0).then_some(node.gid),
        reason,
    });
}

fn wants(plan: &Plan, capabilities: Capabilities, is_32_bit: bool) -> bool {
    plan.capabilities.intersects(capabilities)
        && (!is_32_bit || plan.capabilities.contains(Capability::Compat32))
}

fn because_of(plan: &Plan, capabilities: Capabilities) -> Capabilities {
    plan.capabilities.intersection(capabilities)
}

fn push_mount(
    plan: &mut Plan,
    host: &Path,
    container: &Path,
    options: &[&'static str],
    reason: String,
) {
    // A file that two rules name is mounted once.
    if plan
        .mounts
        .iter()
        .any(|mount| mount.container_path == container)
    {
        return;
    }
    plan.mounts.push(Mount {
        host_path: host.to_owned(),
        container_path: container.to_owned(),
        options: options.to_vec(),
        yields_to_image: false,
        reason,
    });
}

fn push_link(plan: &mut Plan, path: PathBuf, target: &str, yields_to_image: bool, reason: String) {
    if plan.links.iter().any(|link| link.path == path) {
        return;
    }
    plan.setup.links.push(Link {
        path: path.clone(),
        target: target.to_owned(),
        yields_to_image,
    });
    plan.links.push(PlannedLink {
        path,
        target: target.to_owned(),
        reason,
    });
}

fn add_libraries(plan: &mut Plan, installation: &Installation) {
    for library in &installation.libraries {
        if wants(plan, library.capabilities, library.is_32_bit) {
            add_library(plan, library);
        }
    }
    let unknown = installation
        .unrecognised
        .iter()
        .filter(|file| plan.mounts.iter().any(|mount| mount.host_path == file.path));
    let warnings: Vec<Warning> = unknown
        .map(|file| Warning {
            code: "driver-file-unrecognised",
            sentence: format!("`{}` {}", file.path.display(), file.reason),
        })
        .collect();
    plan.warnings.extend(warnings);
}

fn add_library(plan: &mut Plan, library: &Library) {
    let (Some(directory), Some(file)) = (
        library.container_path.parent(),
        library
            .container_path
            .file_name()
            .and_then(|name| name.to_str()),
    ) else {
        return;
    };
    let serves = because_of(plan, library.capabilities);
    push_mount(
        plan,
        &library.host_path,
        &library.container_path,
        &FILE_OPTIONS,
        format!("library for {serves}"),
    );
    let mut names = BTreeSet::from([library.soname.as_str()]);
    if library.soname != file {
        let reason = format!("the SONAME of {file}");
        push_link(plan, directory.join(&library.soname), file, false, reason);
    }
    for link in &library.links {
        push_link(
            plan,
            directory.join(&link.name),
            &link.target,
            false,
            format!("leads to {file}"),
        );
        if !link.name.contains('/') {
            names.insert(&link.name);
        }
    }
    if library.is_module {
        return;
    }
    for name in names {
        plan.setup.loader_entries.push(LoaderEntry {
            name: name.to_owned(),
            path: directory.join(name),
            is_32_bit: library.is_32_bit,
        });
    }
    if !plan
        .setup
        .library_directories
        .iter()
        .any(|known| known == directory)
    {
        plan.setup.library_directories.push(directory.to_owned());
    }
}

fn add_tools(plan: &mut Plan, installation: &Installation) {
    for tool in &installation.tools {
        if !wants(plan, tool.capabilities, false) {
            continue;
        }
        let serves = because_of(plan, tool.capabilities);
        plan.mounts.push(Mount {
            host_path: tool.host_path.clone(),
            container_path: tool.container_path.clone(),
            options: FILE_OPTIONS.to_vec(),
            yields_to_image: true,
            reason: format!("tool for {serves}"),
        });
        let is_on_path = tool
            .container_path
            .parent()
            .is_some_and(|directory| USUAL_PATH.iter().any(|usual| directory == Path::new(usual)));
        if !is_on_path {
            push_link(
                plan,
                Path::new("/usr/bin").join(&tool.name),
                &tool.container_path.to_string_lossy(),
                true,
                format!("puts {} on PATH, unless the image has one", tool.name),
            );
        }
    }
}

fn add_other_files(plan: &mut Plan, installation: &Installation) {
    for file in &installation.configurations {
        if wants(plan, file.capabilities, false) {
            let serves = because_of(plan, file.capabilities);
            push_mount(
                plan,
                &file.host_path,
                &file.container_path,
                &FILE_OPTIONS,
                format!("configuration for {serves}"),
            );
        }
    }
    for file in &installation.firmware {
        push_mount(
            plan,
            &file.host_path,
            &file.container_path,
            &FILE_OPTIONS,
            "firmware of the GPU's system processor".to_owned(),
        );
    }
    if plan.capabilities.contains(Capability::Utility) {
        for socket in &installation.sockets {
            push_mount(
                plan,
                &socket.host_path,
                &socket.container_path,
                &SOCKET_OPTIONS,
                "socket of the driver's daemon, for utility".to_owned(),
            );
        }
    }
}

fn add_environment(plan: &mut Plan, installation: &Installation) {
    if plan.capabilities.intersects(CUDA) {
        match installation
            .library("libcuda.so.1")
            .and_then(|library| library.container_path.parent())
        {
            Some(directory) => plan.environment.push(Environment {
                name: "NVIDIA_CTK_LIBCUDA_DIR".to_owned(),
                value: directory.display().to_string(),
                reason: "where libcuda.so.1 is, for programs that ask".to_owned(),
            }),
            None => plan.warnings.push(Warning {
                code: "libcuda-missing",
                sentence: format!(
                    "there is no libcuda.so.{} below `{}`, so CUDA will not be found in the container; install the driver's CUDA part on the host",
                    plan.driver_version,
                    installation.root.display()
                ),
            }),
        }
    }
    plan.environment.push(Environment {
        name: VISIBLE_DEVICES.to_owned(),
        value: "void".to_owned(),
        reason: "the request is served: no other hook or runtime shall serve it again".to_owned(),
    });
}

/// A node that not everybody may open is useless to a process outside its group.
fn add_groups(plan: &mut Plan) {
    let groups: BTreeSet<u32> = plan
        .nodes
        .iter()
        .filter(|node| node.mode & 0o006 != 0o006)
        .filter_map(|node| node.gid)
        .collect();
    plan.additional_groups = groups.into_iter().collect();
}
