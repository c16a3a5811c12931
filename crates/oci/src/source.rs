//! The text of a document and the way from a part of it to its line and column.
//!
//! Every part that is kept is a slice of the one text, so its place is the distance between two addresses: no parser has to carry
//! positions along, and they are only worked out when something is wrong.

use serde::Deserialize;

use crate::error::{OciError, Position};

/// The text that everything not edited is a slice of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a>(pub(crate) &'a str);

impl Source<'_> {
    /// The place of the byte `inner` of `part`. For a text that is not a slice of this one, which only an edit can have made, it is the start.
    pub(crate) fn position(self, part: &str, inner: usize) -> Position {
        let offset = part
            .as_ptr()
            .addr()
            .checked_sub(self.0.as_ptr().addr())
            .filter(|start| start + part.len() <= self.0.len())
            .map_or(0, |start| start + inner);
        position(self.0.as_bytes(), offset)
    }

    /// Decode one value, with errors that carry its path and place.
    pub(crate) fn decode<'t, T: Deserialize<'t>>(
        self,
        text: &'t str,
        path: &str,
    ) -> Result<T, OciError> {
        serde_json::from_str(text).map_err(|error| OciError::Value {
            path: path.to_owned(),
            at: self.position(text, offset_of(text, &error)),
            reason: reason(&error),
        })
    }

    /// As [`Self::decode`], for a struct: serde would read one from an array as well.
    pub(crate) fn decode_object<'t, T: Deserialize<'t>>(
        self,
        text: &'t str,
        path: &str,
    ) -> Result<T, OciError> {
        if text.starts_with('{') {
            self.decode(text, path)
        } else {
            Err(self.wrong_type(text, path, "an object"))
        }
    }

    /// The error for a text that is not JSON at all.
    pub(crate) fn syntax(self, error: &serde_json::Error) -> OciError {
        OciError::Syntax {
            at: position(self.0.as_bytes(), offset_of(self.0, error)),
            reason: reason(error),
        }
    }

    /// The error for a value of the wrong type.
    pub(crate) fn wrong_type(self, text: &str, path: &str, expected: &'static str) -> OciError {
        OciError::Type {
            path: path.to_owned(),
            expected,
            found: kind(text),
            at: self.position(text, 0),
        }
    }
}

/// Line and column of a byte. Columns count characters: continuation bytes of UTF-8 do not advance them.
pub(crate) fn position(bytes: &[u8], offset: usize) -> Position {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line_start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let characters = before
        .iter()
        .skip(line_start)
        .filter(|byte| **byte & 0xC0 != 0x80)
        .count();
    Position {
        line: before.split(|byte| *byte == b'\n').count(),
        column: characters + 1,
    }
}

/// The byte that an error of `serde_json` points at; its columns count bytes from 1, with 0 for "before the first of this line".
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    (line_start + error.column().saturating_sub(1)).min(text.len())
}

/// What an error of `serde_json` says, without the place that it appends (relative to the part, so wrong for the reader).
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// The JSON type of a valid value, from its first byte.
pub(crate) fn kind(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Text of a decoded document: the check on size and on UTF-8 that comes before any parser.
pub(crate) fn text_of(bytes: &[u8], limit: usize) -> Result<&str, OciError> {
    if bytes.len() > limit {
        return Err(OciError::TooLarge {
            size: bytes.len(),
            limit,
        });
    }
    std::str::from_utf8(bytes).map_err(|error| OciError::NotUtf8 {
        at: position(bytes, error.valid_up_to()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "{\n \"é\u{1F980}\": x}";
        let at = text.find('x').unwrap();
        assert_eq!(
            position(text.as_bytes(), at),
            Position { line: 2, column: 8 }
        );
    }

    #[test]
    fn a_part_is_found_by_its_address() {
        let text = String::from("ab\ncd");
        let source = Source(&text);
        assert_eq!(
            source.position(&text[3..], 1),
            Position { line: 2, column: 2 }
        );
        let elsewhere = String::from("cd");
        assert_eq!(
            source.position(&elsewhere, 1),
            Position { line: 1, column: 1 }
        );
    }

    #[test]
    fn an_offset_beyond_the_end_is_the_end() {
        assert_eq!(position(b"ab", 99), Position { line: 1, column: 3 });
    }
}
