//! Paths in a root that somebody else filled, against the kernel's own answer: a real `chroot` into it.
//!
//! A made-up host surrounds the root, and its files have the names of those inside. Trees of links, `..`, loops,
//! mount points and long names are made at random, and so are paths. What `Root` finds must be what a thread
//! finds that has changed its root there; what `Dir` writes must leave the host as it was.
//!
//! Each property is tried twice: as the kernel resolves paths (`openat2`), and by the walk that stands in for it
//! before Linux 5.6. For the second this program starts itself once more, under a filter that answers `ENOSYS`.
//!
//! `PROPTEST_CASES` is the number of trees for each.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; clippy exempts only the tests themselves"
)]
#![expect(
    clippy::unnecessary_debug_formatting,
    reason = "names here have newlines and bytes that are no text"
)]

mod chroot;
mod limits;
mod listing;
mod machine;
mod making;
mod old_kernel;
mod reading;
mod resolving;
mod route;
mod tree;
mod way;
mod writing;

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use way::Way;

/// What a test does.
type Check = fn(Way) -> Result<(), Failed>;

fn main() -> ExitCode {
    let mut given = std::env::args().skip(1);
    let tests: Vec<(&str, Check)> = [limits::TESTS, resolving::TESTS, reading::TESTS]
        .into_iter()
        .chain([making::TESTS, writing::TESTS])
        .flatten()
        .copied()
        .collect();
    if given.next().as_deref() == Some(old_kernel::SUBCOMMAND) {
        return old_kernel::run(given.next().as_deref(), &tests);
    }
    let missing = machine::prepare_process().err();
    let missing = missing.as_deref();
    let no_openat2 = missing.or_else(|| (!way::has_openat2()).then_some("needs openat2"));
    let mut trials = Vec::new();
    for (name, check) in tests {
        trials.push(trial(format!("openat2::{name}"), no_openat2, move || {
            check(Way::Openat2)
        }));
        trials.push(trial(format!("walk::{name}"), missing, move || {
            old_kernel::start(name)
        }));
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(2));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A trial that runs, or one that is counted as ignored and says in its name what is missing.
fn trial(
    name: String,
    missing: Option<&str>,
    check: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    match missing {
        None => Trial::test(name, check),
        Some(missing) => {
            Trial::test(format!("{name} [skipped: {missing}]"), || Ok(())).with_ignored_flag(true)
        }
    }
}
