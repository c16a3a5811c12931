//! What came of a command on the machine, and what is expected of it.

use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use std::process::Output;

/// A command that has ended.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    command: String,
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn new(command: &str, output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            command: command.to_owned(),
            status: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// It has to have succeeded.
    pub(crate) fn succeeded(self) -> Result<Self, Failed> {
        self.ended_with(0)
    }

    /// It has to have ended with this status.
    pub(crate) fn ended_with(self, status: i32) -> Result<Self, Failed> {
        if self.status == Some(status) {
            Ok(self)
        } else {
            self.complain(&format!("wanted: exit status {status}"))
        }
    }

    /// It has to have failed, with this code.
    pub(crate) fn refused_with(self, code: &str) -> Result<Self, Failed> {
        self.ended_with(1)?.says(&format!("error[{code}]:"))
    }

    /// It has to have said this, on either stream.
    pub(crate) fn says(self, words: &str) -> Result<Self, Failed> {
        if self.has(words) {
            Ok(self)
        } else {
            self.complain(&format!("wanted: `{words}`"))
        }
    }

    /// It must not have said this.
    pub(crate) fn does_not_say(self, words: &str) -> Result<Self, Failed> {
        if self.has(words) {
            self.complain(&format!("not wanted: `{words}`"))
        } else {
            Ok(self)
        }
    }

    fn has(&self, words: &str) -> bool {
        self.stdout.contains(words) || self.stderr.contains(words)
    }

    /// A failure that shows everything.
    pub(crate) fn complain<T>(&self, wanted: &str) -> Result<T, Failed> {
        Err(fail(format!(
            "{wanted}\n`{}`: status {:?}\n--- stdout\n{}--- stderr\n{}",
            self.command, self.status, self.stdout, self.stderr
        )))
    }
}

/// Two texts that have to be the same.
pub(crate) fn same(what: &str, wanted: &str, found: &str) -> Result<(), Failed> {
    if wanted == found {
        Ok(())
    } else {
        Err(fail(format!(
            "{what}\n--- wanted\n{wanted}\n--- found\n{found}"
        )))
    }
}
