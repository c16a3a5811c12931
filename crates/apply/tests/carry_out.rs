//! Plans carried out in real mount namespaces, by both ways that kernels have for it, and taken back.
//!
//! A container here is a process in a mount namespace of its own, with a root that nothing was pivoted to: what
//! a prestart hook finds. The plan is carried out by this program started once more, because it enters that
//! namespace and does not come back.

#[path = "carry_out/ground.rs"]
mod ground;
#[path = "carry_out/mounts.rs"]
mod mounts;
#[path = "carry_out/nodes.rs"]
mod nodes;
#[path = "carry_out/undone.rs"]
mod undone;

use ground::{Order, SUBCOMMAND};
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;

/// What a test does.
type Check = fn() -> Result<(), Failed>;

fn main() -> ExitCode {
    let mut given = std::env::args().skip(1);
    if given.next().as_deref() == Some(SUBCOMMAND) {
        return Order::read(given).carry_out();
    }
    let missing = (!liftgate_sys::namespace::is_real_root()).then_some("needs root");
    let tests = mounts::TESTS
        .iter()
        .chain(nodes::TESTS)
        .chain(undone::TESTS);
    let trials = tests
        .map(|&(name, check): &(&str, Check)| match missing {
            None => Trial::test(name, check),
            Some(missing) => Trial::test(format!("{name} [skipped: {missing}]"), || Ok(()))
                .with_ignored_flag(true),
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
