//! What a person does on a machine with GPUs and Docker: the package is installed from its file, Docker is set up, a
//! container has its GPU, and the package is removed. Then no file is left.
//!
//! The machine runs Debian's root, with a driver that was copied into it and Docker as a service. Unlike the packages'
//! other machines it has devices, processes and control groups, so that `liftgate setup` restarts a real daemon and
//! proves itself by containers. `liftgate` gets no option but `--yes`.

use crate::machine::{difference, says};
use crate::made::Made;
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Ground, fail, trial};
use liftgate_conformance::{Engines, OwnMachine, Site, find_program};
use liftgate_testhost::Options;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Its driver lies where no distribution has one, and its `nvidia-smi` is a script.
const MACHINE: &str = "h200-580";

/// Docker's configuration before anybody has heard of us.
const BEFORE: [(&str, Option<&str>); 2] = [
    ("debian_without_daemon_json", None),
    ("debian_with_daemon_json", Some(CONFIGURED)),
];
const CONFIGURED: &str = "{\n\t\"log-driver\": \"json-file\",   \"debug\": true\n}";
const CONFIGURATION: &str = "/etc/docker/daemon.json";

/// Docker's programs.
const PROGRAMS: [&str; 5] = [
    "dockerd",
    "docker",
    "containerd",
    "containerd-shim-runc-v2",
    "runc",
];

/// Shell text that makes Debian's root the root of the machine; what comes before it sets `LOWER`, `DRIVER`, and one
/// of `ENGINES` and `FILES`: a directory of Docker's programs that is seen there too, or these programs themselves.
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
for name in "$PLACE" $ENGINES; do
  mkdir -p "$root$name"
  mount --bind "$name" "$root$name"
done
for program in $FILES; do
  for name in "$program" $(ldd "$program" | grep -o '/[^ ]*' || true); do
    [ -e "$root$name" ] || { mkdir -p "$root${name%/*}" && cp -L "$name" "$root$name"; }
  done
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
    let mut trials = Vec::new();
    for (release, docker) in [
        ("distribution", Docker::of_debian()),
        ("current", Docker::current()),
    ] {
        let ready = made.clone().and_then(|made| {
            let docker = docker?;
            Ok((made, ground.clone()?, docker))
        });
        let missing = ready.as_ref().err().cloned();
        for (label, configuration) in BEFORE {
            let name = format!("story::{label}::{release}");
            let ready = ready.clone();
            trials.push(trial(&name.clone(), missing.as_deref(), move || {
                let (made, ground, docker) = ready?;
                let told = Told::start(&made, &ground, &docker, &ground.place(&name))?;
                story(&told, configuration)
            }));
        }
    }
    trials
}

/// Whose Docker.
#[derive(Debug, Clone)]
enum Docker {
    /// The one that this host has installed, which has to be the root's Debian: of its libraries, only those are copied
    /// that the root lacks.
    Debian(Vec<PathBuf>),
    Current(Engines),
}

impl Docker {
    fn of_debian() -> Result<Self, String> {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        if !release.contains("VERSION_CODENAME=bookworm") {
            return Err("needs Docker of bookworm, on bookworm".to_owned());
        }
        let files = PROGRAMS.map(|name| find_program(name).ok_or_else(|| format!("needs {name}")));
        Ok(Self::Debian(files.into_iter().collect::<Result<_, _>>()?))
    }

    fn current() -> Result<Self, String> {
        Engines::find(&PROGRAMS).map(Self::Current)
    }

    /// The variable that says where it is.
    fn variable(&self) -> Result<String, Failed> {
        let (name, paths) = match self {
            Self::Debian(files) => ("FILES", files.clone()),
            // `bin` of engines holds links into what lies beside it.
            Self::Current(engines) => ("ENGINES", vec![engines.program("..").canonicalize()?]),
        };
        let words: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        if words.iter().any(|word| word.contains(char::is_whitespace)) {
            return Err(fail(format!("a path with a blank: {words:?}")));
        }
        Ok(format!("{name}={}", quoted(&words.join(" "))))
    }

    fn engines(&self) -> Option<&Engines> {
        match self {
            Self::Debian(_) => None,
            Self::Current(engines) => Some(engines),
        }
    }
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
    told.run("docker run --rm --network none mini true")?;
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
    fn start(made: &Made, ground: &Ground, docker: &Docker, place: &Path) -> Result<Self, Failed> {
        let site = Site::new(&ground.programs, MACHINE, &ground.state);
        let machine = suite::machine(MACHINE);
        let options = Options {
            state: Some(ground.state.clone()),
            writable: Vec::new(),
        };
        let driver = machine.materialise(&options.tree_directory(&machine))?;
        let change = format!(
            "LOWER={}\nDRIVER={}\nENGINES= FILES=\n{}\n{BECOME_DEBIAN}",
            quoted(&made.root.to_string_lossy()),
            quoted(&driver.root().to_string_lossy()),
            docker.variable()?
        );
        let machine = OwnMachine::start(&site, docker.engines(), place, &change)?;
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

/// A word of the shell's.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
