//! Words: quotes, escapes, expansions.

use super::parser::{Opaque, Parser};
use super::syntax::{Assignment, ShellCommand, ShellWord};
use crate::joined::Joined;
use crate::span::Span;

/// What ends a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// White space and operators.
    Plain,
    /// White space, and a parenthesis that closes none of the word's own: a pattern, a regular expression.
    Pattern,
    /// The same, and a vertical bar: one of the patterns of a `case`.
    Case,
}

/// Commands whose arguments may be assignments.
const DECLARE: [&str; 5] = ["export", "declare", "local", "readonly", "typeset"];

impl Parser<'_> {
    /// Adds what stands somewhere to a word's value.
    fn add(&mut self, word: &mut ShellWord, start: usize) {
        let span = Span::new(start, self.at);
        word.value.push_str(span.of(self.text));
        if let Some(pieces) = &mut self.pieces
            && !span.is_empty()
        {
            pieces.push(self.text, span);
        }
    }

    /// A word, which has to be here.
    pub(super) fn word(&mut self, mode: Mode) -> Result<ShellWord, Opaque> {
        let start = self.at;
        let word = self.word_or_nothing(mode)?;
        if self.at == start {
            return Err(Opaque(start));
        }
        Ok(word)
    }

    fn word_or_nothing(&mut self, mode: Mode) -> Result<ShellWord, Opaque> {
        let begin = self.at;
        self.words = self.words.checked_sub(1).ok_or(Opaque(begin))?;
        let mut word = ShellWord {
            span: Span::at(begin),
            value: String::new(),
            literal: true,
            pattern: false,
            quoted: false,
        };
        let mut bracket = false;
        let mut parentheses = 0usize;
        while let Some(byte) = self.peek() {
            let start = self.at;
            match byte {
                b' ' | b'\t' | b'\n' => break,
                b'\r' if self.line_end(start).is_some() => break,
                b'<' | b'>' if mode == Mode::Plain => {
                    if self.byte(start + 1) != Some(b'(') {
                        break;
                    }
                    self.at += 2;
                    self.substitution()?;
                    word.literal = false;
                    self.add(&mut word, start);
                }
                b';' | b'&' | b'|' | b'(' | b')' if mode == Mode::Plain => break,
                b'(' => {
                    parentheses += 1;
                    self.plain(&mut word);
                }
                b')' if parentheses == 0 => break,
                b'|' if parentheses == 0 && mode == Mode::Case => break,
                b')' => {
                    parentheses -= 1;
                    self.plain(&mut word);
                }
                b'\\' => self.escaped(&mut word),
                b'\'' => {
                    let length = self.rest().get(1..).and_then(|rest| rest.find('\''));
                    let end = start + 1 + length.ok_or(Opaque(start))?;
                    (self.at, word.quoted) = (end, true);
                    self.add(&mut word, start + 1);
                    self.at = end + 1;
                }
                b'"' => {
                    self.at += 1;
                    word.quoted = true;
                    self.deeper(|parser| parser.double_quoted(&mut word, start))?;
                }
                b'$' => self.dollar(&mut word, false)?,
                b'`' => {
                    self.backticks(false)?;
                    word.literal = false;
                    self.add(&mut word, start);
                }
                b'*' | b'?' => {
                    word.pattern = true;
                    self.plain(&mut word);
                }
                b'[' => {
                    bracket = true;
                    self.plain(&mut word);
                }
                b']' => {
                    word.pattern |= bracket;
                    self.plain(&mut word);
                }
                b'~' if start == begin => {
                    word.literal = false;
                    self.plain(&mut word);
                }
                _ => {
                    let length = self.rest().bytes().position(is_special);
                    self.at = length.map_or(self.end, |length| start + length.max(1));
                    self.add(&mut word, start);
                }
            }
        }
        word.span.end = self.at;
        Ok(word)
    }

    /// One byte that is an ordinary character.
    fn plain(&mut self, word: &mut ShellWord) {
        self.at += 1;
        self.add(word, self.at - 1);
    }

    /// A backslash outside quotes.
    fn escaped(&mut self, word: &mut ShellWord) {
        let start = self.at;
        if let Some(length) = self.line_end(start + 1) {
            self.at += 1 + length;
            return;
        }
        word.quoted = true;
        self.at += 1;
        match self.rest().chars().next() {
            Some(c) => {
                self.at += c.len_utf8();
                self.add(word, start + 1);
            }
            // A backslash at the end is one.
            None => self.add(word, start),
        }
    }

    /// Behind the opening quote, which stands at `open`, up to behind the closing one.
    fn double_quoted(&mut self, word: &mut ShellWord, open: usize) -> Result<(), Opaque> {
        loop {
            let start = self.at;
            match self.peek().ok_or(Opaque(open))? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'$' => self.dollar(word, true)?,
                b'`' => {
                    self.backticks(true)?;
                    word.literal = false;
                    self.add(word, start);
                }
                b'\\' => {
                    self.at += 1;
                    if let Some(length) = self.line_end(self.at) {
                        self.at += length;
                    } else if matches!(self.peek(), Some(b'$' | b'`' | b'"' | b'\\')) {
                        self.at += 1;
                        self.add(word, start + 1);
                    } else {
                        self.add(word, start);
                    }
                }
                _ => {
                    let rest = self.rest();
                    let length = rest.find(['"', '$', '`', '\\']);
                    self.at = length.map_or(self.end, |length| start + length);
                    self.add(word, start);
                }
            }
        }
    }

    /// Expansions up to the end of this part, in a text without words.
    pub(super) fn expansions(&mut self) -> Result<(), Opaque> {
        let mut word = ShellWord {
            span: Span::at(self.at),
            value: String::new(),
            literal: true,
            pattern: false,
            quoted: false,
        };
        while let Some(byte) = self.peek() {
            match byte {
                b'$' => self.dollar(&mut word, true)?,
                b'`' => self.backticks(true)?,
                b'\\' => {
                    self.at += 1;
                    self.at += self.rest().chars().next().map_or(0, char::len_utf8);
                }
                _ => {
                    let length = self.rest().find(['$', '`', '\\']);
                    self.at = length.map_or(self.end, |length| self.at + length);
                }
            }
            word.value.clear();
        }
        Ok(())
    }

    /// A dollar sign, and what it expands.
    fn dollar(&mut self, word: &mut ShellWord, quoted: bool) -> Result<(), Opaque> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'(') => {
                let arithmetic = self.arithmetic(self.at);
                self.at += 1;
                match arithmetic {
                    Some(end) => {
                        self.at += 1;
                        let pieces = self.pieces.take();
                        self.deeper(|parser| parser.expansions_up_to(end))?;
                        self.pieces = pieces;
                        self.at = end + 2;
                    }
                    None => self.substitution()?,
                }
            }
            Some(b'{') => {
                self.at += 1;
                let pieces = self.pieces.take();
                self.deeper(|parser| parser.braces(start, quoted))?;
                self.pieces = pieces;
            }
            Some(b'\'') if !quoted => {
                word.quoted = true;
                return self.ansi_quoted(word);
            }
            // Only the locale's way of double quotes.
            Some(b'"') if !quoted => return Ok(()),
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' | b'0'..=b'9') => self.at += 1,
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let rest = self.rest();
                let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                self.at += length.unwrap_or(rest.len());
            }
            _ => {
                self.add(word, start);
                return Ok(());
            }
        }
        word.literal = false;
        self.add(word, start);
        Ok(())
    }

    /// `${…}` behind its brace. Single quotes within double quotes quote in a pattern only.
    fn braces(&mut self, open: usize, quoted: bool) -> Result<(), Opaque> {
        let rest = self.rest();
        let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let operator = name.and_then(|length| rest.as_bytes().get(length));
        let pattern = matches!(operator, Some(b'#' | b'%' | b'/' | b'^' | b',')) && name != Some(0);
        let mut word = ShellWord {
            span: Span::at(self.at),
            value: String::new(),
            literal: true,
            pattern: false,
            quoted: false,
        };
        loop {
            let start = self.at;
            match self.peek().ok_or(Opaque(open))? {
                b'}' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escaped(&mut word),
                b'\'' if pattern || !quoted => {
                    let length = self.rest().get(1..).and_then(|rest| rest.find('\''));
                    self.at = start + 2 + length.ok_or(Opaque(start))?;
                }
                b'"' => {
                    self.at += 1;
                    self.deeper(|parser| parser.double_quoted(&mut word, start))?;
                }
                b'$' => self.dollar(&mut word, quoted)?,
                b'`' => self.backticks(quoted)?,
                _ => {
                    let rest = self.rest();
                    let length = rest
                        .bytes()
                        .skip(1)
                        .position(|byte| matches!(byte, b'}' | b'\\' | b'\'' | b'"' | b'$' | b'`'));
                    self.at = length.map_or(self.end, |length| start + 1 + length);
                }
            }
            word.value.clear();
        }
    }

    /// `` `…` ``: a backslash before a backtick, a dollar sign or another is not the commands'.
    fn backticks(&mut self, quoted: bool) -> Result<(), Opaque> {
        let open = self.at;
        let mut pieces = Joined::empty(open + 1);
        let mut escapes = false;
        let mut at = open + 1;
        let mut from = at;
        let close = loop {
            match self.byte(at).ok_or(Opaque(open))? {
                b'`' => break at,
                b'\\' => {
                    let behind = self.byte(at + 1);
                    if matches!(behind, Some(b'`' | b'$' | b'\\')) || quoted && behind == Some(b'"')
                    {
                        escapes = true;
                        pieces.push(self.text, Span::new(from, at));
                        from = at + 1;
                    }
                    at += 1;
                    at += usize::from(self.byte(at).is_some());
                }
                _ => at += 1,
            }
        };
        self.at = open + 1;
        if escapes {
            pieces.push(self.text, Span::new(from, close));
            self.other(&pieces)?;
        } else {
            self.substitution_up_to(close)?;
        }
        self.at = close + 1;
        Ok(())
    }

    /// `$'…'`, behind the dollar sign.
    fn ansi_quoted(&mut self, word: &mut ShellWord) -> Result<(), Opaque> {
        // What is decoded does not stand in the text.
        self.pieces = None;
        let open = self.at;
        self.at += 1;
        loop {
            let rest = self.rest();
            let length = rest.find(['\'', '\\']).ok_or(Opaque(open))?;
            word.value.push_str(rest.get(..length).unwrap_or_default());
            self.at += length + 1;
            if self.byte(self.at - 1) == Some(b'\'') {
                return Ok(());
            }
            let escaped = self.rest().chars().next().ok_or(Opaque(open))?;
            self.at += escaped.len_utf8();
            match escaped {
                'n' => word.value.push('\n'),
                't' => word.value.push('\t'),
                'r' => word.value.push('\r'),
                'a' => word.value.push('\x07'),
                'b' => word.value.push('\x08'),
                'f' => word.value.push('\x0c'),
                'v' => word.value.push('\x0b'),
                'e' | 'E' => word.value.push('\x1b'),
                'x' => self.coded(word, 2, 16, "\\x"),
                'u' => self.coded(word, 4, 16, "\\u"),
                'U' => self.coded(word, 8, 16, "\\U"),
                '0'..='7' => {
                    self.at -= 1;
                    self.coded(word, 3, 8, "\\");
                }
                '\\' | '\'' | '"' | '?' => word.value.push(escaped),
                other => word.value.extend(['\\', other]),
            }
        }
    }

    /// A character by its number.
    fn coded(&mut self, word: &mut ShellWord, longest: usize, radix: u32, without: &str) {
        let digits = self.rest().bytes().take(longest);
        let count = digits
            .take_while(|&byte| char::from(byte).is_digit(radix))
            .count();
        let digits = self.rest().get(..count).unwrap_or_default();
        self.at += count;
        match u32::from_str_radix(digits, radix).map(char::from_u32) {
            Ok(Some(c)) => word.value.push(c),
            Ok(None) => word.literal = false,
            Err(_) => word.value.push_str(without),
        }
    }

    /// Where an arithmetic expression ends whose two parentheses begin here; none where it is a subshell.
    pub(super) fn arithmetic(&self, open: usize) -> Option<usize> {
        if self.byte(open + 1) != Some(b'(') {
            return None;
        }
        let mut depth = 0usize;
        let mut at = open + 2;
        loop {
            match self.byte(at) {
                None => return None,
                Some(b'\\') => at += 1,
                Some(b'(') => depth += 1,
                Some(b')') if depth == 0 => {
                    return (self.byte(at + 1) == Some(b')')).then_some(at);
                }
                Some(b')') => depth -= 1,
                Some(_) => {}
            }
            at += 1;
        }
    }

    /// An assignment, where one is here and may be; whether it is.
    pub(super) fn assignment(&mut self, command: &mut ShellCommand) -> Result<bool, Opaque> {
        let first = command.words.first();
        let declares = first.is_some_and(|word| DECLARE.contains(&word.value.as_str()));
        if first.is_some() && !declares {
            return Ok(false);
        }
        let start = self.at;
        let Some((name, length)) = assigned(self.rest()) else {
            return Ok(false);
        };
        let name = name.to_owned();
        self.at += length;
        let before = Span::new(start, self.at).of(self.text);
        let value = if self.peek() == Some(b'(') {
            self.array()?
        } else {
            self.word_or_nothing(Mode::Plain)?
        };
        let span = Span::new(start, self.at);
        if declares {
            command.words.push(ShellWord {
                span,
                value: format!("{before}{}", value.value),
                ..value.clone()
            });
        }
        command.assignments.push(Assignment { span, name, value });
        Ok(true)
    }

    /// `(a b c)`, as it is written.
    fn array(&mut self) -> Result<ShellWord, Opaque> {
        let start = self.at;
        self.at += 1;
        loop {
            self.skip_lines();
            if self.peek() == Some(b')') {
                break;
            }
            self.word(Mode::Plain)?;
        }
        self.at += 1;
        let span = Span::new(start, self.at);
        Ok(ShellWord {
            span,
            value: span.of(self.text).to_owned(),
            literal: false,
            pattern: false,
            quoted: false,
        })
    }
}

/// The name before `=`, `+=`, or `[…]=`, and the length of all that.
fn assigned(rest: &str) -> Option<(&str, usize)> {
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let (name, behind) = rest.split_at_checked(length)?;
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut length = length;
    let mut behind = behind;
    if behind.starts_with('[') {
        // An index with quotes or white space is rare, and then no assignment here.
        let index = behind.find([']', ' ', '\t', '\n', '"', '\'', ';', '('])?;
        if !behind.get(index..)?.starts_with(']') {
            return None;
        }
        length += index + 1;
        behind = behind.get(index + 1..)?;
    }
    if behind.starts_with("+=") {
        return Some((name, length + 2));
    }
    behind.starts_with('=').then_some((name, length + 1))
}

/// Whether a byte may mean something in a word.
fn is_special(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | b'<'
            | b'>'
            | b';'
            | b'&'
            | b'|'
            | b'('
            | b')'
            | b'\\'
            | b'\''
            | b'"'
            | b'$'
            | b'`'
            | b'*'
            | b'?'
            | b'['
            | b']'
    )
}
