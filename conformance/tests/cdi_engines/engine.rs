//! The engines, each asked in its own words for the same container.

use crate::container::{Case, Ran};
use libtest_mimic::Failed;
use liftgate_conformance::cri::{Container, Pod, Road};
use liftgate_conformance::suite::{self, Ground, fail};
use liftgate_conformance::{Containerd, Docker, Engines, Podman, Site};
use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

/// Something that runs containers with CDI devices.
pub(crate) trait Engine: Send + Sync {
    /// Runs a script in a container.
    fn run(&self, case: &Case, script: &str) -> Result<Ran, Failed>;
}

const IMAGE: &str = "mini";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Short: Podman takes no longer path than fifty bytes for its storage, and a socket's has 108.
fn new_name() -> String {
    format!("no-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// `run` and its options as Docker and Podman both have them.
fn run_arguments(case: &Case, name: &str, further: &[&str], script: &str) -> Vec<String> {
    let mut arguments: Vec<String> = ["run", "--rm", "--network", "none", "--name", name]
        .map(str::to_owned)
        .to_vec();
    if case.is_confined {
        let confined = ["--read-only", "--user", "1000", "--cap-drop", "ALL"];
        arguments.extend(confined.map(str::to_owned));
    }
    arguments.extend(further.iter().map(|&word| word.to_owned()));
    for device in &case.devices {
        arguments.extend(["--device".to_owned(), device.clone()]);
    }
    arguments.extend([IMAGE, "sh", "-c", script].map(str::to_owned));
    arguments
}

/// Lists what the engine still knows under this name.
fn left_behind(name: &str) -> Vec<String> {
    let filter = format!("name={name}");
    ["ps", "--all", "--quiet", "--filter", &filter]
        .map(str::to_owned)
        .to_vec()
}

fn ran(output: &Output, left: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        is_success: output.status.success(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
        left: text(&left.stdout).lines().map(str::to_owned).collect(),
    }
}

/// The distribution's Podman, with a low-level runtime alone.
pub(crate) struct DistributionPodman {
    podman: Podman,
    low_level: PathBuf,
}

impl DistributionPodman {
    pub(crate) fn start(ground: &Ground, site: Site, low_level: &str) -> Result<Self, Failed> {
        let podman = Podman::new(site, &ground.place(&new_name()))?;
        podman.import(&ground.image, IMAGE)?;
        Ok(Self {
            podman,
            low_level: suite::low_level(low_level).map_err(fail)?,
        })
    }

    fn podman(&self, arguments: &[String]) -> Result<Output, Failed> {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Ok(self.podman.run_with(&self.low_level, &arguments)?)
    }
}

impl Engine for DistributionPodman {
    fn run(&self, case: &Case, script: &str) -> Result<Ran, Failed> {
        // As root, Podman raises these limits, which takes a right that not every machine gives.
        let mut further = vec![
            "--ulimit",
            "nofile=1024:1024",
            "--ulimit",
            "nproc=1024:1024",
        ];
        if !case.is_confined {
            // Docker's containers may make nodes, and so the device cgroup has something to forbid.
            further.extend(["--cap-add", "MKNOD"]);
        }
        let name = new_name();
        let output = self.podman(&run_arguments(case, &name, &further, script))?;
        let left = self.podman(&left_behind(&name))?;
        Ok(ran(&output, &left))
    }
}

/// A current Docker.
pub(crate) struct CurrentDocker(Docker);

impl CurrentDocker {
    pub(crate) fn start(ground: &Ground, site: &Site) -> Result<Self, Failed> {
        let engines = Engines::find(&[]).map_err(fail)?;
        let docker = Docker::start_current(&engines, site, &ground.place(&new_name()))?;
        docker.import(&ground.image, IMAGE)?;
        Ok(Self(docker))
    }
}

impl Engine for CurrentDocker {
    fn run(&self, case: &Case, script: &str) -> Result<Ran, Failed> {
        let name = new_name();
        let output = self
            .0
            .command(run_arguments(case, &name, &[], script))
            .output()?;
        let left = self.0.command(left_behind(&name)).output()?;
        Ok(ran(&output, &left))
    }
}

/// A current containerd, as the kubelet asks it.
pub(crate) struct Cri {
    containerd: Containerd,
    road: Road,
}

/// Kubernetes knows no short names.
const REFERENCE: &str = "docker.io/library/mini:latest";

impl Cri {
    pub(crate) fn start(ground: &Ground, site: &Site, road: Road) -> Result<Self, Failed> {
        let engines = Engines::find(&[]).map_err(fail)?;
        let directory = ground.place(&new_name());
        let containerd = Containerd::start(&engines, site, &directory, &ground.image, REFERENCE)?;
        Ok(Self { containerd, road })
    }
}

impl Engine for Cri {
    fn run(&self, case: &Case, script: &str) -> Result<Ran, Failed> {
        let cri = self.containerd.cri();
        let pod = Pod::new(&new_name(), self.containerd.cgroup());
        let id = cri.run_pod(&pod)?;
        let container = Container {
            name: "case".to_owned(),
            image: REFERENCE.to_owned(),
            devices: case.devices.clone(),
            road: self.road,
            is_confined: case.is_confined,
            environment: Vec::new(),
        };
        let executed = cri
            .start_container(&pod, &id, &container)
            .and_then(|container| cri.execute(&container, &["sh", "-c", script]));
        // A container that runs is no left-over; one of a refused request would be.
        let left = match &executed {
            Ok(_) => Vec::new(),
            Err(_) => cri.containers(&id)?,
        };
        cri.remove_pod(&id)?;
        Ok(match executed {
            Ok(executed) => Ran {
                is_success: executed.status == 0,
                stdout: executed.stdout,
                stderr: executed.stderr,
                left,
            },
            Err(error) => Ran {
                is_success: false,
                stdout: String::new(),
                stderr: error.to_string(),
                left,
            },
        })
    }
}
