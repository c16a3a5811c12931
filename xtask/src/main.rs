//! What a developer types: `cargo xtask demo`, `test`, `bench`, `build`.

#![forbid(unsafe_code)]

mod bench;
mod build;
mod cuda_libraries;
mod demo;
mod dist;
mod engines;
mod gen_files;
mod packages;
mod roots;
mod say;
mod soak;
mod test;
mod weakened;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  demo                     a container gets its GPU, on this machine or on a simulated one
  test [--fast] [FILTER]   the whole suite; --fast: no engines, runc only, fewer random inputs
  soak [RUNS]              races and random trees, for a quarter of an hour
  bench [--reference DIR]  design budgets, as ratios, beside the reference's binaries if given
  build                    the two executables, as they are shipped, in target/dist
  dist                     a tarball, a .deb and an .rpm, in target/packages
  gen [--check]            write (or compare) the files made from code: schemas
  engines                  fetch current engines, and say where they are: for one suite by hand
  cuda-libraries           fetch small CUDA libraries, and say where they are: for the suite `fat_binaries`
  roots                    make roots as distributions lay them out, and say where they are: for the suite `layouts`
  machine NAME [-- CMD]    a shell, or a command, on a simulated GPU machine
";

/// Why a task failed.
pub(crate) type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<OsString> = arguments.collect();
    let result = match command.to_str() {
        Some("demo") => demo::run(&rest),
        Some("test") => test::run(&rest),
        Some("soak") => soak::run(&rest),
        Some("engines") => engines::run(&rest),
        Some("cuda-libraries") => cuda_libraries::run(&rest),
        Some("roots") => roots::run(&rest),
        Some("bench") => bench::run(&rest),
        Some("build") => build::run().map(|_| ()),
        Some("dist") => dist::run().map(|_| ()),
        Some("gen") => gen_files::run(&rest),
        Some("machine") => workspace::machine(&rest),
        _ => {
            say::words(USAGE);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::words(&format!("error: {error}\n"));
            ExitCode::FAILURE
        }
    }
}
