//! Running the binary: an environment of one's own, and a simulated machine around it.

use libtest_mimic::Trial;
use liftgate_testhost::{Machine, Options, enter};
use std::ffi::OsString;
use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

/// The first argument of this program where it is to become another one inside a machine. Entering takes
/// a process of one thread, which the test runner is not.
pub(crate) const INSIDE: &str = "--become-inside";

pub(crate) const LIFTGATE: &str = env!("CARGO_BIN_EXE_liftgate");

/// `MACHINE PROGRAM ARGUMENT…`: becomes the program. A machine with a `/` in it is a manifest's path.
pub(crate) fn become_inside(arguments: &[OsString]) -> ExitCode {
    let [machine, command @ ..] = arguments else {
        panic!("no machine");
    };
    let name = machine.to_str().expect("a machine's name is text");
    let machine = if name.contains('/') {
        let text = fs::read_to_string(name).expect("the manifest is there");
        Machine::from_manifest(&text)
    } else {
        Machine::by_name(name)
    };
    let machine = machine.expect("the machine's manifest is valid");
    enter(&machine, &Options::default()).expect("the machine can be entered");
    let program = Path::new(command.first().expect("a program"));
    match liftgate_sys::process::exec(program, command) {
        Ok(never) => match never {},
        Err(error) => panic!("{error}"),
    }
}

/// Where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Inside the simulated machine of this name.
    Inside(&'static str),
    /// On this machine, which has no driver.
    NoDriver,
    /// On this machine, whatever it has.
    Anywhere,
}

impl Place {
    /// What this machine lacks for it.
    pub(crate) fn missing(self) -> Option<&'static str> {
        match self {
            Self::Inside(_) if !liftgate_sys::namespace::is_real_root() => Some("needs root"),
            Self::NoDriver if Path::new("/proc/driver/nvidia").exists() => {
                Some("needs a machine without an NVIDIA driver")
            }
            _ => None,
        }
    }
}

/// A trial's name, where it runs, and what it does.
pub(crate) type Scene = (&'static str, Place, fn(&Stage));

/// A trial that runs, or one that is counted as ignored and says in its name what is missing.
pub(crate) fn trial(
    name: &str,
    place: Place,
    runner: impl FnOnce(&Stage) + Send + 'static,
) -> Trial {
    match place.missing() {
        None => Trial::test(name.to_owned(), move || {
            // The test has failed if it panics; the message has been printed.
            std::panic::catch_unwind(AssertUnwindSafe(|| runner(&Stage::new(place))))
                .map_err(|_| "it panicked; see above".into())
        }),
        Some(missing) => {
            Trial::test(format!("{name} [skipped: {missing}]"), || Ok(())).with_ignored_flag(true)
        }
    }
}

/// A directory and an environment for one test.
pub(crate) struct Stage {
    directory: tempfile::TempDir,
    place: Place,
}

impl Stage {
    fn new(place: Place) -> Self {
        // A machine shows the host's /tmp, whatever TMPDIR says.
        let directory = tempfile::Builder::new()
            .prefix("liftgate-cli-")
            .tempdir_in("/tmp")
            .expect("a temporary directory");
        Self { directory, place }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) const fn place(&self) -> Place {
        self.place
    }

    /// Writes a file below the directory.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.directory().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("mkdir");
        fs::write(path, text).expect("write");
    }

    /// The command, with `DIR` in an argument replaced by the directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let machine = match self.place {
            Place::Inside(machine) => Some(machine),
            Place::NoDriver | Place::Anywhere => None,
        };
        let mut command = self.program(machine, LIFTGATE);
        let here = self.directory().to_str().expect("text");
        command.args(arguments.iter().map(|text| text.replace("DIR", here)));
        command
    }

    /// Runs a script of the shell on a machine, or on this one: `$L` is the program, `$DIR` the directory.
    pub(crate) fn script(&self, machine: Option<&str>, script: &str) -> Output {
        let machine =
            machine.map(|name| name.replace("DIR", self.directory().to_str().expect("text")));
        let output = self
            .program(machine.as_deref(), "/bin/sh")
            .args(["-c", script])
            .output()
            .expect("it starts");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!words.contains("panicked"), "{words}");
        output
    }

    fn program(&self, machine: Option<&str>, program: &str) -> Command {
        let mut command = match machine {
            Some(machine) => {
                let mut command = Command::new(std::env::current_exe().expect("this program"));
                command.args([INSIDE, machine, program]);
                command
            }
            None => Command::new(program),
        };
        command
            .env_clear()
            // A machine that is entered for the first time is made, which takes a compiler.
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("L", LIFTGATE)
            .env("DIR", self.directory())
            .env("NO_COLOR", "1")
            .env(
                "NVIDIA_CTK_CONFIG_FILE_PATH",
                self.directory().join("config.toml"),
            );
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("it starts");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!words.contains("panicked"), "{words}");
        output
    }

    /// What a user sees, with the directory shown as `DIR`.
    pub(crate) fn seen(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let words: Vec<String> = arguments
            .iter()
            .map(|text| {
                if text.contains([' ', '"', '\'']) || text.is_empty() {
                    format!("'{text}'")
                } else {
                    (*text).to_owned()
                }
            })
            .collect();
        let text = format!(
            "$ {}\n{}--- standard error\n{}--- exit status {}\n",
            format!("liftgate {}", words.join(" ")).trim_end(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            output.status.code().expect("it exits"),
        );
        text.replace(self.directory().to_str().expect("text"), "DIR")
    }
}
