//! `liftgate run`: `docker run` or `podman run`, with the options that hand over GPUs on the engine that is there.
//!
//! What is decided is pure: words, the engine's facts and the machine make a command line, which is shown, and which the process
//! becomes. Exit statuses are then the engine's; before that 1 for a refusal, 2 for a wrong command line, 3 where there is no
//! engine or it does not answer.

mod check;
mod command_line;
pub(super) mod engine;
pub(super) mod environment;
pub(super) mod flags;
pub(super) mod gpus;
pub(super) mod query;
pub(super) mod road;

pub(super) use command_line::own_gpu_option;

use crate::error::CliError;
use crate::shell;
use crate::ui::Ui;
use check::{Checked, Image};
use clap::{ArgAction, Args, CommandFactory as _, ValueEnum};
use command_line::CommandLine;
use engine::{Facts, Kind};
use flags::{FlagError, Flags};
use gpus::{NotUnderstood, Wish};
use liftgate_plan::{Code, Refusal, shortened};
use query::Engine;
use road::{NoWay, Road, UsersOptions, VISIBLE_DEVICES, Wanted, Way};
use std::ffi::{OsStr, OsString};

/// Start a container with GPUs: `docker run` or `podman run` with the right options
///
/// The image is checked against the driver first, if it is on this machine. The command is then shown, and started.
/// Everything that is not an option of liftgate's is passed on.
#[derive(Debug, Args)]
#[command(
    disable_help_flag = true,
    after_long_help = EXAMPLES,
    override_usage = "liftgate run [OPTIONS] [OPTIONS OF DOCKER OR PODMAN] IMAGE [COMMAND]..."
)]
pub(crate) struct Arguments {
    /// The GPUs: all, 0,1, GPU-UUID, 0:1 (MIG), none, or a number, of how many; all, if it is left out
    #[arg(long, value_name = "GPUS", allow_hyphen_values = true)]
    gpus: Vec<String>,

    /// The engine; the one that answers, if it is left out, and Docker before Podman
    #[arg(long, value_name = "ENGINE")]
    engine: Option<EngineName>,

    /// Print the command on standard output, and start nothing
    #[arg(long)]
    dry_run: bool,

    /// Check neither image nor GPUs against this machine
    #[arg(long)]
    no_check: bool,

    /// Print help
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,

    /// Options of `docker run` or `podman run`, the image, and its command
    #[arg(
        value_name = "IMAGE",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    words: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineName {
    Docker,
    Podman,
}

const EXAMPLES: &str = "\
Examples:
  liftgate run --rm nvidia/cuda:12.4.1-base-ubuntu22.04 nvidia-smi
  liftgate run --gpus 0,1 --rm -it -v \"$PWD:/work\" IMAGE bash
  liftgate run --gpus device=1 --engine podman --dry-run IMAGE

A single number is a count, as with Docker: --gpus 1 is one GPU, --gpus device=1 the one with the index 1.";

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let mut flags = Flags::of(&[flags::RUN, flags::OWN, flags::PODMAN]);
    let values = |line: &CommandLine| -> Vec<String> {
        let behind = line.options.values("gpus").map(str::to_owned);
        arguments.gpus.iter().cloned().chain(behind).collect()
    };
    // An option that only the engine knows has to wait for the engine.
    let line = match CommandLine::parse(&arguments.words, &flags) {
        Err(FlagError::Unknown(_)) => None,
        parsed => Some(parsed.map_err(malformed)?),
    };
    let mut named = arguments.engine;
    if let Some(line) = &line {
        if line.options.is_on("help") {
            ui.raw(help().as_bytes());
            return Ok(());
        }
        // A mistake on our own command line is told before an engine is asked.
        asked_for(&values(line))?;
        named = engine_name(line)?.or(named);
    }
    let (engine, facts) = find_engine(named, ui)?;
    let line = if let Some(line) = line {
        line
    } else {
        flags.add(&engine.options_of_run());
        CommandLine::parse(&arguments.words, &flags).map_err(malformed)?
    };
    let Some(image) = line.image() else {
        return Err(CliError::Usage {
            sentence: "there is no image to run".to_owned(),
            hint: "write liftgate run [OPTIONS] IMAGE [COMMAND]".to_owned(),
        });
    };
    let is_checked = !arguments.no_check && !line.options.is_on("no-check");
    let start = Start {
        engine: &engine,
        facts: &facts,
        line: &line,
        image,
        is_checked,
    };
    let mut words = engine.words.clone();
    words.push("run".into());
    words.extend(start.added(&values(&line), ui)?);
    words.extend(line.passed_on().cloned());
    let shown = shell::line(&words);
    if arguments.dry_run || line.options.is_on("dry-run") {
        ui.line(shown);
        return Ok(());
    }
    ui.note(shown);
    match engine.become_it(&words, ui)? {}
}

/// A container that is to be started.
struct Start<'s> {
    engine: &'s Engine,
    facts: &'s Facts,
    line: &'s CommandLine,
    image: &'s OsStr,
    is_checked: bool,
}

impl Start<'_> {
    /// The options that are added for GPUs; `values` are those of `--gpus`.
    fn added(&self, values: &[String], ui: &mut Ui) -> Result<Vec<OsString>, CliError> {
        let variables = environment::variables(&self.line.options);
        let Some(wish) = wish(values, self.line, &variables, ui)? else {
            return Ok(Vec::new());
        };
        let mut wanted = Wanted::from(&wish.devices);
        let mut checked = Checked::default();
        if self.is_checked {
            let result = self.check(&wish, &wanted, variables, ui);
            checked = result.map_err(|refusal| check::counted(refusal, &wanted))?;
            wanted = check::names(wanted, checked.plan.as_deref());
        }
        let options = &self.line.options;
        let mut security = options.values("security-opt");
        let user = UsersOptions {
            runtime: options.values("runtime").last().map(str::to_owned),
            has_label: options.is_on("privileged")
                || security.any(|option| option.starts_with("label")),
        };
        let way = road::choose(&wish, &wanted, self.facts, &user).map_err(no_way)?;
        self.tell(&wish, &way, &checked, ui);
        Ok(way.options)
    }

    /// Image against driver, as far as both are here.
    fn check(
        &self,
        wish: &Wish,
        wanted: &Wanted,
        variables: Vec<(String, String)>,
        ui: &mut Ui,
    ) -> Result<Checked, Refusal> {
        let options = &self.line.options;
        // Of a directory there is nothing to inspect.
        let image = if options.is_on("rootfs") {
            None
        } else {
            Image::find(self.engine, self.image, ui)
        };
        let image = image.unwrap_or_default();
        if let Some(warning) = image.mismatch(&self.facts.architecture) {
            ui.warning(warning);
        }
        if !query::is_here(self.facts) {
            ui.note("note: the engine runs on another machine, whose GPUs and driver cannot be checked from here");
            return Ok(Checked::default());
        }
        if *wanted == Wanted::None {
            return Ok(Checked::default());
        }
        let is_privileged = options.is_on("privileged");
        let container = check::container(&image, variables, wish, wanted, is_privileged);
        check::check(&container, ui)
    }

    /// What the user should know before it starts.
    fn tell(&self, wish: &Wish, way: &Way, checked: &Checked, ui: &mut Ui) {
        let about = wish.about_count(checked.gpus);
        for note in wish.notes.iter().chain(&about).chain(&way.notes) {
            ui.note(format!("note: {note}"));
        }
        if checked.is_ignored && matches!(way.road, Road::Gpus | Road::Runtime) {
            ui.warning("config.toml says accept-nvidia-visible-devices-envvar-when-unprivileged = false: without --privileged the runtime ignores the request");
        }
        let plan = checked.plan.as_deref();
        let needs_groups = plan.is_some_and(|plan| !plan.additional_groups.is_empty());
        let mut groups = self.line.options.values("group-add");
        let is_own_podman = self.facts.kind == Kind::Podman && self.facts.is_rootless;
        if is_own_podman && needs_groups && !groups.any(|group| group == "keep-groups") {
            ui.note("note: the device nodes are for a group; a container of your own reaches them with --group-add keep-groups (under crun) if you are in it");
        }
    }
}

/// What the values of `--gpus` ask for; none, if there are none.
fn asked_for(values: &[String]) -> Result<Option<Wish>, CliError> {
    if values.is_empty() {
        return Ok(None);
    }
    let wish = Wish::parse(values).map_err(|NotUnderstood { sentence, hint }| CliError::Usage {
        sentence,
        hint: hint.to_owned(),
    })?;
    Ok(Some(wish))
}

/// What is asked for; none, where the user's own options see to it.
fn wish(
    values: &[String],
    line: &CommandLine,
    variables: &[(String, String)],
    ui: &mut Ui,
) -> Result<Option<Wish>, CliError> {
    if let Some(wish) = asked_for(values)? {
        return Ok(Some(wish));
    }
    if let Some(option) = own_gpu_option(&line.options) {
        ui.note(format!(
            "note: {option} is given, so nothing is added for GPUs; --gpus would say which"
        ));
        return Ok(None);
    }
    match environment::last(variables, VISIBLE_DEVICES) {
        Some(value) => {
            ui.note(format!("note: {VISIBLE_DEVICES} is given, so it says which GPUs; --gpus does it on every engine"));
            Ok(Some(Wish::of_variable(value)))
        }
        None => Ok(Some(Wish::all())),
    }
}

fn engine_name(line: &CommandLine) -> Result<Option<EngineName>, CliError> {
    let Some(name) = line.options.values("engine").last() else {
        return Ok(None);
    };
    let found = EngineName::from_str(name, false).map_err(|_| CliError::Usage {
        sentence: format!("there is no engine `{}`", shortened(name)),
        hint: "write --engine docker or --engine podman".to_owned(),
    })?;
    Ok(Some(found))
}

/// The engine that was asked for, or the first that answers.
fn find_engine(asked: Option<EngineName>, ui: &mut Ui) -> Result<(Engine, Facts), CliError> {
    let wanted = asked.map(|name| match name {
        EngineName::Docker => Kind::Docker,
        EngineName::Podman => Kind::Podman,
    });
    let kinds = wanted.map_or_else(|| vec![Kind::Docker, Kind::Podman], |kind| vec![kind]);
    let mut failures = Vec::new();
    for kind in kinds {
        let name = kind.program();
        let Some(engine) = Engine::find(vec![name.into()]) else {
            continue;
        };
        match engine.facts() {
            Ok(facts) => {
                if let Some(failure) = failures.first() {
                    ui.note(format!(
                        "note: {failure}, so Podman is used; --engine docker insists"
                    ));
                }
                return Ok((engine, facts));
            }
            Err(reason) => failures.push(format!("`{name} info` gives no answer ({reason})")),
        }
    }
    let missing = wanted.map_or("docker or podman", Kind::program);
    Err(match failures.into_iter().next() {
        Some(sentence) => CliError::Failed {
            sentence,
            hint: "see whether its daemon runs and whether you may talk to it, or name another with --engine".to_owned(),
        },
        None => CliError::Failed {
            sentence: format!("there is no {missing} on this machine's PATH"),
            hint: "install one of them".to_owned(),
        },
    })
}

fn help() -> String {
    let mut command = super::Arguments::command();
    let command = command.find_subcommand_mut("run");
    command.map_or_else(String::new, |command| {
        command.render_long_help().to_string()
    })
}

fn malformed(error: FlagError) -> CliError {
    let (sentence, hint) = match error {
        FlagError::Unknown(name) => (
            format!(
                "`{}` is neither an option of liftgate run nor one of the engine's",
                shortened(&name)
            ),
            "options of the image's command stand behind IMAGE",
        ),
        FlagError::NoValue(name) => (
            format!("`{}` has no value", shortened(&name)),
            "write the value, and then IMAGE",
        ),
    };
    CliError::Usage {
        sentence,
        hint: hint.to_owned(),
    }
}

pub(super) fn no_way(NoWay { sentence, hint }: NoWay) -> Refusal {
    Refusal::new(Code::WrongRoad, sentence, hint)
}
