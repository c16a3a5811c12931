//! A simulated machine with processes and control groups of its own, on which engines are services under their
//! real names: what reads `/etc/docker/daemon.json` and asks at `/var/run/docker.sock` finds the machine's.
//!
//! | of the machine | how |
//! |---|---|
//! | its files | those of [`Site`]; engines' configuration of this host is not seen, their data lie in the test's directory |
//! | its processes | a process namespace: whatever runs there goes with its first process |
//! | its control groups | one group in each hierarchy of this host, as the root of a control group namespace |
//! | its services | init scripts, or a systemd of its own |

mod services;

use crate::daemon::{Daemon, Ending, cgroup_for};
use crate::{Engines, Programs, Site, context};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A running machine. Whatever runs there is killed when it is dropped.
#[derive(Debug)]
pub struct OwnMachine {
    daemon: Daemon,
    directory: PathBuf,
    path: String,
}

/// Who starts services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// Scripts in `/etc/init.d`, on the control groups that this host has.
    Scripts,
    /// systemd, on control groups of version 2; it knows Docker.
    Systemd,
}

/// The names of our programs, as a package installs them into `/usr/bin`.
const INSTALLED: [&str; 7] = [
    "liftgate",
    "liftgate-rt",
    "nvidia-container-runtime",
    "nvidia-container-runtime-hook",
    "nvidia-container-cli",
    "nvidia-cdi-hook",
    "nvidia-ctk",
];

/// The directories of programs that every machine has.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Shell text that becomes the first process of the machine, which reaps what others leave behind. Programs are
/// bound, not copied: a daemon tells by the times of the GPU hook whether it was there at the daemon's start.
///
/// Overlays and sockets' long paths are no place for engines' data and state: these get directories of the
/// test's, and file systems in memory.
const FIRST: &str = r#"
set -e
mount -t proc proc /proc
for name in driver devices misc; do mount --rbind "$SAVED/$name" /proc/$name; done
umount -R /sys/fs/cgroup
[ $INIT = scripts ] || echo cgroup2 /sys/fs/cgroup rw >/run/hierarchies
grep -q ' /sys/fs/cgroup ' /run/hierarchies || mount -t tmpfs tmpfs /sys/fs/cgroup
while read -r type point options; do
  mkdir -p "$point"
  mount -t $type -o $options cgroup "$point"
  group=$point
  # A group of version 2 has processes or groups.
  [ $type = cgroup ] || { group=$point/processes; mkdir "$group"; echo $$ >"$group/cgroup.procs"; }
  echo "$group/cgroup.procs"
done </run/hierarchies >/run/groups
rm -rf /etc/docker /etc/containerd /etc/containers/containers.conf* /etc/cdi /run/cdi /var/lib/liftgate
rm -rf /run/docker.sock /run/docker.pid /run/containerd.pid
for engine in docker containerd containers libpod crun; do
  umount -R /run/$engine 2>/dev/null || true
  rm -rf /run/$engine /var/lib/$engine
  mkdir -p /run/$engine /var/lib/$engine "$PLACE/$engine"
  mount -t tmpfs tmpfs /run/$engine
  mount --bind "$PLACE/$engine" /var/lib/$engine
done
for name in $NAMES; do
  rm -f /usr/bin/$name
  : >/usr/bin/$name
  mount --bind "$PROGRAMS/$name" /usr/bin/$name
done
cp "$PLACE"/init.d/* /etc/init.d/
eval "$CHANGE"
unset CHANGE SAVED NAMES PROGRAMS
if [ $INIT = systemd ]; then
  # What it sets in /proc/sys is this host's, and it would cover a /run that is only a directory.
  mount --bind /proc/sys /proc/sys
  mount -o remount,bind,ro /proc/sys
  mount --rbind /run /run
  cp "$PLACE"/units/* /etc/systemd/system/
  exec env -i container=other /lib/systemd/systemd --unit=machine.target --log-target=console --log-level=warning
fi
: >"$PLACE/ready"
while sleep 1; do :; done
"#;

/// Shell text that gives the machine its groups and namespaces. What is simulated of `/proc` is kept for the new
/// one.
const HOLDER: &str = r#"
set -e
awk '$3 ~ /^cgroup2?$/ { sub(/,release_agent=[^,]*/, "", $4); print $3, $2, $4 }' /proc/mounts >/run/hierarchies
while read -r type point options; do
  mkdir "$point/$CGROUP"
  for setting in cpus mems; do
    [ $type = cgroup2 ] || [ ! -e "$point/cpuset.$setting" ] ||
      cat "$point/cpuset.$setting" >"$point/$CGROUP/cpuset.$setting"
  done
  echo $$ >"$point/$CGROUP/cgroup.procs"
done </run/hierarchies
SAVED=$(mktemp -d -p /run)
for name in driver devices misc; do
  if [ -d /proc/$name ]; then mkdir "$SAVED/$name"; else : >"$SAVED/$name"; fi
  mount --rbind /proc/$name "$SAVED/$name"
done
export SAVED
exec unshare --pid --fork --kill-child --mount --cgroup --propagation shared /bin/sh -c "$FIRST"
"#;

impl OwnMachine {
    /// Starts it in `directory`, changed by shell text before anything runs. The programs of `engines` come
    /// before the distribution's.
    pub fn start(
        site: &Site,
        engines: Option<&Engines>,
        directory: &Path,
        change: &str,
    ) -> io::Result<Self> {
        Self::start_under(Init::Scripts, site, engines, directory, change)
    }

    /// The same, under what starts services.
    pub fn start_under(
        init: Init,
        site: &Site,
        engines: Option<&Engines>,
        directory: &Path,
        change: &str,
    ) -> io::Result<Self> {
        fs::create_dir_all(directory.join("tmp"))?;
        let programs = site.programs();
        for name in INSTALLED {
            programs.named(name)?;
        }
        let mut path = engines.map_or_else(String::new, |engines| {
            let directory = engines.program("");
            format!("{}:", directory.display())
        });
        path.push_str(USUAL_PATH);
        services::write(directory, &path)?;
        let mut command = site.enter(directory, "/bin/sh");
        command
            .args(["-c", HOLDER])
            .env("FIRST", FIRST)
            .env("CHANGE", change)
            .env(
                "INIT",
                match init {
                    Init::Scripts => "scripts",
                    Init::Systemd => "systemd",
                },
            )
            .env("NAMES", INSTALLED.join(" "))
            .env("PROGRAMS", directory_of(programs))
            .env("PLACE", directory)
            .env("CGROUP", cgroup_for(directory))
            .env("PATH", &path);
        let mut daemon = Daemon::start("machine", &mut command, directory, Ending::Killed)?;
        daemon.await_answer(|| directory.join("ready").exists())?;
        Ok(Self {
            daemon,
            directory: directory.to_owned(),
            path,
        })
    }

    /// A command that runs shell text on the machine. `/tmp` is this host's, and nothing may be left there.
    pub fn shell(&self, script: &str) -> Command {
        const JOIN: &str =
            r#"while read -r group; do echo $$ >"$group"; done </run/groups; exec /bin/sh -c "$0""#;
        let id = self.daemon.id();
        let mut command = Command::new("nsenter");
        command
            .args(["--mount", "--cgroup", "--target", &id.to_string()])
            .arg(format!("--pid=/proc/{id}/ns/pid_for_children"))
            .args(["--", "/bin/sh", "-c", JOIN, script])
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", "/root")
            .env("TMPDIR", self.directory.join("tmp"))
            .stdin(Stdio::null());
        command
    }

    /// Runs shell text on the machine.
    pub fn run(&self, script: impl AsRef<str>) -> io::Result<Output> {
        context(self.shell(script.as_ref()).output(), || {
            "nsenter".to_owned()
        })
    }

    /// The machine's file, as this process can open it.
    pub fn file(&self, path: impl AsRef<OsStr>) -> PathBuf {
        let mut place = PathBuf::from(format!("/proc/{}/root", self.daemon.id())).into_os_string();
        place.push(path);
        place.into()
    }
}

fn directory_of(programs: &Programs) -> &Path {
    programs.liftgate.parent().unwrap_or(Path::new("/"))
}
