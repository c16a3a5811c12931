//! Work in a child process that gives up everything else, for a process that is needed with all its rights
//! afterwards: to take back what it has done, if the work fails.

use super::{Job, enter};
use crate::Root;
use crate::error::{Errno, SysError};
use rustix::process::{Pid, WaitOptions};
use std::fs::File;
use std::io::{Read as _, Write as _};

/// The most that a child may say.
const LIMIT: u64 = 1 << 20;

const SUCCESS: i32 = 0;
const FAILURE: i32 = 1;

/// What a sentence begins with that is about something kept.
const KEPT: u8 = 1;

/// How work in a child process has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What the child could not give up, a sentence each.
    pub kept: Vec<String>,
    /// The sentences that the work has ended with: notes, or why it failed.
    pub result: Result<Vec<String>, Vec<String>>,
}

/// Does `work` on files of `root` in a child process. An error is that the child could not be made, or did not end by
/// itself.
pub fn run_in_child(
    root: &Root,
    job: Job,
    work: impl FnOnce() -> Result<Vec<String>, Vec<String>>,
) -> Result<Ended, SysError> {
    let failed = |call: &str| {
        let call = call.to_owned();
        move |errno: Errno| SysError::new(call, errno)
    };
    let (reader, writer) =
        rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(failed("pipe2"))?;
    // SAFETY: this program has one thread, so that no lock is held for ever in the child, and the child returns
    // from nothing that it has not called: it ends below.
    #[expect(unsafe_code, reason = "fork has no safe wrapper")]
    let answer = unsafe { libc::fork() };
    let child = match answer {
        0 => {
            drop(reader);
            let kept = enter(root, job);
            let (status, sentences) = match work() {
                Ok(notes) => (SUCCESS, notes),
                Err(reasons) => (FAILURE, reasons),
            };
            end(File::from(writer), status, &kept, &sentences)
        }
        pid => Pid::from_raw(pid).ok_or_else(|| {
            let error = std::io::Error::last_os_error();
            SysError::from_io("fork", &error)
        })?,
    };
    drop(writer);
    let mut bytes = Vec::new();
    let read = File::from(reader).take(LIMIT).read_to_end(&mut bytes);
    let status = loop {
        match rustix::process::waitpid(Some(child), WaitOptions::empty()) {
            Err(Errno::INTR) => {}
            answer => break answer.map_err(failed("waitpid"))?,
        }
    };
    read.map_err(|error| SysError::from_io("read(pipe)", &error))?;
    let ended = |reason: String| SysError::refused("waitpid", reason);
    let Some((_, status)) = status else {
        return Err(ended("the child has not ended".to_owned()));
    };
    if let Some(signal) = status.terminating_signal() {
        return Err(ended(format!("the child was ended by signal {signal}")));
    }
    let mut kept = Vec::new();
    let mut sentences = Vec::new();
    for sentence in bytes.split(|byte| *byte == 0) {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        match sentence {
            [] => {}
            [KEPT, sentence @ ..] => kept.push(text(sentence)),
            sentence => sentences.push(text(sentence)),
        }
    }
    let result = match status.exit_status() {
        Some(SUCCESS) => Ok(sentences),
        Some(FAILURE) => Err(sentences),
        other => return Err(ended(format!("the child ended with status {other:?}"))),
    };
    Ok(Ended { kept, result })
}

/// Says the sentences and ends the process, without what a program does at its end: that is the parent's.
fn end(mut pipe: File, status: i32, kept: &[String], sentences: &[String]) -> ! {
    let mut bytes = Vec::new();
    let mut say = |mark: &[u8], sentence: &String| {
        // A zero would end the sentence early, and the mark make it another.
        let sentence = sentence.replace(['\0', char::from(KEPT)], "\u{fffd}");
        bytes.extend([mark, sentence.as_bytes(), &[0]].concat());
    };
    for sentence in kept {
        say(&[KEPT], sentence);
    }
    for sentence in sentences {
        say(&[], sentence);
    }
    pipe.write_all(&bytes).ok();
    // SAFETY: `_exit` takes a number and does not return.
    #[expect(unsafe_code, reason = "exit would run the parent's handlers")]
    unsafe {
        libc::_exit(status)
    }
}
