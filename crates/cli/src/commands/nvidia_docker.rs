//! `nvidia-docker`: the word in every tutorial of before 2019.
//!
//! It was a wrapper. The first one gave the image device nodes and a volume of a plugin's; the second added `--runtime=nvidia`, and
//! `NV_GPU` as `NVIDIA_VISIBLE_DEVICES`. Here `run` and `create` become what the engine that is there needs for GPUs; the command is
//! shown, to be learnt. Whatever else there is goes to `docker` as it is. Variables: `NV_GPU`, and `NV_DOCKER`, the command in place of
//! `docker`, cut at its spaces.
//!
//! Exit statuses are docker's; before that 1 for what is refused or gone, and 127 where there is no `docker`, as a shell has it.

use super::run::engine::Facts;
use super::run::environment;
use super::run::flags::{self, FlagError, Flags, Parsed};
use super::run::gpus::{Devices, Wish};
use super::run::query::Engine;
use super::run::road::{self, NoWay, UsersOptions, VISIBLE_DEVICES, Wanted};
use super::run::{no_way, own_gpu_option};
use crate::error::CliError;
use crate::shell;
use crate::ui::Ui;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::process::ExitCode;

/// The name that this command line answers to.
pub(crate) const NAME: &str = "nvidia-docker";

/// The daemon of the first one.
pub(crate) const PLUGIN: &str = "nvidia-docker-plugin";

/// As a shell says that there is no such command.
const NOT_FOUND: u8 = 127;

/// What the words ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spoken {
    /// Something of docker's.
    Docker,
    /// `run` or `create`, whose own words begin there; and how they are taken apart.
    Run(usize, Parsed),
    /// `version`, to which the wrapper added a line.
    Version,
    /// Something of the first one's.
    Gone(&'static str),
}

/// Runs the command line; `arguments` are those behind the program's name.
pub(crate) fn run(arguments: &[OsString], ui: &mut Ui) -> ExitCode {
    let status = match perform(arguments, ui) {
        Ok(status) => status,
        Err(error) => error.report(ui),
    };
    ui.flush().ok();
    status
}

/// The daemon of the first one is started.
pub(crate) fn no_plugin(_: &[OsString], ui: &mut Ui) -> ExitCode {
    gone("nvidia-docker-plugin", ui);
    ui.flush().ok();
    ExitCode::FAILURE
}

fn gone(what: &str, ui: &mut Ui) {
    ui.error(None, format!("`{what}` was of nvidia-docker 1, whose plugin kept the driver's files in a Docker volume; there is no such volume any more"));
    ui.detail("hint", "leave it out: the driver's files are mounted at each start, by `docker run --gpus all` or `liftgate run`");
}

fn perform(arguments: &[OsString], ui: &mut Ui) -> Result<ExitCode, CliError> {
    let mut command = spaced(&std::env::var_os("NV_DOCKER").unwrap_or_default());
    if command.is_empty() {
        command.push("docker".into());
    }
    let Some(docker) = Engine::find(command.clone()) else {
        ui.error(
            None,
            format!("there is no `{}` on this machine", command[0].display()),
        );
        ui.detail("hint", "install Docker, or name its command in NV_DOCKER");
        return Ok(ExitCode::from(NOT_FOUND));
    };
    if std::env::var_os("NV_HOST").is_some() {
        ui.warning("NV_HOST named a plugin of nvidia-docker 1 and is not heeded; DOCKER_HOST names a daemon");
    }
    let mut words = command;
    let added = match spoken(arguments, || docker.options_of_run()) {
        Spoken::Gone(what) => {
            gone(what, ui);
            return Ok(ExitCode::FAILURE);
        }
        Spoken::Docker => None,
        Spoken::Version => {
            ui.line(format!(
                "NVIDIA Docker: {} (liftgate)",
                env!("CARGO_PKG_VERSION")
            ));
            None
        }
        Spoken::Run(at, options) => {
            let before = engine_before(&docker, arguments, at);
            let gpus = std::env::var("NV_GPU").ok();
            let added = added(&options, gpus.as_deref(), || before.facts().ok(), ui)?;
            added.map(|added| (at, added))
        }
    };
    match added {
        None => words.extend_from_slice(arguments),
        Some((at, added)) => {
            words.extend_from_slice(&arguments[..at]);
            words.extend(added);
            words.extend_from_slice(&arguments[at..]);
            ui.note(shell::line(&words));
        }
    }
    match docker.become_it(&words, ui)? {}
}

/// The engine that these words address: with docker's own options, `-H` among them, which stand before `run`.
fn engine_before(docker: &Engine, arguments: &[OsString], at: usize) -> Engine {
    let mut engine = docker.clone();
    let global = Flags::of(&[flags::DOCKER]).parse(arguments);
    let end = global.map_or(0, |parsed| parsed.operands).min(at);
    engine.words.extend_from_slice(&arguments[..end]);
    engine
}

/// Reads the words; `options_of_run` is asked where an option is not known.
fn spoken(words: &[OsString], options_of_run: impl FnOnce() -> Flags) -> Spoken {
    let Ok(global) = Flags::of(&[flags::DOCKER]).parse(words) else {
        return Spoken::Docker;
    };
    if global.is_on("help") || global.is_on("version") {
        return Spoken::Docker;
    }
    let mut at = global.operands;
    let mut rest = words[at..].iter().map(|word| word.as_bytes());
    match (rest.next(), rest.next()) {
        (Some(b"volume"), Some(b"setup")) => return Spoken::Gone("nvidia-docker volume setup"),
        // A format would not be one with a line before it.
        (Some(b"version"), None) => return Spoken::Version,
        (Some(b"container"), Some(b"run" | b"create")) => at += 2,
        (Some(b"run" | b"create"), _) => at += 1,
        _ => return Spoken::Docker,
    }
    let Some(options) = options(&words[at..], options_of_run) else {
        return Spoken::Docker;
    };
    if options.is_on("help") || at + options.operands >= words.len() {
        return Spoken::Docker;
    }
    if options.values("volume-driver").any(|driver| driver == NAME) {
        return Spoken::Gone("--volume-driver=nvidia-docker");
    }
    if options
        .values("volume")
        .any(|volume| volume.starts_with("nvidia_driver_"))
    {
        return Spoken::Gone("--volume=nvidia_driver_…");
    }
    Spoken::Run(at, options)
}

/// The options of `run`. One that nobody knows is taken for a switch: docker will say what it thinks of it.
fn options(words: &[OsString], options_of_run: impl FnOnce() -> Flags) -> Option<Parsed> {
    let mut known = Flags::of(&[flags::RUN, flags::PODMAN]);
    let mut ask = Some(options_of_run);
    loop {
        match known.parse(words) {
            Ok(parsed) => return Some(parsed),
            Err(FlagError::NoValue(_)) => return None,
            Err(FlagError::Unknown(name)) => {
                let is_news = ask.take().is_some_and(|ask| known.add(&ask()));
                if !is_news {
                    known.add_switch(&name);
                }
            }
        }
    }
}

/// The options to be added behind `run`; none, where the user's own say it all.
fn added(
    options: &Parsed,
    nv_gpu: Option<&str>,
    facts: impl FnOnce() -> Option<Facts>,
    ui: &mut Ui,
) -> Result<Option<Vec<OsString>>, CliError> {
    let has_flag = options.values("gpus").next().is_some();
    if has_flag || own_gpu_option(options).is_some() {
        return Ok(None);
    }
    let variables = environment::variables(options);
    // What the user wrote stood behind what the wrapper added, and counted.
    let users = environment::last(&variables, VISIBLE_DEVICES);
    let wish = match (users, nv_gpu) {
        (Some(value), _) | (None, Some(value)) => Wish::of_variable(value),
        (None, None) => Wish::all(),
    };
    if wish.devices == Devices::None && nv_gpu.is_none() {
        return Ok(None);
    }
    if users.is_none() && nv_gpu.is_some_and(|value| value.trim().is_empty()) {
        // An empty list is nothing, whoever has forgotten to fill it.
        ui.note(
            "note: NV_GPU is empty, and the container gets no GPU; without the variable it gets every one",
        );
    }
    // A docker that does not answer says so itself.
    let answer = facts();
    let is_silent = answer.is_none();
    let facts = answer.unwrap_or_else(Facts::of_silent_docker);
    let labels = options.values("security-opt");
    let user = UsersOptions {
        runtime: None,
        has_label: options.is_on("privileged")
            || labels.into_iter().any(|option| option.starts_with("label")),
    };
    let way = road::choose(&wish, &Wanted::from(&wish.devices), &facts, &user);
    let way = way.map_err(|no: NoWay| CliError::Refused(no_way(no)))?;
    for note in way.notes.iter().filter(|_| !is_silent) {
        ui.note(format!("note: {note}"));
    }
    Ok(Some(way.options))
}

/// A command in words, cut at its spaces.
fn spaced(command: &OsStr) -> Vec<OsString> {
    let words = command.as_bytes().split(u8::is_ascii_whitespace);
    let words = words.filter(|word| !word.is_empty());
    words
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::run::engine::Presence;
    use serde_json::json;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn docker(runtimes: &[&str], hook: Presence) -> Facts {
        let runtimes: serde_json::Map<_, _> = runtimes
            .iter()
            .map(|name| ((*name).to_owned(), json!({})))
            .collect();
        let info = json!({"ServerVersion": "20.10.24", "Runtimes": runtimes});
        let mut facts = Facts::of_info(&info).unwrap();
        facts.hook = hook;
        facts
    }

    /// The command line that docker gets, or what becomes of it otherwise.
    fn translated(line: &str, nv_gpu: Option<&str>, facts: Option<&Facts>) -> String {
        let words = words(line);
        let (at, options) = match spoken(&words, Flags::default) {
            Spoken::Run(at, options) => (at, options),
            Spoken::Docker => return "as it is".to_owned(),
            Spoken::Version => return "version".to_owned(),
            Spoken::Gone(_) => return "gone".to_owned(),
        };
        let added = match added(&options, nv_gpu, || facts.cloned(), &mut Ui::new()) {
            Ok(Some(added)) => added,
            Ok(None) => return "as it is".to_owned(),
            Err(_) => return "refused".to_owned(),
        };
        shell::line(words[..at].iter().chain(&added).chain(&words[at..]))
    }

    #[test]
    #[rustfmt::skip]
    fn run_and_create_are_translated() {
        let hook = docker(&["runc"], Presence::Yes);
        for (line, nv_gpu, becomes) in [
            ("run -it IMAGE bash", None, "run --gpus all -it IMAGE bash"),
            ("create IMAGE", None, "create --gpus all IMAGE"),
            ("container run IMAGE", None, "container run --gpus all IMAGE"),
            ("run IMAGE", Some("0"), "run --gpus device=0 IMAGE"),
            ("run IMAGE", Some("0,1"), "run --gpus '\"device=0,1\"' IMAGE"),
            ("run IMAGE", Some("0 1"), "run --gpus '\"device=0,1\"' IMAGE"),
            ("run IMAGE", Some("GPU-3a23c669"), "run --gpus device=GPU-3a23c669 IMAGE"),
            ("run IMAGE", Some("all"), "run --gpus all IMAGE"),
            ("run IMAGE", Some(" "), "run -e NVIDIA_VISIBLE_DEVICES=void IMAGE"),
            ("run IMAGE", Some("none"), "run -e NVIDIA_VISIBLE_DEVICES=void IMAGE"),
            ("-H tcp://h:1 run IMAGE", None, "-H tcp://h:1 run --gpus all IMAGE"),
            ("--context run --log-level=debug -D run IMAGE", None, "--context run --log-level=debug -D run --gpus all IMAGE"),
            ("run --name run IMAGE run", None, "run --gpus all --name run IMAGE run"),
            ("run IMAGE --gpus 1 --runtime x", None, "run --gpus all IMAGE --gpus 1 --runtime x"),
            ("run -e NVIDIA_VISIBLE_DEVICES=1 IMAGE", Some("0"), "run --gpus device=1 -e NVIDIA_VISIBLE_DEVICES=1 IMAGE"),
            ("run --brand-new IMAGE", None, "run --gpus all --brand-new IMAGE"),
            // Nothing is added to what the user says himself, or where there is no container.
            ("run --gpus 1 IMAGE", Some("0"), "as it is"),
            ("run --runtime=nvidia IMAGE", Some("0"), "as it is"),
            ("run --device nvidia.com/gpu=0 IMAGE", None, "as it is"),
            ("run -e NVIDIA_VISIBLE_DEVICES=void IMAGE", None, "as it is"),
            ("run --help", None, "as it is"),
            ("run", None, "as it is"),
            ("run --name", None, "as it is"),
            ("", None, "as it is"),
            ("ps -a", None, "as it is"),
            ("--help", None, "as it is"),
            ("--help run IMAGE", None, "as it is"),
            ("--version", None, "as it is"),
            ("--frob run IMAGE", None, "as it is"),
            ("version --format x", None, "as it is"),
            ("container ls", None, "as it is"),
            ("exec x run IMAGE", None, "as it is"),
            ("volume ls", None, "as it is"),
            ("compose run x", None, "as it is"),
            ("version", None, "version"),
            ("volume setup", None, "gone"),
            ("run --volume-driver=nvidia-docker IMAGE", None, "gone"),
            ("run -v nvidia_driver_375.39:/usr/local/nvidia:ro IMAGE", None, "gone"),
        ] {
            assert_eq!(
                translated(line, nv_gpu, Some(&hook)),
                becomes,
                "{line} {nv_gpu:?}"
            );
        }
    }

    #[test]
    fn by_what_the_engine_has() {
        let line = |facts: Option<&Facts>| translated("run IMAGE", Some("0,1"), facts);
        let by_runtime = "run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=0,1 IMAGE";
        assert_eq!(
            line(Some(&docker(&["runc", "nvidia"], Presence::No))),
            by_runtime
        );
        assert_eq!(line(Some(&docker(&["runc"], Presence::No))), "refused");
        // A docker that does not answer says so itself.
        assert_eq!(line(None), "run --gpus '\"device=0,1\"' IMAGE");
    }

    #[test]
    fn an_option_that_is_news_is_looked_up() {
        let words = words("run --brand-new IMAGE x");
        let help = || Flags::of_help("      --brand-new string   New\n");
        let Spoken::Run(at, options) = spoken(&words, help) else {
            panic!("it is a run");
        };
        assert_eq!(words[at + options.operands], "x");
    }

    #[test]
    fn the_command_is_cut_at_spaces() {
        assert_eq!(
            spaced(OsStr::new(" sudo  -n docker ")),
            words("sudo -n docker")
        );
        assert!(spaced(OsStr::new(" ")).is_empty());
    }
}
