//! A daemon's process, as `/proc` tells of it.
//!
//! dockerd looks for programs on *its* `PATH`, reads the file that *its* command line names and has looked for the GPU's hook when
//! *it* started: what this shell's environment says is beside the point. A daemon in a container of its own (Docker in Docker) is
//! none of this machine's.

use super::Unit;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Ticks of the times in `/proc/PID/stat`: the kernel's interface has 100 in a second on every machine there is.
const TICKS: u64 = 100;

/// Where `/proc/PID/stat` has what, behind the name.
const PARENT: usize = 1;
const START: usize = 19;

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// Its command line.
    pub arguments: Vec<OsString>,
    /// The `PATH` that it was started with; `None` where that cannot be read.
    pub path: Option<OsString>,
    /// Its control group, as `/proc/PID/cgroup` has it.
    pub cgroup: String,
    /// When it was started.
    pub started: Option<SystemTime>,
    /// Who runs it.
    pub user: u32,
}

impl Process {
    /// The process of that name that runs in this mount namespace's process namespace, or in a snap's: the first one started.
    pub fn named(name: &str) -> Option<Self> {
        Self::all_named(name).into_iter().next()
    }

    /// The same, of those that a user runs: a user's own Docker is none of the machine's.
    pub fn named_of(name: &str, user: u32) -> Option<Self> {
        let mut processes = Self::all_named(name).into_iter();
        processes.find(|process| process.user == user)
    }

    /// The daemon of that name that answers at a socket. Where systemd listens, and hands the socket over, it is the only one there is.
    pub fn at(socket: &Path, name: &str) -> Option<Self> {
        let listener = liftgate_sys::process::listener(socket).ok()??;
        if is_named(listener, name) {
            return Self::of(listener);
        }
        let mut all = numbers().filter(|id| is_named(*id, name));
        let only = all.next().filter(|_| all.next().is_none());
        only.and_then(Self::of)
    }

    /// Every such process, in the order of their numbers.
    pub fn all_named(name: &str) -> Vec<Self> {
        let mut found: Vec<Self> = numbers()
            .filter(|id| is_named(*id, name) && is_of_this_machine(*id))
            .filter_map(Self::of)
            .collect();
        found.sort_by_key(|process| process.id);
        found
    }

    /// Whether a process of that name has started it, and runs: dockerd has a containerd of its own where no other serves it.
    pub fn is_child_of(&self, name: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id)).unwrap_or_default();
        stat_word(&stat, PARENT)
            .and_then(|word| word.parse().ok())
            .is_some_and(|parent| is_named(parent, name))
    }

    /// What is known of a process; `None` if it is gone.
    pub fn of(id: u32) -> Option<Self> {
        let place = PathBuf::from(format!("/proc/{id}"));
        let words = |file: &str| -> Option<Vec<OsString>> {
            let bytes = std::fs::read(place.join(file)).ok()?;
            let words = bytes.split(|byte| *byte == 0);
            let words = words.filter(|word| !word.is_empty());
            Some(
                words
                    .map(|word| OsStr::from_bytes(word).to_owned())
                    .collect(),
            )
        };
        let path = words("environ").and_then(|variables| {
            let values = variables.iter();
            let mut values = values.filter_map(|one| one.as_bytes().strip_prefix(b"PATH="));
            values.next().map(|path| OsStr::from_bytes(path).to_owned())
        });
        let metadata = std::fs::metadata(&place).ok()?;
        Some(Self {
            id,
            arguments: words("cmdline")?,
            path,
            cgroup: std::fs::read_to_string(place.join("cgroup")).unwrap_or_default(),
            started: started(&place),
            user: std::os::unix::fs::MetadataExt::uid(&metadata),
        })
    }

    /// The value of an option of its command line, given as `--name VALUE` or `--name=VALUE`; the last one counts.
    pub fn option(&self, name: &str) -> Option<&OsStr> {
        let mut value = None;
        let mut arguments = self.arguments.iter().skip(1);
        while let Some(argument) = arguments.next() {
            let Some(rest) = argument.as_bytes().strip_prefix(name.as_bytes()) else {
                continue;
            };
            match rest.split_first() {
                None => value = arguments.next().map(OsString::as_os_str),
                Some((b'=', rest)) => value = Some(OsStr::from_bytes(rest)),
                Some(_) => {}
            }
        }
        value
    }

    /// Where a program lies that the process would find by its name.
    pub fn finds(&self, program: &str) -> Option<PathBuf> {
        let path = self.path.as_deref()?;
        std::env::split_paths(path)
            .map(|directory| directory.join(program))
            .find(|file| liftgate_sys::process::is_executable(file))
    }

    /// Whether a file was there, as it is, when the process was started.
    pub fn is_younger_than(&self, file: &Path) -> bool {
        let changed = std::fs::metadata(file).ok().map(|metadata| {
            // A link may be older than what it leads to, and the other way round.
            let link = std::fs::symlink_metadata(file).unwrap_or(metadata.clone());
            let seconds = |metadata: &std::fs::Metadata| {
                let seconds = std::os::unix::fs::MetadataExt::ctime(metadata);
                UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
            };
            seconds(&metadata).max(seconds(&link))
        });
        match (self.started, changed) {
            // The machine's start is known to the second.
            (Some(started), Some(changed)) => started > changed + Duration::from_secs(1),
            _ => false,
        }
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        Self::of(self.id).is_some_and(|now| now.started == self.started)
    }
}

/// The numbers of all processes.
fn numbers() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether the process goes by that name: the kernel's for it, of which it keeps fifteen bytes.
fn is_named(id: u32, name: &str) -> bool {
    let kept = &name[..name.len().min(15)];
    std::fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|comm| comm.trim_end() == kept)
}

fn is_of_this_machine(id: u32) -> bool {
    let same = |kind: &str| {
        let of = |id: &str| std::fs::read_link(format!("/proc/{id}/ns/{kind}")).ok();
        of(&id.to_string()).is_some_and(|theirs| Some(theirs) == of("self"))
    };
    let cgroup = std::fs::read_to_string(format!("/proc/{id}/cgroup")).unwrap_or_default();
    // snapd gives each snap a mount namespace, and so does RootlessKit to a user's Docker.
    let has_own_mounts =
        cgroup.contains("/snap.") || Unit::of_cgroup(&cgroup).is_some_and(|unit| unit.is_of_user);
    same("pid") && (same("mnt") || has_own_mounts)
}

/// A word of `/proc/PID/stat`, counted behind the name, which stands in brackets and may hold anything.
fn stat_word(stat: &str, index: usize) -> Option<&str> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(index)
}

fn started(place: &Path) -> Option<SystemTime> {
    let stat = std::fs::read_to_string(place.join("stat")).ok()?;
    let ticks: u64 = stat_word(&stat, START)?.parse().ok()?;
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let booted = text.lines().find_map(|line| line.strip_prefix("btime "))?;
    let booted = Duration::from_secs(booted.trim().parse().ok()?);
    Some(UNIX_EPOCH + booted + Duration::from_millis(ticks.saturating_mul(1000 / TICKS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(arguments: &[&str]) -> Process {
        Process {
            id: 1,
            arguments: arguments.iter().map(OsString::from).collect(),
            path: Some("/nowhere:/usr/bin".into()),
            cgroup: String::new(),
            started: None,
            user: 0,
        }
    }

    #[test]
    fn options() {
        let process = process(&[
            "dockerd",
            "--config-file",
            "a",
            "--config-file=b",
            "--configs",
            "c",
        ]);
        assert_eq!(process.option("--config-file"), Some(OsStr::new("b")));
        assert_eq!(process.option("--config"), None);
        assert_eq!(process.option("--configs"), Some(OsStr::new("c")));
    }

    #[test]
    fn this_process() {
        let own = Process::of(std::process::id()).unwrap();
        let age = own.started.unwrap().elapsed().unwrap();
        assert!(age < Duration::from_secs(3600), "{age:?}");
        assert!(own.is_alive());
        assert!(own.is_younger_than(Path::new("/bin/sh")));
        let directory = tempfile::tempdir().unwrap();
        std::thread::sleep(Duration::from_millis(1100));
        std::fs::write(directory.path().join("new"), "").unwrap();
        assert!(!own.is_younger_than(&directory.path().join("new")));
        assert_eq!(Process::of(0), None);
        let stat = "7 (a) b (c) S 42 7";
        assert_eq!(stat_word(stat, PARENT), Some("42"));
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let sleeping = Process::of(child.id()).unwrap();
        assert!(!sleeping.is_child_of("dockerd"));
        // A test is a thread, and its process has the name of the whole.
        let whole = std::fs::read_to_string(format!("/proc/{}/comm", std::process::id())).unwrap();
        assert!(sleeping.is_child_of(whole.trim()), "{whole}");
        child.kill().unwrap();
        child.wait().unwrap();
        let found = process(&[]).finds("env");
        assert_eq!(found.as_deref(), Some(Path::new("/usr/bin/env")));
        assert_eq!(process(&[]).finds("no-such-program"), None);
    }
}
