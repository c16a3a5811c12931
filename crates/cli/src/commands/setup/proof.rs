//! The proof: the engine is asked what it knows, and a container is asked what it has.
//!
//! The container's image is made from nothing: one static program of ours, which says which GPUs it can open. Nothing is pulled, and
//! nothing is left behind. A machine without a GPU has nothing to prove this with, and says so.

use super::engine_step::GPU_PROGRAMS;
use super::target::{Target, program};
use crate::error::CliError;
use liftgate_driver::{Host, Places};
use liftgate_engines::containerd::Release;
use liftgate_engines::running::{DockerInfo, Process};
use liftgate_engines::{Engine, Wish};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a daemon may take to answer after a restart.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

/// The program in the image, and the word that makes it say what it has.
const PROGRAM: &str = "liftgate-rt";
const WORD: &str = "proof";

/// Podman before this one knows no CDI devices.
const PODMAN_WITH_CDI: Release = Release { major: 4, minor: 1 };

/// What was proven, one sentence each.
pub(super) type Proven = Vec<String>;

/// Asks the engine, and a container.
pub(super) fn prove(target: &Target, wish: &Wish) -> Result<Proven, String> {
    let mut proven = Vec::new();
    match target.engine() {
        Engine::Docker => {
            let Some(socket) = target
                .socket
                .as_deref()
                .filter(|_| target.process.is_some())
            else {
                return Ok(vec![not_running(target)]);
            };
            let info = await_docker(socket, wish)?;
            proven.push(format!("Docker {} knows the runtime", info.server_version));
            by_docker(target, socket, wish, &mut proven)?;
        }
        Engine::Podman => by_podman(target, wish, &mut proven)?,
        Engine::Containerd => {
            if target.process.is_none() {
                return Ok(vec![not_running(target)]);
            }
            by_containerd(target, wish, &mut proven)?;
        }
        Engine::Crio => {
            let Some(program) = target.program.as_ref().filter(|_| target.process.is_some()) else {
                return Ok(vec![not_running(target)]);
            };
            let text = output(Command::new(program).args(["status", "config"]))?;
            listed(&text, wish)?;
            proven.push("CRI-O knows the runtime".to_owned());
            proven.push("no container was started: only kubelet asks CRI-O for one".to_owned());
        }
    }
    Ok(proven)
}

fn not_running(target: &Target) -> String {
    format!(
        "{} does not run: nothing was proven, and it will read the configuration when it starts",
        target.engine()
    )
}

/// The GPUs that a container is to have: those of the driver of this machine.
fn gpus() -> Result<usize, String> {
    // A driver root that nobody can read the name of is looked for.
    let root = liftgate_plan::load_configuration(None)
        .ok()
        .and_then(|loaded| loaded.config.nvidia_container_cli.root);
    let host = Host::discover(&Places::host(root.as_deref()));
    match host {
        Ok(host) if host.gpus.is_empty() => Err("the driver has no GPU".to_owned()),
        Ok(host) => Ok(host.gpus.len()),
        Err(error) => Err(error.to_string()),
    }
}

/// Waits until the daemon answers and has the runtime.
fn await_docker(socket: &Path, wish: &Wish) -> Result<DockerInfo, String> {
    let begun = Instant::now();
    loop {
        let failure = match DockerInfo::ask(socket) {
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
        if begun.elapsed() > ANSWER_LIMIT {
            return Err(failure);
        }
        std::thread::sleep(PAUSE);
    }
}

fn by_docker(
    target: &Target,
    socket: &Path,
    wish: &Wish,
    proven: &mut Proven,
) -> Result<(), String> {
    let gpus = match gpus() {
        Ok(gpus) => gpus,
        Err(reason) => return Ok(proven.push(no_container(&reason))),
    };
    let Some(client) = &target.program else {
        return Ok(proven.push(no_container("the program `docker` is not there")));
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
    let run = |words: &[&str]| {
        let program = format!("/{PROGRAM}");
        let fixed = ["run", "--rm", "--network", "none"];
        let words = [&fixed[..], words, &[&name, &program, WORD]].concat();
        let text = output(&mut docker(&words))?;
        given(&text, gpus, &shown(&words[4..words.len() - 3]))
    };
    let all = "NVIDIA_VISIBLE_DEVICES=all";
    let mut result = run(&["--runtime", &wish.name, "--env", all]);
    if result.is_ok() {
        proven.push(container(
            gpus,
            &format!("docker run --runtime={}", wish.name),
        ));
        // The daemon that was started anew is another process than the one that was found.
        let process = Process::named("dockerd");
        let is_served = |process: Process| {
            GPU_PROGRAMS
                .iter()
                .any(|name| process.finds(name).is_some())
        };
        if process.is_some_and(is_served) {
            result = run(&["--gpus", "all"]);
            if result.is_ok() {
                proven.push(container(gpus, "docker run --gpus all"));
            }
        } else {
            proven.push(format!(
                "docker run --gpus was not tried: dockerd's PATH has no {}; hint: install liftgate into /usr/bin, then restart Docker",
                GPU_PROGRAMS[0]
            ));
        }
    }
    output(&mut docker(&["rmi", "--force", &name])).ok();
    result
}

fn by_podman(target: &Target, wish: &Wish, proven: &mut Proven) -> Result<(), String> {
    let Some(podman) = &target.program else {
        return Ok(proven.push(no_container("the program `podman` is not there")));
    };
    let version = output(Command::new(podman).arg("--version"))?;
    let release = version.split_whitespace().find_map(Release::parse);
    let gpus = match gpus() {
        Ok(gpus) => gpus,
        Err(reason) => return Ok(proven.push(no_container(&reason))),
    };
    let image = Image::make()?;
    let run = |words: &[&str]| {
        let root = image.directory.path().display().to_string();
        let program = format!("/{PROGRAM}");
        let mut command = Command::new(podman);
        command
            .args(["run", "--rm", "--network", "none"])
            .args(words);
        command.args(["--rootfs", &root, &program, WORD]);
        let text = output(&mut command)?;
        given(&text, gpus, &shown(words))
    };
    run(&[
        "--runtime",
        &wish.name,
        "--env",
        "NVIDIA_VISIBLE_DEVICES=all",
    ])?;
    proven.push(container(
        gpus,
        &format!("podman --runtime {} run", wish.name),
    ));
    if release.is_some_and(|release| release >= PODMAN_WITH_CDI) {
        let words = ["--device", "nvidia.com/gpu=all"];
        run(&words)?;
        proven.push(container(gpus, "podman run --device nvidia.com/gpu=all"));
    }
    Ok(())
}

fn by_containerd(target: &Target, wish: &Wish, proven: &mut Proven) -> Result<(), String> {
    let Some(program_path) = &target.program else {
        return Ok(proven.push(no_container("the program `containerd` is not there")));
    };
    let main = target.configuration.main.as_os_str();
    let mut dump = Command::new(program_path);
    dump.arg("--config").arg(main).args(["config", "dump"]);
    listed(&output(&mut dump)?, wish)?;
    proven.push("containerd reads the runtime".to_owned());
    let Some(ctr) = program("ctr") else {
        return Ok(proven.push(no_container("the program `ctr` is not there")));
    };
    let socket = target.socket.clone().unwrap_or_default();
    let client = |words: &[&str]| {
        let mut command = Command::new(&ctr);
        command.arg("--address").arg(&socket).args(words);
        command
    };
    await_success(|| client(&["version"]))?;
    let gpus = match gpus() {
        Ok(gpus) => gpus,
        Err(reason) => return Ok(proven.push(no_container(&reason))),
    };
    let image = Image::make()?;
    let root = image.directory.path().display().to_string();
    let id = format!("liftgate-proof-{}", std::process::id());
    let program = format!("/{PROGRAM}");
    let words = [
        "run",
        "--rm",
        "--rootfs",
        "--runc-binary",
        &wish.path,
        "--env",
        "NVIDIA_VISIBLE_DEVICES=all",
        &root,
        &id,
        &program,
        WORD,
    ];
    let text = output(&mut client(&words))?;
    given(&text, gpus, &format!("--runc-binary {}", wish.path))?;
    proven.push(container(gpus, "ctr run with the runtime's program"));
    Ok(())
}

fn await_success(command: impl Fn() -> Command) -> Result<String, String> {
    let begun = Instant::now();
    loop {
        match output(&mut command()) {
            Err(_) if begun.elapsed() < ANSWER_LIMIT => std::thread::sleep(PAUSE),
            result => return result,
        }
    }
}

/// Whether the runtime stands in a configuration as the engine tells it.
fn listed(text: &str, wish: &Wish) -> Result<(), String> {
    let is_listed = text.lines().any(|line| line.contains(&wish.path));
    if is_listed {
        Ok(())
    } else {
        Err(format!(
            "the engine's configuration does not name `{}`",
            wish.path
        ))
    }
}

/// Whether a container's words say that it has every GPU, and the driver.
fn given(text: &str, gpus: usize, how: &str) -> Result<(), String> {
    let count = text.lines().filter(|line| line.starts_with("gpu ")).count();
    let has_driver = text.lines().any(|line| line.starts_with("libcuda "));
    let count = if Path::new("/dev/dxg").exists() {
        gpus
    } else {
        count
    };
    if count != gpus {
        return Err(format!(
            "a container with `{how}` has {count} of {gpus} GPUs"
        ));
    }
    if !has_driver {
        return Err(format!("a container with `{how}` has no libcuda"));
    }
    Ok(())
}

fn container(gpus: usize, how: &str) -> String {
    format!(
        "a container got {}: {how}",
        crate::count::count(gpus, "GPU", "GPUs")
    )
}

fn no_container(reason: &str) -> String {
    format!("no container was started: {reason}")
}

fn shown(words: &[&str]) -> String {
    words.join(" ")
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output();
    said(command, output)
}

fn with_input(command: &mut Command, input: &[u8]) -> Result<String, String> {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = child.and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            // Who does not read on says why.
            stdin.write_all(input).ok();
        }
        child.wait_with_output()
    });
    said(command, output)
}

fn said(command: &Command, output: std::io::Result<Output>) -> Result<String, String> {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words: Vec<OsString> = command.get_args().map(OsString::from).collect();
    let shown = format!(
        "{} {}",
        name.display(),
        words.join(std::ffi::OsStr::new(" ")).display()
    );
    match output {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => Err(format!(
            "`{shown}`: {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Err(format!("`{shown}`: {error}")),
    }
}

/// An image with one program.
struct Image {
    directory: Directory,
}

/// A directory that goes when it is dropped.
struct Directory(PathBuf);

impl Directory {
    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What cannot be removed lies in the directory for what does not last.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl Image {
    fn make() -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("cannot make an image: {error}");
        let program = crate::cdi::hook_executable().ok_or("cannot tell where liftgate-rt lies")?;
        let name = format!("liftgate-proof-{}", std::process::id());
        let directory = Directory(std::env::temp_dir().join(name));
        std::fs::create_dir(directory.path()).map_err(failed)?;
        // Engines mount on these.
        for place in ["dev", "etc", "proc", "sys", "tmp", "usr", "run"] {
            std::fs::create_dir(directory.path().join(place)).map_err(failed)?;
        }
        std::fs::copy(program, directory.path().join(PROGRAM)).map_err(failed)?;
        Ok(Self { directory })
    }

    fn archive(&self) -> Result<Vec<u8>, String> {
        let mut archive = tar::Builder::new(Vec::new());
        archive
            .append_dir_all(".", self.directory.path())
            .and_then(|()| archive.into_inner())
            .map_err(|error| format!("cannot make an image: {error}"))
    }
}

/// A proof that failed, for people.
pub(super) fn failed(target: &Target, reason: &str) -> CliError {
    use liftgate_plan::{Code, Refusal};
    let refusal = Refusal::new(
        Code::EngineNotProven,
        format!(
            "{} was configured and does not serve GPUs; its configuration is as it was before",
            target.engine()
        ),
        "`liftgate explain --gpus all` says what a container would get; --no-proof keeps the configuration nevertheless".to_owned(),
    );
    CliError::Refused(refusal.because(reason))
}
