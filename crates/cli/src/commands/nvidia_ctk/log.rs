//! Log lines as `nvidia-ctk` writes them: one a line on standard error, for `grep` and for the journal.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

/// The log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    /// What is less important is left out.
    pub(super) least: Level,
}

impl Log {
    pub(super) fn info(self, message: &str) {
        self.write(Level::Info, message);
    }

    pub(super) fn warning(self, message: &str) {
        self.write(Level::Warning, message);
    }

    pub(super) fn error(self, message: &str) {
        self.write(Level::Error, message);
    }

    fn write(self, level: Level, message: &str) {
        if level < self.least {
            return;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let line = line(now.map_or(0, |now| now.as_secs()), level, message);
        // Where a log cannot be written there is nobody to tell.
        std::io::stderr().write_all(line.as_bytes()).ok();
    }
}

fn line(seconds: u64, level: Level, message: &str) -> String {
    let level = match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    let message = quoted(message);
    format!("time=\"{}\" level={level} msg={message}\n", utc(seconds))
}

/// A message of one plain word stands as it is, any other in quotation marks with what is unruly escaped.
fn quoted(message: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/@^+".contains(&byte);
    if !message.is_empty() && message.bytes().all(is_plain) {
        return message.to_owned();
    }
    let mut text = String::from('"');
    for character in message.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            unruly if unruly.is_control() => {
                write!(text, "\\u{:04x}", u32::from(unruly)).ok();
            }
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

/// The time as RFC 3339 has it.
fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Days are counted from the first of March of the year 0, in eras of 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(
            line(
                1_764_087_452,
                Level::Info,
                "Generated CDI spec with version 0.5.0"
            ),
            "time=\"2025-11-25T16:17:32Z\" level=info msg=\"Generated CDI spec with version 0.5.0\"\n"
        );
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted(""), "\"\"");
        assert_eq!(quoted("a \"b\"\\\n\u{1b}"), "\"a \\\"b\\\"\\\\\\n\\u001b\"");
    }

    #[test]
    fn dates() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(seconds), expected);
        }
    }
}
