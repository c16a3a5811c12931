//! Which here-documents `BuildKit` sees in a line.
//!
//! It divides the whole line into words as it would for variables, quotes and escapes left alone, and takes each that
//! looks like `<<EOF`, `3<<-"EOF"` or `<< EOF`. So `<<EOF;` ends with `EOF;`, `$(( 1 << 2 ))` begins a document that
//! `2` ends, and a line with an unclosed quote or a substitution that `BuildKit` does not know (`${A^^}`) has none at
//! all. Whoever reads the file otherwise takes the documents for instructions, or the instructions for documents.

use crate::joined::Joined;
use crate::span::Span;
use crate::syntax::Heredoc;

/// How many here-documents a line may ask for.
const MOST: usize = 1 << 12;
/// How deep variables in variables go; deeper there are no here-documents.
const DEEPEST: usize = 32;

/// A here-document that a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// In the line.
    pub(crate) operator: Span,
    pub(crate) delimiter: String,
    pub(crate) expand: bool,
    pub(crate) strip_tabs: bool,
}

/// Those of a line, or the mistake in one of them.
pub(crate) fn asked(line: &str) -> Result<Vec<Asked>, (Span, String)> {
    let mut found = Vec::new();
    for (word, span) in words(line).unwrap_or_default() {
        if found.len() == MOST {
            return Err((span, format!("only {MOST} here-documents are read")));
        }
        let asked = one(&word).map_err(|message| (span, message))?;
        found.extend(asked.map(|asked| Asked {
            operator: span,
            ..asked
        }));
    }
    Ok(found)
}

/// A word as a here-document.
pub(crate) fn one(word: &str) -> Result<Option<Asked>, String> {
    let Some(rest) = word
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix("<<")
    else {
        return Ok(None);
    };
    let dashless = rest.strip_prefix('-');
    let strip_tabs = dashless.is_some();
    let rest = dashless
        .unwrap_or(rest)
        .trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    // One word, with quotes and without them: where these differ in the number of quotes, there are some.
    let plain = Words::of(rest, Keep::Nothing)?;
    let [(delimiter, _)] = plain.as_slice() else {
        return Ok(None);
    };
    let raw = Words::of(rest, Keep::Quotes)?;
    let [(raw, _)] = raw.as_slice() else {
        return Err("its delimiter is one word or several, as one reads it".to_owned());
    };
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    Ok(Some(Asked {
        operator: Span::at(0),
        expand: quotes(delimiter) == quotes(raw),
        delimiter: delimiter.clone(),
        strip_tabs,
    }))
}

/// Reads the bodies of here-documents from where the line of the instruction ends; where the last one ends.
pub(crate) fn bodies(
    text: &str,
    line: &Joined,
    asked: Vec<Asked>,
    from: usize,
) -> (Vec<Heredoc>, usize) {
    let mut at = from;
    let mut heredocs = Vec::with_capacity(asked.len());
    for asked in asked {
        let start = at;
        let mut body = Span::new(start, text.len());
        let mut closed = false;
        let rest = text.get(start..).unwrap_or_default();
        for one in rest.split_inclusive('\n') {
            let begins = at;
            at += one.len();
            let content = one.trim_end_matches(['\r', '\n']);
            let content = if asked.strip_tabs {
                content.trim_start_matches('\t')
            } else {
                content
            };
            if content == asked.delimiter {
                body = Span::new(start, begins);
                closed = true;
                break;
            }
        }
        heredocs.push(Heredoc {
            operator: line.source(asked.operator),
            delimiter: asked.delimiter,
            expand: asked.expand,
            strip_tabs: asked.strip_tabs,
            body,
            closed,
        });
    }
    (heredocs, at)
}

/// What is left as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Nothing,
    Quotes,
    QuotesAndEscapes,
}

fn words(line: &str) -> Result<Vec<(String, Span)>, String> {
    Words::of(line, Keep::QuotesAndEscapes)
}

/// A line that is divided into words, no variable being set.
struct Words<'a> {
    text: &'a str,
    at: usize,
    keep_quotes: bool,
    keep_escapes: bool,
    depth: usize,
    /// Whether a variable with a text in it was read.
    lost: bool,
    /// The word in the making, and where it begins.
    word: String,
    start: Option<usize>,
    found: Vec<(String, Span)>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str, keep: Keep) -> Result<Vec<(String, Span)>, String> {
        let mut words = Self {
            text,
            at: 0,
            keep_quotes: keep != Keep::Nothing,
            keep_escapes: keep == Keep::QuotesAndEscapes,
            depth: 0,
            lost: false,
            word: String::new(),
            start: None,
            found: Vec::new(),
        };
        words.line()?;
        Ok(words.found)
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn line(&mut self) -> Result<(), String> {
        while let Some(c) = self.peek() {
            let begins = self.at;
            self.at += c.len_utf8();
            match c {
                '\'' => {
                    let text = self.single_quoted()?;
                    self.raw(&text, begins);
                }
                '"' => {
                    let text = self.double_quoted()?;
                    self.lose();
                    self.raw(&text, begins);
                }
                '$' => {
                    let text = self.dollar()?;
                    self.lose();
                    for c in text.chars() {
                        self.character(c, begins, self.at);
                    }
                }
                '<' => {
                    let text = self.less();
                    self.raw(text, begins);
                }
                '\\' => {
                    if self.keep_escapes {
                        self.raw("\\", begins);
                    }
                    if let Some(escaped) = self.next() {
                        self.raw(escaped.encode_utf8(&mut [0; 4]), begins);
                    }
                }
                c => self.character(c, begins, begins),
            }
        }
        self.finish(self.at);
        Ok(())
    }

    /// What is before a variable with a text in it (`${A:-b}`) in the same word gets lost: `BuildKit` has one buffer for
    /// both.
    fn lose(&mut self) {
        if std::mem::take(&mut self.lost) {
            self.word.clear();
        }
    }

    /// Adds a character, or ends the word where it is white space.
    fn character(&mut self, c: char, begins: usize, ends: usize) {
        if !c.is_whitespace() {
            self.raw(c.encode_utf8(&mut [0; 4]), begins);
        } else if !self.word.is_empty() {
            self.finish(ends);
        }
    }

    fn raw(&mut self, text: &str, begins: usize) {
        self.start = self
            .start
            .filter(|_| !self.word.is_empty())
            .or(Some(begins));
        self.word.push_str(text);
    }

    fn finish(&mut self, end: usize) {
        if !self.word.is_empty() {
            let start = self.start.unwrap_or(end);
            let word = std::mem::take(&mut self.word);
            // Of a whole line only these are of interest, and of these only so many.
            let wanted = !self.keep_escapes || word.contains("<<");
            if wanted && self.found.len() <= MOST {
                self.found.push((word, Span::new(start, end)));
            }
        }
        self.start = None;
    }

    fn single_quoted(&mut self) -> Result<String, String> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.find('\'').ok_or("a quote is not closed")?;
        self.at = start + length + 1;
        let quotes = usize::from(self.keep_quotes);
        let span = Span::new(start - quotes, start + length + quotes);
        Ok(span.of(self.text).to_owned())
    }

    fn double_quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        if self.keep_quotes {
            text.push('"');
        }
        loop {
            match self.next().ok_or("a quote is not closed")? {
                '"' => {
                    if self.keep_quotes {
                        text.push('"');
                    }
                    return Ok(text);
                }
                '$' => text.push_str(&self.dollar()?),
                '\\' => {
                    if self.keep_escapes {
                        text.push('\\');
                    }
                    match self.peek() {
                        None => {}
                        Some(escaped @ ('"' | '$' | '\\')) => {
                            self.at += 1;
                            text.push(escaped);
                        }
                        Some(_) => text.push('\\'),
                    }
                }
                c => text.push(c),
            }
        }
    }

    /// `<<` takes the white space behind it.
    fn less(&mut self) -> &'a str {
        let start = self.at - 1;
        if self.peek() == Some('<') {
            self.at += 1;
            while matches!(self.peek(), Some('\t' | '\r' | ' ')) {
                self.at += 1;
            }
        }
        Span::new(start, self.at).of(self.text)
    }

    /// A variable, as it is put together again where it is not set.
    fn dollar(&mut self) -> Result<String, String> {
        if self.peek() != Some('{') {
            return Ok(format!("${}", self.name()));
        }
        self.at += 1;
        if matches!(self.peek(), None | Some('{' | '}' | ':')) {
            return Err("bad substitution".to_owned());
        }
        let name = self.name();
        let mut operator = String::new();
        let mut sign = self.next().ok_or("a `${` is not closed")?;
        operator.push(sign);
        match sign {
            '}' => return Ok(format!("${{{name}}}")),
            ':' => {
                sign = self.next().ok_or("a `${` is not closed")?;
                operator.push(sign);
                if matches!(sign, '#' | '%') {
                    return Err("bad substitution".to_owned());
                }
            }
            '/' => {
                if self.peek() == Some('/') {
                    self.at += 1;
                }
                let pattern = self.until('/', true)?;
                let replacement = self.until('}', true)?;
                return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
            }
            '+' | '-' | '?' | '#' | '%' => {}
            _ => return Err("bad substitution".to_owned()),
        }
        let word = self.until('}', matches!(sign, '#' | '%'))?;
        Ok(format!("${{{name}{operator}{word}}}"))
    }

    fn until(&mut self, stop: char, keep_escapes: bool) -> Result<String, String> {
        if self.depth == DEEPEST {
            return Err("nested too deep".to_owned());
        }
        self.depth += 1;
        self.lost = true;
        let before = std::mem::replace(&mut self.keep_escapes, keep_escapes);
        let mut text = String::new();
        loop {
            match self.next().ok_or("a `${` is not closed")? {
                c if c == stop => break,
                '\'' => text.push_str(&self.single_quoted()?),
                '"' => text.push_str(&self.double_quoted()?),
                '$' => text.push_str(&self.dollar()?),
                '<' => text.push_str(self.less()),
                '\\' => {
                    if self.keep_escapes {
                        text.push('\\');
                    }
                    text.extend(self.next());
                }
                c => text.push(c),
            }
        }
        self.keep_escapes = before;
        self.depth -= 1;
        Ok(text)
    }

    fn name(&mut self) -> &'a str {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = match rest.chars().next() {
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            Some(c) if c.is_ascii_digit() => rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len()),
            _ => rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len()),
        };
        self.at = start + length;
        Span::new(start, self.at).of(self.text)
    }
}
