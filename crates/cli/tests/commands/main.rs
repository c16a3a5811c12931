//! The command line as its users see it: the real binary, on simulated machines and on this one.
//!
//! What a person reads is compared with snapshots, what a program reads with the published schemas. A test
//! that needs what this machine lacks is counted as ignored, and its name says what is missing.

mod compatibility;
mod dockerfile;
mod documents;
mod ground;
mod installation;
mod nvidia_ctk;
mod nvidia_ctk_config;
mod nvidia_ctk_system;
mod outside;
mod refresh;
mod run_verb;
mod specifications;
mod texts;
mod units;
mod validator;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if let Some((first, rest)) = arguments.split_first()
        && first == ground::INSIDE
    {
        return ground::become_inside(rest);
    }
    let mut trials = texts::trials();
    trials.extend(documents::trials());
    trials.extend(compatibility::trials());
    trials.extend(dockerfile::trials());
    trials.extend(outside::trials());
    trials.extend(nvidia_ctk::trials());
    trials.extend(nvidia_ctk_config::trials());
    trials.extend(nvidia_ctk_system::trials());
    trials.extend(run_verb::trials());
    trials.extend(specifications::trials());
    trials.extend(refresh::trials());
    trials.extend(units::trials());
    trials.extend(installation::trials());
    trials.extend(validator::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
