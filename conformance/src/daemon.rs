//! A daemon that is started, awaited and ended: what private engines have in common.

use crate::context;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running daemon, with a control group for its containers. Ended when it is dropped.
#[derive(Debug)]
pub(crate) struct Daemon {
    name: &'static str,
    child: Child,
    log: PathBuf,
    cgroup: String,
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

/// Daemons leave their empty cgroups behind, one in each hierarchy.
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
