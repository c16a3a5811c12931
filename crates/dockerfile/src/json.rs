//! The JSON form of commands: a list of strings.
//!
//! What is no JSON is a command for a shell; what is JSON, but with a number in it, is a mistake. So all of JSON has to
//! be told from what is none, as Go's decoder does it, lone surrogates and its bound of nesting included.

use crate::span::Span;

/// How deep Go's decoder goes.
const DEEPEST: usize = 10_000;

/// What a text is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Strings, each with its place and its quotes.
    Strings(Vec<(Span, String)>),
    /// A list with something else in it, which stands there.
    Others(Span),
    /// No list, or no JSON.
    None,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    ValueOrEnd,
    Value,
    NameOrEnd,
    Name,
    Colon,
    CommaOrEnd,
}

/// Reads a text that is trimmed.
pub(crate) fn list(text: &str) -> List {
    if !text.starts_with('[') {
        return List::None;
    }
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 1,
    };
    reader.list(text).unwrap_or(List::None)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn list(&mut self, text: &str) -> Option<List> {
        let mut strings = Vec::new();
        let mut other: Option<Span> = None;
        // Whether each thing that is open is a list.
        let mut open = vec![true];
        let mut next = Next::ValueOrEnd;
        while let Some(&in_list) = open.last() {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
                self.at += 1;
            }
            let start = self.at;
            let byte = self.peek()?;
            match (next, byte) {
                (Next::ValueOrEnd | Next::CommaOrEnd, b']') if in_list => {
                    self.at += 1;
                    open.pop();
                    next = Next::CommaOrEnd;
                }
                (Next::NameOrEnd | Next::CommaOrEnd, b'}') if !in_list => {
                    self.at += 1;
                    open.pop();
                    next = Next::CommaOrEnd;
                }
                (Next::CommaOrEnd, b',') => {
                    self.at += 1;
                    next = if in_list { Next::Value } else { Next::Name };
                }
                (Next::Name | Next::NameOrEnd, b'"') => {
                    self.string(None)?;
                    next = Next::Colon;
                }
                (Next::Colon, b':') => {
                    self.at += 1;
                    next = Next::Value;
                }
                (Next::Value | Next::ValueOrEnd, _) => {
                    next = Next::CommaOrEnd;
                    let outermost = open.len() == 1;
                    match byte {
                        b'"' if outermost => {
                            let mut value = String::new();
                            self.string(Some((text, &mut value)))?;
                            strings.push((Span::new(start, self.at), value));
                        }
                        b'"' => self.string(None)?,
                        b'[' | b'{' => {
                            self.at += 1;
                            open.push(byte == b'[');
                            if open.len() > DEEPEST {
                                return None;
                            }
                            next = if byte == b'[' {
                                Next::ValueOrEnd
                            } else {
                                Next::NameOrEnd
                            };
                        }
                        _ => self.plain()?,
                    }
                    if outermost && byte != b'"' {
                        other = other.or(Some(Span::new(start, self.at)));
                    }
                }
                _ => return None,
            }
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.iter().all(|byte| b" \t\r\n".contains(byte)) {
            return None;
        }
        Some(other.map_or(List::Strings(strings), List::Others))
    }

    /// A number, or `true`, `false`, `null`.
    fn plain(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        for word in [&b"true"[..], b"false", b"null"] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Some(());
            }
        }
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// A string; what it means goes to `into`.
    fn string(&mut self, mut into: Option<(&str, &mut String)>) -> Option<()> {
        self.at += 1;
        loop {
            let start = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
            {
                self.at += 1;
            }
            if let Some((text, value)) = &mut into {
                value.push_str(Span::new(start, self.at).of(text));
            }
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => {
                    let meant = self.escape()?;
                    if let Some((_, value)) = &mut into {
                        value.push(meant);
                    }
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        self.at += 2;
        Some(match self.bytes.get(self.at - 1)? {
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                self.at += 4;
                if let Some(meant) = char::from_u32(unit) {
                    return Some(meant);
                }
                // Half of a pair: with its other half a character, alone the replacement character.
                let behind = self.bytes.get(self.at..self.at + 2);
                if unit < 0xDC00 && behind == Some(b"\\u") {
                    self.at += 2;
                    let low = self.unit()?;
                    if (0xDC00..0xE000).contains(&low) {
                        self.at += 4;
                        return char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
                    }
                    self.at -= 2;
                }
                char::REPLACEMENT_CHARACTER
            }
            &same @ (b'"' | b'\\' | b'/') => char::from(same),
            _ => return None,
        })
    }

    fn unit(&self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        digits.iter().try_fold(0, |value, &digit| {
            Some(value * 16 + char::from(digit).to_digit(16)?)
        })
    }
}
