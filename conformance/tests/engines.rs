//! The runtime under real engines, on simulated machines: Docker with a daemon of its own for each machine,
//! and Podman.

use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Expected, Ground, MACHINES, fail, trial};
use liftgate_conformance::{Docker, Podman, Site, find_program};
use std::fs;
use std::path::Path;
use std::process::{ExitCode, Output};
use std::sync::{Arc, Mutex, OnceLock};

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let mut trials = Vec::new();
    let mut engines = Vec::new();
    for machine in MACHINES {
        let docker = Arc::new(Shared::new(machine));
        engines.push(Arc::clone(&docker));
        add_docker(&mut trials, &ground, machine, &docker);
        add_podman(&mut trials, &ground, machine);
        add_podman_with_hook(&mut trials, &ground, machine);
    }
    suite::conclude(trials, || {
        for engine in engines {
            engine.stop();
        }
    })
}

type Prepared = Result<Arc<Ground>, String>;

/// A daemon that the tests of one machine share, started by the first of them.
struct Shared {
    machine: &'static str,
    docker: Mutex<Option<Arc<Docker>>>,
}

impl Shared {
    const fn new(machine: &'static str) -> Self {
        Self {
            machine,
            docker: Mutex::new(None),
        }
    }

    fn get(&self, ground: &Ground) -> Result<Arc<Docker>, Failed> {
        let mut slot = self
            .docker
            .lock()
            .map_err(|_| fail("another test has failed to start the daemon"))?;
        if let Some(docker) = &*slot {
            return Ok(Arc::clone(docker));
        }
        let directory = ground.place(&format!("docker-{}", self.machine));
        let docker = Docker::start(
            &ground.programs,
            Some(self.machine),
            &ground.state,
            &directory,
        )?;
        docker.import(&ground.image, "mini")?;
        let docker = Arc::new(docker);
        *slot = Some(Arc::clone(&docker));
        Ok(docker)
    }

    fn stop(&self) {
        if let Ok(mut slot) = self.docker.lock() {
            *slot = None;
        }
    }
}

const LIST: &str = "nvidia-smi -L; echo status=$?";

fn check(machine: &str, output: &Output, expected: &Expected) -> Result<(), Failed> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let description = format!(
        "{:?}\n--- stdout\n{stdout}--- stderr\n{stderr}",
        output.status
    );
    match expected {
        Expected::Gpus(gpus) => {
            let wanted = suite::expected_listing(&suite::machine(machine), gpus);
            if stdout == wanted {
                Ok(())
            } else {
                Err(fail(format!("wanted:\n{wanted}{description}")))
            }
        }
        Expected::Untouched if stdout == "status=127\n" => Ok(()),
        Expected::Refused(code)
            if !output.status.success() && stderr.contains(&format!("[{code}]")) =>
        {
            Ok(())
        }
        Expected::Untouched | Expected::Refused(_) => Err(fail(description)),
    }
}

type Case = fn(&Docker) -> Result<(), Failed>;

fn add_docker(
    trials: &mut Vec<Trial>,
    ground: &Prepared,
    machine: &'static str,
    shared: &Arc<Shared>,
) {
    let missing = ["dockerd", "docker", "containerd", "runc"]
        .into_iter()
        .find(|program| find_program(program).is_none())
        .map(|program| format!("needs {program}"));
    let prepared = match (ground, missing) {
        (Err(missing), _) => Err(missing.clone()),
        (_, Some(missing)) => Err(missing),
        (Ok(ground), None) => Ok(Arc::clone(ground)),
    };
    for (label, value, expected) in suite::requests(&suite::machine(machine)) {
        let name = format!("docker::{machine}::{label}");
        match &prepared {
            Err(missing) => trials.push(trial(&name, Some(missing), || Ok(()))),
            Ok(ground) => {
                let (ground, shared) = (Arc::clone(ground), Arc::clone(shared));
                trials.push(trial(&name, None, move || {
                    let variable = value.map(|value| format!("NVIDIA_VISIBLE_DEVICES={value}"));
                    let mut arguments =
                        vec!["run", "--rm", "--network", "none", "--runtime=nvidia"];
                    if let Some(variable) = &variable {
                        arguments.extend(["--env", variable]);
                    }
                    arguments.extend(["mini", "sh", "-c", LIST]);
                    check(machine, &shared.get(&ground)?.run(&arguments)?, &expected)
                }));
            }
        }
    }
    let cases: [(&str, Case); 4] = [
        ("restart", restarted_container),
        ("exec", executed_command),
        ("read-only-user-no-capabilities", least_privileged),
        ("plain-runc-has-no-gpu", plain_runc),
    ];
    for (label, case) in cases {
        let name = format!("docker::{machine}::{label}");
        match &prepared {
            Err(missing) => trials.push(trial(&name, Some(missing), || Ok(()))),
            Ok(ground) => {
                let (ground, shared) = (Arc::clone(ground), Arc::clone(shared));
                trials.push(trial(&name, None, move || case(&*shared.get(&ground)?)));
            }
        }
    }
}

const GPUS: [&str; 6] = [
    "--network",
    "none",
    "--runtime=nvidia",
    "--env",
    "NVIDIA_VISIBLE_DEVICES=0",
    "mini",
];

/// The container's layer after a second start is what it was after the first.
fn restarted_container(docker: &Docker) -> Result<(), Failed> {
    let mut create = vec!["create"];
    create.extend(GPUS);
    create.extend(["nvidia-smi", "-L"]);
    let id = docker.output(&create)?.trim().to_owned();
    let first = docker.output(&["start", "--attach", &id])?;
    let layer = layer_of(docker, &id)?;
    for _ in 0..3 {
        if docker.output(&["start", "--attach", &id])? != first {
            return Err(fail("a restarted container sees other GPUs"));
        }
    }
    let layer_after = layer_of(docker, &id)?;
    docker.output(&["rm", &id])?;
    if layer == layer_after && first.starts_with("GPU 0: ") {
        Ok(())
    } else {
        Err(fail(format!(
            "{first}\nbefore: {layer:?}\nafter: {layer_after:?}"
        )))
    }
}

/// What a container's layer has changed, in a fixed order.
fn layer_of(docker: &Docker, id: &str) -> Result<Vec<String>, Failed> {
    let mut lines: Vec<String> = docker
        .output(&["diff", id])?
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    Ok(lines)
}

fn executed_command(docker: &Docker) -> Result<(), Failed> {
    let mut run = vec!["run", "--detach"];
    run.extend(GPUS);
    run.extend(["sleep", "60"]);
    let id = docker.output(&run)?.trim().to_owned();
    let listing = docker.output(&["exec", &id, "nvidia-smi", "-L"]);
    docker.output(&["rm", "--force", &id])?;
    match listing?.lines().count() {
        1 => Ok(()),
        count => Err(fail(format!("{count} GPUs"))),
    }
}

fn least_privileged(docker: &Docker) -> Result<(), Failed> {
    let mut run = vec![
        "run",
        "--rm",
        "--read-only",
        "--user",
        "1000",
        "--cap-drop",
        "ALL",
    ];
    run.extend(GPUS);
    run.extend(["nvidia-smi", "-L"]);
    match docker.output(&run)?.lines().count() {
        1 => Ok(()),
        count => Err(fail(format!("{count} GPUs"))),
    }
}

fn plain_runc(docker: &Docker) -> Result<(), Failed> {
    let output = docker.output(&[
        "run",
        "--rm",
        "--network",
        "none",
        "mini",
        "sh",
        "-c",
        "ls /dev | grep -c nvidia || true",
    ])?;
    if output == "0\n" {
        Ok(())
    } else {
        Err(fail(output))
    }
}

/// As root, Podman raises these limits, which takes a right that not every machine gives.
const LIMITS: [&str; 4] = [
    "--ulimit",
    "nofile=1024:1024",
    "--ulimit",
    "nproc=1024:1024",
];

fn add_podman(trials: &mut Vec<Trial>, ground: &Prepared, machine: &'static str) {
    let shared: Arc<OnceLock<Result<Podman, String>>> = Arc::new(OnceLock::new());
    for low_level in ["runc", "crun"] {
        let shared = Arc::clone(&shared);
        for (label, value, expected) in suite::requests(&suite::machine(machine)) {
            let name = format!("podman::{low_level}::{machine}::{label}");
            let setting = ground.as_ref().map_err(Clone::clone).and_then(|ground| {
                find_program("podman").ok_or("needs podman")?;
                Ok((Arc::clone(ground), suite::low_level(low_level)?))
            });
            match setting {
                Err(missing) => trials.push(trial(&name, Some(&missing), || Ok(()))),
                Ok((ground, runtime)) => {
                    let shared = Arc::clone(&shared);
                    trials.push(trial(&name, None, move || {
                        let podman = shared.get_or_init(|| start_podman(&ground, machine));
                        let podman = podman.as_ref().map_err(|error| fail(error.clone()))?;
                        let variable = value.map(|value| format!("NVIDIA_VISIBLE_DEVICES={value}"));
                        let configuration = podman.configuration(low_level);
                        fs::write(
                            &configuration,
                            format!(
                                "[nvidia-container-runtime]\nruntimes = [\"{}\"]\n",
                                runtime.display()
                            ),
                        )?;
                        let mut arguments = vec!["run", "--rm", "--network", "none"];
                        arguments.extend(LIMITS);
                        if let Some(variable) = &variable {
                            arguments.extend(["--env", variable]);
                        }
                        arguments.extend(["mini", "sh", "-c", LIST]);
                        check(machine, &podman.run(&configuration, &arguments)?, &expected)
                    }));
                }
            }
        }
    }
}

/// The hook that its package used to put into `/usr/share/containers/oci/hooks.d`, under a plain low-level runtime.
fn add_podman_with_hook(trials: &mut Vec<Trial>, ground: &Prepared, machine: &'static str) {
    for low_level in ["runc", "crun"] {
        let shared: Arc<OnceLock<Result<Podman, String>>> = Arc::new(OnceLock::new());
        let wanted = ["all", "index", "void", "unset", "unknown"];
        let requests = suite::requests(&suite::machine(machine)).into_iter();
        for (label, value, expected) in requests.filter(|(label, _, _)| wanted.contains(&&**label))
        {
            let name = format!("podman-hook::{low_level}::{machine}::{label}");
            let setting = ground.as_ref().map_err(Clone::clone).and_then(|ground| {
                find_program("podman").ok_or("needs podman")?;
                Ok((Arc::clone(ground), suite::low_level(low_level)?))
            });
            match setting {
                Err(missing) => trials.push(trial(&name, Some(&missing), || Ok(()))),
                Ok((ground, runtime)) => {
                    let shared = Arc::clone(&shared);
                    trials.push(trial(&name, None, move || {
                        let place = ground.place(&format!("ph-{low_level}-{machine}"));
                        let podman = shared.get_or_init(|| {
                            write_hook(&ground, &place).map_err(|error| error.to_string())?;
                            podman_in(&ground, machine, &place)
                        });
                        let podman = podman.as_ref().map_err(|error| fail(error.clone()))?;
                        let hooks = place.join("hooks").display().to_string();
                        let variable = value.map(|value| format!("NVIDIA_VISIBLE_DEVICES={value}"));
                        let mut arguments = vec!["--hooks-dir", &hooks, "run", "--rm"];
                        arguments.extend(["--network", "none"]);
                        arguments.extend(LIMITS);
                        if let Some(variable) = &variable {
                            arguments.extend(["--env", variable]);
                        }
                        arguments.extend(["mini", "sh", "-c", LIST]);
                        let output = podman.run_with(&runtime, &arguments)?;
                        // crun does not pass on what a hook says.
                        match (&expected, low_level) {
                            (Expected::Refused(_), "crun") if !output.status.success() => Ok(()),
                            _ => check(machine, &output, &expected),
                        }
                    }));
                }
            }
        }
    }
}

/// As podman reads hooks: this one is for every container.
fn write_hook(ground: &Ground, place: &Path) -> std::io::Result<()> {
    let hooks = place.join("hooks");
    fs::create_dir_all(&hooks)?;
    let text = serde_json::json!({
        "version": "1.0.0",
        "hook": {
            "path": ground.programs.hook(),
            "args": ["nvidia-container-runtime-hook", "prestart"],
            "env": [format!("NVIDIA_CTK_CONFIG_FILE_PATH={}", place.join("none.toml").display())]
        },
        "when": {"always": true},
        "stages": ["prestart"]
    });
    fs::write(hooks.join("oci-nvidia-hook.json"), text.to_string())
}

fn start_podman(ground: &Ground, machine: &str) -> Result<Podman, String> {
    podman_in(ground, machine, &ground.place(&format!("podman-{machine}")))
}

fn podman_in(ground: &Ground, machine: &str, directory: &Path) -> Result<Podman, String> {
    let site = Site::new(&ground.programs, machine, &ground.state);
    let podman = Podman::new(site, directory).map_err(|error| error.to_string())?;
    podman
        .import(&ground.image, "mini")
        .map_err(|error| error.to_string())?;
    Ok(podman)
}
