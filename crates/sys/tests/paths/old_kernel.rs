//! An old kernel, as far as paths go: `openat2` is not there.
//!
//! There is no switch for the walk: it is taken when the kernel refuses `openat2`. So a process of its own asks the
//! kernel to refuse it, and runs one test.

use crate::way::{Way, has_openat2};
use crate::{Check, machine};
use libtest_mimic::Failed;
use std::io::Write as _;
use std::process::{Command, ExitCode};

/// By which this program runs one test without `openat2`.
pub(crate) const SUBCOMMAND: &str = "without-openat2";

/// Runs the test in a process of its own.
pub(crate) fn start(name: &str) -> Result<(), Failed> {
    let output = Command::new("/proc/self/exe")
        .args([SUBCOMMAND, name])
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}\n{words}", output.status).into())
}

/// In the process that was started for it.
pub(crate) fn run(name: Option<&str>, tests: &[(&str, Check)]) -> ExitCode {
    let outcome = (|| -> Result<(), Failed> {
        let (_, check) = tests
            .iter()
            .find(|(known, _)| Some(*known) == name)
            .ok_or("no such test")?;
        refuse_openat2().map_err(|error| format!("no filter: {error}"))?;
        if has_openat2() {
            return Err("openat2 still answers".into());
        }
        machine::prepare_process()?;
        check(Way::Walk)
    })();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            let words = failed.message().unwrap_or("failed").to_owned();
            std::io::stderr().write_all(words.as_bytes()).ok();
            ExitCode::FAILURE
        }
    }
}

/// Has the kernel answer `ENOSYS` to `openat2`, in this thread and those that it starts.
fn refuse_openat2() -> std::io::Result<()> {
    const NUMBER_OF_CALL: u32 = 0;
    let instruction = |code: u32, jump_false: u8, k: u32| libc::sock_filter {
        code: u16::try_from(code).expect("a code of two bytes"),
        jt: 0,
        jf: jump_false,
        k,
    };
    let openat2 = u32::try_from(libc::SYS_openat2).expect("a number of a call");
    let refuse = libc::SECCOMP_RET_ERRNO | u32::try_from(libc::ENOSYS).expect("a number");
    let mut program = [
        instruction(
            libc::BPF_LD | libc::BPF_W | libc::BPF_ABS,
            0,
            NUMBER_OF_CALL,
        ),
        instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, openat2),
        instruction(libc::BPF_RET | libc::BPF_K, 0, refuse),
        instruction(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: 4,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: the kernel reads `program` and its four instructions, which live across the call, and keeps no
    // pointer to them. As root, no promise of `PR_SET_NO_NEW_PRIVS` is needed before.
    #[expect(unsafe_code, reason = "a seccomp filter has no safe wrapper")]
    let answer = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            std::ptr::from_ref(&program),
        )
    };
    if answer == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}
