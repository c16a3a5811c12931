//! What comes after the start: commands in a running container, its restarts, and many containers at once.

use crate::Case;
use crate::container::{Ran, Wanted, run, script};
use crate::judge::judge;
use crate::stage::{Cgroups, Engine, IMAGE, NONE, Scene, Stage};
use libtest_mimic::Failed;
use liftgate_conformance::Docker;
use liftgate_conformance::suite::fail;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let no_controller = (scene.cgroups == Cgroups::Unified)
        .then(|| "this machine gives version 2 no controller".to_owned());
    vec![
        Case::new("exec", executed),
        Case::new("restart", restarted),
        Case::new("update", updated).unless(no_controller),
        Case::new("many", many),
    ]
}

/// Where systemd sees to the control groups.
pub(crate) fn of_systemd(scene: &Scene) -> Vec<Case> {
    let by_runtime = (scene.engine == Engine::Distribution).then(|| {
        // runc before 1.2 names devices to systemd by links in /dev/char, which nobody has made.
        "needs runc 1.2".to_owned()
    });
    vec![
        Case::new("exec", executed),
        Case::new("restart", restarted),
        Case::new("reloaded", |stage| reloaded(stage, &BY_HOOK, false)),
        Case::new("reloaded-by-runtime", |stage| {
            reloaded(stage, &BY_RUNTIME, true)
        })
        .unless(by_runtime),
    ]
}

const BY_HOOK: [&str; 2] = ["--gpus", "1"];
const BY_RUNTIME: [&str; 4] = ["--runtime", "nvidia", "--env", "NVIDIA_VISIBLE_DEVICES=0"];

/// `systemctl daemon-reload` has systemd restrict devices anew, to what it was told when the container was
/// created. What came by the hook after that is lost until the next start, by this road as by the reference's;
/// what the runtime has written into the configuration stays.
fn reloaded(stage: &Stage, by: &[&str], stays: bool) -> Result<(), Failed> {
    let wanted = Wanted::gpus([0]);
    let look = script(&stage.machine, &wanted);
    let open = format!(
        "{{ : <>/dev/nvidia{}; }} 2>&1",
        stage.machine.gpus()[0].minor
    );
    stage.alone("", &NONE, |docker| {
        with_container_of(docker, by, |id| {
            let ran = docker.run(&["exec", id, "sh", "-c", &look])?.into();
            judge(&stage.machine, &wanted, &ran)?;
            stage.on_machine("systemctl daemon-reload")?;
            let ran: Ran = docker.run(&["exec", id, "sh", "-c", &open])?.into();
            let words = if stays {
                "No such device"
            } else {
                "not permitted"
            };
            if !ran.stdout.contains(words) {
                return ran.complain(&format!("after the reload, wanted: {words}"));
            }
            docker.output(&["restart", "-t", "0", id])?;
            let ran = docker.run(&["exec", id, "sh", "-c", &look])?.into();
            judge(&stage.machine, &wanted, &ran)
        })
    })
}

/// Starts a container that waits, does something with it, and removes it.
fn with_container<T>(
    docker: &Docker,
    gpus: &str,
    work: impl FnOnce(&str) -> Result<T, Failed>,
) -> Result<T, Failed> {
    with_container_of(docker, &["--gpus", gpus], work)
}

fn with_container_of<T>(
    docker: &Docker,
    options: &[&str],
    work: impl FnOnce(&str) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let run = ["run", "--detach", "--network", "none"];
    let command = [IMAGE, "sleep", "600"];
    let id = docker.output(&[&run[..], options, &command[..]].concat())?;
    let id = id.trim();
    let result = work(id);
    docker.output(&["rm", "--force", id])?;
    result
}

fn executed(stage: &Stage) -> Result<(), Failed> {
    let wanted = Wanted::gpus([0]);
    let look = script(&stage.machine, &wanted);
    stage.together(|docker| {
        with_container(docker, "1", |id| {
            let ran = docker.run(&["exec", id, "sh", "-c", &look])?.into();
            judge(&stage.machine, &wanted, &ran)?;
            let wanted = wanted.confined_by(&["--user"]);
            let ran = docker.run(&["exec", "--user", "1000", id, "sh", "-c", &look])?;
            judge(&stage.machine, &wanted, &ran.into())
        })
    })
}

/// `docker update` has runc write the container's resources anew: the devices have to survive it.
fn updated(stage: &Stage) -> Result<(), Failed> {
    let wanted = Wanted::gpus([0]);
    let look = script(&stage.machine, &wanted);
    stage.together(|docker| {
        with_container(docker, "1", |id| {
            docker.output(&["update", "--cpu-shares", "512", id])?;
            let ran = docker.run(&["exec", id, "sh", "-c", &look])?.into();
            judge(&stage.machine, &wanted, &ran)
        })
    })
}

const RESTARTS: usize = 10;

/// All that could become more from start to start.
const INVENTORY: &str = r#"
while read -r _ _ _ _ point _; do echo "$point"; done </proc/self/mountinfo | sort
find /dev -type c | sort
find /etc /usr -xdev -printf '%p %y %s %l\n' | sort
"#;

fn restarted(stage: &Stage) -> Result<(), Failed> {
    stage.together(|docker| {
        with_container(docker, "all", |id| {
            let inventory = || -> Result<String, Failed> {
                let inside = docker.output(&["exec", id, "sh", "-c", INVENTORY])?;
                let mut layer = docker
                    .output(&["diff", id])?
                    .lines()
                    .map(str::to_owned)
                    .collect::<Vec<_>>();
                layer.sort();
                Ok(format!("{inside}\n{}", layer.join("\n")))
            };
            let first = inventory()?;
            if !first.contains("/dev/nvidiactl\n") || !first.contains("/etc/ld.so.cache") {
                return Err(fail(format!("nothing to compare: {first}")));
            }
            for restart in 1..=RESTARTS {
                docker.output(&["restart", "-t", "0", id])?;
                let now = inventory()?;
                if now != first {
                    let differs = |one: &str, other: &str| {
                        let known: Vec<&str> = other.lines().collect();
                        let lines = one.lines().filter(|line| !known.contains(line));
                        lines.map(str::to_owned).collect::<Vec<_>>()
                    };
                    return Err(fail(format!(
                        "after restart {restart}\ncame: {:#?}\nwent: {:#?}",
                        differs(&now, &first),
                        differs(&first, &now)
                    )));
                }
            }
            let all: Vec<usize> = (0..stage.machine.gpus().len()).collect();
            let listing = docker.output(&["exec", id, "nvidia-smi", "-L"])?;
            if listing == stage.machine.smi_list(&all) {
                Ok(())
            } else {
                Err(fail(format!("after the last restart: {listing}")))
            }
        })
    })
}

const CONTAINERS: usize = 50;
const AT_ONCE: usize = 6;

/// Many at once, each with one GPU and no other: what one is given, no other is.
fn many(stage: &Stage) -> Result<(), Failed> {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    stage.together(|docker| {
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let number = next.fetch_add(1, Ordering::Relaxed)
                        && number < CONTAINERS
                    {
                        if let Err(error) = one_of_many(docker, stage, number)
                            && let Ok(mut failures) = failures.lock()
                        {
                            failures.push(error.message().unwrap_or_default().to_owned());
                        }
                    }
                });
            }
        });
        Ok(())
    })?;
    let failures = failures
        .into_inner()
        .map_err(|_| fail("a thread panicked"))?;
    if failures.is_empty() {
        Ok(())
    } else {
        Err(fail(format!(
            "{} of {CONTAINERS}:\n{}",
            failures.len(),
            failures.join("\n")
        )))
    }
}

/// The container itself compares, and its exit status is the answer: on a loaded machine a current daemon was seen
/// to return a container that had ended well without any of its output.
fn one_of_many(docker: &Docker, stage: &Stage, number: usize) -> Result<(), Failed> {
    let index = number % stage.machine.gpus().len();
    let gpus = format!("device={index}");
    let wanted = format!("WANTED={}", stage.machine.smi_list(&[index]).trim_end());
    let options = ["--gpus", &*gpus, "--env", &wanted];
    let script = r#"found=$(nvidia-smi -L); echo "$found"; [ "$found" = "$WANTED" ] || exit 9"#;
    let ran = run(docker, &options, script)?;
    if ran.is_success {
        Ok(())
    } else {
        ran.complain(&format!("container {number}"))
    }
}
