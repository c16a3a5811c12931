//! `liftgate run` and `nvidia-docker` with real engines, on a simulated machine: what they make of `--gpus` is judged by the GPUs that
//! the container sees, and by the way that was taken. Each engine is there with one way to hand over GPUs.

use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Expected, Ground, fail, trial};
use liftgate_conformance::{CgroupDriver, Docker, Engines, Podman, Programs, Site, find_program};
use std::io;
use std::path::Path;
use std::process::{ExitCode, Output};
use std::sync::{Arc, Mutex, PoisonError};

const MACHINE: &str = "ubuntu-550";
/// One of its two GPUs is parted.
const MIG: &str = "a100-mig";

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let mut trials = Vec::new();
    let mut scenes = Vec::new();
    for scene in scenes_there_are() {
        let scene = Arc::new(scene);
        add(&mut trials, &ground, &scene);
        scenes.push(scene);
    }
    suite::conclude(trials, || {
        for scene in scenes {
            scene.stop();
        }
    })
}

type Prepared = Result<Arc<Ground>, String>;
type Start = fn(&Ground, &str, &Path) -> io::Result<Engine>;

/// An engine with one way to hand over GPUs, started by the first test that needs it. One that does not start is not tried
/// again by the next.
struct Scene {
    name: &'static str,
    machine: &'static str,
    missing: Option<String>,
    start: Start,
    /// What the command that is shown must have in it where GPUs are asked for.
    way: &'static str,
    running: Mutex<Option<Result<Arc<Engine>, String>>>,
}

enum Engine {
    Docker(Docker, String),
    Podman(Podman, String),
}

fn scenes_there_are() -> Vec<Scene> {
    let lacking = |programs: &[&str]| {
        let missing = programs
            .iter()
            .find(|program| find_program(program).is_none());
        missing.map(|program| format!("needs {program}"))
    };
    let docker = ["dockerd", "docker", "containerd", "runc"];
    let current = Engines::find(&["dockerd", "docker", "containerd", "runc"]).err();
    let scene = |name, missing, start, way| Scene {
        name,
        machine: MACHINE,
        missing,
        start,
        way,
        running: Mutex::new(None),
    };
    let parted = |mut scene: Scene, name| {
        (scene.name, scene.machine) = (name, MIG);
        scene
    };
    let podman = ["podman", "crun"];
    #[rustfmt::skip]
    let scenes = vec![
        scene("docker-hook", lacking(&docker), docker_with_hook as Start, " --gpus "),
        parted(scene("", lacking(&docker), docker_with_hook, " --gpus "), "docker-mig"),
        scene("docker-runtime", lacking(&docker), docker_with_runtime, " --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES="),
        scene("current-hook", current.clone(), current_with_hook, " --gpus "),
        scene("current-specification", current, current_with_specification, " --device nvidia.com/gpu="),
        scene("podman-specification", lacking(&podman), podman_with_specification, " --device nvidia.com/gpu="),
        parted(scene("", lacking(&podman), podman_with_specification, " --device nvidia.com/gpu="), "podman-mig"),
        scene("podman-runtime", lacking(&podman), podman_with_runtime, "/nvidia-container-runtime -e NVIDIA_VISIBLE_DEVICES="),
    ];
    scenes
}

fn site(ground: &Ground, machine: &str) -> Site {
    // Whatever this host has in the directories of specifications is covered.
    Site::new(&ground.programs, machine, &ground.state).changed_by("true")
}

fn specified(ground: &Ground, machine: &str, directory: &Path) -> io::Result<Site> {
    let site = Site::new(&ground.programs, machine, &ground.state);
    let file = site.generate(&directory.join("specification"), &[])?;
    Ok(site.with_specification(&file))
}

fn docker_with_hook(ground: &Ground, machine: &str, directory: &Path) -> io::Result<Engine> {
    let docker =
        Docker::start_with_hook(None, &site(ground, machine), directory, CgroupDriver::Files)?;
    as_engine(ground, docker, "/usr/bin")
}

/// Its `PATH` has no hook, so `--gpus` is not served.
fn docker_with_runtime(ground: &Ground, machine: &str, directory: &Path) -> io::Result<Engine> {
    let docker = Docker::start_with_runtime(&site(ground, machine), directory)?;
    as_engine(ground, docker, "/usr/bin")
}

fn current_with_hook(ground: &Ground, machine: &str, directory: &Path) -> io::Result<Engine> {
    let engines = current()?;
    let docker = Docker::start_with_hook(
        Some(&engines),
        &site(ground, machine),
        directory,
        CgroupDriver::Files,
    )?;
    as_engine(ground, docker, &programs_of(&engines))
}

fn current_with_specification(
    ground: &Ground,
    machine: &str,
    directory: &Path,
) -> io::Result<Engine> {
    let engines = current()?;
    let docker = Docker::start_current(
        &engines,
        &specified(ground, machine, directory)?,
        &directory.join("d"),
    )?;
    as_engine(ground, docker, &programs_of(&engines))
}

fn current() -> io::Result<Engines> {
    Engines::find(&[]).map_err(io::Error::other)
}

fn programs_of(engines: &Engines) -> String {
    let docker = engines.program("docker");
    docker
        .parent()
        .unwrap_or(Path::new("/"))
        .display()
        .to_string()
}

fn as_engine(ground: &Ground, docker: Docker, programs: &str) -> io::Result<Engine> {
    docker.import(&ground.image, "mini")?;
    docker.import_with(
        &ground.image,
        "choosy",
        "ENV NVIDIA_REQUIRE_CUDA=cuda>=99.0",
    )?;
    let setting = format!(
        "export PATH={programs}:$PATH DOCKER_HOST=unix://{} ENGINE='--engine docker'; unset DOCKER_CONTEXT",
        docker.socket().display()
    );
    Ok(Engine::Docker(docker, setting))
}

fn podman_with_specification(
    ground: &Ground,
    machine: &str,
    directory: &Path,
) -> io::Result<Engine> {
    let podman = Podman::new(specified(ground, machine, directory)?, directory)?;
    as_podman(ground, podman, "true".to_owned())
}

fn podman_with_runtime(ground: &Ground, machine: &str, directory: &Path) -> io::Result<Engine> {
    let podman = Podman::new(site(ground, machine), directory)?;
    let runtimes = ground.programs.runtime.parent().unwrap_or(Path::new("/"));
    as_podman(
        ground,
        podman,
        format!("export PATH=$PATH:{}", runtimes.display()),
    )
}

fn as_podman(ground: &Ground, podman: Podman, setting: String) -> io::Result<Engine> {
    podman.import(&ground.image, "mini")?;
    podman.import_with(
        &ground.image,
        "choosy",
        "ENV NVIDIA_REQUIRE_CUDA=cuda>=99.0",
    )?;
    Ok(Engine::Podman(podman, setting))
}

impl Scene {
    fn engine(&self, ground: &Ground) -> Result<Arc<Engine>, Failed> {
        let mut slot = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = slot.get_or_insert_with(|| {
            let directory = ground.place(self.name);
            std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
            let engine = (self.start)(ground, self.machine, &directory);
            engine.map(Arc::new).map_err(|error| error.to_string())
        });
        engine.clone().map_err(fail)
    }

    fn stop(&self) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

impl Engine {
    /// Runs shell text on the engine's machine, with its client on `PATH`. There is no `config.toml`.
    fn shell(&self, script: &str) -> io::Result<Output> {
        let programs = Programs::find()?;
        let unset = format!(
            "export NVIDIA_CTK_CONFIG_FILE_PATH=/dev/null LIFTGATE={} NVIDIA_DOCKER={}",
            programs.liftgate.display(),
            programs.named("nvidia-docker")?.display()
        );
        match self {
            Self::Docker(docker, setting) => {
                docker.on_machine(&format!("{unset}; {setting}; {script}"))
            }
            Self::Podman(podman, setting) => podman.shell(&format!(
                "{unset} ENGINE='--engine podman'; {setting}; {script}"
            )),
        }
    }

    /// What containers need on any machine that runs the tests.
    const fn usual(&self) -> &'static str {
        match self {
            Self::Docker(..) => "--rm --network none",
            Self::Podman(..) => {
                "--rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024"
            }
        }
    }
}

const LIST: &str = "sh -c 'nvidia-smi -L; echo status=$?'";

/// MIG devices, by the names that people write.
fn add_parts(trials: &mut Vec<Trial>, ground: &Prepared, scene: &Arc<Scene>) {
    let machine = suite::machine(MIG);
    let part = machine.gpus()[0].mig[1].uuid.clone();
    let both = format!("{},{part}", machine.gpus()[1].uuid);
    // A GPU that is not parted is listed by a number that no MIG device has.
    for (label, gpus, devices) in [
        ("index", "0:1", &[(0, 1)][..]),
        ("two", "device=0:0,0:1", &[(0, 0), (0, 1)]),
        ("uuid", &part, &[(0, 1)]),
        ("both", &both, &[(0, 1), (1, 0)]),
    ] {
        let gpus = gpus.to_owned();
        let wanted = machine.smi_list_mig(devices);
        add_one(trials, ground, scene, label, move |engine, way| {
            let usual = engine.usual();
            let command = format!("$LIFTGATE run $ENGINE --gpus {gpus} {usual} mini nvidia-smi -L");
            let output = engine.shell(&command)?;
            let is_shown = String::from_utf8_lossy(&output.stderr).contains(way);
            expect(is_shown && output.stdout == wanted.as_bytes(), &output)
        });
    }
}

fn add(trials: &mut Vec<Trial>, ground: &Prepared, scene: &Arc<Scene>) {
    if scene.machine == MIG {
        return add_parts(trials, ground, scene);
    }
    let gpus = suite::machine(MACHINE).gpus().to_vec();
    let (uuid, part) = (gpus[2].uuid.clone(), gpus[3].uuid[..12].to_owned());
    let these = |gpus: &[usize]| Expected::Gpus(gpus.to_vec());
    let by_gpus = |value: &str| format!("$LIFTGATE run $ENGINE --gpus {value}");
    let mut cases = vec![
        ("list", by_gpus("0,1"), these(&[0, 1])),
        ("quoted", by_gpus("'\"device=1,3\"'"), these(&[1, 3])),
        ("unquoted", by_gpus("device=1,3"), these(&[1, 3])),
        ("one", by_gpus("device=2"), these(&[2])),
        ("count", by_gpus("2"), these(&[0, 1])),
        ("all", by_gpus("all"), these(&[0, 1, 2, 3])),
        (
            "by-default",
            "$LIFTGATE run $ENGINE".to_owned(),
            these(&[0, 1, 2, 3]),
        ),
        ("uuid", by_gpus(&uuid), these(&[2])),
        ("part-of-uuid", by_gpus(&part), these(&[3])),
        ("specified", by_gpus("nvidia.com/gpu=1"), these(&[1])),
        ("none", by_gpus("none"), Expected::Untouched),
        (
            "unknown",
            by_gpus("device=9"),
            Expected::Refused("device-unknown"),
        ),
    ];
    if scene.name.contains("docker") || scene.name.contains("current") {
        cases.extend([
            (
                "nvidia-docker",
                "$NVIDIA_DOCKER run".to_owned(),
                these(&[0, 1, 2, 3]),
            ),
            (
                "nvidia-docker-one",
                "NV_GPU=1 $NVIDIA_DOCKER run".to_owned(),
                these(&[1]),
            ),
            (
                "nvidia-docker-list",
                "NV_GPU=0,3 $NVIDIA_DOCKER --log-level=info run".to_owned(),
                these(&[0, 3]),
            ),
            (
                "nvidia-docker-uuid",
                format!("NV_GPU={uuid} $NVIDIA_DOCKER container run"),
                these(&[2]),
            ),
        ]);
    }
    for (label, command, expected) in cases {
        add_one(trials, ground, scene, label, move |engine, way| {
            let usual = engine.usual();
            let output = engine.shell(&format!("{command} {usual} mini {LIST}"))?;
            judge(&output, &expected, way)
        });
    }
    add_one(trials, ground, scene, "required", |engine, _| {
        let usual = engine.usual();
        let refused = Expected::Refused("requirement-not-met");
        let output = engine.shell(&format!(
            "$LIFTGATE run $ENGINE --name choosy {usual} choosy {LIST}"
        ))?;
        judge(&output, &refused, "")?;
        // The engine was not called.
        let client = match engine {
            Engine::Docker(..) => "docker",
            Engine::Podman(..) => "podman",
        };
        let output = engine.shell(&format!("{client} ps --all --quiet --filter name=choosy"))?;
        expect(output.status.success() && output.stdout.is_empty(), &output)
    });
    add_one(trials, ground, scene, "status", |engine, _| {
        let usual = engine.usual();
        let output = engine.shell(&format!(
            "$LIFTGATE run $ENGINE {usual} --gpus 0,1 mini sh -c 'exit 42'"
        ))?;
        expect(output.status.code() == Some(42), &output)
    });
    add_one(trials, ground, scene, "dry-run", |engine, way| {
        let usual = engine.usual();
        let output = engine.shell(&format!("$LIFTGATE run $ENGINE --dry-run --gpus 0,1 {usual} mini {LIST} >/tmp/line-$$; cat /tmp/line-$$; sh -e /tmp/line-$$; rm /tmp/line-$$"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (line, listing) = text.split_once('\n').unwrap_or_default();
        let wanted = suite::expected_listing(&suite::machine(MACHINE), &[0, 1]);
        expect(line.contains(way) && listing == wanted, &output)
    });
}

fn add_one(
    trials: &mut Vec<Trial>,
    ground: &Prepared,
    scene: &Arc<Scene>,
    label: &str,
    test: impl Fn(&Engine, &str) -> Result<(), Failed> + Send + 'static,
) {
    let name = format!("{}::{label}", scene.name);
    match (ground, &scene.missing) {
        (Err(missing), _) | (_, Some(missing)) => {
            trials.push(trial(&name, Some(missing), || Ok(())));
        }
        (Ok(ground), None) => {
            let (ground, scene) = (Arc::clone(ground), Arc::clone(scene));
            trials.push(trial(&name, None, move || {
                test(&*scene.engine(&ground)?, scene.way)
            }));
        }
    }
}

fn judge(output: &Output, expected: &Expected, way: &str) -> Result<(), Failed> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let is_right = match expected {
        Expected::Gpus(gpus) => {
            stderr.contains(way)
                && stdout == suite::expected_listing(&suite::machine(MACHINE), gpus)
        }
        Expected::Untouched => stdout == "status=127\n",
        Expected::Refused(code) => {
            output.status.code() == Some(1)
                && stdout.is_empty()
                && stderr.starts_with(&format!("error[{code}]"))
        }
    };
    expect(is_right, output)
}

fn expect(is_right: bool, output: &Output) -> Result<(), Failed> {
    if is_right {
        return Ok(());
    }
    Err(fail(format!(
        "{}\n--- stdout\n{}--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )))
}
