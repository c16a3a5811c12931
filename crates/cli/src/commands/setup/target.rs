//! The engines of this machine: which are there, where each is configured, what runs.

use super::Arguments;
use crate::cdi::hook_executable;
use liftgate_engines::containerd::{self, Release};
use liftgate_engines::running::{DockerInfo, Process, Unit};
use liftgate_engines::{Configuration, Engine, Hook};
use liftgate_plan::{Code, Refusal};
use liftgate_sys::process::{effective_user, installed};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Podman before this one knows no CDI devices.
pub(super) const PODMAN_WITH_CDI: Release = Release { major: 4, minor: 1 };
/// What Podman has then: a hook that it runs for every container. The directory is the one that every release reads without being told,
/// the name the one of NVIDIA's packages: two hooks would serve a container twice.
pub(super) const HOOK_FILE: &str = "/usr/share/containers/oci/hooks.d/oci-nvidia-hook.json";
const HOOK: &str = "nvidia-container-runtime-hook";

/// An engine on this machine.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) configuration: Configuration,
    /// Its program, to be asked; for Docker and Podman the client.
    pub(super) program: Option<PathBuf>,
    /// Where its daemon answers.
    pub(super) socket: Option<PathBuf>,
    /// Its daemon, if it runs.
    pub(super) process: Option<Process>,
    /// What Docker says of itself.
    pub(super) info: Option<DockerInfo>,
    /// Why it is not to be set up, if it is not asked for by name.
    pub(super) aside: Option<String>,
}

impl Target {
    pub(super) const fn engine(&self) -> Engine {
        self.configuration.engine
    }

    pub(super) fn unit(&self) -> Option<Unit> {
        self.process.as_ref().and_then(Unit::of)
    }

    /// Its program, or that `name` is not there.
    pub(super) fn program(&self, name: &str) -> Result<&Path, String> {
        self.program
            .as_deref()
            .ok_or_else(|| format!("the program `{name}` is not there"))
    }

    /// What it is, in a few words.
    pub(super) fn title(&self) -> String {
        let engine = self.engine();
        let version = match (&self.info, self.configuration.release) {
            (Some(info), _) => format!(" {}", info.server_version),
            (None, Some(Release { major, minor })) => format!(" {major}.{minor}"),
            (None, None) => String::new(),
        };
        let runs = match (&self.process, self.unit()) {
            (Some(_), Some(unit)) => format!(", {}", unit.name),
            (Some(process), None) => format!(", process {}", process.id),
            (None, _) if engine == Engine::Podman => String::new(),
            (None, _) => ", not running".to_owned(),
        };
        format!("{engine}{version}{runs}")
    }
}

/// The engine, if it is on this machine.
pub(super) fn find(engine: Engine, arguments: &Arguments) -> Result<Option<Target>, Refusal> {
    let target = match engine {
        Engine::Docker => docker(arguments)?,
        Engine::Containerd => of_containerd(arguments)?,
        Engine::Crio => crio(arguments),
        Engine::Podman => podman(arguments),
    };
    // What is remembered of a file is to be found from any directory.
    let absolute = |path: &Option<PathBuf>| path.as_deref().map(absolute);
    let (config, drop_in_config) = (
        absolute(&arguments.config),
        absolute(&arguments.drop_in_config),
    );
    Ok(target.map(|mut target| {
        if let Some(path) = &config {
            match engine {
                // Only a drop-in of theirs is written.
                Engine::Crio | Engine::Podman => target.configuration.drop_in = Some(path.clone()),
                Engine::Docker | Engine::Containerd => target.configuration.main.clone_from(path),
            }
        }
        if let Some(path) = &drop_in_config {
            target.configuration.drop_in = Some(path.clone());
            if engine == Engine::Crio
                && let Some(main) = &config
            {
                target.configuration.main.clone_from(main);
            }
        }
        target
    }))
}

/// A path that does not depend on the working directory. There is none for an empty one, and it will not be found, either.
pub(in crate::commands) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn docker(arguments: &Arguments) -> Result<Option<Target>, Refusal> {
    let is_root = effective_user() == 0;
    let socket = arguments.socket.clone().or_else(|| {
        let usual = Path::new("/var/run/docker.sock");
        if is_root {
            Some(usual.to_owned())
        } else {
            runtime_directory().map(|directory| directory.join("docker.sock"))
        }
    });
    let info = socket
        .as_deref()
        .and_then(|socket| DockerInfo::ask(socket).ok());
    let process = Process::named_of("dockerd", effective_user());
    let has_program = installed("dockerd").is_some();
    // A configuration that is named is to be edited, whatever else is there.
    if info.is_none() && process.is_none() && !has_program && arguments.config.is_none() {
        if Path::new("/var/snap/docker/current").exists() {
            return Err(snap());
        }
        return Ok(None);
    }
    let is_snap = process
        .as_ref()
        .is_some_and(|process| process.cgroup.contains("snap.docker"));
    if is_snap {
        return Err(snap());
    }
    if info.as_ref().is_some_and(DockerInfo::is_desktop) {
        return Err(Refusal::new(
            Code::EngineNotServed,
            "this is Docker Desktop, whose daemon runs in a virtual machine without this machine's GPU".to_owned(),
            "on Windows `--gpus` works without a setup; on Linux install Docker Engine and switch to it: docker context use default".to_owned(),
        ));
    }
    let mut configuration = Configuration::usual(Engine::Docker);
    let of_process = process
        .as_ref()
        .and_then(|process| process.option("--config-file"));
    if let Some(path) = of_process {
        configuration.main = PathBuf::from(path);
    } else if !is_root {
        configuration.main = user_configuration().join("docker/daemon.json");
    }
    Ok(Some(Target {
        configuration,
        program: installed("docker"),
        socket,
        process,
        info,
        aside: None,
    }))
}

fn snap() -> Refusal {
    Refusal::new(
        Code::EngineNotServed,
        "this Docker is a snap: it brings a toolkit of its own and does not see this machine's programs".to_owned(),
        "install Docker Engine from its packages (`snap remove docker`), or use the snap's own toolkit: snap logs docker".to_owned(),
    )
}

fn of_containerd(arguments: &Arguments) -> Result<Option<Target>, Refusal> {
    let is_named = arguments.engine == Some(Engine::Containerd);
    for (place, name) in [
        ("/var/lib/rancher/k3s/agent/etc/containerd", "k3s"),
        ("/var/lib/rancher/rke2/agent/etc/containerd", "RKE2"),
    ] {
        if Path::new(place).exists() && is_named && arguments.config.is_none() {
            return Err(Refusal::new(
                Code::EngineNotServed,
                format!("{name} writes containerd's configuration anew at every start"),
                format!(
                    "it takes nvidia-container-runtime up by itself where it lies in /usr/bin or /usr/local/bin: restart {name}, and look at {place}/config.toml"
                ),
            ));
        }
    }
    let found = installed("containerd");
    if found.is_none() && arguments.config.is_none() {
        return Ok(None);
    }
    let mut configuration = Configuration::usual(Engine::Containerd);
    configuration.release = found.as_deref().and_then(release_of);
    // dockerd's own is configured by dockerd, and goes with it.
    let is_own =
        |process: &Process| process.user == effective_user() && !process.is_child_of("dockerd");
    let process = Process::all_named("containerd").into_iter().find(is_own);
    let of_process = process
        .as_ref()
        .and_then(|process| process.option("--config").or_else(|| process.option("-c")));
    if let Some(path) = of_process {
        configuration.main = PathBuf::from(path);
    }
    let aside = (!serves_kubernetes(&configuration.main)).then(|| {
        "its CRI plugin, by which Kubernetes asks, is switched off or not used".to_owned()
    });
    Ok(Some(Target {
        configuration,
        program: found,
        socket: arguments.socket.clone(),
        process,
        info: None,
        aside,
    }))
}

/// Whether containerd is there for Kubernetes: Docker's packages bring one whose CRI plugin is off.
fn serves_kubernetes(main: &Path) -> bool {
    let text = std::fs::read_to_string(main).unwrap_or_default();
    let is_asked = Process::named("kubelet").is_some() || installed("kubelet").is_some();
    !containerd::has_cri_off(&text) && (is_asked || containerd::has_cri(&text))
}

fn release_of(program: &Path) -> Option<Release> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    // containerd github.com/containerd/containerd 1.6.20~ds1 …; podman version 4.3.1
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().find_map(Release::parse)
}

fn crio(arguments: &Arguments) -> Option<Target> {
    let found = installed("crio");
    if found.is_none() && arguments.config.is_none() {
        return None;
    }
    Some(Target {
        configuration: Configuration::usual(Engine::Crio),
        program: found,
        socket: None,
        process: Process::named("crio"),
        info: None,
        aside: None,
    })
}

fn podman(arguments: &Arguments) -> Option<Target> {
    let found = installed("podman")?;
    let mut configuration = Configuration::usual(Engine::Podman);
    let release = release_of(&found);
    configuration.release = release;
    if arguments.podman_hook || release.is_some_and(|release| release < PODMAN_WITH_CDI) {
        let hook = hook_executable().map(|program| program.with_file_name(HOOK));
        configuration.hook = hook.map(|program| Hook {
            file: PathBuf::from(HOOK_FILE),
            program,
        });
    }
    if effective_user() != 0 {
        let drop_in = user_configuration().join("containers/containers.conf.d/99-nvidia.conf");
        configuration.drop_in = Some(drop_in);
    }
    Some(Target {
        configuration,
        program: Some(found),
        socket: None,
        process: None,
        info: None,
        aside: None,
    })
}

fn runtime_directory() -> Option<PathBuf> {
    std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)
}

fn user_configuration() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".config");
    std::env::var_os("XDG_CONFIG_HOME").map_or_else(home, PathBuf::from)
}
