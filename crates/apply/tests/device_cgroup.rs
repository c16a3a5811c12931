//! Device nodes allowed in real cgroups, of both versions, and what a process in them can open then.
//!
//! Every test makes a cgroup of its own and puts a shell into it, which opens nodes as it is told. The nodes'
//! numbers belong to no driver: where the cgroup allows one, the kernel says ENXIO, where not, EPERM. The
//! last tests do the same in containers of real runtimes.
//!
//! | variable | what it does |
//! |---|---|
//! | `LIFTGATE_JIT_HARDEN=1` | sets `net.core.bpf_jit_harden` to 2 for one test, on the whole machine, and back |
//! | `LIFTGATE_RUNC`, `LIFTGATE_CRUN` | which runtime, instead of the one in `PATH` |

#[path = "device_cgroup/containers.rs"]
mod containers;
#[path = "device_cgroup/ground.rs"]
mod ground;
#[path = "device_cgroup/legacy.rs"]
mod legacy;
#[path = "device_cgroup/programs.rs"]
mod programs;
#[path = "device_cgroup/rules.rs"]
mod rules;
#[path = "device_cgroup/unified.rs"]
mod unified;

use ground::Ground;
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::sync::Arc;

/// What a test does, on the ground that they share.
type Check = fn(&Ground) -> Result<(), Failed>;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let ground = Ground::prepare();
    let tests = legacy::TESTS
        .iter()
        .chain(unified::TESTS)
        .chain(rules::TESTS)
        .chain(containers::TESTS);
    let trials = tests
        .map(|&(name, check)| match &ground {
            Ok(ground) => match missing(name, ground) {
                None => {
                    let ground = Arc::clone(ground);
                    Trial::test(name, move || check(&ground))
                }
                Some(missing) => skipped(name, &missing),
            },
            Err(missing) => skipped(name, missing),
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    conclusion.exit_code()
}

/// What this machine lacks for a test, by the words of its name.
fn missing(name: &str, ground: &Ground) -> Option<String> {
    let lacks = |word: &str, is_there: bool| name.contains(word) && !is_there;
    if lacks("v1", ground.legacy.is_some()) {
        return Some("needs the devices controller of cgroup v1".to_owned());
    }
    if lacks("v2", ground.unified.is_some()) {
        return Some("needs cgroup v2".to_owned());
    }
    for runtime in ["runc", "crun"] {
        if lacks(runtime, containers::runtime(runtime).is_some()) {
            return Some(format!("needs {runtime}"));
        }
    }
    if name.starts_with("v2") && lacks("crun", containers::may_lock_memory()) {
        return Some("needs CAP_SYS_RESOURCE".to_owned());
    }
    if lacks(
        "hardened",
        std::env::var_os("LIFTGATE_JIT_HARDEN").is_some(),
    ) {
        return Some("needs LIFTGATE_JIT_HARDEN=1".to_owned());
    }
    None
}

/// Counted as ignored, with what is missing in its name.
fn skipped(name: &str, missing: &str) -> Trial {
    Trial::test(format!("{name} [skipped: {missing}]"), || Ok(())).with_ignored_flag(true)
}
