//! The planner itself.

use crate::container_setup::{ContainerSetup, GlibcNeed, Link, LoaderEntry};
use crate::cuda_compat::{CudaCompat, unsupported_minors};
use crate::granted::{
    Check, Environment, GrantedGpu, GrantedMig, Mount, Plan, PlannedLink, Warning,
};
use crate::identifiers::{self, Selected};
use crate::names::JUST_IN_TIME;
use crate::nodes::{self, CUDA, SCREEN};
use crate::policy::Policy;
use crate::refusal::{Code, Refusal};
use crate::request::{Devices, Request, VISIBLE_DEVICES};
use crate::requirements;
use crate::setup_hooks::leave_out;
use crate::working_driver::{WorkingDriver, working_driver};
use liftgate_driver::{
    Capabilities, Capability, GlibcVersion, Gpu, Host, Installation, Library, PlatformKind,
};
use liftgate_sys::process::USUAL_PATH;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A driver's file in a container: seen, never written, never a way to gain privilege.
pub(crate) const FILE_OPTIONS: [&str; 5] = ["ro", "nosuid", "nodev", "rbind", "rprivate"];
/// A daemon's socket: connecting needs a writable mount.
const SOCKET_OPTIONS: [&str; 5] = ["nosuid", "nodev", "noexec", "rbind", "rprivate"];

/// Grants or refuses a request.
pub fn plan(request: &Request, host: &Host, policy: &Policy) -> Result<Plan, Refusal> {
    let WorkingDriver {
        version,
        files: installation,
    } = working_driver(host)?;
    let kind = host.platform.kind();
    let selected = match kind {
        PlatformKind::Nvidia => select(request, host)?,
        PlatformKind::Wsl => Vec::new(),
        PlatformKind::Tegra => {
            check_tegra(request)?;
            Vec::new()
        }
    };
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
            cover_params: kind == PlatformKind::Nvidia,
            application_profile: kind == PlatformKind::Nvidia
                && request.capabilities.intersects(SCREEN),
            ..ContainerSetup::default()
        },
        checks: vec![
            Check {
                subject: "driver version".to_owned(),
                outcome: match kind {
                    PlatformKind::Nvidia => {
                        format!("kernel module and libraries are both {version}")
                    }
                    PlatformKind::Wsl | PlatformKind::Tegra => version.to_owned(),
                },
            },
            Check {
                subject: "capabilities".to_owned(),
                outcome: format!("{}: {}", request.capabilities, request.capabilities_reason),
            },
        ],
        warnings: warnings(request, host),
    };
    requirements::check(&mut plan, request, host, policy, &selected)?;
    nodes::add(&mut plan, request, host, &selected)?;
    add_libraries(&mut plan, installation);
    add_glibc(&mut plan, installation);
    add_tools(&mut plan, installation);
    add_other_files(&mut plan, installation, policy.sockets);
    add_listed(&mut plan, installation);
    if kind == PlatformKind::Nvidia {
        add_libcuda(&mut plan, installation);
    }
    add_cuda_compat(&mut plan, host, policy);
    plan.environment.push(Environment {
        name: VISIBLE_DEVICES.to_owned(),
        value: "void".to_owned(),
        reason: "the request is served: no other hook or runtime shall serve it again".to_owned(),
    });
    if policy.additional_groups {
        add_groups(&mut plan);
    }
    leave_out(&mut plan.setup, host, &policy.disabled_hooks);
    let setup = &plan.setup;
    plan.links
        .retain(|link| setup.links.iter().any(|made| made.path == link.path));
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

/// What the user should know before anything is looked at.
fn warnings(request: &Request, host: &Host) -> Vec<Warning> {
    let unheeded = request.unheeded.iter().map(|sentence| Warning {
        code: "not-heeded",
        sentence: sentence.clone(),
    });
    let mut warnings: Vec<Warning> = unheeded.collect();
    if request.devices == Devices::All && !host.unreadable_gpus.is_empty() {
        warnings.push(Warning {
            code: "gpu-not-readable",
            sentence: format!(
                "the kernel lists GPU {} and does not describe it, so it is left out; `nvidia-smi` and `dmesg | grep -e NVRM -e Xid` say why",
                host.unreadable_gpus.join(", ")
            ),
        });
    }
    warnings
}

/// A Jetson's lists name one GPU, the chip's own.
fn check_tegra(request: &Request) -> Result<(), Refusal> {
    let Devices::Ids(ids) = &request.devices else {
        return Ok(());
    };
    let bare = |id: &str| id.strip_prefix(JUST_IN_TIME).unwrap_or(id).to_owned();
    match ids.iter().find(|id| bare(id) != "0") {
        None => Ok(()),
        Some(id) => Err(Refusal::new(
            Code::DeviceUnknown,
            format!(
                "this machine has no GPU `{}`",
                crate::request::shortened(id)
            ),
            "ask for 0 or for all",
        )
        .because("this is a Jetson, with one GPU: 0, the chip's own")),
    }
}

fn select(request: &Request, host: &Host) -> Result<Vec<Selected>, Refusal> {
    match &request.devices {
        Devices::None | Devices::Unasked => Ok(Vec::new()),
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
        mig: selected.mig.map(|at| {
            let device = &gpu.mig[at];
            GrantedMig {
                index: device.index,
                uuid: device.uuid.clone(),
                gpu_instance: device.gpu_instance,
                compute_instance: device.compute_instance,
            }
        }),
        asked_as: selected.asked_as.clone(),
    }
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

pub(crate) fn push_link(
    plan: &mut Plan,
    path: PathBuf,
    target: &str,
    yields_to_image: bool,
    reason: String,
) {
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

/// Says which glibc the image needs to have: for CUDA, and for every library that it gets. Of the latter one is
/// a debugger's, and needs a much newer glibc than the rest.
fn add_glibc(plan: &mut Plan, installation: &Installation) {
    let mut libcuda = None;
    let mut greatest = None;
    for library in &installation.libraries {
        if library.is_32_bit || library.is_module || !wants(plan, library.capabilities, false) {
            continue;
        }
        let needs = library.needs_glibc.as_deref();
        let Some(version) = needs.and_then(GlibcVersion::parse) else {
            continue;
        };
        let need = (version, library.soname.as_str());
        if library.soname == "libcuda.so.1" {
            libcuda = Some(need);
        }
        greatest = greatest.max(Some(need));
    }
    let is_newer = greatest.map(|need| need.0) > libcuda.map(|need| need.0);
    for (version, library) in libcuda.into_iter().chain(greatest.filter(|_| is_newer)) {
        plan.setup.glibc.push(GlibcNeed {
            version: version.to_string(),
            library: library.to_owned(),
        });
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

fn add_other_files(plan: &mut Plan, installation: &Installation, has_sockets: bool) {
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
    if has_sockets && plan.capabilities.contains(Capability::Utility) {
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

/// Files and links that a list names, whatever they are for: the driver store of WSL, a Jetson's lists.
fn add_listed(plan: &mut Plan, installation: &Installation) {
    for file in &installation.listed {
        push_mount(
            plan,
            &file.host_path,
            &file.container_path,
            &FILE_OPTIONS,
            format!("listed in {}", file.source),
        );
    }
    for link in &installation.listed_links {
        push_link(
            plan,
            link.path.clone(),
            &link.target,
            false,
            format!("listed in {}", link.source),
        );
    }
}

fn add_libcuda(plan: &mut Plan, installation: &Installation) {
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
}

/// Lets the hook choose between the driver's CUDA libraries and newer ones of the image, which it alone sees.
fn add_cuda_compat(plan: &mut Plan, host: &Host, policy: &Policy) {
    if !plan.capabilities.intersects(CUDA) {
        return;
    }
    let mut decide = |outcome: String| {
        plan.checks.push(Check {
            subject: "newer CUDA in the image".to_owned(),
            outcome,
        });
    };
    let kind = host.platform.kind();
    if kind != PlatformKind::Wsl && !policy.cuda_compat {
        return decide("not used: config.toml turns it off".to_owned());
    }
    let compat = match (kind, &host.tegra) {
        (PlatformKind::Wsl, _) => return,
        (PlatformKind::Nvidia, _) => {
            let models = host.gpus.iter().map(|gpu| (gpu.minor, gpu.model.as_str()));
            CudaCompat {
                driver: Some(plan.driver_version.clone()),
                unsupported_minors: unsupported_minors(models),
                ..CudaCompat::default()
            }
        }
        (PlatformKind::Tegra, Some(gpu)) => CudaCompat {
            cuda: Some(gpu.cuda.clone()),
            root: gpu.is_orin.then(|| policy.orin_compat_root.clone()),
            ..CudaCompat::default()
        },
        (PlatformKind::Tegra, None) => {
            let reason = host.tegra_unknown.as_deref();
            let reason = reason.unwrap_or("NVML was not asked");
            decide("not used: the driver's own CUDA version is not known".to_owned());
            plan.warnings.push(Warning {
                code: "cuda-version-unknown",
                sentence: format!(
                    "newer CUDA libraries of the image are not used, because NVML does not tell the driver's own CUDA version: {reason}"
                ),
            });
            return;
        }
    };
    // The hook is the same for every container, and looks at the nodes of each.
    let is_unsupported = |gpu: &GrantedGpu| compat.unsupported_minors.contains(&gpu.minor);
    if !plan.gpus.is_empty() && plan.gpus.iter().all(is_unsupported) {
        decide(
            "not used: these GPUs are not meant for CUDA libraries newer than their driver's"
                .to_owned(),
        );
        plan.setup.cuda_compat = compat;
        return;
    }
    let ours = match &compat.cuda {
        Some(cuda) => format!("CUDA {cuda}"),
        None => format!("driver {}", plan.driver_version),
    };
    decide(format!(
        "used if `{}` in the image has some for this machine that are newer than {ours}",
        compat.root().display()
    ));
    plan.setup.cuda_compat = compat;
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
