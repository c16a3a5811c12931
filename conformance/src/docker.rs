//! A Docker daemon of one's own.

use crate::{Image, Programs, context, find_program};
use liftgate_testhost::{Options, enter_command};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A running daemon with a socket, a root and process ids of its own. Ended, with its containers, when it is
/// dropped.
#[derive(Debug)]
pub struct Docker {
    daemon: Child,
    directory: PathBuf,
    cgroup: String,
}

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(20);

impl Docker {
    /// Starts a daemon in `directory` with our runtime registered as `nvidia`: on the simulated `machine`,
    /// or on this machine as it is.
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
            Some(machine) => {
                let options = Options {
                    state: Some(state.to_owned()),
                    writable: vec![directory.to_owned()],
                };
                enter_command(&programs.testhost, machine, &options, &dockerd)
            }
            None => Command::new(&dockerd),
        };
        let cgroup = format!(
            "liftgate-{}",
            directory.file_name().unwrap_or_default().display()
        );
        let log = File::create(directory.join("log"))?;
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
            .arg(format!("--cgroup-parent=/{cgroup}"))
            .arg("--config-file")
            .arg(write_empty_configuration(directory)?)
            .arg("--add-runtime")
            .arg(format!("nvidia={}", programs.runtime.display()))
            .env("NVIDIA_CTK_CONFIG_FILE_PATH", directory.join("config.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let daemon = context(command.spawn(), || "start dockerd".to_owned())?;
        let docker = Self {
            daemon,
            directory: directory.to_owned(),
            cgroup,
        };
        docker.await_start()
    }

    fn await_start(mut self) -> io::Result<Self> {
        let begun = Instant::now();
        loop {
            if self
                .command(["version"])
                .output()
                .is_ok_and(|output| output.status.success())
            {
                return Ok(self);
            }
            let ended = self.daemon.try_wait()?;
            if ended.is_some() || begun.elapsed() > START_LIMIT {
                let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                let end: Vec<&str> = log.lines().rev().take(10).collect();
                return Err(io::Error::other(format!(
                    "dockerd does not start:\n{}",
                    end.join("\n")
                )));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// `docker ARGUMENTS`, at this daemon.
    pub fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let docker = find_program("docker").unwrap_or_else(|| PathBuf::from("docker"));
        let mut command = Command::new(docker);
        command
            .arg("--host")
            .arg(format!(
                "unix://{}",
                self.directory.join("socket").display()
            ))
            .args(arguments)
            .stdin(Stdio::null());
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

    fn stop(&mut self) -> io::Result<()> {
        // The daemon ends its containers and its containerd when it is asked to end.
        Command::new("kill")
            .arg(self.daemon.id().to_string())
            .status()?;
        let begun = Instant::now();
        while self.daemon.try_wait()?.is_none() {
            if begun.elapsed() > STOP_LIMIT {
                self.daemon.kill()?;
                self.daemon.wait()?;
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        remove_cgroups(&self.cgroup);
        Ok(())
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        // A test that is over has nobody left to tell; the daemon dies with the machine it runs on.
        self.stop().ok();
    }
}

fn write_empty_configuration(directory: &Path) -> io::Result<PathBuf> {
    let path = directory.join("daemon.json");
    fs::write(&path, "{}")?;
    Ok(path)
}

/// The daemon leaves its empty cgroups behind, one in each hierarchy.
fn remove_cgroups(name: &str) {
    let Ok(hierarchies) = fs::read_dir("/sys/fs/cgroup") else {
        return;
    };
    let roots = hierarchies
        .flatten()
        .map(|entry| entry.path())
        .chain([PathBuf::from("/sys/fs/cgroup")]);
    for root in roots {
        fs::remove_dir(root.join(name)).ok();
    }
}
