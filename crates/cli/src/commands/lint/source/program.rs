//! An engine's program that writes an image to its standard output.

use super::failed;
use crate::error::CliError;
use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

/// What is kept of its words.
const LONGEST_WORDS: usize = 16 << 10;

/// A program that runs, and its output. Dropped, it is ended.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    output: Option<ChildStdout>,
    words: Option<JoinHandle<Vec<u8>>>,
}

impl Program {
    /// Starts `PROGRAM SAVE NAME`, if `PROGRAM TEST NAME` succeeds.
    pub(super) fn start(
        program: &Path,
        test: &[&str],
        save: &[&str],
        name: &str,
    ) -> Result<Option<Self>, CliError> {
        let unstarted = |error: std::io::Error| {
            failed(
                format!("cannot start `{}`: {error}", program.display()),
                "see whether the file is a program of this machine",
            )
        };
        let tested = Command::new(program)
            .args(test)
            .arg(name)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(unstarted)?;
        if !tested.success() {
            return Ok(None);
        }
        let mut child = Command::new(program)
            .args(save)
            .arg(name)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(unstarted)?;
        let output = child.stdout.take();
        // Read beside the image: one that nobody reads stops a program that has much to say.
        let words = child.stderr.take();
        let words = words.map(|source| std::thread::spawn(move || last_words(source)));
        Ok(Some(Self {
            child,
            output,
            words,
        }))
    }

    /// Its output, once.
    pub(super) fn output(&mut self) -> impl Read + use<> {
        // Without one there is nothing to read: that is an empty archive, and said to be none.
        let output: Box<dyn Read> = match self.output.take() {
            Some(output) => Box::new(output),
            None => Box::new(std::io::empty()),
        };
        output
    }

    /// Waits for its end; its last words, if it failed. If its output was not read to its end, it is a broken pipe that ends
    /// it, and whoever has not read it knows why.
    pub(super) fn end(&mut self) -> Result<(), String> {
        const BROKEN_PIPE: i32 = 13;
        use std::os::unix::process::ExitStatusExt as _;
        let status = self.child.wait().map_err(|error| error.to_string())?;
        let words = self.words.take().and_then(|words| words.join().ok());
        let words = String::from_utf8_lossy(&words.unwrap_or_default()).into_owned();
        let is_cut = status.signal() == Some(BROKEN_PIPE) || words.contains("broken pipe");
        if status.success() || is_cut {
            return Ok(());
        }
        let last = words.trim().lines().last().unwrap_or_default();
        Err(format!("{status}, {}", liftgate_plan::shortened(last)))
    }
}

/// The end of what is said.
fn last_words(mut source: impl Read) -> Vec<u8> {
    let mut words = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(size) = source.read(&mut piece) {
        if size == 0 {
            break;
        }
        words.extend_from_slice(&piece[..size]);
        let before = words.len().saturating_sub(LONGEST_WORDS);
        words.drain(..before);
    }
    words
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
