//! What an engine needs to take its configuration up, and how it is given that.
//!
//! | engine | reads it | so that |
//! |---|---|---|
//! | Docker | runtimes and the default one at `SIGHUP`; features, and whether there is a program for `--gpus`, at start | reload, or restart |
//! | containerd | at start | restart; containers go on |
//! | CRI-O | runtimes at `SIGHUP` | reload |
//! | Podman | each time it runs | nothing |
//!
//! dockerd keeps runtimes that are no longer in its file until it is started again, so taking one back is a restart, too.

use super::Arguments;
use super::target::Target;
use super::way::{PAUSE, Way};
use liftgate_engines::running::{DockerInfo, Process};
use liftgate_engines::{Engine, Wish};
use liftgate_plan::{Code, Refusal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The programs by which dockerd knows that there is somebody to serve `--gpus`; one of them is enough.
const GPU_PROGRAMS: [&str; 2] = ["nvidia-container-runtime-hook", "nvidia-cdi-hook"];

/// The releases of Docker that take CDI devices with `features.cdi` only.
const CDI_ON_REQUEST: std::ops::Range<(u64, u64)> = (25, 0)..(28, 2);

/// Why an engine whose configuration is the old one again is restarted.
const FORGET: &str = "to forget the runtime";

/// How long a signal may take to make it forget.
const FORGET_LIMIT: Duration = Duration::from_secs(3);

/// What an engine needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Nothing,
    /// It has to read its configuration.
    Reload(Way),
    /// It has to be started anew, for this reason.
    Restart(Way, String),
}

impl Step {
    /// Whether containers may be stopped by it.
    pub(super) const fn is_restart(&self) -> bool {
        matches!(self, Self::Restart(..))
    }

    /// What is about to happen, for people.
    pub(super) fn in_words(&self) -> Option<String> {
        Some(match self {
            Self::Nothing => return None,
            Self::Reload(way) => format!("reload it: {}", way.in_words(false)),
            Self::Restart(way, reason) => format!("restart it ({reason}): {}", way.in_words(true)),
        })
    }

    /// That it happens now, for people who wait; nothing if it does not.
    pub(super) fn progress(&self, engine: Engine) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Reload(way) | Self::Restart(way, _) if way.is_nobodys() => None,
            Self::Reload(_) => Some(format!("reloading {engine} …")),
            Self::Restart(..) => Some(format!("restarting {engine} …")),
        }
    }

    /// Does it.
    pub(super) fn perform(&self) -> Result<(), String> {
        match self {
            Self::Nothing => Ok(()),
            Self::Reload(way) => way.perform(false),
            Self::Restart(way, _) => way.perform(true),
        }
    }
}

/// What the engine needs, once its configuration has or has not changed.
pub(super) fn needed(
    target: &Target,
    wish: &Wish,
    is_changed: bool,
    arguments: &Arguments,
) -> Result<Step, Refusal> {
    let Some(process) = &target.process else {
        return Ok(Step::Nothing);
    };
    let restart = |reason: &str| -> Result<Step, Refusal> {
        Ok(Step::Restart(
            way(target, process, true, arguments)?,
            reason.to_owned(),
        ))
    };
    let reload =
        || -> Result<Step, Refusal> { Ok(Step::Reload(way(target, process, false, arguments)?)) };
    match target.engine() {
        Engine::Docker => {
            let programs = gpu_programs(process);
            let is_known = |program: &PathBuf| process.is_younger_than(program);
            if !programs.is_empty() && !programs.iter().any(is_known) {
                return restart("it looks for what serves --gpus at start only");
            }
            if is_changed && wish.with_cdi {
                return restart("it reads features.cdi at start only");
            }
            if is_changed || !knows(target, wish) {
                reload()
            } else {
                Ok(Step::Nothing)
            }
        }
        Engine::Containerd if is_changed => restart("it reads its configuration at start only"),
        Engine::Crio if is_changed => reload(),
        Engine::Containerd | Engine::Crio | Engine::Podman => Ok(Step::Nothing),
    }
}

/// What the engine needs when the runtime was taken out.
pub(super) fn to_forget(target: &Target, arguments: &Arguments) -> Result<Step, Refusal> {
    let Some(process) = &target.process else {
        return Ok(Step::Nothing);
    };
    match target.engine() {
        Engine::Podman => Ok(Step::Nothing),
        Engine::Crio => Ok(Step::Reload(way(target, process, false, arguments)?)),
        Engine::Docker | Engine::Containerd => Ok(Step::Restart(
            way(target, process, true, arguments)?,
            FORGET.to_owned(),
        )),
    }
}

/// Has the engine forget what it was told by a step, once its configuration is the old one again.
///
/// dockerd forgets a runtime, or that it is the default one, at a start only, unless its file says another. Nobody has agreed to a
/// start where a reload was to be enough: it stops containers, and a file that dockerd could not read, it cannot start with. So it is
/// started anew only if it has to forget something, and stops nothing by that.
pub(super) fn put_back(
    step: &Step,
    target: &Target,
    wish: &Wish,
    arguments: &Arguments,
) -> Result<(), String> {
    let (Step::Reload(_), Engine::Docker, Some(process)) = (step, target.engine(), &target.process)
    else {
        return step.perform();
    };
    step.perform()?;
    let Some(now) = still_knowing(target, wish)? else {
        return Ok(());
    };
    if !now.live_restore_enabled && now.containers_running > 0 {
        return Err("its containers, which go on meanwhile, would be stopped".to_owned());
    }
    let way = way(target, process, true, arguments).map_err(|refusal| refusal.sentence)?;
    Step::Restart(way, FORGET.to_owned()).perform()
}

/// What Docker says of itself, if it goes on knowing more of the runtime than it did before the setup.
fn still_knowing(target: &Target, wish: &Wish) -> Result<Option<DockerInfo>, String> {
    let Some(socket) = &target.socket else {
        return Ok(None);
    };
    let before = target.info.clone().unwrap_or_default();
    let begun = Instant::now();
    loop {
        let now =
            DockerInfo::ask(socket).map_err(|error| format!("it does not answer: {error}"))?;
        let is_same = now.runtimes.get(&wish.name) == before.runtimes.get(&wish.name)
            && (now.default_runtime == before.default_runtime || now.default_runtime != wish.name);
        if is_same {
            return Ok(None);
        }
        if begun.elapsed() > FORGET_LIMIT {
            return Ok(Some(now));
        }
        std::thread::sleep(PAUSE);
    }
}

/// Those of them that a dockerd finds.
pub(super) fn gpu_programs(dockerd: &Process) -> Vec<PathBuf> {
    let found = GPU_PROGRAMS.iter().filter_map(|name| dockerd.finds(name));
    found.collect()
}

/// What people read where it finds none.
pub(super) const GPU_PROGRAM: &str = GPU_PROGRAMS[0];

/// Whether a running Docker knows what is wished for.
fn knows(target: &Target, wish: &Wish) -> bool {
    target.info.as_ref().is_none_or(|info| {
        info.runtimes
            .get(&wish.name)
            .is_some_and(|runtime| runtime.path == wish.path)
            && (!wish.is_default || info.default_runtime == wish.name)
    })
}

/// Whether this Docker takes CDI devices only if it is told to.
pub(super) fn wants_cdi_feature(target: &Target) -> bool {
    let release = target.info.as_ref().and_then(DockerInfo::release);
    release.is_some_and(|release| CDI_ON_REQUEST.contains(&release))
}

fn way(
    target: &Target,
    process: &Process,
    is_restart: bool,
    arguments: &Arguments,
) -> Result<Way, Refusal> {
    if arguments.no_restart {
        return Ok(Way::ByHand);
    }
    if let (Some(command), true) = (&arguments.restart_command, is_restart) {
        return Ok(Way::Command(command.clone()));
    }
    let has_systemd = Path::new("/run/systemd/system").exists();
    if let (Some(unit), true) = (target.unit(), has_systemd) {
        return Ok(Way::Unit(unit));
    }
    if !is_restart {
        return Ok(Way::Hangup(process.id));
    }
    let script = PathBuf::from("/etc/init.d").join(target.engine().name());
    // A script ends the process that its own file names, not one that somebody has started by hand.
    let is_its = std::fs::read_to_string(format!("/var/run/{}.pid", target.engine().name()))
        .is_ok_and(|text| text.trim() == process.id.to_string());
    if !has_systemd && is_its && script.exists() {
        return Ok(Way::InitScript(script));
    }
    if arguments.dry_run {
        // Who only looks is told so by the step.
        return Ok(Way::Unknown);
    }
    Err(Refusal::new(
        Code::EngineNotRestarted,
        format!(
            "{} has to be restarted, and nobody says how: its process {} belongs to no systemd service, and there is no init script",
            target.engine(),
            process.id
        ),
        "name a command that does it with --restart-command, or use --no-restart and restart it yourself".to_owned(),
    ))
}
