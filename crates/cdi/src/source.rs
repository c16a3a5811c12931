//! The bytes of a specification: what is looked at before any parser is.
//!
//! It refuses what costs more than it can be worth, and characters that no YAML reader takes or that end a line to
//! some readers only. So what is parsed has one reading.

use std::fmt;

/// The largest text that is read. A specification of eight GPUs with all their MIG instances has 0.3 MiB.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Why a text is not a specification, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// The line, from 1; 0 where the text as a whole is meant.
    pub line: u32,
    /// The column, from 1, in characters; 0 where the text as a whole is meant.
    pub column: u32,
    /// The field, such as `devices[0].name`; empty where none is at fault.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        if !self.field.is_empty() {
            write!(f, "`{}` ", self.field)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for ReadError {}

/// The text in `bytes`, with at most `max_nodes` signs that could begin or end a node.
pub(crate) fn text_of(bytes: &[u8], max_nodes: usize) -> Result<&str, ReadError> {
    let whole = |reason: String| ReadError {
        line: 0,
        column: 0,
        field: String::new(),
        reason,
    };
    if bytes.len() > MAX_BYTES {
        return Err(whole(format!(
            "{} bytes are more than the {MAX_BYTES} that are read",
            bytes.len()
        )));
    }
    let at = |offset: usize, reason: &str| {
        let before = bytes.get(..offset).unwrap_or(bytes);
        let start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let count = |part: &[u8], is: fn(&u8) -> bool| {
            u32::try_from(part.iter().filter(|byte| is(byte)).count()).unwrap_or(u32::MAX)
        };
        ReadError {
            line: count(before, |byte| *byte == b'\n') + 1,
            column: count(&before[start..], |byte| byte & 0xC0 != 0x80) + 1,
            ..whole(reason.to_owned())
        }
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| at(error.valid_up_to(), "bytes that are not UTF-8"))?;
    if let Some((offset, odd)) = text
        .char_indices()
        .find(|(_, character)| is_odd(*character))
    {
        let code = u32::from(odd);
        return Err(at(
            offset,
            &format!("the character U+{code:04X}, which must be written as an escape"),
        ));
    }
    // The parser takes in a whole `[…]` or `{…}` before it says a word of it: what could become too many
    // nodes is counted beforehand.
    let signs = bytes
        .iter()
        .filter(|byte| matches!(byte, b',' | b'[' | b'{' | b'\n' | b'?'))
        .count();
    if signs > max_nodes {
        return Err(whole(format!("more than {max_nodes} nodes")));
    }
    Ok(text)
}

/// What no YAML reader takes, and what ends a line in YAML 1.1 and does not in 1.2: text that has it would
/// have two readings.
fn is_odd(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    }
}
