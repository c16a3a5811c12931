//! The engines that this machine has load the result: what an engine accepts before, it accepts after, it knows the
//! runtime then, and nothing else of what it says about itself has changed.

use crate::cases::{Case, Engine};
use crate::dumps;
use crate::layout::{Place, said};
use crate::meaning::{self, Language};
use crate::steps::{Tools, verdict};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use liftgate_conformance::{Engines, find_program};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// An engine's program.
#[derive(Debug, Clone)]
pub(crate) struct Loader {
    engine: Engine,
    program: PathBuf,
}

/// The engines of a kind: the distribution's and a current one, or what is missing.
pub(crate) fn of(engine: Engine) -> Vec<(&'static str, Result<Loader, String>)> {
    let usual = |name: &str| {
        let program = find_program(name).ok_or_else(|| format!("needs {name}"))?;
        Ok(Loader { engine, program })
    };
    let current = |name: &str| {
        let program = Engines::find(&[name])?.program(name);
        Ok(Loader { engine, program })
    };
    match engine {
        // dockerd checks a file without starting since 23, and the distribution's may be older.
        Engine::Docker => vec![("dockerd-current", current("dockerd"))],
        Engine::Containerd => vec![
            ("containerd", usual("containerd")),
            ("containerd-current", current("containerd")),
        ],
        Engine::Crio => vec![("crio", usual("crio"))],
        Engine::Podman => vec![("podman", usual("podman"))],
    }
}

/// The engine reads the configuration before; it reads it after, and knows the runtime.
pub(crate) fn loads(tools: &Tools, loader: &Loader, case: Case) -> Result<(), Failed> {
    let place = Place::new(case)?;
    let before = loader.read(&place)?;
    if !before.status.success() || is_of_another_age(&place, &before)? {
        let words = said(&before);
        return Err(fail(format!(
            "not read before, and the case does not say so: {words}"
        )));
    }
    tools.configure(&place)?;
    let after = loader.read(&place)?;
    if !after.status.success() {
        return Err(fail(format!("not loaded: {}", said(&after))));
    }
    match case.engine {
        Engine::Docker => Ok(()),
        Engine::Containerd => dumps::of_containerd(&case, &before, &after),
        Engine::Crio => dumps::of_crio(&case, &before, &after),
        Engine::Podman => verdict("runtime", &podman_does_not_know(loader, &place)?),
    }
}

/// Whether the file is of a version of which this containerd takes the plugins' settings without a word, and without
/// effect.
fn is_of_another_age(place: &Place, before: &Output) -> Result<bool, Failed> {
    let main = place.main_file();
    if place.case.engine != Engine::Containerd || !main.exists() {
        return Ok(false);
    }
    let version = |text: &[u8]| -> Option<u64> {
        let value = meaning::read(Language::Toml, text)?;
        value.pointer("/version/number")?.as_str()?.parse().ok()
    };
    let text = fs::read(main)?;
    let engine = version(&before.stdout).unwrap_or(0);
    let says_something =
        meaning::read(Language::Toml, &text).is_some_and(|value| value != json!({}));
    let file = version(&text).unwrap_or(if says_something { 1 } else { engine });
    // containerd 2 does not turn plugins of version 1 into its own: seen with 2.1.9.
    Ok(file > engine || (file == 1 && engine > 2))
}

impl Loader {
    /// The engine says what it reads.
    fn read(&self, place: &Place) -> Result<Output, Failed> {
        let main = place.main_file();
        let mut command = Command::new(&self.program);
        match self.engine {
            Engine::Docker if main.exists() => {
                command.arg("--validate").arg("--config-file").arg(main)
            }
            Engine::Docker => command.arg("--validate"),
            Engine::Containerd => {
                // A machine without a file is one with the defaults.
                let main = if main.exists() {
                    main
                } else {
                    empty_file(place)?
                };
                command.arg("--config").arg(main).args(["config", "dump"])
            }
            Engine::Crio => {
                let directory = main.with_extension("conf.d");
                let main = if main.exists() {
                    main
                } else {
                    empty_file(place)?
                };
                command
                    .arg("--config")
                    .arg(main)
                    .arg("--config-dir")
                    .arg(directory)
                    .arg("config")
            }
            Engine::Podman => {
                let file = if main.exists() {
                    main
                } else {
                    empty_file(place)?
                };
                podman(&mut command, place)
                    .arg("info")
                    .env("CONTAINERS_CONF", file)
            }
        };
        Ok(command.output()?)
    }
}

fn empty_file(place: &Place) -> Result<PathBuf, Failed> {
    let path = place.root().with_file_name("empty");
    fs::write(&path, "")?;
    Ok(path)
}

fn podman<'a>(command: &'a mut Command, place: &Place) -> &'a mut Command {
    let own = |name: &str| place.root().with_file_name(name);
    command
        .arg("--root")
        .arg(own("storage"))
        .arg("--runroot")
        .arg(own("run"))
        .arg("--tmpdir")
        .arg(own("tmp"))
        // The usual driver leaves a mount behind.
        .args(["--storage-driver", "vfs"])
}

/// Podman looks for the runtime at the path that it was given, or says that it never heard of it.
///
/// The program need not be there, and Podman's answer is the same for a name that it does not know; so the path is
/// replaced by one that exists.
fn podman_does_not_know(loader: &Loader, place: &Place) -> Result<Vec<String>, Failed> {
    let text = fs::read_to_string(place.main_file())?;
    let configuration = meaning::read(Language::Toml, text.as_bytes());
    let path = configuration
        .as_ref()
        .and_then(|value| value.pointer("/engine/runtimes/nvidia/0"))
        .and_then(Value::as_str)
        .ok_or_else(|| fail("the runtime is not in the file"))?;
    let copy = place.root().with_file_name("copy.conf");
    fs::write(&copy, text.replace(path, "/bin/true"))?;
    let mut command = Command::new(&loader.program);
    let output = podman(&mut command, place)
        .args([
            "--runtime",
            "nvidia",
            "info",
            "--format",
            "{{.Host.OCIRuntime.Path}}",
        ])
        .env("CONTAINERS_CONF", copy)
        .output()?;
    let is_known = String::from_utf8_lossy(&output.stdout).trim() == "/bin/true";
    Ok(if is_known {
        Vec::new()
    } else {
        vec![said(&output)]
    })
}
