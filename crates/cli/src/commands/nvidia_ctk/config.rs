//! `nvidia-ctk config`: the file `config.toml`, printed, changed, or made.
//!
//! Packages run it at every installation and upgrade, so it must do no harm to what an administrator has written: a
//! file is changed at the keys that are named and nowhere else, is not written where nothing changes, and takes the old
//! one's place in one step. What the runtimes would refuse to start with is refused here, before it is written.

mod assignment;

use super::flags::Values;
use super::log::Log;
use crate::ui::Ui;
use liftgate_config::{Config, ConfigError, MAX_BYTES, config_path, default_text, edit, is_suse};
use liftgate_plan::Policy;
use liftgate_sys::{FileKind, file};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The mode of a file that was not there.
const MODE: u32 = 0o644;

/// `nvidia-ctk config`.
pub(super) fn run(values: &Values, log: Log, ui: &mut Ui) -> Result<(), String> {
    let separator = values.text("set-list-separator");
    if separator == Some("") {
        return Err("set-list-separator must be set".to_owned());
    }
    let path = values
        .filled("config-file")
        .map_or_else(|| config_path(|name| std::env::var_os(name)), PathBuf::from);
    let failed = |reason: String| {
        let path = path.display();
        format!("unable to create config: failed to load specified config file: `{path}`: {reason}")
    };
    let before = read(&path).map_err(failed)?;
    let before = before.unwrap_or_else(default_of_this_machine);
    let is_valid = match Config::parse(&before) {
        Ok((config, _)) => policy_of(&config),
        Err(error @ (ConfigError::Syntax { .. } | ConfigError::TooLarge { .. })) => {
            return Err(failed(error.to_string()));
        }
        // What is wrong may be what is to be set.
        Err(error) => Err(error.to_string()),
    };
    let after = with_settings(&before, values.texts("set"), separator)?;
    let becomes_valid = Config::parse(&after)
        .map_err(|error| error.to_string())
        .and_then(|(config, warnings)| policy_of(&config).map(|()| warnings));
    match (becomes_valid, is_valid) {
        (Ok(warnings), _) => {
            for warning in warnings {
                log.warning(&format!("{}: {warning}", path.display()));
            }
        }
        (Err(_), Err(reason)) => return Err(failed(reason)),
        (Err(reason), Ok(())) => {
            return Err(format!(
                "invalid --set option: no container could start with the file: {reason}"
            ));
        }
    }
    let output = values.filled("output").map(Path::new);
    if values.is_on("in-place") {
        if output.is_some() {
            log.warning("--output is ignored: --in-place says where the file goes");
        }
        write(&path, &after)
    } else {
        put(output, &after, ui)
    }
}

/// `nvidia-ctk config default`.
pub(super) fn default(values: &Values, ui: &mut Ui) -> Result<(), String> {
    let output = values.filled("output").map(Path::new);
    put(output, &default_of_this_machine(), ui)
}

fn default_of_this_machine() -> String {
    let is_there = |path: &str| file::metadata(Path::new(path)).is_ok_and(|found| found.is_some());
    let ldconfig = if is_there("/sbin/ldconfig.real") {
        "@/sbin/ldconfig.real"
    } else {
        "@/sbin/ldconfig"
    };
    // A machine that does not say what it is, is not SUSE.
    let os_release = ["/etc/os-release", "/usr/lib/os-release"]
        .iter()
        .find_map(|path| file::read(Path::new(path), 1 << 16).ok().flatten())
        .unwrap_or_default();
    default_text(ldconfig, is_suse(&String::from_utf8_lossy(&os_release)))
}

fn read(path: &Path) -> Result<Option<String>, String> {
    let Some(bytes) = file::read(path, MAX_BYTES as u64).map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes);
    text.map(Some)
        .map_err(|error| format!("not UTF-8 text: {}", error.utf8_error()))
}

/// Whether the runtimes would start a container with it.
fn policy_of(config: &Config) -> Result<(), String> {
    Policy::from_config(config)
        .map(drop)
        .map_err(|refusal| refusal.one_line())
}

fn with_settings(text: &str, words: &[String], separator: Option<&str>) -> Result<String, String> {
    let mut text = text.to_owned();
    for assignment in words.iter().flat_map(|word| assignment::split(word)) {
        let invalid = |reason: String| format!("invalid --set option {assignment}: {reason}");
        let (key, setting) = assignment::read(&assignment, separator).map_err(invalid)?;
        text = edit::set(&text, key, &setting).map_err(|error| invalid(error.to_string()))?;
    }
    Ok(text)
}

fn put(output: Option<&Path>, text: &str, ui: &mut Ui) -> Result<(), String> {
    if let Some(path) = output {
        return write(path, text);
    }
    ui.raw(text.as_bytes());
    Ok(())
}

/// Writes a file, unless it says so already; what is no file (a pipe, `/dev/stdout`) is written to, not replaced.
fn write(path: &Path, text: &str) -> Result<(), String> {
    let failed = |reason: String| format!("failed to open output file: {reason}");
    let found = file::metadata(path).map_err(|error| failed(error.to_string()))?;
    match found.map(|found| found.kind) {
        Some(FileKind::Regular) => {
            let limit = text.len() as u64;
            if file::read(path, limit).is_ok_and(|old| old.as_deref() == Some(text.as_bytes())) {
                return Ok(());
            }
        }
        Some(_) => {
            return fs::OpenOptions::new()
                .write(true)
                .open(path)
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .map_err(|error| failed(format!("`{}`: {error}", path.display())));
        }
        None if path.is_symlink() => {
            return Err(failed(format!(
                "`{}` is a link that leads nowhere; hint: remove it, or make the file that it leads to",
                path.display()
            )));
        }
        None => {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)
                    .map_err(|error| failed(format!("`{}`: {error}", parent.display())))?;
            }
        }
    }
    file::replace(path, text.as_bytes(), MODE).map_err(|error| failed(error.to_string()))
}
