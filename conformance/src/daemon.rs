//! A daemon that is started, awaited and ended: what private engines have in common.

use crate::context;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(20);
const REMOVAL_LIMIT: Duration = Duration::from_secs(2);

/// A running daemon, with a control group for its containers. Ended when it is dropped.
#[derive(Debug)]
pub(crate) struct Daemon {
    name: &'static str,
    child: Child,
    log: PathBuf,
    cgroup: String,
    ending: Ending,
}

/// How a daemon is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is asked, and has time to end what it has started.
    Asked,
    /// It is killed: all that it has started is in its process namespace, and goes with it.
    Killed,
}

/// The name of a control group that no other run of the tests has.
pub(crate) fn cgroup_for(directory: &Path) -> String {
    let name = directory.file_name().unwrap_or_default().display();
    format!("liftgate-{}-{name}", std::process::id())
}

impl Daemon {
    /// Starts it, with its log in `directory`.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        directory: &Path,
        ending: Ending,
    ) -> io::Result<Self> {
        let path = directory.join("log");
        let log = File::create(&path)?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        Ok(Self {
            name,
            child: context(command.spawn(), || format!("start {name}"))?,
            log: path,
            cgroup: cgroup_for(directory),
            ending,
        })
    }

    /// Waits until it answers.
    pub(crate) fn await_answer(&mut self, mut answers: impl FnMut() -> bool) -> io::Result<()> {
        let begun = Instant::now();
        while !answers() {
            let ended = self.child.try_wait()?;
            if ended.is_some() || begun.elapsed() > START_LIMIT {
                let log = fs::read_to_string(&self.log).unwrap_or_default();
                let mut end: Vec<&str> = log.lines().rev().take(10).collect();
                end.reverse();
                return Err(io::Error::other(format!(
                    "{} does not start:\n{}",
                    self.name,
                    end.join("\n")
                )));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Its process. What brings it onto a simulated machine becomes it, and has the same.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn stop(&mut self) -> io::Result<()> {
        if self.ending == Ending::Killed {
            self.child.kill()?;
            self.child.wait()?;
            return Ok(());
        }
        Command::new("kill")
            .arg(self.child.id().to_string())
            .status()?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > STOP_LIMIT {
                self.child.kill()?;
                self.child.wait()?;
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // A test that is over has nobody left to tell; the daemon dies with the machine it runs on.
        self.stop().ok();
        remove_cgroups(&self.cgroup);
    }
}

/// Daemons leave their empty cgroups behind, one in each hierarchy, and systemd those of its slices.
fn remove_cgroups(name: &str) {
    let hierarchies = fs::read_dir("/sys/fs/cgroup").into_iter().flatten();
    let roots = hierarchies
        .flatten()
        .map(|entry| entry.path())
        .chain([PathBuf::from("/sys/fs/cgroup")]);
    for root in roots {
        let directory = root.join(name);
        let begun = Instant::now();
        // Who was killed is still in its cgroup for a moment.
        while directory.is_dir() && begun.elapsed() < REMOVAL_LIMIT {
            if !remove_cgroup(&directory) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// Removes a cgroup and those below it, deepest first; whether all are gone.
fn remove_cgroup(directory: &Path) -> bool {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_cgroup(&entry.path());
        }
    }
    fs::remove_dir(directory).is_ok()
}
