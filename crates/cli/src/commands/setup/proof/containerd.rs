//! The proof by containerd: its configuration, as it reads it, names the runtime, and a container that `ctr` starts with the runtime's
//! program has the GPUs. Only kubelet speaks to the CRI plugin.

use super::command::output;
use super::image::{Image, PROGRAM, WORD};
use super::{ANSWER_LIMIT, PAUSE, Proven, container, given, gpus, is_known, needed};
use crate::commands::setup::target::Target;
use liftgate_engines::{Wish, containerd};
use liftgate_sys::process::installed;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

const USUAL_SOCKET: &str = "/run/containerd/containerd.sock";

/// Reads the configuration, and starts a container.
pub(super) fn by_containerd(
    target: &Target,
    wish: &Wish,
    proven: &mut Proven,
) -> Result<(), String> {
    let Some(program) = needed(proven, target.program("containerd")) else {
        return Ok(());
    };
    let main = target.configuration.main.as_os_str();
    let mut dump = Command::new(program);
    dump.arg("--config").arg(main).args(["config", "dump"]);
    let dump = output(&mut dump)?;
    is_known(containerd::program_of(&dump, &wish.name), wish)?;
    proven.push("containerd reads the runtime".to_owned());
    let Some(ctr) = needed(proven, ctr()) else {
        return Ok(());
    };
    let socket = socket(target, &dump);
    let client = |words: &[&str]| {
        let mut command = Command::new(&ctr);
        command.arg("--address").arg(&socket).args(words);
        command
    };
    await_success(|| client(&["version"]))?;
    cri_is_loaded(&output(&mut client(&["plugins", "ls"]))?)?;
    let Some(gpus) = needed(proven, gpus()) else {
        return Ok(());
    };
    let image = Image::make()?;
    let root = image.directory.path().display().to_string();
    let id = format!("liftgate-proof-{}", std::process::id());
    let inside = format!("/{PROGRAM}");
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
        &inside,
        WORD,
    ];
    let text = output(&mut client(&words))?;
    given(&text, gpus, &format!("--runc-binary {}", wish.path))?;
    proven.push(container(gpus, "ctr run with the runtime's program"));
    Ok(())
}

/// Where it answers: where we were told, or it was, by its command line or its configuration.
fn socket(target: &Target, dump: &str) -> PathBuf {
    let of_process = || {
        let process = target.process.as_ref()?;
        let address = process.option("--address").or_else(|| process.option("-a"));
        address.map(PathBuf::from)
    };
    let told = target.socket.clone();
    told.or_else(of_process)
        .or_else(|| containerd::address(dump))
        .unwrap_or_else(|| PathBuf::from(USUAL_SOCKET))
}

/// containerd runs on without its CRI plugin if that finds fault with the configuration, and Kubernetes would have nobody to ask.
fn cri_is_loaded(plugins: &str) -> Result<(), String> {
    let mut rows = plugins
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    if rows.any(|row| row.get(1) == Some(&"cri") && row.last() == Some(&"error")) {
        return Err("containerd's CRI plugin did not load; containerd's log says why".to_owned());
    }
    Ok(())
}

fn ctr() -> Result<PathBuf, String> {
    installed("ctr").ok_or_else(|| "the program `ctr` is not there".to_owned())
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
