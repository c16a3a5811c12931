//! The proof by Docker: the daemon lists the runtime, and containers of both roads have the GPUs.

use super::command::{output, with_input};
use super::image::{Image, PROGRAM, WORD};
use super::{ANSWER_LIMIT, PAUSE, Proven, container, given, gpus, needed};
use crate::commands::setup::engine_step::{GPU_PROGRAM, gpu_programs};
use crate::commands::setup::target::Target;
use liftgate_engines::Wish;
use liftgate_engines::running::{DockerInfo, Process};
use liftgate_sys::process::effective_user;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a daemon that answers may take to know what it was told to read. Only its log says that it will not.
const READ_LIMIT: Duration = Duration::from_secs(10);

/// Waits until the daemon answers and has the runtime.
pub(super) fn await_docker(socket: &Path, wish: &Wish) -> Result<DockerInfo, String> {
    let begun = Instant::now();
    let mut answered = None;
    loop {
        let answer = DockerInfo::ask(socket);
        if answer.is_ok() {
            answered.get_or_insert_with(Instant::now);
        }
        let failure = match answer {
            Ok(info) => match info.runtimes.get(&wish.name) {
                Some(runtime) if runtime.path != wish.path => format!(
                    "Docker's runtime `{}` is `{}`, not `{}`",
                    wish.name, runtime.path, wish.path
                ),
                Some(_) if wish.is_default && info.default_runtime != wish.name => format!(
                    "Docker's default runtime is `{}`, not `{}`",
                    info.default_runtime, wish.name
                ),
                Some(_) => return Ok(info),
                None => format!("Docker does not know the runtime `{}`", wish.name),
            },
            Err(error) => format!("Docker does not answer at `{}`: {error}", socket.display()),
        };
        let has_read = answered.is_some_and(|answered| answered.elapsed() > READ_LIMIT);
        if has_read || begun.elapsed() > ANSWER_LIMIT {
            return Err(failure);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Starts a container by `--runtime`, and one by `--gpus` where the daemon can serve it.
pub(super) fn by_docker(
    target: &Target,
    socket: &Path,
    wish: &Wish,
    proven: &mut Proven,
) -> Result<(), String> {
    let Some(gpus) = needed(proven, gpus()) else {
        return Ok(());
    };
    let Some(client) = needed(proven, target.program("docker")) else {
        return Ok(());
    };
    let host = format!("unix://{}", socket.display());
    let docker = |arguments: &[&str]| {
        let mut command = Command::new(client);
        // The daemon that was set up, whichever this user talks to.
        command
            .env_remove("DOCKER_CONTEXT")
            .env_remove("DOCKER_HOST");
        command.args(["--host", &host]).args(arguments);
        command
    };
    let image = Image::make()?;
    let archive = image.archive()?;
    let name = format!("liftgate-proof:{}", std::process::id());
    with_input(&mut docker(&["import", "-", &name]), &archive)?;
    let run = |words: &[&str], how: &str| {
        let program = format!("/{PROGRAM}");
        let fixed = ["run", "--rm", "--network", "none"];
        let words = [&fixed[..], words, &[&name, &program, WORD]].concat();
        let text = output(&mut docker(&words))?;
        given(&text, gpus, how)
    };
    let all = "NVIDIA_VISIBLE_DEVICES=all";
    let how = format!("docker run --runtime={}", wish.name);
    let mut result = run(&["--runtime", &wish.name, "--env", all], &how);
    if result.is_ok() {
        proven.push(container(gpus, &how));
        // The daemon that was started anew is another process than the one that was found.
        let process = Process::named_of("dockerd", effective_user());
        if process.is_some_and(|process| !gpu_programs(&process).is_empty()) {
            let how = "docker run --gpus all";
            result = run(&["--gpus", "all"], how);
            if result.is_ok() {
                proven.push(container(gpus, how));
            }
        } else {
            proven.push(format!(
                "docker run --gpus was not tried: dockerd's PATH has no {GPU_PROGRAM}; hint: install liftgate into /usr/bin, then restart Docker"
            ));
        }
    }
    output(&mut docker(&["rmi", "--force", &name])).ok();
    result
}
