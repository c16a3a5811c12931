//! The whole suite: formatting of generated files, units and snapshots, conformance in namespaces, engines.
//!
//! Every test that this machine cannot run is counted, and named with what is missing.

use crate::{
    Failure, build, cuda_libraries, dist, engines, gen_files, packages, roots, say, weakened,
    workspace,
};
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The suites that start containers.
const SUITES: &[&str] = &[
    "runtimes",
    "cdi_reference",
    "cdi_requests",
    "cdi_upgrade",
    "roads",
    "bad_input",
    "hostile_image",
    "replay",
    "layouts",
    "container_cli",
    "engines",
    "gpus_flag",
    "cdi_engines",
    "configure",
    "setup_faults",
    "setup",
    "run_verb",
    "packages",
    "fat_binaries",
];

/// The ones of a quick run, and what is taken of them.
const FAST_SUITES: &[&str] = &["runtimes"];
const FAST_FILTER: &str = "runc";
/// How many random inputs a property is tried on then.
const FAST_CASES: &str = "24";

/// The low-level runtime that no distribution package has; it is built once, from crates.io.
const YOUKI_VERSION: &str = "0.7.0";

#[derive(Debug, Default)]
struct Arguments {
    is_fast: bool,
    filter: Option<String>,
}

#[derive(Debug, Default)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: Vec<String>,
    failures: Vec<String>,
}

/// Runs the suite.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    let arguments = parse(arguments)?;
    let mut tally = Tally::default();

    say::heading("units, properties and snapshots");
    // The suites that start containers need the shipped executables, and come after them.
    let mut units = workspace::cargo([
        "test",
        "--workspace",
        "--exclude",
        "liftgate-conformance",
        "--no-fail-fast",
    ]);
    if arguments.is_fast {
        // They make every machine several times, and are about the simulation alone.
        units.args(["--exclude", "liftgate-testhost"]);
        units.env("PROPTEST_CASES", FAST_CASES);
        tally
            .skipped
            .push("the simulated machines' own tests [skipped: --fast]".to_owned());
    }
    count(units.args(&arguments.filter), &mut tally)?;
    let mut architecture = workspace::cargo([
        "test",
        "--package",
        "liftgate-conformance",
        "--lib",
        "--test",
        "architecture",
    ]);
    count(architecture.args(&arguments.filter), &mut tally)?;

    say::heading("generated files");
    gen_files::run(&[OsString::from("--check")])?;

    say::heading("containers, on simulated machines");
    let mut needs = packages::RUNTIMES.to_vec();
    if !arguments.is_fast {
        needs.extend(packages::DOCKER);
        needs.extend(packages::PODMAN);
        needs.extend(packages::TRACE);
    }
    // What is still missing shows in the tests that need it.
    packages::ensure(&needs);
    if arguments.is_fast {
        // The programs as cargo builds them for tests: not static, but there in seconds.
        let programs = ["liftgate-rt", "liftgate", "liftgate-testhost"];
        let packages = programs.iter().flat_map(|program| ["--package", program]);
        workspace::succeed(workspace::cargo(["build", "--quiet"]).args(packages))?;
        for suite in FAST_SUITES {
            let mut command = suite_command(suite);
            command.arg(arguments.filter.as_deref().unwrap_or(FAST_FILTER));
            count(&mut command, &mut tally)?;
        }
        return conclude(&tally);
    }
    let dist = build::run()?;
    let weakened = weakened::build()?;
    let youki = youki();
    let engines = engines::ensure();
    let roots = roots::ensure();
    let packages = dist::ensure()?;
    let cuda_libraries = cuda_libraries::ensure();
    for suite in SUITES {
        let mut command = suite_command(suite);
        command.env("LIFTGATE_DIST", &dist).args(&arguments.filter);
        if let Some(youki) = &youki {
            command.env("LIFTGATE_YOUKI", youki);
        }
        if let Some(engines) = &engines {
            command.env("LIFTGATE_ENGINES", engines);
        }
        if let Some(roots) = &roots {
            command.env("LIFTGATE_ROOTS", roots);
        }
        if let Some(packages) = &packages {
            command.env("LIFTGATE_PACKAGES", packages);
        }
        if let Some(libraries) = &cuda_libraries {
            command.envs(libraries.variables());
        }
        if *suite == "replay" {
            command.env("LIFTGATE_WEAKENED", &weakened);
        }
        count(&mut command, &mut tally)?;
    }
    conclude(&tally)
}

fn parse(arguments: &[OsString]) -> Result<Arguments, Failure> {
    let mut parsed = Arguments::default();
    for argument in arguments {
        match argument.to_str() {
            Some("--fast") => parsed.is_fast = true,
            Some(filter) if !filter.starts_with('-') && parsed.filter.is_none() => {
                parsed.filter = Some(filter.to_owned());
            }
            _ => {
                return Err(format!(
                    "`cargo xtask test` has no argument `{}`",
                    argument.display()
                )
                .into());
            }
        }
    }
    Ok(parsed)
}

fn suite_command(suite: &str) -> Command {
    workspace::cargo([
        "test",
        "--package",
        "liftgate-conformance",
        "--test",
        suite,
        "--",
    ])
}

/// Runs a test command, passing its output on, and counts what its lines say.
fn count(command: &mut Command, tally: &mut Tally) -> Result<(), Failure> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {command:?}: {error}"))?;
    let before = tally.failed;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            tally.read(&line);
            // Hundreds of lines that say `ok` hide the one that does not.
            let is_noise = line.is_empty()
                || line.starts_with("running ")
                || (line.starts_with("test ") && line.ends_with(" ok"));
            if !is_noise {
                say::words(&format!("{line}\n"));
            }
        }
    }
    let status = child.wait()?;
    if !status.success() && tally.failed == before {
        return Err(format!("{command:?}: {status}").into());
    }
    Ok(())
}

impl Tally {
    fn read(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            for part in rest.split([';', '.']) {
                let mut words = part.split_whitespace();
                let Some(number) = words.next().and_then(|number| number.parse::<u64>().ok())
                else {
                    continue;
                };
                match words.next() {
                    Some("passed") => self.passed += number,
                    Some("failed") => self.failed += number,
                    _ => {}
                }
            }
        } else if let Some(rest) = line.strip_prefix("test ") {
            if let Some((name, outcome)) = rest.rsplit_once(" ... ") {
                if let Some(reason) = outcome.strip_prefix("ignored") {
                    let reason = reason.trim_start_matches(',').trim();
                    let brackets = if reason.is_empty() {
                        String::new()
                    } else {
                        format!(" [{reason}]")
                    };
                    self.skipped.push(format!("{}{brackets}", name.trim()));
                } else if outcome.starts_with("FAILED") {
                    self.failures.push(name.trim().to_owned());
                }
            }
        } else if let Some(reason) = line.strip_prefix("skipped: ") {
            self.skipped.push(reason.to_owned());
        }
    }
}

fn conclude(tally: &Tally) -> Result<(), Failure> {
    say::heading("conclusion");
    for name in &tally.skipped {
        say::words(&format!("skipped: {name}\n"));
    }
    for name in &tally.failures {
        say::words(&format!("failed: {name}\n"));
    }
    say::words(&format!(
        "{} passed, {} failed, {} skipped\n",
        tally.passed,
        tally.failed,
        tally.skipped.len()
    ));
    if tally.failed == 0 {
        Ok(())
    } else {
        Err(format!("{} tests failed", tally.failed).into())
    }
}

/// youki, from `PATH` or built from crates.io; without it its tests are counted as skipped.
fn youki() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("LIFTGATE_YOUKI") {
        return Some(PathBuf::from(path));
    }
    if let Some(found) = liftgate_conformance::find_program("youki") {
        return Some(found);
    }
    let root = workspace::target().join("tools");
    let program = root.join("bin/youki");
    if program.exists() {
        return Some(program);
    }
    if !packages::ensure(&[("pkg-config", "pkg-config")]).is_empty()
        || !has_library("libseccomp", "libseccomp-dev")
    {
        return None;
    }
    say::progress(&format!(
        "cargo install youki {YOUKI_VERSION} (once; some minutes)"
    ));
    install_youki(&root).ok()?;
    program.exists().then_some(program)
}

fn has_library(name: &str, package: &str) -> bool {
    let found = || {
        Command::new("pkg-config")
            .args(["--exists", name])
            .status()
            .is_ok_and(|status| status.success())
    };
    if !found() {
        packages::install(&[package]);
    }
    found()
}

fn install_youki(root: &Path) -> Result<(), Failure> {
    let mut command = workspace::cargo([
        "install",
        "youki",
        "--locked",
        "--quiet",
        "--version",
        YOUKI_VERSION,
    ]);
    // Without `v1` it refuses a machine with the first cgroup hierarchy.
    command.args(["--features", "v1", "--root"]).arg(root);
    workspace::succeed(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_harnesses_are_counted() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test a::b ... ok",
            "test runc::x [skipped: needs youki] ... ignored",
            "test c    ... FAILED",
            "test result: FAILED. 60 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 3.06s",
            "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            tally.read(line);
        }
        assert_eq!((tally.passed, tally.failed), (62, 1));
        assert_eq!(tally.skipped, ["runc::x [skipped: needs youki]"]);
        assert_eq!(tally.failures, ["c"]);
    }
}
