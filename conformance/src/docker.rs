//! A Docker daemon of one's own.

use crate::daemon::{Daemon, cgroup_for};
use crate::{Engines, Image, Programs, Site, context, find_program};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A running daemon with a socket, a root and process ids of its own. Ended, with its containers, when it is
/// dropped.
#[derive(Debug)]
pub struct Docker {
    // The daemon ends its containers and its containerd when it is asked to end.
    _daemon: Daemon,
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
        fs::create_dir_all(directory)?;
        let dockerd =
            find_program("dockerd").ok_or_else(|| io::Error::other("there is no dockerd"))?;
        let mut command = match machine {
            Some(machine) => Site::new(programs, machine, state).enter(directory, &dockerd),
            None => Command::new(&dockerd),
        };
        command
            .arg("--add-runtime")
            .arg(format!("nvidia={}", programs.runtime.display()))
            .env("NVIDIA_CTK_CONFIG_FILE_PATH", directory.join("config.toml"));
        let client = find_program("docker").unwrap_or_else(|| PathBuf::from("docker"));
        Self::launch(command, client, directory)
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
        Self::launch(command, engines.program("docker"), directory)
    }

    fn launch(mut command: Command, client: PathBuf, directory: &Path) -> io::Result<Self> {
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
            .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
            .arg(format!("--cgroup-parent=/{}", cgroup_for(directory)))
            .arg("--config-file")
            .arg(write_empty_configuration(directory)?);
        let mut daemon = Daemon::start("dockerd", &mut command, directory)?;
        daemon.await_answer(|| {
            client_command(&client, directory)
                .arg("version")
                .output()
                .is_ok_and(|output| output.status.success())
        })?;
        Ok(Self {
            _daemon: daemon,
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

    /// Makes the image known under `name`.
    pub fn import(&self, image: &Image, name: &str) -> io::Result<()> {
        let archive = self.directory.join("image.tar");
        image.archive(&archive)?;
        let output = self.command(["import"]).arg(&archive).arg(name).output()?;
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

fn write_empty_configuration(directory: &Path) -> io::Result<PathBuf> {
    let path = directory.join("daemon.json");
    fs::write(&path, "{}")?;
    Ok(path)
}
