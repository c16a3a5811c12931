//! Clients of engines, run to their end.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a command prints, if it succeeds.
pub(super) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output();
    said(command, output)
}

/// The same, of one that reads its standard input.
pub(super) fn with_input(command: &mut Command, input: &[u8]) -> Result<String, String> {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = child.and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            // Who does not read on says why.
            stdin.write_all(input).ok();
        }
        child.wait_with_output()
    });
    said(command, output)
}

fn said(command: &Command, output: std::io::Result<Output>) -> Result<String, String> {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words: Vec<OsString> = command.get_args().map(OsString::from).collect();
    let shown = format!(
        "{} {}",
        name.display(),
        words.join(OsStr::new(" ")).display()
    );
    match output {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => Err(format!(
            "`{shown}`: {}: {}",
            output.status,
            one_line(&output.stderr)
        )),
        Err(error) => Err(format!("`{shown}`: {error}")),
    }
}

/// What a program says, on one line, without the advice that clients end with.
fn one_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(str::trim);
    let told =
        lines.filter(|line| !line.is_empty() && !line.ends_with("--help' for more information"));
    told.collect::<Vec<_>>().join("; ")
}
