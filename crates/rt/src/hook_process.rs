//! A hook as a process: what it does first, where its container is, and how it ends.
//!
//! It runs in the container's mount namespace before the root is pivoted, with the host still at `/`, as root with
//! every capability, beside a file system that the image has laid out; runc before 1.3 also gives it the image's
//! environment (CVE-2025-23266). So it sheds what it inherited before it looks at anything.

use crate::bundle::Bundle;
use crate::journal::Journal;
use crate::{output, state};
use liftgate_apply::{Container, Done, Process, failed};
use liftgate_plan::Refusal;
use liftgate_sys::process;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Does the work of a hook, and says what came of it: on standard error, and in a log if its arguments name one. What
/// the process could not give up stands in the log; on standard error with `is_debug`, or a variable of the
/// reference's.
pub(crate) fn run(
    arguments: &[OsString],
    is_debug: bool,
    work: impl FnOnce(&[OsString]) -> Result<Done, Refusal>,
) -> ExitCode {
    let is_debug = is_debug || asks_for_detail();
    // Before the log is opened, which would be closed with the rest.
    let shed = process::shed().map_err(|error| failed(error.to_string()));
    let (mut journal, arguments) = Journal::of_hook(arguments);
    let status = match shed.and_then(|()| work(arguments)) {
        Ok(done) => {
            for note in done.notes {
                output::error(&format!("warning: {note}\n"));
                journal.warning(&note);
            }
            for kept in done.kept {
                if is_debug {
                    output::error(&format!("info: not given up: {kept}\n"));
                }
                journal.info(&format!("The hook has not given up: {kept}"));
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => {
            output::error(&format!("{}\n", refusal.one_line()));
            journal.error(&refusal.one_line());
            ExitCode::FAILURE
        }
    };
    journal.flush();
    status
}

fn asks_for_detail() -> bool {
    ["NVIDIA_CTK_DEBUG", "NVIDIA_CDI_DEBUG"].iter().any(|name| {
        std::env::var_os(name).is_some_and(|value| {
            ["1", "t", "T", "true", "TRUE", "True"]
                .iter()
                .any(|yes| value == *yes)
        })
    })
}

/// The container whose state is in `file`, or on standard input.
pub(crate) fn open_container(file: Option<&Path>) -> Result<Container, Refusal> {
    let state = state::read_from(file).map_err(failed)?;
    if let Some(root) = state.root {
        return open(&root);
    }
    let directory = state
        .bundle
        .ok_or_else(|| failed("the container's state names no bundle"))?;
    let bundle = Bundle::read(Some(&directory), None)?;
    let root = bundle.root(&bundle.parse()?)?;
    open(&root)
}

/// The container whose root is there.
pub(crate) fn open(root: &Path) -> Result<Container, Refusal> {
    Container::open(Process::Caller, root).map_err(|error| failed(error.to_string()))
}
