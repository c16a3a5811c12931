//! What the tests share: running programs, and skips that can be seen.
//!
//! The test runner hides what a passing test prints with `eprintln!`, so a skip is written to stderr
//! itself.

use liftgate_testhost::{Options, enter_command};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Output};

/// Says that a test cannot run here, and that it did not.
pub(crate) fn skip(missing: &str) {
    writeln!(std::io::stderr(), "skipped: {missing}").ok();
}

/// Whether a program answers to `--version`; says so if it does not.
pub(crate) fn have(program: &str) -> bool {
    let there = Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        skip(program);
    }
    there
}

/// Whether machines can be entered; says so if they cannot.
pub(crate) fn have_root() -> bool {
    let root = std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0);
    if !root {
        skip("root");
    }
    root
}

/// One place for the trees of all tests that enter machines, so that each is compiled once.
pub(crate) fn state() -> &'static Path {
    Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/machines"))
}

/// A command inside a machine whose trees are kept in `state`.
pub(crate) fn inside(state: &Path, machine: &str, program: &str) -> Command {
    let options = Options {
        state: Some(state.to_owned()),
        writable: Vec::new(),
    };
    let testhost = Path::new(env!("CARGO_BIN_EXE_testhost"));
    enter_command(testhost, machine, &options, program)
}

/// Runs a command and returns what it printed; anything but success fails the test.
pub(crate) fn text(command: &mut Command) -> String {
    let output = output(command);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// Runs a command to its end.
pub(crate) fn output(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}
