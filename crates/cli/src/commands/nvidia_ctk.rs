//! `nvidia-ctk`: the command line of NVIDIA's toolkit, for scripts and units that know it.
//!
//! Its flags, variables, exit statuses and the log lines that people search for are the reference's; what is done
//! is what our own verbs do. The exit status is 0, 1 for whatever fails, and 3 for a command that there is not.

mod config;
pub(crate) mod configure;
mod flags;
mod generate;
mod list;
mod log;
mod system;
mod transform;
mod tree;

use crate::cdi::Recipe;
use crate::error::CliError;
use crate::ui::Ui;
use flags::{Flag, Taken, Values};
use log::{Level, Log};
use std::ffi::OsString;
use std::process::ExitCode;
use tree::{Command, ROOT, Work};

/// The name that this command line answers to.
pub(crate) const NAME: &str = "nvidia-ctk";

/// The exit status for a command that there is not.
const NO_SUCH_COMMAND: u8 = 3;

/// Runs the command line; `arguments` are those behind the program's name.
pub(crate) fn run(arguments: &[OsString], ui: &mut Ui) -> ExitCode {
    let status = perform(arguments, ui);
    match ui.flush() {
        Ok(()) => status,
        Err(error) => CliError::from(error).report(ui),
    }
}

fn perform(arguments: &[OsString], ui: &mut Ui) -> ExitCode {
    // Hooks take whatever they are given, and answer for it themselves.
    let is_flag = |argument: &&OsString| argument.as_encoded_bytes().starts_with(b"-");
    let flags = arguments.iter().take_while(is_flag).count();
    if arguments.get(flags).is_some_and(|word| word == "hook") {
        return hook(&[&arguments[..flags], &arguments[flags + 1..]].concat());
    }
    let words = arguments
        .iter()
        .map(|word| word.to_string_lossy().into_owned());
    let line = match CommandLine::parse(words) {
        Ok(line) => line,
        Err((line, error)) => {
            ui.raw(line.command().help(&line.path()).as_bytes());
            ui.note(format!("Incorrect Usage: {error}"));
            ui.note("");
            ui.flush().ok();
            line.log().error(&error);
            return ExitCode::FAILURE;
        }
    };
    if line.values.text("version").is_some() {
        let version = env!("CARGO_PKG_VERSION");
        ui.line(format!(
            "NVIDIA Container Toolkit CLI version {version} (liftgate)"
        ));
        return ExitCode::SUCCESS;
    }
    if line.wants_help {
        ui.raw(line.command().help(&line.path()).as_bytes());
        return ExitCode::SUCCESS;
    }
    let mut line = line;
    let known = line.flags();
    let log = line.log();
    let environment = |name: &str| std::env::var(name).ok();
    if let Err(error) = line.values.add_environment(known.into_iter(), environment) {
        log.error(&error);
        return ExitCode::FAILURE;
    }
    let log = line.log();
    if let Some(unknown) = &line.unknown {
        let nothing = format!("No help topic for '{unknown}'");
        if line.has_help_flag {
            log.error(&nothing);
            return ExitCode::FAILURE;
        }
        ui.note(nothing);
        return ExitCode::from(NO_SUCH_COMMAND);
    }
    let result = match line.command().work {
        Work::Group => {
            ui.raw(line.command().help(&line.path()).as_bytes());
            Ok(())
        }
        Work::Generate => generate::run(&line.values, log, ui),
        Work::List => {
            list::run(&line.values, log, ui);
            Ok(())
        }
        Work::TransformRoot => transform::run(&line.values, ui),
        Work::Configure => configure::run(&line.values, log, ui),
        Work::Hook => return hook(&[]),
        Work::Config => config::run(&line.values, log, ui),
        Work::ConfigDefault => config::default(&line.values, ui),
        Work::CreateDeviceNodes => system::device_nodes::run(&line.values, log),
        Work::CreateCharLinks => system::char_links::run(&line.values, log),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui.flush().ok();
            log.error(&error);
            ExitCode::FAILURE
        }
    }
}

/// What `nvidia-ctk cdi generate` without a flag would make: what its variables say.
pub(super) fn recipe_of_environment() -> Result<Recipe, String> {
    let words = ["cdi", "generate"].map(str::to_owned);
    let mut line = CommandLine::parse(words.into_iter()).map_err(|(_, error)| error)?;
    let known = line.flags();
    let environment = |name: &str| std::env::var(name).ok();
    line.values
        .add_environment(known.into_iter(), environment)?;
    let mut notes = Vec::new();
    generate::recipe(&line.values, &mut notes)
}

/// Becomes the program of the hooks, as `nvidia-cdi-hook`.
fn hook(arguments: &[OsString]) -> ExitCode {
    let log = Log { least: Level::Info };
    let Some(program) = crate::cdi::hook_executable() else {
        log.error("cannot tell where this program lies, and the program of the hooks lies beside it; hint: mount /proc");
        return ExitCode::FAILURE;
    };
    let mut words = vec![OsString::from("nvidia-cdi-hook")];
    words.extend_from_slice(arguments);
    match liftgate_sys::process::exec(&program, &words) {
        Ok(never) => match never {},
        Err(error) => {
            log.error(&format!(
                "cannot start the program of the hooks: {error}; hint: install liftgate-rt beside liftgate"
            ));
            ExitCode::FAILURE
        }
    }
}

/// A command line, as far as it is understood.
#[derive(Debug)]
struct CommandLine {
    /// The commands, from the outermost.
    commands: Vec<&'static Command>,
    values: Values,
    wants_help: bool,
    /// Whether it is a flag that asks for help, and not a word.
    has_help_flag: bool,
    /// A command that there is not.
    unknown: Option<String>,
}

impl CommandLine {
    /// Reads the words, or says what is wrong and how far they were understood.
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, (Self, String)> {
        let mut line = Self {
            commands: vec![&ROOT],
            values: Values::default(),
            wants_help: false,
            has_help_flag: false,
            unknown: None,
        };
        let mut has_ended = false;
        while let Some(word) = words.next() {
            let known = line.flags();
            let taken = if has_ended {
                Ok(Taken::Word)
            } else {
                flags::take(&mut line.values, &known, &word, &mut words)
            };
            match taken {
                Ok(Taken::Flag) => {}
                Ok(Taken::Help) => (line.wants_help, line.has_help_flag) = (true, true),
                Ok(Taken::End) => has_ended = true,
                Ok(Taken::Word) => line.descend(&word),
                Err(error) => return Err((line, error)),
            }
        }
        // Help for something that there is not is no help.
        line.wants_help &= line.unknown.is_none();
        Ok(line)
    }

    /// A word names a command below, or help, or it is one too many, which nobody minds.
    fn descend(&mut self, word: &str) {
        let command = self.command();
        if self.unknown.is_some() {
            return;
        }
        if matches!(word, "help" | "h") {
            self.wants_help = true;
        } else if let Some(inner) = command.below(word) {
            // What an outer command's flag was given is not for an inner one's.
            self.values.forget(inner.flags);
            self.commands.push(inner);
        } else if command.work == Work::Group || (self.wants_help && !command.commands.is_empty()) {
            self.unknown = Some(word.to_owned());
        }
    }

    fn command(&self) -> &'static Command {
        self.commands.last().copied().unwrap_or(&ROOT)
    }

    /// The flags that are known here: those of every command on the way. Where an inner command has a flag of the
    /// same name, the outer one's is not meant, nor is its variable. The version is the program's.
    fn flags(&self) -> Vec<&'static Flag> {
        let inner = self.commands.len() > 1;
        let commands = self.commands.iter().rev();
        let mut known: Vec<&'static Flag> = Vec::new();
        for flag in commands.flat_map(|command| command.flags) {
            let is_hidden = known.iter().any(|other| other.name == flag.name);
            if !is_hidden && (!inner || flag.name != "version") {
                known.push(flag);
            }
        }
        known
    }

    fn path(&self) -> String {
        let names: Vec<&str> = self.commands.iter().map(|command| command.name).collect();
        names.join(" ")
    }

    fn log(&self) -> Log {
        let least = if self.values.is_on("quiet") {
            Level::Error
        } else if self.values.is_on("debug") {
            Level::Debug
        } else {
            Level::Info
        };
        Log { least }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<CommandLine, String> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        CommandLine::parse(words.into_iter()).map_err(|(_, error)| error)
    }

    #[test]
    fn commands_and_flags_of_outer_ones() {
        for words in [
            "cdi list --spec-dir a --debug",
            "--debug cdi list -spec-dir=a extra",
            "cdi -d list --spec-dir a -- --not-a-flag",
            "-- cdi list",
        ] {
            let line = parse(words).unwrap();
            assert_eq!(line.path(), "nvidia-ctk cdi list", "{words}");
            assert_eq!((line.unknown, line.wants_help), (None, false), "{words}");
        }
        let line = parse("cdi list --spec-dir a,b --debug").unwrap();
        assert_eq!(line.values.list("spec-dir"), ["a", "b"]);
        assert_eq!(line.log().least, Level::Debug);
        let quiet = parse("--quiet --debug cdi").unwrap();
        assert_eq!(quiet.log().least, Level::Error);
    }

    #[test]
    fn a_flag_of_the_same_name_is_another_one() {
        for (words, value) in [
            ("runtime configure --config b", Some("b")),
            ("--config a runtime configure --config b", Some("b")),
            ("--config a runtime configure", None),
        ] {
            let mut line = parse(words).unwrap();
            let known = line.flags();
            let environment = |name: &str| (name == "NVIDIA_CTK_CONFIG").then(|| "c".to_owned());
            line.values
                .add_environment(known.into_iter(), environment)
                .unwrap();
            assert_eq!(line.values.text("config"), value, "{words}");
        }
        assert_eq!(
            parse("--config a cdi generate")
                .unwrap()
                .values
                .text("config"),
            Some("a")
        );
    }

    #[test]
    fn help_and_what_there_is_not() {
        for words in [
            "help",
            "-h",
            "cdi help",
            "help cdi",
            "--help cdi list",
            "cdi list help",
        ] {
            assert!(parse(words).unwrap().wants_help, "{words}");
        }
        for words in [
            "frob",
            "cdi frob",
            "help frob",
            "cdi help frob",
            "system print-ldcache",
        ] {
            let line = parse(words).unwrap();
            assert!(line.unknown.is_some() && !line.wants_help, "{words}");
        }
        for words in ["cdi --version", "cdi list --nope", "cdi --spec-dir x list"] {
            assert!(parse(words).is_err(), "{words}");
        }
    }
}
