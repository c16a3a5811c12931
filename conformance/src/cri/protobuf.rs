//! The wire format of protocol buffers, as far as the calls of this client use it: numbers, texts and
//! messages within messages. A generated client would bring a compiler of `.proto` files into every build.

use std::io;

/// A message that is being put together. A field is known by its number, which the interface never changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

const VARINT: u64 = 0;
const FIXED_64: u64 = 1;
const LENGTH: u64 = 2;
const FIXED_32: u64 = 5;

impl Message {
    pub(super) fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub(super) fn number(mut self, field: u64, value: u64) -> Self {
        self.push(field << 3 | VARINT);
        self.push(value);
        self
    }

    #[must_use]
    pub(super) fn text(self, field: u64, text: &str) -> Self {
        self.piece(field, text.as_bytes())
    }

    /// An entry of a map is a message too: its key is field 1, its value field 2.
    #[must_use]
    pub(super) fn message(self, field: u64, message: &Self) -> Self {
        self.piece(field, &message.bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn piece(mut self, field: u64, bytes: &[u8]) -> Self {
        self.push(field << 3 | LENGTH);
        self.push(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn push(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.bytes.push(value.to_le_bytes()[0]);
    }
}

/// The pieces (texts, messages) of a field, in their order.
pub(super) fn bytes_in(message: &[u8], field: u64) -> io::Result<Vec<&[u8]>> {
    let fields = read(message)?.into_iter();
    Ok(fields
        .filter_map(|(number, value)| match value {
            Value::Piece(piece) if number == field => Some(piece),
            _ => None,
        })
        .collect())
}

/// The texts of a field.
pub(super) fn texts_in(message: &[u8], field: u64) -> io::Result<Vec<String>> {
    let pieces = bytes_in(message, field)?;
    Ok(pieces
        .into_iter()
        .map(|piece| String::from_utf8_lossy(piece).into_owned())
        .collect())
}

/// The text of a field; one that is not there is empty.
pub(super) fn text_in(message: &[u8], field: u64) -> io::Result<String> {
    Ok(texts_in(message, field)?.pop().unwrap_or_default())
}

/// The number in a field; one that is not there is zero.
pub(super) fn number_in(message: &[u8], field: u64) -> io::Result<u64> {
    let fields = read(message)?.into_iter();
    let mut numbers = fields.filter_map(|(number, value)| match value {
        Value::Number(value) if number == field => Some(value),
        _ => None,
    });
    Ok(numbers.next_back().unwrap_or_default())
}

enum Value<'a> {
    Number(u64),
    Piece(&'a [u8]),
}

fn read(mut rest: &[u8]) -> io::Result<Vec<(u64, Value<'_>)>> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        let value = match key & 7 {
            VARINT => Value::Number(varint(&mut rest)?),
            LENGTH => {
                let length = usize::try_from(varint(&mut rest)?).map_err(|_| malformed())?;
                Value::Piece(take(&mut rest, length)?)
            }
            FIXED_64 => Value::Piece(take(&mut rest, 8)?),
            FIXED_32 => Value::Piece(take(&mut rest, 4)?),
            _ => return Err(malformed()),
        };
        fields.push((key >> 3, value));
    }
    Ok(fields)
}

fn varint(rest: &mut &[u8]) -> io::Result<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(malformed())
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> io::Result<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length).ok_or_else(malformed)?;
    *rest = left;
    Ok(taken)
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the engine's answer is no protocol buffer",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let long = "x".repeat(300);
        let inner = Message::new().text(1, "a").text(2, &long);
        let message = Message::new()
            .message(8, &inner)
            .number(3, u64::MAX)
            .text(17, "b")
            .text(17, "c");
        let bytes = message.bytes();
        assert_eq!(texts_in(bytes, 17).unwrap(), ["b", "c"]);
        assert_eq!(number_in(bytes, 3).unwrap(), u64::MAX);
        assert_eq!(text_in(bytes_in(bytes, 8).unwrap()[0], 2).unwrap(), long);
        assert_eq!(text_in(bytes, 9).unwrap(), "");
        assert!(read(&bytes[..bytes.len() - 1]).is_err());
    }
}
