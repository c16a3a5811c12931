//! `nvidia-container-cli list`: what the driver has for containers, one path a line, as seen from the driver
//! root.

use super::arguments::Given;
use super::configure::{channels, devices, mig_control};
use super::{Context, Outcome};
use crate::{existing, host, kernel_modules};
use liftgate_driver::{Capabilities, Host, Installation, Places};
use liftgate_plan::{Devices, Plan, Policy, Refusal, Request, Source};
use std::path::{Path, PathBuf};

pub(super) fn run(given: &Given, context: &mut Context) -> Result<Outcome, Refusal> {
    // As the reference counts: nothing said, or in one word a channel beside everything.
    let has_channel = given.has("imex-channel");
    let is_everything = given.count == 0 || (given.count == 1 && has_channel);
    let has = |name: &str| is_everything || given.has(name);
    let channels = channels(given)?;
    let asked = if is_everything {
        Devices::All
    } else {
        devices(given)
    };
    let (config, monitor) = match mig_control(given) {
        Ok(control) => control,
        Err(sentence) => return Ok(Outcome::Problem(sentence)),
    };
    let mut request = Request::of(Source::Options, asked, Capabilities::all(), "list");
    request.imex_channels = channels;
    let places = Places::host(context.config.nvidia_container_cli.root.as_deref());
    kernel_modules::make_ready(&context.config, &mut context.journal)?;
    let mut host = host::acquire(&context.config, &places, &mut context.journal)?;
    host.read_extras(&places, &[], !request.imex_channels.is_empty());
    let plan = liftgate_plan::plan(&request, &host, &Policy::default())?;
    let mut lines = Lines::default();
    if request.devices != Devices::None {
        lines.gpus(&plan, &host);
    }
    for node in &plan.nodes {
        if is_below(&node.path, CHANNELS) {
            lines.push(&node.path);
        }
    }
    (request.mig_config, request.mig_monitor) = (config, monitor);
    if let Some(refusal) = existing::mig_conflict(&request, &plan) {
        return Err(refusal);
    }
    if config || monitor {
        lines.mig_control(&plan, &host, &places, config, monitor);
    }
    if let Some(files) = &host.installation {
        lines.files(files, given, has);
    }
    Ok(Outcome::Text(lines.0))
}

const CHANNELS: &str = "nvidia-caps-imex-channels";

/// Whether a node lies in that directory of `/dev`.
fn is_below(path: &Path, name: &str) -> bool {
    path.starts_with(Path::new("/dev").join(name))
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn push(&mut self, path: &Path) {
        self.0.push_str(&path.to_string_lossy());
        self.0.push('\n');
    }

    /// The nodes that every program needs, then the GPUs, then what opens MIG devices.
    fn gpus(&mut self, plan: &Plan, host: &Host) {
        let special = ["dri", "nvidia-caps", CHANNELS];
        for node in &plan.nodes {
            if !special.iter().any(|name| is_below(&node.path, name)) {
                self.push(&node.path);
            }
        }
        for granted in &plan.gpus {
            let Some(mig) = &granted.mig else { continue };
            let instance = format!(
                "/proc/driver/nvidia/capabilities/gpu{}/mig/gi{}",
                granted.minor, mig.gpu_instance
            );
            let instance = PathBuf::from(instance);
            let compute = format!("ci{}", mig.compute_instance);
            self.push(&instance.join("access"));
            self.push(&instance.join(compute).join("access"));
            let at = host.gpus.iter().position(|gpu| gpu.minor == granted.minor);
            let nodes = at.and_then(|at| {
                let is_it = |device: &liftgate_driver::MigDevice| {
                    (device.gpu_instance, device.compute_instance)
                        == (mig.gpu_instance, mig.compute_instance)
                };
                let index = host.gpus[at].mig.iter().position(is_it)?;
                host.devices.gpus.get(at)?.mig.get(index)
            });
            let Some(nodes) = nodes else { continue };
            for node in nodes.gpu_instance.iter().chain(&nodes.compute_instance) {
                self.push(&node.path);
            }
        }
    }

    fn mig_control(
        &mut self,
        plan: &Plan,
        host: &Host,
        places: &Places,
        config: bool,
        monitor: bool,
    ) {
        let asked = [
            (config, "config", &host.devices.mig_config),
            (monitor, "monitor", &host.devices.mig_monitor),
        ];
        let minors = liftgate_driver::mig_minors(places);
        for (is_asked, name, node) in asked {
            let (true, Some(node)) = (is_asked, node) else {
                continue;
            };
            if plan.gpus.is_empty() {
                continue;
            }
            self.push(&Path::new("/proc/driver/nvidia/capabilities/mig").join(name));
            self.push(&node.path);
            let mut seen = Vec::new();
            for gpu in &plan.gpus {
                if seen.contains(&gpu.minor) {
                    continue;
                }
                seen.push(gpu.minor);
                let name = format!("gpu{}", gpu.minor);
                let of_gpu: Vec<u32> = minors
                    .iter()
                    .filter(|(of, _)| of.split('/').next() == Some(&name))
                    .map(|(_, minor)| *minor)
                    .collect();
                if of_gpu.is_empty() {
                    continue;
                }
                self.push(&Path::new("/proc/driver/nvidia/capabilities").join(name));
                self.push(Path::new("/dev/nvidia-caps"));
                for minor in of_gpu {
                    let node = format!("/dev/nvidia-caps/nvidia-cap{minor}");
                    self.push(Path::new(&node));
                }
            }
        }
    }

    fn files(&mut self, files: &Installation, given: &Given, has: impl Fn(&str) -> bool) {
        if has("binaries") {
            for tool in &files.tools {
                // Where links lead to, but within the root.
                let path = tool.host_path.strip_prefix(&files.root);
                let path =
                    path.map_or_else(|_| tool.host_path.clone(), |path| Path::new("/").join(path));
                self.push(&path);
            }
        }
        if has("libraries") {
            for is_32_bit in [false, true] {
                let wanted = !is_32_bit || has("compat32");
                let libraries = files.libraries.iter();
                for library in libraries.filter(|one| wanted && one.is_32_bit == is_32_bit) {
                    self.push(&library.container_path);
                }
            }
        }
        if has("ipcs") {
            for socket in &files.sockets {
                let text = socket.container_path.to_string_lossy();
                let is_left_out = ["persistenced", "fabricmanager"].iter().any(|daemon| {
                    given.has(&format!("no-{daemon}")) && text.contains(&format!("nvidia-{daemon}"))
                });
                if !is_left_out {
                    self.push(&socket.container_path);
                }
            }
        }
        if has("firmwares") && !given.has("no-gsp-firmware") {
            for firmware in &files.firmware {
                self.push(&firmware.container_path);
            }
        }
        for file in &files.listed {
            if has("libraries") {
                self.push(&file.container_path);
            }
        }
    }
}
