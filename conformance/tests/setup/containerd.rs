//! containerd, asked as the kubelet asks it: by the CRI, with the runtime as a pod's handler.
//!
//! Before 2.1 a drop-in's table of a plugin takes the place of the whole table of the main file, and containerd 1 takes a
//! table of runtimes for all that there are; from 2.1 on tables are merged. So each is held to a pod without a handler, to
//! one with another runtime, and to what else is configured.

use crate::ran::same;
use crate::stage::{LIST, Stage, eventually, listing};
use crate::{Case, Release};
use libtest_mimic::Failed;
use liftgate_conformance::Cri;
use liftgate_conformance::cri::{Container, Pod, Road};
use liftgate_conformance::suite::fail;
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const PROGRAMS: &[&str] = &["containerd", "ctr", "runc", "containerd-shim-runc-v2"];
pub(crate) const CONFIGURATION: &str = "/etc/containerd/config.toml";
const DROP_IN: &str = "/etc/containerd/conf.d/99-nvidia.toml";

/// Kubernetes knows no short names.
const REFERENCE: &str = "docker.io/library/mini:latest";

/// What people have, in the version of containerd 1. A pod's memory score takes a right that not every machine gives.
const VERSION_2: &str = r#"# Written by hand.
version = 2
oom_score = -1   # a big one

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/mini:latest"
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false # agreed on with the kubelet

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.other]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.other.options]
        BinaryName = "/usr/bin/other-runtime"

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
"#;

/// The same in the version of containerd 2.
const VERSION_3: &str = r#"# Written by hand.
version = 3
oom_score = -1   # a big one

[plugins."io.containerd.cri.v1.images"]
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "docker.io/library/mini:latest"
  [plugins."io.containerd.cri.v1.images".registry]
    config_path = "/etc/containerd/certs.d"

[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true

  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      SystemdCgroup = false # agreed on with the kubelet

  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.other]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.other.options]
      BinaryName = "/usr/bin/other-runtime"
"#;

/// As little as lets a pod start on these machines: runtimes are containerd's own.
const WITHOUT_RUNTIMES: &str = r#"version = 2
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/library/mini:latest"
restrict_oom_score_adj = true
"#;

const OTHER: &str = "ln -s $(command -v runc) /usr/bin/other-runtime";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for release in Release::BOTH {
        let case = |label, test| Case::new(label, release, PROGRAMS, test);
        cases.extend([
            case("containerd::unconfigured", unconfigured),
            case(
                "containerd::configured",
                match release {
                    Release::Distribution => |stage| configured(stage, VERSION_2),
                    Release::Current => |stage| configured(stage, VERSION_3),
                },
            )
            .changed_by(OTHER),
            case("containerd::own-runtimes-alone", own_runtimes_alone),
            case("containerd::by-nvidia-ctk", by_nvidia_ctk),
            case("containerd::default", by_default),
            case("containerd::systemd-cgroup", systemd_cgroup).changed_by(OTHER),
            case("containerd::not-running", not_running),
            case("containerd::fails", fails),
            case("containerd::restart-fails", restart_fails),
            case("containerd::other-socket", other_socket),
            case("containerd::no-driver", no_driver).changed_by(crate::docker::NO_DRIVER),
        ]);
    }
    let old = Case::new(
        "containerd::version-2",
        Release::Current,
        PROGRAMS,
        |stage| configured(stage, VERSION_2),
    );
    cases.push(old.changed_by(OTHER));
    cases
}

/// The kubelet's side.
struct Kubelet<'a> {
    stage: &'a Stage,
    cri: Cri,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl<'a> Kubelet<'a> {
    /// Waits until containerd serves pods, and gives it the image.
    fn of(stage: &'a Stage) -> Result<Self, Failed> {
        let cri = Cri::at(&stage.file("/run/containerd/containerd.sock"));
        let kubelet = Self { stage, cri };
        kubelet.is_served()?;
        let archive = stage.kubernetes_image(REFERENCE)?;
        stage.told(&format!(
            "ctr --namespace k8s.io images import {}",
            archive.display()
        ))?;
        eventually("the image is there", || {
            Ok(kubelet.cri.has_image(REFERENCE)?)
        })?;
        Ok(kubelet)
    }

    fn is_served(&self) -> Result<(), Failed> {
        let ready = || Ok(self.cri.is_ready());
        eventually("containerd serves the CRI", ready).map_err(|failure| {
            let log = self.stage.told("tail -n 20 /var/log/containerd.log");
            let failure = failure.message().unwrap_or_default().to_owned();
            fail(format!("{failure}\n{}", log.unwrap_or_default()))
        })
    }

    /// A pod with this handler, and what a container of it with this value of `NVIDIA_VISIBLE_DEVICES` has.
    fn pod_has(&self, handler: &str, value: &str, gpus: Option<&[usize]>) -> Result<(), Failed> {
        let running = self.start(handler, value)?;
        let result = self.listed(&running, gpus);
        self.cri.remove_pod(&running.pod)?;
        result.map_err(|failure| {
            let failure = failure.message().unwrap_or_default();
            fail(format!("handler `{handler}`, `{value}`: {failure}"))
        })
    }

    fn start(&self, handler: &str, value: &str) -> Result<Running, Failed> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let pod = Pod::new(&format!("pod-{number}"), "/pods").under(handler);
        let id = self.cri.run_pod(&pod)?;
        let container = Container {
            name: "case".to_owned(),
            image: REFERENCE.to_owned(),
            devices: Vec::new(),
            road: Road::Field,
            is_confined: false,
            environment: vec![("NVIDIA_VISIBLE_DEVICES".to_owned(), value.to_owned())],
        };
        let container = self.cri.start_container(&pod, &id, &container)?;
        Ok(Running { pod: id, container })
    }

    fn listed(&self, running: &Running, gpus: Option<&[usize]>) -> Result<(), Failed> {
        let executed = self.cri.execute(&running.container, &["sh", "-c", LIST])?;
        same("in a pod", &listing(gpus), &executed.stdout)
    }

    /// Pods with the runtime have GPUs, and others are as they were.
    fn serves(&self) -> Result<(), Failed> {
        self.is_served()?;
        self.pod_has("nvidia", "all", Some(&[0, 1, 2, 3]))?;
        self.pod_has("nvidia", "1", Some(&[1]))?;
        self.pod_has("", "all", None)
    }

    /// No pod gets the runtime, and others are as they were.
    fn forgot(&self) -> Result<(), Failed> {
        self.is_served()?;
        match self.start("nvidia", "all") {
            Ok(_) => Err(fail("a pod with the handler `nvidia` was started")),
            Err(_) => self.pod_has("", "all", None),
        }
    }
}

/// A pod, and its container.
struct Running {
    pod: String,
    container: String,
}

/// A containerd that nobody has configured: its CRI plugin, with the runtime that it has of itself, is there before and
/// after.
fn unconfigured(stage: &Stage) -> Result<(), Failed> {
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let is_served = || -> Result<(), Failed> {
        let cri = Cri::at(&stage.file("/run/containerd/containerd.sock"));
        eventually("containerd serves the CRI", || Ok(cri.is_ready()))
    };
    is_served()?;
    let ran = stage.setup("containerd --yes")?.succeeded()?;
    ran.says("containerd reads the runtime")?
        .says("a container got 4 GPUs")?;
    is_served()?;
    stage.set_up_again("containerd --yes")?;
    stage.undo(&first)?;
    is_served()
}

fn configured(stage: &Stage, existing: &str) -> Result<(), Failed> {
    stage.write(CONFIGURATION, existing)?;
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let kubelet = Kubelet::of(stage)?;
    kubelet.forgot()?;
    let others = |kubelet: &Kubelet<'_>| -> Result<(), Failed> {
        kubelet.pod_has("other", "all", None)?;
        let dump = stage.run("containerd config dump")?.succeeded()?;
        // A dump quotes as its release does.
        let dump = dump.says(REFERENCE)?.says("/etc/containerd/certs.d")?;
        dump.says("oom_score = -1")?
            .says("restrict_oom_score_adj = true")
            .map(drop)
    };
    others(&kubelet)?;
    let outlives = kubelet.start("", "all")?;

    let ran = stage.setup("containerd --yes")?.succeeded()?;
    ran.says("restart it")?.says("a container got 4 GPUs")?;
    same("containers", "", &stage.told("ctr containers ls --quiet")?)?;
    kubelet.serves()?;
    others(&kubelet)?;
    // A pod outlives the restart.
    kubelet.listed(&outlives, None)?;
    kubelet.cri.remove_pod(&outlives.pod)?;
    let is_copied = stage
        .told(&format!("cat {DROP_IN}"))?
        .contains("restrict_oom_score_adj");
    let merges = stage.told("containerd --version")?.contains("/v2");
    if is_copied == merges {
        return Err(fail(format!("the drop-in repeats the table: {is_copied}")));
    }
    stage.set_up_again("containerd --yes")?;
    stage.undo(&first)?;
    kubelet.forgot()?;
    others(&kubelet)
}

/// A configuration that names no runtime keeps the one that containerd has of itself.
fn own_runtimes_alone(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, WITHOUT_RUNTIMES)?;
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let kubelet = Kubelet::of(stage)?;
    kubelet.forgot()?;
    stage.setup("containerd --yes")?.succeeded()?;
    kubelet.serves()?;
    stage.undo(&first)?;
    kubelet.forgot()
}

fn by_nvidia_ctk(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, WITHOUT_RUNTIMES)?;
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let kubelet = Kubelet::of(stage)?;
    let configure = "nvidia-ctk runtime configure --runtime=containerd";
    stage.run(configure)?.succeeded()?;
    stage.service("containerd", "restart")?;
    kubelet.serves()?;
    let times = stage.times()?;
    stage.run(configure)?.succeeded()?;
    same("a second call has written", &times, &stage.times()?)?;
    stage.undo(&first)?;
    kubelet.forgot()
}

fn by_default(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, WITHOUT_RUNTIMES)?;
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let kubelet = Kubelet::of(stage)?;
    stage
        .setup("containerd --yes --set-as-default")?
        .succeeded()?;
    kubelet.is_served()?;
    kubelet.pod_has("", "all", Some(&[0, 1, 2, 3]))?;
    kubelet.pod_has("", "void", None)?;
    kubelet.pod_has("runc", "all", None)?;
    stage.undo(&first)?;
    kubelet.forgot()
}

/// The new runtime has its groups made by whoever makes those of the default one: kubelet and containerd have to agree.
fn systemd_cgroup(stage: &Stage) -> Result<(), Failed> {
    let existing = VERSION_2.replace("SystemdCgroup = false", "SystemdCgroup = true");
    stage.write(CONFIGURATION, &existing)?;
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let count = || -> Result<usize, Failed> {
        let dump = stage.told("containerd config dump")?;
        Ok(dump.matches("SystemdCgroup = true").count())
    };
    same(
        "runtimes with groups of systemd's",
        "1",
        &count()?.to_string(),
    )?;
    stage.setup("containerd --yes")?.succeeded()?;
    same(
        "runtimes with groups of systemd's",
        "2",
        &count()?.to_string(),
    )?;
    stage.undo(&first)
}

fn not_running(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, WITHOUT_RUNTIMES)?;
    let first = stage.files()?;
    let ran = stage.setup("containerd --yes")?.succeeded()?;
    ran.says("not running")?
        .says("containerd does not run: nothing was proven")?
        .does_not_say("a container got")?;
    stage.service("containerd", "start")?;
    let kubelet = Kubelet::of(stage)?;
    kubelet.serves()?;
    stage.service("containerd", "stop")?;
    stage.undo(&first)?;
    stage.service("containerd", "start")?;
    kubelet.forgot()
}

/// A runtime that does not work is taken back, and containerd runs without it.
fn fails(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, WITHOUT_RUNTIMES)?;
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let kubelet = Kubelet::of(stage)?;
    let ran = stage.setup("containerd --yes --runtime-path /bin/false")?;
    ran.refused_with("engine-not-proven")?;
    same("after a failed proof", &first, &stage.files()?)?;
    same("containers", "", &stage.told("ctr containers ls --quiet")?)?;
    kubelet.forgot()
}

/// A command that cannot restart it: it goes on as it is.
fn restart_fails(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, WITHOUT_RUNTIMES)?;
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let process = stage.process("containerd")?;
    let kubelet = Kubelet::of(stage)?;
    let ran = stage.setup("containerd --yes --restart-command 'exit 3'")?;
    ran.refused_with("engine-not-restarted")?;
    same("after a failed restart", &first, &stage.files()?)?;
    same("the daemon", &process, &stage.process("containerd")?)?;
    kubelet.forgot()
}

fn no_driver(stage: &Stage) -> Result<(), Failed> {
    stage.write(CONFIGURATION, WITHOUT_RUNTIMES)?;
    let first = stage.files()?;
    stage.service("containerd", "start")?;
    let kubelet = Kubelet::of(stage)?;
    let ran = stage.setup("containerd --yes")?.succeeded()?;
    ran.says("containerd reads the runtime")?
        .says("no container was started: ")?
        .does_not_say("a container got")?;
    kubelet.is_served()?;
    kubelet.pod_has("nvidia", "void", None)?;
    kubelet.pod_has("", "all", None)?;
    stage.undo(&first)?;
    kubelet.forgot()
}

/// A containerd that answers elsewhere is asked there.
fn other_socket(stage: &Stage) -> Result<(), Failed> {
    const SOCKET: &str = "/run/containerd/other.sock";
    let existing = format!("{WITHOUT_RUNTIMES}[grpc]\naddress = \"{SOCKET}\"\n");
    stage.write(CONFIGURATION, &existing)?;
    let first = stage.files()?;
    let start = format!("ADDRESS={SOCKET} /etc/init.d/containerd");
    stage.told(&format!("{start} start"))?;
    let command = format!("--restart-command '{start} restart'");
    let ran = stage
        .setup(&format!("containerd --yes {command}"))?
        .succeeded()?;
    ran.says("a container got 4 GPUs")?;
    stage
        .setup(&format!("--undo --yes {command}"))?
        .succeeded()?;
    same("after --undo", &first, &stage.files()?)
}
