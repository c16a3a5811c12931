//! NVML against simulated machines, and against libraries that are not as they should be.

mod ground;
mod libraries;
mod machines;

use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut own = std::env::args_os().skip(1);
    if own.next().is_some_and(|first| first == ground::INSIDE) {
        return ground::check_inside(&own.collect::<Vec<_>>());
    }
    let trials: Vec<Trial> = libraries::trials()
        .into_iter()
        .chain(machines::trials())
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
