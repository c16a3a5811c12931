//! The log, in the formats of the reference: that of its runtime (logrus, text or JSON lines), and that of
//! `nvidia-container-cli`.
//!
//! Lines are kept until the end and written at once: a start has some sixty of them, and one system call
//! does.

use liftgate_config::LogLevel;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LOG: &str = "--log";
const LOG_JSON: &str = "--log-json";

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Style {
    /// logrus, as text.
    #[default]
    Text,
    /// logrus, as JSON.
    Json,
    /// As `nvidia-container-cli` writes: a letter for the level, the date without the year, the process.
    Letters,
}

/// The log of one run.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    files: Vec<File>,
    style: Style,
    threshold: Option<LogLevel>,
    lines: String,
    /// The administrator's file, and not the engine's, which goes with the container.
    own: Option<PathBuf>,
}

impl Journal {
    /// Opens the files. One that cannot be opened is named on standard error and done without: a full
    /// disk must not keep containers from starting.
    pub(crate) fn open<'a>(
        &mut self,
        files: impl IntoIterator<Item = &'a Path>,
        style: Style,
        threshold: LogLevel,
    ) {
        for path in files {
            match open(path) {
                Ok(file) => self.files.push(file),
                Err(error) => crate::output::error(&format!(
                    "warning: cannot log to `{}`: {error}\n",
                    path.display()
                )),
            }
        }
        self.style = style;
        self.threshold = Some(threshold);
    }

    /// Remembers the file that hooks are to log to as well, if it was opened.
    pub(crate) fn is_administrators(&mut self, path: &Path) {
        if !self.files.is_empty() {
            self.own = Some(path.to_owned());
        }
    }

    /// By which a hook is told where to log: what it writes to standard error, low-level runtimes throw away unless it
    /// fails.
    pub(crate) fn hook_arguments(&self) -> Vec<String> {
        let path = self.own.as_deref().and_then(Path::to_str);
        let option = if self.style == Style::Json {
            LOG_JSON
        } else {
            LOG
        };
        path.map_or_else(Vec::new, |path| vec![option.to_owned(), path.to_owned()])
    }

    /// The log that the first arguments of a hook name, and the rest of them.
    pub(crate) fn of_hook(arguments: &[OsString]) -> (Self, &[OsString]) {
        let mut journal = Self::default();
        match arguments {
            [option, path, rest @ ..] if option == LOG || option == LOG_JSON => {
                let style = if option == LOG {
                    Style::Text
                } else {
                    Style::Json
                };
                journal.open([Path::new(path)], style, LogLevel::Info);
                (journal, rest)
            }
            rest => (journal, rest),
        }
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
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let line = format_line(self.style, now, name, message);
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

fn format_line(style: Style, now: Duration, level: &str, message: &str) -> String {
    let time = timestamp(now.as_secs());
    match style {
        Style::Json => format!(
            "{{\"level\":\"{level}\",\"msg\":{},\"time\":\"{time}\"}}\n",
            serde_json::Value::from(message)
        ),
        Style::Text => format!("time=\"{time}\" level={level} msg={}\n", quoted(message)),
        Style::Letters => {
            let letter = level[..1].to_ascii_uppercase();
            let line: String = message
                .chars()
                .map(|character| {
                    if character.is_control() {
                        ' '
                    } else {
                        character
                    }
                })
                .collect();
            format!(
                "{letter}{}{} {}.{:06} {} liftgate] {line}\n",
                &time[5..7],
                &time[8..10],
                &time[11..19],
                now.subsec_micros(),
                std::process::id()
            )
        }
    }
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
        let line = |style, level, message| format_line(style, Duration::ZERO, level, message);
        assert_eq!(
            line(Style::Text, "info", "Auto-detected mode as 'jit-cdi'"),
            "time=\"1970-01-01T00:00:00Z\" level=info msg=\"Auto-detected mode as 'jit-cdi'\"\n"
        );
        assert_eq!(
            line(Style::Text, "info", "plain"),
            "time=\"1970-01-01T00:00:00Z\" level=info msg=plain\n"
        );
        assert_eq!(
            line(Style::Text, "error", "a \"b\"\n\u{1b}"),
            "time=\"1970-01-01T00:00:00Z\" level=error msg=\"a \\\"b\\\"\\n\\u001b\"\n"
        );
        assert_eq!(
            line(Style::Json, "error", "a \"b\"\n"),
            "{\"level\":\"error\",\"msg\":\"a \\\"b\\\"\\n\",\"time\":\"1970-01-01T00:00:00Z\"}\n"
        );
    }

    #[test]
    fn lines_as_nvidia_container_cli_writes_them() {
        let now = Duration::new(1_795_343_373, 42_000);
        assert_eq!(
            format_line(Style::Letters, now, "warning", "a\nb"),
            format!(
                "W1122 10:29:33.000042 {} liftgate] a b\n",
                std::process::id()
            )
        );
    }
}
