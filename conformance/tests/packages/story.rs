//! What a person does on a machine with GPUs and Docker: the package is installed from its file, Docker is set up, a
//! container has its GPU, and the package is removed. Then no file is left.
//!
//! The machine runs Debian's root, with a driver that was copied into it and Docker as a service. Unlike the packages'
//! other machines it has devices, processes and control groups, so that `liftgate setup` restarts a real daemon and
//! proves itself by containers. No command has an option that a person would not type.

use crate::machine::{difference, says};
use crate::made::Made;
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Ground, fail, trial};
use liftgate_conformance::{Engines, OwnMachine, Site};
use liftgate_testhost::Options;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Its driver lies where no distribution has one, and its `nvidia-smi` is a script.
const MACHINE: &str = "h200-580";

/// Docker's configuration before anybody has heard of us.
const BEFORE: [(&str, Option<&str>); 2] = [
    ("story::debian_without_daemon_json", None),
    ("story::debian_with_daemon_json", Some(CONFIGURED)),
];
const CONFIGURED: &str = "{\n\t\"log-driver\": \"json-file\",   \"debug\": true\n}";
const CONFIGURATION: &str = "/etc/docker/daemon.json";

/// Shell text that makes Debian's root the root of the machine; what comes before it sets `LOWER`, `DRIVER` and `ENGINES`.
///
/// Mounts of the machine are shared, and the kernel moves no root from or to one that is.
const BECOME_DEBIAN: &str = r#"
root=$PLACE/root
mkdir -p "$PLACE/upper" "$PLACE/work" "$root"
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$PLACE/upper,workdir=$PLACE/work" "$root"
cp -a "$DRIVER/." "$root"
# The root was stripped of it, and every machine has it.
mkdir -p "$root/usr/share/doc" "$root/usr/share/man/man1" "$root/etc/init.d"
cp "$PLACE/init.d/docker" "$root/etc/init.d/"
for name in dev proc sys; do mount --rbind /$name "$root/$name"; done
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
cp /run/groups "$root/run/"
mkdir "$root/run/docker"
for name in "$PLACE" "$ENGINES"; do
  mkdir -p "$root$name"
  mount --bind "$name" "$root$name"
done
mkdir -p "$root/var/lib/docker"
mount --bind "$PLACE/docker" "$root/var/lib/docker"
mkdir "$root/old"
cd "$root"
pivot_root . old
umount -l /old
rmdir /old
mount --make-rshared /
ldconfig
"#;

/// Every path of the machine, devices and what programs keep in memory among them. Left out is what the package manager
/// and Docker write about themselves.
const STATE: &str = r"
cd /
others='./var/lib/dpkg ./var/lib/apt ./var/cache/apt ./var/cache/debconf ./var/log/apt ./var/log/dpkg.log
  ./var/log/docker.log ./etc/docker/key.json ./run/docker ./run/docker.pid ./run/docker.sock ./run/containerd ./dev/pts'
set --
for path in $others; do set -- $@ -path $path -o; done
find . ./dev ./run ./tmp -xdev \( $@ -false \) -prune -o -printf '%p %y %m %U:%G %l\n'
find . ./dev ./run ./tmp -xdev \( $@ -false \) -prune -o -type f -exec sha256sum {} +
";

pub(crate) fn trials(made: &Result<Arc<Made>, String>) -> Vec<Trial> {
    let missing = made.as_ref().err().cloned();
    let ground = missing.map_or_else(Ground::prepare, Err);
    let ready = ground.and_then(|ground| {
        let engines = Engines::find(&["dockerd", "docker", "containerd", "runc"])?;
        Ok((made.clone()?, ground, engines))
    });
    let missing = ready.as_ref().err().cloned();
    let trials = BEFORE.map(|(name, configuration)| {
        let ready = ready.clone();
        trial(name, missing.as_deref(), move || {
            let (made, ground, engines) = ready?;
            let place = ground.place(name);
            let told = Told::start(&made, &ground, &engines, &place)?;
            story(&told, configuration)
        })
    });
    trials.into()
}

fn story(told: &Told, configuration: Option<&str>) -> Result<(), Failed> {
    if let Some(text) = configuration {
        told.run("mkdir -p /etc/docker")?;
        fs::write(told.machine.file(CONFIGURATION), text)?;
    }
    told.run("/etc/init.d/docker start")?;
    told.run("docker import /mnt/mini.tar mini")?;
    let before = told.state()?;
    let docker_before = told.run(DOCKER)?;
    let id = told.run("cat /run/docker.pid")?;

    // A package that needs the network is none that people can install from a file.
    told.run("cd /mnt; unshare --net apt-get install --yes ./liftgate_*.deb")?;
    let seen = told.run("liftgate setup docker --yes")?;
    says(&seen, "a container got 1 GPU: docker run --gpus all")?;
    says(&seen, "a container got 1 GPU: docker run --runtime=nvidia")?;
    // It was started before there was a hook that it could have found.
    if told.run("cat /run/docker.pid")? == id {
        return Err(fail(format!("Docker was not restarted: {seen}")));
    }
    let listed = told.run("nvidia-smi -L")?;
    if listed != suite::machine(MACHINE).smi_list_host() {
        return Err(fail(format!("the machine has other GPUs: {listed}")));
    }
    let got = told.run("docker run --rm --network none --gpus all mini nvidia-smi -L")?;
    if got != listed {
        return Err(fail(format!("a container got {got}, and not {listed}")));
    }

    let seen = told.run("unshare --net apt-get remove --yes liftgate")?;
    told.run("[ -z \"$(ls -A \"$TMPDIR\")\" ]")?;
    let left = difference(&before, &told.state()?);
    if !left.is_empty() {
        return Err(fail(format!("{}\n{seen}", left.join("\n"))));
    }
    told.run("/etc/init.d/docker restart")?;
    told.run("docker run --rm --network none mini true")?;
    let docker_after = told.run(DOCKER)?;
    if docker_after != docker_before {
        return Err(fail(format!("{docker_after}, and not {docker_before}")));
    }
    // Nor has the daemon written anything since that it had not before.
    let left = difference(&before, &told.state()?);
    if left.is_empty() {
        Ok(())
    } else {
        Err(fail(left.join("\n")))
    }
}

/// What Docker has, and what it knows.
const DOCKER: &str = "docker images --all --quiet; docker ps --all --quiet; docker volume ls --quiet; \
    docker info --format '{{json .Runtimes}} {{.DefaultRuntime}} {{.LoggingDriver}} {{.Debug}}'";

/// The machine, and what it tells.
struct Told {
    machine: OwnMachine,
}

impl Told {
    fn start(
        made: &Made,
        ground: &Ground,
        engines: &Engines,
        place: &Path,
    ) -> Result<Self, Failed> {
        let site = Site::new(&ground.programs, MACHINE, &ground.state);
        let machine = suite::machine(MACHINE);
        let options = Options {
            state: Some(ground.state.clone()),
            writable: Vec::new(),
        };
        let driver = machine.materialise(&options.tree_directory(&machine))?;
        // `bin` of engines holds links into what lies beside it.
        let engines_root = engines.program("").join("..").canonicalize()?;
        let change = format!(
            "LOWER={}\nDRIVER={}\nENGINES={}\n{BECOME_DEBIAN}",
            quoted(&made.root),
            quoted(&driver.root()),
            quoted(&engines_root)
        );
        let machine = OwnMachine::start(&site, Some(engines), place, &change)?;
        let mnt = machine.file("/mnt");
        let package = made.package(".deb")?;
        fs::copy(&package, mnt.join(package.file_name().unwrap_or_default()))?;
        ground.image.archive(&mnt.join("mini.tar"))?;
        Ok(Self { machine })
    }

    /// What a command of the machine says, which must succeed.
    fn run(&self, script: &str) -> Result<String, Failed> {
        let whole = format!(
            "export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive\nexec 2>&1; set -eu\n{script}"
        );
        let output = self.machine.run(whole)?;
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(words)
        } else {
            Err(fail(format!("{} of `{script}`:\n{words}", output.status)))
        }
    }

    fn state(&self) -> Result<Vec<String>, Failed> {
        let text = self.run(STATE)?;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines.dedup();
        let holds = |path: &str| lines.iter().any(|line| line.starts_with(path));
        if lines.len() > 1000 && holds("./usr/bin/nvidia-smi f ") && holds("./dev/nvidiactl c ") {
            Ok(lines)
        } else {
            Err(fail(format!("a machine of {} paths: {text}", lines.len())))
        }
    }
}

/// A path as a word of the shell's.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}
