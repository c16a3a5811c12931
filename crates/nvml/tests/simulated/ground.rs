//! Running a check inside a machine, in a process of its own: entering takes one thread, which the test
//! runner is not, and nobody comes back out.

use libtest_mimic::Trial;
use liftgate_testhost::{Machine, Options, enter};
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The first argument of this program where it is to run a check inside a machine.
pub(crate) const INSIDE: &str = "--check-inside";
/// The argument after it if that process is in the machine already.
const ENTERED: &str = "--entered";

/// A user who is not root, in the numbers of every distribution.
const NOBODY: u32 = 65534;

/// Something that is checked inside a machine.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) machine: fn() -> Machine,
    pub(crate) run: fn(&Machine),
}

pub(crate) fn trial(check: &'static Check) -> Trial {
    if !liftgate_sys::namespace::is_real_root() {
        let name = format!("{} [skipped: needs root]", check.name);
        return Trial::test(name, || Ok(())).with_ignored_flag(true);
    }
    Trial::test(check.name, || {
        succeeds(&mut again(&[INSIDE.into(), check.name.into()]));
        Ok(())
    })
}

/// `[--entered] CHECK`: runs the check.
pub(crate) fn check_inside(arguments: &[OsString]) -> ExitCode {
    let (entered, name) = match arguments {
        [name] => (false, name),
        [first, name] if first == ENTERED => (true, name),
        _ => panic!("no check"),
    };
    let check = crate::machines::CHECKS
        .iter()
        .find(|check| name == check.name)
        .expect("a check");
    let machine = (check.machine)();
    if !entered {
        let options = Options {
            state: Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("machines")),
            ..Options::default()
        };
        enter(&machine, &options).expect("entered");
    }
    (check.run)(&machine);
    ExitCode::SUCCESS
}

/// Runs this check again as a user without privilege; true in the process that is that user.
pub(crate) fn as_nobody(check: &str) -> bool {
    if !liftgate_sys::namespace::is_real_root() {
        return true;
    }
    // Nobody may not go where the program lies, so it is copied to where anybody may.
    let place = tempfile::Builder::new()
        .prefix("liftgate-nvml-")
        .tempdir_in("/tmp")
        .expect("made");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(place.path(), mode).expect("chmod");
    let program = place.path().join("check");
    std::fs::copy("/proc/self/exe", &program).expect("copied");
    succeeds(
        Command::new(&program)
            .args([INSIDE, ENTERED, check])
            .uid(NOBODY)
            .gid(NOBODY)
            .current_dir("/"),
    );
    false
}

fn again(arguments: &[OsString]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(arguments);
    command
}

fn succeeds(command: &mut Command) {
    let output = command.output().expect("started");
    assert!(
        output.status.success(),
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A trial without a machine.
pub(crate) fn plain(name: &'static str, run: fn()) -> Trial {
    Trial::test(name, move || {
        std::panic::catch_unwind(AssertUnwindSafe(run)).map_err(|_| "it panicked; see above".into())
    })
}
