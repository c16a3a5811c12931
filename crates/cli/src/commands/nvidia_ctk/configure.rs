//! `nvidia-ctk runtime configure`: an engine is told of the runtime.
//!
//! What is written is what `liftgate setup` would write, and is remembered as it remembers it, so that `liftgate setup --undo` takes
//! it back. The engine is not restarted, as NVIDIA's tool does not restart it. Where nothing can be remembered (`/var` is read-only,
//! in a container that has the engine's directory mounted) the work is done all the same, and said.

use super::flags::Values;
use super::log::Log;
use crate::commands::setup::absolute;
use crate::records;
use crate::ui::Ui;
use liftgate_engines::change::{self, ChangeError, FileChange, Records};
use liftgate_engines::{Configuration, Engine, Plan, PlanError, RefusedFile, Wish, podman};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RUNTIME: &str = "nvidia-container-runtime";
/// containerd and CRI-O take no name that would have to be looked for.
const RUNTIME_PATH: &str = "/usr/bin/nvidia-container-runtime";
const HOOK_PATH: &str = "/usr/bin/nvidia-container-runtime-hook";

pub(super) fn run(values: &Values, log: Log, ui: &mut Ui) -> Result<(), String> {
    let name = values.filled("runtime").unwrap_or("docker");
    let engine = match Engine::from_name(name) {
        Some(Engine::Podman) | None => {
            return Err(format!(
                "unrecognized runtime '{name}': docker, containerd and crio are known; hint: `liftgate setup podman` is for Podman"
            ));
        }
        Some(engine) => engine,
    };
    match values.filled("config-mode").unwrap_or("config-file") {
        "config" | "config-file" => {}
        "hook" | "oci-hook" => return hook(values, log, ui),
        other => log.warning(&format!(
            "Ignoring unsupported config mode for {name}: {other:?}"
        )),
    }
    let wish = wish(values, engine)?;
    if engine == Engine::Crio && wish.with_cdi {
        log.warning("CRI-O has no switch for CDI: it takes devices of CDI specifications always");
    }
    let configuration = configuration(values, engine, log)?;
    if values.is_on("dry-run") {
        let records = Records::look(&records::directory());
        let plan = configuration.add(&wish, &records).map_err(in_words)?;
        let texts: Vec<String> = plan
            .changes
            .iter()
            .filter_map(|change| change.after.clone())
            .collect();
        warn(&plan, log);
        ui.raw(format!("{}\n", texts.join("\n")).as_bytes());
        return Ok(());
    }
    let records = match Records::open(&records::directory()) {
        Ok(records) => Some(records),
        Err(ChangeError::System(error)) if error.is_not_writable() => {
            log.warning(&format!(
                "What is changed cannot be remembered, and `liftgate setup --undo` will only take the runtime out: {error}"
            ));
            None
        }
        Err(error) => return Err(error.to_string()),
    };
    let looked = Records::look(&records::directory());
    let plan = configuration
        .add(&wish, records.as_ref().unwrap_or(&looked))
        .map_err(in_words)?;
    warn(&plan, log);
    let Some(record) = &plan.record else {
        for change in &plan.changes {
            log.info(&format!("Config {} is up to date", change.path.display()));
        }
        return Ok(());
    };
    let old = configuration.record(records.as_ref().unwrap_or(&looked));
    let old = old.map_err(|error| error.to_string())?;
    if let Some(records) = &records {
        records.keep(record).map_err(|error| error.to_string())?;
    }
    if let Err(error) = change::make(&plan.changes) {
        if let Some(records) = &records {
            // What has failed is the change, and that is what is said.
            records.restore(record, old.as_ref()).ok();
        }
        return Err(error.to_string());
    }
    for change in plan.changes.iter().filter(|change| !change.is_nothing()) {
        log.info(&format!(
            "Wrote updated config to {}",
            change.path.display()
        ));
    }
    log.info(&format!(
        "It is recommended that {name} daemon be restarted."
    ));
    Ok(())
}

fn warn(plan: &Plan, log: Log) {
    for warning in &plan.warnings {
        log.warning(warning);
    }
}

/// An error with the place in the file, as compilers write it.
pub(crate) fn in_words(error: PlanError) -> String {
    match error {
        PlanError::Refused(RefusedFile { path, refused }) => match refused.at {
            Some(at) => format!(
                "{}:{}:{}: {}",
                path.display(),
                at.line,
                at.column,
                refused.reason
            ),
            None => format!("{}: {}", path.display(), refused.reason),
        },
        other => other.to_string(),
    }
}

fn wish(values: &Values, engine: Engine) -> Result<Wish, String> {
    let default = match engine {
        Engine::Docker => RUNTIME,
        _ => RUNTIME_PATH,
    };
    let path = values.filled("nvidia-runtime-path").unwrap_or(default);
    // The reference's own default, written out, is the default.
    let path = if path == RUNTIME { default } else { path };
    if engine != Engine::Docker && !Path::new(path).is_absolute() {
        return Err(format!(
            "the NVIDIA runtime path {path:?} is not an absolute path"
        ));
    }
    Ok(Wish {
        name: values
            .filled("nvidia-runtime-name")
            .unwrap_or("nvidia")
            .to_owned(),
        path: path.to_owned(),
        is_default: values.is_on("nvidia-set-as-default"),
        with_cdi: values.is_on("cdi.enabled"),
    })
}

fn configuration(values: &Values, engine: Engine, log: Log) -> Result<Configuration, String> {
    let mut configuration = Configuration::usual(engine);
    if let Some(path) = values.filled("config") {
        configuration.main = absolute(Path::new(path));
    }
    match (engine, values.text("drop-in-config")) {
        (_, None) => {}
        (Engine::Docker, Some(_)) => {
            return Err(
                "runtime-specific: docker has no drop-in config; hint: leave --drop-in-config out"
                    .to_owned(),
            );
        }
        // The main file itself.
        (_, Some("")) => configuration.drop_in = None,
        (_, Some(path)) if Path::new(path).is_absolute() => {
            configuration.drop_in = Some(PathBuf::from(path));
        }
        (_, Some(path)) => {
            return Err(format!(
                "the drop-in-config path {path:?} is not an absolute path"
            ));
        }
    }
    match values.filled("config-source").unwrap_or("file") {
        "file" => {}
        "command" if engine == Engine::Docker => {
            log.warning("A config source of 'command' is not supported for docker; using the file");
        }
        "command" => configuration.dump = Some(dump(values, engine)?),
        other => return Err(format!("unrecognized config source: {other}")),
    }
    if engine == Engine::Docker && values.filled("executable-path").is_some() {
        log.warning("Ignoring --executable-path for docker");
    }
    Ok(configuration)
}

/// What the engine says its configuration is.
fn dump(values: &Values, engine: Engine) -> Result<String, String> {
    let given = values.filled("executable-path");
    let ways: &[(&str, &[&str])] = match engine {
        Engine::Crio => &[
            ("crio", &["status", "config"]),
            ("crio-status", &["config"]),
        ],
        _ => &[("containerd", &["config", "dump"])],
    };
    let mut failure = String::new();
    for (program, arguments) in ways {
        let program = given.unwrap_or(program);
        let output = Command::new(program)
            .args(*arguments)
            .stdin(Stdio::null())
            .output();
        failure = match output {
            Ok(output) if output.status.success() => {
                return String::from_utf8(output.stdout).map_err(|_| {
                    format!("what `{program} {}` prints is no text", arguments.join(" "))
                });
            }
            Ok(output) => format!(
                "`{program} {}`: {}: {}",
                arguments.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            ),
            Err(error) => format!("`{program}`: {error}"),
        };
    }
    Err(format!(
        "the engine does not say its configuration: {failure}"
    ))
}

/// The old way of Podman and CRI-O: a hook that runs for every container.
fn hook(values: &Values, log: Log, ui: &mut Ui) -> Result<(), String> {
    log.warning(
        "The oci-hook config mode is deprecated; hint: CDI needs no hook: `liftgate cdi refresh`",
    );
    let hook = values
        .filled("nvidia-runtime-hook-path")
        .unwrap_or(HOOK_PATH);
    if !Path::new(hook).is_absolute() {
        return Err(format!(
            "the NVIDIA runtime hook path {hook:?} is not an absolute path"
        ));
    }
    let text = podman::hook_file(Path::new(hook));
    let Some(path) = values.filled("oci-hook-path") else {
        ui.raw(text.as_bytes());
        return Ok(());
    };
    if values.is_on("dry-run") {
        ui.raw(text.as_bytes());
        return Ok(());
    }
    let path = Path::new(path);
    let now = change::read(path).map_err(|error| error.to_string())?;
    if now.as_ref() == Some(&text) {
        log.info(&format!("{} is up to date", path.display()));
        return Ok(());
    }
    let new = FileChange {
        path: liftgate_sys::swap::target_of(path).map_err(|error| error.to_string())?,
        before: now,
        after: Some(text),
    };
    change::make(&[new]).map_err(|error| error.to_string())?;
    log.info(&format!("Wrote {}", path.display()));
    Ok(())
}
