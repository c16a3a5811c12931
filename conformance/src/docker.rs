//! A Docker daemon of one's own.

use crate::cgroup_driver::{CgroupDriver, UNDER_SYSTEMD};
use crate::daemon::{Daemon, Ending, cgroup_for};
use crate::{Engines, Image, Programs, Site, context, find_program, suite};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The name by which Docker before 29.2 looks for what serves `--gpus`.
const HOOK: &str = "nvidia-container-runtime-hook";

/// A running daemon with a socket, a root and process ids of its own. Ended, with its containers, when it is
/// dropped.
#[derive(Debug)]
pub struct Docker {
    // The daemon ends its containers and its containerd when it is asked to end.
    daemon: Daemon,
    client: PathBuf,
    directory: PathBuf,
}

impl Docker {
    /// Starts the distribution's daemon in `directory` with our runtime registered as `nvidia`: on the
    /// simulated `machine`, or on this machine as it is.
    pub fn start(
        programs: &Programs,
        machine: Option<&str>,
        state: &Path,
        directory: &Path,
    ) -> io::Result<Self> {
        let runtime = format!("nvidia={}", programs.runtime.display());
        let flags = ["--add-runtime".to_owned(), runtime];
        Self::start_with(programs, machine, state, directory, &flags)
    }

    /// The same, of which nobody has registered our runtime yet.
    pub fn start_unconfigured(
        programs: &Programs,
        machine: Option<&str>,
        state: &Path,
        directory: &Path,
    ) -> io::Result<Self> {
        Self::start_with(programs, machine, state, directory, &[])
    }

    fn start_with(
        programs: &Programs,
        machine: Option<&str>,
        state: &Path,
        directory: &Path,
        flags: &[String],
    ) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let dockerd =
            find_program("dockerd").ok_or_else(|| io::Error::other("there is no dockerd"))?;
        let mut command = match machine {
            Some(machine) => Site::new(programs, machine, state).enter(directory, &dockerd),
            None => Command::new(&dockerd),
        };
        // The hook lies beside the runtime, if it has its name there.
        let mut path = programs
            .runtime
            .parent()
            .map(|directory| directory.as_os_str().to_owned())
            .unwrap_or_default();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        command
            .args(flags)
            .env("PATH", path)
            .env("NVIDIA_CTK_CONFIG_FILE_PATH", configuration_in(directory));
        let client = find_program("docker").unwrap_or_else(|| PathBuf::from("docker"));
        Self::launch(command, client, directory, CgroupDriver::Files)
    }

    /// Starts a current daemon in `directory`, as it comes: it finds the specification of its machine by
    /// itself.
    pub fn start_current(engines: &Engines, site: &Site, directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let mut command = site.enter(directory, engines.program("dockerd"));
        command
            .env("PATH", engines.path())
            // Nobody publishes a port, and the program for it is not there.
            .arg("--userland-proxy=false");
        Self::launch(
            command,
            engines.program("docker"),
            directory,
            CgroupDriver::Files,
        )
    }

    /// Starts a daemon in `directory` that finds our prestart hook on its `PATH`, and so answers `--gpus`: the
    /// distribution's, or a current one. What the hook reads is [`Self::configuration`]; our runtime is there
    /// as `nvidia`.
    pub fn start_with_hook(
        engines: Option<&Engines>,
        site: &Site,
        directory: &Path,
        driver: CgroupDriver,
    ) -> io::Result<Self> {
        let hooks = directory.join("hooks");
        fs::create_dir_all(&hooks)?;
        let hook = site.programs().hook();
        context(symlink(&hook, hooks.join(HOOK)), || {
            format!("link to `{}`", hook.display())
        })?;
        let program = |name: &str| match engines {
            Some(engines) => Ok(engines.program(name)),
            None => {
                find_program(name).ok_or_else(|| io::Error::other(format!("there is no {name}")))
            }
        };
        let site = match driver {
            CgroupDriver::Files => site.clone(),
            CgroupDriver::Systemd => site.clone().changed_by(UNDER_SYSTEMD),
        };
        let mut command = site.enter(directory, program("dockerd")?);
        let usual = match engines {
            Some(engines) => engines.path(),
            None => std::env::var_os("PATH").unwrap_or_default(),
        };
        let mut path = hooks.into_os_string();
        path.push(":");
        path.push(usual);
        command
            .env("PATH", path)
            .env("NVIDIA_CTK_CONFIG_FILE_PATH", configuration_in(directory))
            .arg("--userland-proxy=false")
            .arg("--add-runtime")
            .arg(format!("nvidia={}", site.programs().runtime.display()));
        if let Ok(crun) = suite::low_level("crun") {
            command
                .arg("--add-runtime")
                .arg(format!("crun={}", crun.display()));
        }
        Self::launch(command, program("docker")?, directory, driver)
    }

    /// Starts the distribution's daemon in `directory` as it comes, but for our runtime, which it has as `nvidia`: its `PATH` has
    /// no hook, and it does not serve `--gpus`.
    pub fn start_with_runtime(site: &Site, directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let program = |name: &str| {
            find_program(name).ok_or_else(|| io::Error::other(format!("there is no {name}")))
        };
        let mut command = site.enter(directory, program("dockerd")?);
        command
            .env("NVIDIA_CTK_CONFIG_FILE_PATH", configuration_in(directory))
            .arg("--userland-proxy=false")
            .arg("--add-runtime")
            .arg(format!("nvidia={}", site.programs().runtime.display()));
        Self::launch(command, program("docker")?, directory, CgroupDriver::Files)
    }

    /// The `config.toml` of the runtime and of the hook. There is none until somebody writes it.
    pub fn configuration(&self) -> PathBuf {
        configuration_in(&self.directory)
    }

    /// The daemon's socket.
    pub fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }

    /// Runs shell text on the machine that the daemon runs on: in its namespaces.
    pub fn on_machine(&self, script: &str) -> io::Result<Output> {
        let output = Command::new("nsenter")
            .args(["--mount", "--target", &self.daemon.id().to_string()])
            .arg(format!(
                "--pid=/proc/{}/ns/pid_for_children",
                self.daemon.id()
            ))
            .args(["--", "/bin/sh", "-e", "-c", script])
            .stdin(Stdio::null())
            .output();
        context(output, || "nsenter".to_owned())
    }

    fn launch(
        mut command: Command,
        client: PathBuf,
        directory: &Path,
        driver: CgroupDriver,
    ) -> io::Result<Self> {
        command
            .arg("--host")
            .arg(format!("unix://{}", directory.join("socket").display()))
            .arg("--data-root")
            .arg(directory.join("data"))
            .arg("--exec-root")
            .arg(directory.join("exec"))
            .arg("--pidfile")
            .arg(directory.join("pid"))
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none"])
            .arg("--config-file")
            .arg(write_empty_configuration(directory)?);
        let cgroup = cgroup_for(directory);
        let ending = match driver {
            CgroupDriver::Files => {
                command
                    .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
                    .arg(format!("--cgroup-parent=/{cgroup}"));
                Ending::Asked
            }
            CgroupDriver::Systemd => {
                command
                    .args(["--exec-opt", "native.cgroupdriver=systemd"])
                    .env("CGROUP", cgroup);
                Ending::Killed
            }
        };
        let mut daemon = Daemon::start("dockerd", &mut command, directory, ending)?;
        daemon.await_answer(|| {
            client_command(&client, directory)
                .arg("version")
                .output()
                .is_ok_and(|output| output.status.success())
        })?;
        Ok(Self {
            daemon,
            client,
            directory: directory.to_owned(),
        })
    }

    /// `docker ARGUMENTS`, at this daemon.
    pub fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = client_command(&self.client, &self.directory);
        command.args(arguments);
        command
    }

    /// Runs `docker ARGUMENTS`.
    pub fn run(&self, arguments: &[&str]) -> io::Result<Output> {
        context(self.command(arguments).output(), || {
            format!("docker {}", arguments.join(" "))
        })
    }

    /// Runs a docker command that has to succeed; what it prints.
    pub fn output(&self, arguments: &[&str]) -> io::Result<String> {
        let output = self.run(arguments)?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(io::Error::other(format!(
                "docker {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr)
            )))
        }
    }

    /// Makes the image known under `name`.
    pub fn import(&self, image: &Image, name: &str) -> io::Result<()> {
        self.import_with(image, name, "")
    }

    /// The same, with a line of a Dockerfile's.
    pub fn import_with(&self, image: &Image, name: &str, change: &str) -> io::Result<()> {
        let archive = self.directory.join("image.tar");
        image.archive(&archive)?;
        let mut command = self.command(["import"]);
        if !change.is_empty() {
            command.args(["--change", change]);
        }
        let output = command.arg(&archive).arg(name).output()?;
        fs::remove_file(&archive)?;
        if output.status.success() {
            Ok(())
        } else {
            Err(io::Error::other(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ))
        }
    }
}

/// The client at the daemon of `directory`, without what its user has configured.
fn client_command(client: &Path, directory: &Path) -> Command {
    let mut command = Command::new(client);
    command
        .arg("--host")
        .arg(format!("unix://{}", directory.join("socket").display()))
        .env("DOCKER_CONFIG", directory.join("client"))
        .env_remove("DOCKER_CONTEXT")
        .stdin(Stdio::null());
    command
}

fn configuration_in(directory: &Path) -> PathBuf {
    directory.join("config.toml")
}

fn write_empty_configuration(directory: &Path) -> io::Result<PathBuf> {
    let path = directory.join("daemon.json");
    fs::write(&path, "{}")?;
    Ok(path)
}
