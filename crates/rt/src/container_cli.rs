//! `nvidia-container-cli`: what enroot, LXC, Singularity, containerd's `ctr` and people's scripts call.
//!
//! Options, output and exit codes are those of the reference's C program; what a container gets is the plan
//! that every other road carries out. Options that say how the reference is to work, and not what is to come
//! of it (`--user`, `--ldconfig`, `--no-pivot` …), are accepted and have nothing to act on: no code of the
//! driver and no `ldconfig` is run here.

mod arguments;
mod configure;
mod info;
mod list;
mod texts;

use crate::journal::{Journal, Style};
use crate::{output, reference_words};
use arguments::{Answer, Given};
use liftgate_config::{Config, LogLevel};
use liftgate_plan::Refusal;
use liftgate_sys::process;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use texts::{CONFIGURE, Command, INFO, LIST, NAME, PROGRAM};

/// What comes of a command.
enum Outcome {
    /// Lines on standard output; empty: nothing to say.
    Text(String),
    /// A sentence in the reference's words, and no more.
    Problem(String),
    /// The words are missing that the command needs.
    Usage,
}

/// What every command is run with.
struct Context {
    config: Config,
    journal: Journal,
}

type Run = fn(&Given, &mut Context) -> Result<Outcome, Refusal>;

/// Runs the program. The first argument is its name.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let name = arguments.first().map_or_else(
        || NAME.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let rest = arguments.get(1..).unwrap_or_default();
    let global = match Given::read(rest, PROGRAM.definitions, true) {
        Ok(global) => global,
        Err(answer) => return say(&answer, &PROGRAM, &name),
    };
    let word = global.words.first().map(|word| word.to_string_lossy());
    let (command, run): (&Command, Run) = match word.as_deref() {
        Some("info") => (&INFO, info::run),
        Some("list") => (&LIST, list::run),
        Some("configure") => (&CONFIGURE, configure::run),
        _ => {
            output::error(&PROGRAM.short_usage());
            return ExitCode::FAILURE;
        }
    };
    let own_name = format!("{NAME}{}", command.name);
    let given = match Given::read(&global.words[1..], command.definitions, false) {
        Ok(given) => given,
        Err(answer) => return say(&answer, command, &own_name),
    };
    if command.words.is_empty() && !given.words.is_empty() {
        let answer = Answer::Problem("Too many arguments".to_owned());
        return say(&answer, command, &own_name);
    }
    // Before the log is opened, which would be closed with the rest.
    let closed = process::close_inherited_descriptors();
    let mut context = context(&global);
    if let Err(error) = closed {
        context.journal.warning(&error.to_string());
    }
    let outcome = run(&given, &mut context);
    if let Err(refusal) = &outcome {
        context.journal.error(&refusal.one_line());
    }
    context.journal.flush();
    match outcome {
        Ok(Outcome::Text(text)) => output::line(&text),
        Ok(Outcome::Problem(sentence)) => {
            output::error(&format!("{NAME}: {sentence}\n"));
            ExitCode::FAILURE
        }
        Ok(Outcome::Usage) => {
            output::error(&command.short_usage());
            ExitCode::FAILURE
        }
        Err(refusal) => {
            output::error(&reference_words::lines(&refusal));
            ExitCode::FAILURE
        }
    }
}

fn say(answer: &Answer, command: &Command, name: &str) -> ExitCode {
    match answer {
        Answer::Help => output::line(&command.help()),
        Answer::Usage => output::line(&command.usage()),
        // The version of the interface that is served, which callers compare, and whose program this is.
        Answer::Version => output::line(concat!(
            "cli-version: 1.19.0\nlib-version: 1.19.0\nbuild: liftgate ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        )),
        Answer::Problem(sentence) => {
            output::error(&format!("{name}: {sentence}\n{}", command.hint()));
            ExitCode::FAILURE
        }
    }
}

/// `config.toml` says where the host record is; what concerns containers is said by options. Then the environment
/// is done with.
fn context(global: &Given) -> Context {
    let mut journal = Journal::default();
    let log = global
        .value("debug")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("NVC_DEBUG_FILE").map(PathBuf::from));
    journal.open(log.as_deref(), Style::Letters, LogLevel::Debug);
    let loaded = liftgate_plan::load_configuration(None);
    process::clear_environment();
    let mut config = Config::default();
    match loaded {
        Ok(loaded) => config.liftgate = loaded.config.liftgate,
        Err(refusal) => journal.warning(&refusal.one_line()),
    }
    config.nvidia_container_cli.root = global
        .value("root")
        .map(PathBuf::from)
        .filter(|root| !matches!(root.to_str(), Some("" | "/")));
    config.nvidia_container_cli.load_kmods = global.has("load-kmods");
    Context { config, journal }
}
