//! The log, in the format of the reference (logrus): text or JSON lines, in the file that `config.toml`
//! names and in the one that the engine passes with `--log`. containerd reads the last error line of the
//! latter and shows it to the user.
//!
//! Lines are kept until the end and written at once: a start has some sixty of them, and one system call
//! does.

use super::command_line::CommandLine;
use liftgate_config::{Config, LogLevel};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The log of one run.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    files: Vec<File>,
    is_json: bool,
    threshold: Option<LogLevel>,
    lines: String,
}

impl Journal {
    /// Opens the files. One that cannot be opened is named on standard error and done without: a full
    /// disk must not keep containers from starting.
    pub(crate) fn open(&mut self, command_line: &CommandLine, config: Option<&Config>) {
        let debug_file = config.and_then(|config| config.nvidia_container_runtime.debug.as_deref());
        for path in debug_file.into_iter().chain(command_line.log.as_deref()) {
            match open(path) {
                Ok(file) => self.files.push(file),
                Err(error) => crate::output::error(&format!(
                    "warning: cannot log to `{}`: {error}\n",
                    path.display()
                )),
            }
        }
        self.is_json = command_line.is_json;
        self.threshold = Some(if command_line.is_debug {
            LogLevel::Debug
        } else {
            config.map_or(LogLevel::Info, |config| {
                config.nvidia_container_runtime.log_level
            })
        });
    }

    /// Something that explains.
    pub(crate) fn debug(&mut self, message: &str) {
        self.line(LogLevel::Debug, "debug", message);
    }

    /// Something that was done.
    pub(crate) fn info(&mut self, message: &str) {
        self.line(LogLevel::Info, "info", message);
    }

    /// Something that somebody should look at.
    pub(crate) fn warning(&mut self, message: &str) {
        self.line(LogLevel::Warning, "warning", message);
    }

    /// Why the container does not start.
    pub(crate) fn error(&mut self, message: &str) {
        self.line(LogLevel::Error, "error", message);
    }

    fn line(&mut self, level: LogLevel, name: &str, message: &str) {
        if self.files.is_empty() || self.threshold.is_some_and(|threshold| level > threshold) {
            return;
        }
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let line = format_line(self.is_json, &timestamp(seconds), name, message);
        self.lines.push_str(&line);
    }

    /// Writes what was said since the last time.
    pub(crate) fn flush(&mut self) {
        for file in &mut self.files {
            file.write_all(self.lines.as_bytes()).ok();
        }
        self.lines.clear();
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(directory) = path.parent()
        && !directory.as_os_str().is_empty()
    {
        std::fs::create_dir_all(directory)?;
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o644)
        .open(path)
}

fn format_line(is_json: bool, time: &str, level: &str, message: &str) -> String {
    let mut line = String::new();
    let result = if is_json {
        writeln!(
            line,
            "{{\"level\":\"{level}\",\"msg\":{},\"time\":\"{time}\"}}",
            serde_json::Value::from(message)
        )
    } else {
        writeln!(
            line,
            "time=\"{time}\" level={level} msg={}",
            quoted(message)
        )
    };
    debug_assert!(result.is_ok(), "writing to a string cannot fail");
    line
}

/// As logrus quotes: bare if it is one plain word.
fn quoted(message: &str) -> String {
    let is_plain = |character: char| {
        character.is_ascii_alphanumeric()
            || matches!(character, '-' | '.' | '_' | '/' | '@' | '^' | '+')
    };
    if !message.is_empty() && message.chars().all(is_plain) {
        return message.to_owned();
    }
    let mut quoted = String::from("\"");
    for character in message.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            control if control.is_control() => {
                write!(quoted, "\\u{:04x}", u32::from(control)).ok();
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// RFC 3339, in UTC. A static program has no business with the host's time zone files.
fn timestamp(seconds: u64) -> String {
    let days = seconds / 86_400;
    let (year, month, day) = civil_date(days);
    let second = seconds % 86_400;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// The Gregorian date of a day since 1970-01-01, by counting in eras of 400 years that begin in March.
fn civil_date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_795_343_373), "2026-11-22T10:29:33Z");
        assert_eq!(timestamp(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn lines_as_logrus_writes_them() {
        assert_eq!(
            format_line(false, "T", "info", "Auto-detected mode as 'jit-cdi'"),
            "time=\"T\" level=info msg=\"Auto-detected mode as 'jit-cdi'\"\n"
        );
        assert_eq!(
            format_line(false, "T", "info", "plain"),
            "time=\"T\" level=info msg=plain\n"
        );
        assert_eq!(
            format_line(false, "T", "error", "a \"b\"\n\u{1b}"),
            "time=\"T\" level=error msg=\"a \\\"b\\\"\\n\\u001b\"\n"
        );
        assert_eq!(
            format_line(true, "T", "error", "a \"b\"\n"),
            "{\"level\":\"error\",\"msg\":\"a \\\"b\\\"\\n\",\"time\":\"T\"}\n"
        );
    }
}
