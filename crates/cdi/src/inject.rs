//! From devices that were found to the edits of a `config.json`.
//!
//! What comes out is what an engine with the Go library 1.1.0 would do to the document, but for what that library
//! does wrong: an entry that does not fit the host is never injected (see [`stale`](crate::stale)), and a hook
//! without an environment gets one. Until runc 1.3 such a hook ran with the environment of the image, as root on
//! the host, `LD_PRELOAD` included (CVE-2025-23266); a foreign file is not refused for that, and not trusted.

use std::path::Path;

use liftgate_oci::{Device, DeviceKind, DeviceRule, Edits, EnvEntry, IntelRdt, NetDevice, Stage};

use crate::host::{HostNodes, NodeKind};
use crate::model::{ContainerEdits, DeviceNode, Hook, Mount};
use crate::registry::Found;
use crate::shown::Shown;
use crate::stale::{Misfit, Stale};

/// A variable that changes nothing, for hooks that bring none; the reference gives its own hooks the same.
const HOOK_ENVIRONMENT: &str = "NVIDIA_CTK_DEBUG=false";

/// Why nothing is injected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InjectError {
    /// Entries that do not fit the host: all of them, in the order of the files.
    #[error("{}", sentence(.0))]
    Stale(Vec<Stale>),
    /// An entry that no container can be given.
    #[error("`{}`{}: {what} `{}` is not an absolute path", file.display(), at_line(*line), Shown(value))]
    NotAbsolute {
        /// The file.
        file: std::path::PathBuf,
        /// The line in it.
        line: u32,
        /// The field: `path`, `containerPath`, `hostPath`.
        what: &'static str,
        /// What it says.
        value: String,
    },
}

fn at_line(line: u32) -> String {
    match line {
        0 => String::new(),
        line => format!(", line {line}"),
    }
}

fn sentence(stale: &[Stale]) -> String {
    let lines: Vec<String> = stale.iter().map(Stale::to_string).collect();
    lines.join("; ")
}

/// The edits that give a container these devices, in this order: for each the common edits of its file, unless
/// they came before, and then its own. `process` is the user and group of the container's process.
pub fn edits(
    found: &[Found<'_>],
    host: &dyn HostNodes,
    process: (u32, u32),
) -> Result<Edits, InjectError> {
    let mut injection = Injection {
        host,
        process,
        edits: Edits {
            like_cdi: true,
            ..Edits::default()
        },
        stale: Vec::new(),
        file: Path::new(""),
        device: None,
    };
    for (index, device) in found.iter().enumerate() {
        injection.file = device.path;
        let is_same = |other: &Found<'_>| std::ptr::eq(other.specification, device.specification);
        if !found[..index].iter().any(is_same) {
            injection.device = None;
            injection.add(&device.specification.edits)?;
        }
        injection.device = Some(&device.device.name);
        injection.add(&device.device.edits)?;
    }
    if !injection.stale.is_empty() {
        // A device asked for twice has its stale entries once.
        let mut stale: Vec<Stale> = Vec::new();
        for entry in injection.stale {
            if !stale.contains(&entry) {
                stale.push(entry);
            }
        }
        return Err(InjectError::Stale(stale));
    }
    Ok(injection.edits)
}

struct Injection<'i> {
    host: &'i dyn HostNodes,
    process: (u32, u32),
    edits: Edits,
    stale: Vec<Stale>,
    file: &'i Path,
    device: Option<&'i str>,
}

impl Injection<'_> {
    fn add(&mut self, edits: &ContainerEdits) -> Result<(), InjectError> {
        for variable in &edits.env {
            self.variable(variable);
        }
        for node in &edits.device_nodes {
            self.absolute(node.line.0, "path", &node.path)?;
            match self.filled(node) {
                Ok(device) => self.device(device, node.permissions.as_deref()),
                Err(what) => self.misfit(node.line.0, node.host_path(), what),
            }
        }
        for device in &edits.net_devices {
            self.edits.net_devices.push(NetDevice {
                host_interface: device.host_interface.clone(),
                name: device.name.clone(),
            });
        }
        for mount in &edits.mounts {
            self.mount(mount)?;
        }
        for hook in &edits.hooks {
            self.hook(hook)?;
        }
        if let Some(rdt) = &edits.intel_rdt {
            self.edits.intel_rdt = Some(IntelRdt {
                clos_id: rdt.clos_id.clone(),
                schemata: rdt.schemata.clone(),
                l3_cache_schema: rdt.l3_cache_schema.clone(),
                mem_bw_schema: rdt.mem_bw_schema.clone(),
                enable_monitoring: rdt.enable_monitoring,
                enable_cmt: rdt.enable_cmt,
                enable_mbm: rdt.enable_mbm,
            });
        }
        self.edits.additional_gids.extend(&edits.additional_gids);
        Ok(())
    }

    fn misfit(&mut self, line: u32, path: &str, what: Misfit) {
        self.stale.push(Stale {
            file: self.file.to_owned(),
            line,
            device: self.device.map(str::to_owned),
            path: path.to_owned(),
            what,
        });
    }

    fn absolute(&self, line: u32, what: &'static str, value: &str) -> Result<(), InjectError> {
        if value.starts_with('/') {
            return Ok(());
        }
        Err(InjectError::NotAbsolute {
            file: self.file.to_owned(),
            line,
            what,
            value: value.to_owned(),
        })
    }

    /// A later value of a name takes the place of the earlier one.
    fn variable(&mut self, variable: &str) {
        let Some((name, value)) = variable.split_once('=') else {
            return;
        };
        let env = &mut self.edits.env;
        match env.iter_mut().find(|entry| entry.name == name) {
            Some(entry) => value.clone_into(&mut entry.value),
            None => env.push(EnvEntry {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
        }
    }

    /// The node with all that the file leaves to the host.
    fn filled(&self, node: &DeviceNode) -> Result<Device, Misfit> {
        let declared = node.kind.as_deref().unwrap_or_default();
        let kind = kind_of(declared);
        let written = (node.major.unwrap_or(0), node.minor.unwrap_or(0));
        // A vendor may say all there is to say, of a device that the host has no node for.
        let is_minimal = kind.is_some_and(|kind| written.0 != 0 || kind == DeviceKind::Fifo);
        let host = match self.host.node(Path::new(node.host_path())) {
            Ok(host) => host,
            Err(error) => return Err(Misfit::Unknown(error.to_string())),
        };
        let on_host = match host.map(|host| host.kind) {
            Some(NodeKind::Device(kind)) => Some(kind),
            Some(_) if !is_minimal => return Err(Misfit::NotANode),
            None if !is_minimal => return Err(Misfit::NodeMissing),
            _ => None,
        };
        let host = host.filter(|_| on_host.is_some());
        if let (Some(kind), Some(found)) = (kind, on_host)
            && !is_same_kind(kind, found)
        {
            return Err(Misfit::Kind {
                written: declared.to_owned(),
                found,
            });
        }
        // What cannot be: without a type of either, there is no node, and that was told.
        let kind = kind.or(on_host).ok_or(Misfit::NodeMissing)?;
        let mut numbers = written;
        if let Some(host) = host.filter(|_| kind != DeviceKind::Fifo) {
            let found = (i64::from(host.major), i64::from(host.minor));
            // Zero is how a file says "the host's"; but once it names a major number, a minor one that it does not
            // name is zero.
            let fits_minor = written.1 == found.1 || (written.1 == 0 && written.0 == 0);
            if !fits_minor || (written.0 != 0 && written.0 != found.0) {
                return Err(Misfit::Numbers {
                    written,
                    found: (host.major, host.minor),
                });
            }
            numbers = found;
        }
        let of_process = |id: u32| Some(id).filter(|id| *id > 0);
        Ok(Device {
            path: node.path.clone(),
            kind,
            major: Some(numbers.0),
            minor: Some(numbers.1),
            file_mode: node.file_mode.or(host.map(|host| host.mode)),
            uid: node.uid.or(of_process(self.process.0)),
            gid: node.gid.or(of_process(self.process.1)),
        })
    }

    fn device(&mut self, device: Device, permissions: Option<&str>) {
        if matches!(device.kind, DeviceKind::Character | DeviceKind::Block) {
            self.edits.device_rules.push(DeviceRule {
                kind: device.kind,
                major: device.major,
                minor: device.minor,
                access: permissions
                    .filter(|letters| !letters.is_empty())
                    .unwrap_or("rwm")
                    .to_owned(),
            });
        }
        self.edits.devices.retain(|other| other.path != device.path);
        self.edits.devices.push(device);
    }

    fn mount(&mut self, mount: &Mount) -> Result<(), InjectError> {
        self.absolute(mount.line.0, "containerPath", &mount.container_path)?;
        if is_bind(mount) {
            self.absolute(mount.line.0, "hostPath", &mount.host_path)?;
            self.present(mount.line.0, &mount.host_path, Misfit::SourceMissing);
        }
        self.edits.mounts.push(liftgate_oci::Mount {
            destination: mount.container_path.clone(),
            kind: mount.kind.clone(),
            source: Some(mount.host_path.clone()),
            options: mount.options.clone(),
        });
        Ok(())
    }

    fn hook(&mut self, hook: &Hook) -> Result<(), InjectError> {
        self.absolute(hook.line.0, "path", &hook.path)?;
        let Some(stage) = Stage::from_name(&hook.stage) else {
            return Ok(());
        };
        // The program of that stage alone is the container's.
        if stage != Stage::StartContainer {
            self.present(hook.line.0, &hook.path, Misfit::ProgramMissing);
        }
        let mut env = hook.env.clone();
        if env.is_empty() {
            env.push(HOOK_ENVIRONMENT.to_owned());
        }
        let hook = liftgate_oci::Hook {
            path: hook.path.clone(),
            args: hook.args.clone(),
            env,
            timeout: hook.timeout,
        };
        self.edits.hooks.push((stage, hook));
        Ok(())
    }

    fn present(&mut self, line: u32, path: &str, otherwise: Misfit) {
        match self.host.exists(Path::new(path)) {
            Ok(true) => {}
            Ok(false) => self.misfit(line, path, otherwise),
            Err(error) => self.misfit(line, path, Misfit::Unknown(error.to_string())),
        }
    }
}

fn kind_of(letter: &str) -> Option<DeviceKind> {
    match letter {
        "c" => Some(DeviceKind::Character),
        "u" => Some(DeviceKind::Unbuffered),
        "b" => Some(DeviceKind::Block),
        "p" => Some(DeviceKind::Fifo),
        _ => None,
    }
}

/// To the host an unbuffered character device is a character device.
fn is_same_kind(written: DeviceKind, found: DeviceKind) -> bool {
    written == found || (written == DeviceKind::Unbuffered && found == DeviceKind::Character)
}

/// Whether the source is a path of the host: not that of a `tmpfs`, say, whose source is any word.
fn is_bind(mount: &Mount) -> bool {
    let is_option = |option: &String| option == "bind" || option == "rbind";
    matches!(mount.kind.as_deref(), None | Some("" | "none" | "bind"))
        || mount.options.iter().any(is_option)
}
