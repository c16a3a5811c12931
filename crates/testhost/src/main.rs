//! `testhost`: lists simulated GPU machines, writes one to disk, runs a command inside one.

use liftgate_sys::{namespace, process};
use liftgate_testhost::{Machine, Options, enter};
use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
Simulated GPU machines.

  testhost list
  testhost materialise MACHINE DIRECTORY
  testhost run MACHINE [--state DIRECTORY] [--writable DIRECTORY]... -- COMMAND [ARGUMENT]...

MACHINE is a name that `list` prints, or the path of a manifest (with a `/` in it), or two names with a
`+` between them: the files of the first under the kernel of the second, as after an upgrade.
`run` needs root. Inside, /tmp and the --writable directories are the host's; any other change is gone
afterwards. Its exit status is the command's, 77 without root, 125 if the machine could not be entered,
127 if the command could not be started.
";

/// What a test harness takes for \"skipped\".
const NOT_ROOT: u8 = 77;
const NOT_ENTERED: u8 = 125;
const NOT_STARTED: u8 = 127;
const BAD_USAGE: u8 = 2;

/// A sentence for whoever called, and the exit status.
struct Failure(u8, String);

impl Failure {
    fn usage(error: impl Display) -> Self {
        Self(BAD_USAGE, format!("{error}\n\n{USAGE}"))
    }

    fn machine(error: impl Display) -> Self {
        Self(NOT_ENTERED, error.to_string())
    }
}

fn main() -> ExitCode {
    match perform() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, sentence)) => {
            // If stderr is closed there is nobody to tell.
            writeln!(std::io::stderr(), "testhost: {sentence}").ok();
            ExitCode::from(code)
        }
    }
}

fn perform() -> Result<(), Failure> {
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next().map_err(Failure::usage)? {
        Some(lexopt::Arg::Value(verb)) => match verb.to_str() {
            Some("list") => list(),
            Some("materialise") => materialise(&mut arguments),
            Some("run") => run(&mut arguments),
            _ => Err(Failure::usage(format!(
                "unknown command `{}`",
                verb.display()
            ))),
        },
        Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) => print(USAGE),
        Some(other) => Err(Failure::usage(other.unexpected())),
        None => Err(Failure::usage("no command")),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::machine)
}

fn list() -> Result<(), Failure> {
    let machines = Machine::all().map_err(Failure::machine)?;
    let lines: Vec<String> = machines
        .iter()
        .map(|machine| format!("{:<17} {}\n", machine.name(), machine.description()))
        .collect();
    print(&lines.concat())
}

fn materialise(arguments: &mut lexopt::Parser) -> Result<(), Failure> {
    let machine = machine(&arguments.value().map_err(Failure::usage)?)?;
    let directory = PathBuf::from(arguments.value().map_err(Failure::usage)?);
    let tree = machine.materialise(&directory).map_err(Failure::machine)?;
    if !tree.nodes_made {
        writeln!(
            std::io::stderr(),
            "testhost: no device nodes made: that takes root"
        )
        .ok();
    }
    Ok(())
}

fn machine(name: &OsString) -> Result<Machine, Failure> {
    let name = name.to_string_lossy();
    if name.contains('/') {
        let text = std::fs::read_to_string(&*name)
            .map_err(|error| Failure::machine(format!("read `{name}`: {error}")))?;
        return Machine::from_manifest(&text).map_err(Failure::machine);
    }
    Machine::by_name(&name).map_err(Failure::machine)
}

fn run(arguments: &mut lexopt::Parser) -> Result<(), Failure> {
    let machine = machine(&arguments.value().map_err(Failure::usage)?)?;
    let mut options = Options::default();
    let mut command: Vec<OsString> = Vec::new();
    while let Some(argument) = arguments.next().map_err(Failure::usage)? {
        match argument {
            lexopt::Arg::Long("state") => {
                options.state = Some(arguments.value().map_err(Failure::usage)?.into());
            }
            lexopt::Arg::Long("writable") => {
                options
                    .writable
                    .push(arguments.value().map_err(Failure::usage)?.into());
            }
            lexopt::Arg::Value(program) => {
                command.push(program);
                command.extend(arguments.raw_args().map_err(Failure::usage)?);
            }
            other => return Err(Failure::usage(other.unexpected())),
        }
    }
    let Some(program) = command.first().map(PathBuf::from) else {
        return Err(Failure::usage("no command to run"));
    };
    if !namespace::is_real_root() {
        return Err(Failure(
            NOT_ROOT,
            "a simulated machine needs root (of the machine itself, not of a user namespace): \
             it mounts, and makes device nodes"
                .to_owned(),
        ));
    }
    for note in enter(&machine, &options).map_err(Failure::machine)? {
        writeln!(std::io::stderr(), "testhost: {note}").ok();
    }
    match process::exec(&program, &command) {
        Ok(never) => match never {},
        Err(error) => Err(Failure(NOT_STARTED, error.to_string())),
    }
}
