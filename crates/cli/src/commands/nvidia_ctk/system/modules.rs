//! The driver's kernel modules, loaded.

use crate::commands::nvidia_ctk::log::Log;
use liftgate_sys::process;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// In the order in which they stand on each other.
const MODULES: [&str; 3] = ["nvidia", "nvidia-uvm", "nvidia-modeset"];

/// Where every distribution but NixOS has it.
const MODPROBE: &str = "/sbin/modprobe";

/// Loads the modules with the `modprobe` of `root`, which knows where its modules are. The first failure is the last try.
pub(super) fn load(root: &Path, dry_run: bool, log: Log) -> Result<(), String> {
    for module in MODULES {
        let words = words(root, module)?;
        if dry_run {
            log.info(&format!("Running: {}", words.join(" ")));
        } else {
            run(&words).map_err(|reason| {
                format!(
                    "failed to load NVIDIA kernel modules: failed to load module {module}: {reason}"
                )
            })?;
        }
    }
    Ok(())
}

fn words(root: &Path, module: &str) -> Result<Vec<String>, String> {
    if root == Path::new("/") {
        return Ok(vec![modprobe(), module.to_owned()]);
    }
    let root = root
        .to_str()
        .ok_or_else(|| format!("`{}` is no text", root.display()))?;
    Ok(["chroot", root, MODPROBE, module].map(str::to_owned).into())
}

fn modprobe() -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories: Vec<PathBuf> = std::iter::once(PathBuf::from("/sbin"))
        .chain(process::USUAL_PATH.map(PathBuf::from))
        .chain(std::env::split_paths(&path).filter(|directory| directory.is_absolute()))
        .collect();
    process::find_executable(
        OsStr::new("modprobe"),
        directories.iter().map(PathBuf::as_path),
    )
    .and_then(|program| program.into_os_string().into_string().ok())
    .unwrap_or_else(|| MODPROBE.to_owned())
}

fn run(words: &[String]) -> Result<(), String> {
    let Some((program, arguments)) = words.split_first() else {
        return Ok(());
    };
    let path = process::USUAL_PATH.join(":");
    let program = process::find_executable(OsStr::new(program), process::USUAL_PATH.map(Path::new))
        .unwrap_or_else(|| PathBuf::from(program));
    // What modprobe starts for a module (`install` lines) gets no variable of ours.
    let output = Command::new(&program)
        .args(arguments)
        .env_clear()
        .env("PATH", path)
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("execve(`{}`): {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(format!("{}; output={}", output.status, said.trim_end()))
}
