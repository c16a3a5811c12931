//! The grammar: lists, compound commands, simple commands.
//!
//! A descent with a bound. Each byte is read once, and once more for each of the arithmetic expressions that it may stand
//! in, whose end is looked for first; their nesting has the same bound. Where something cannot be understood, reading ends: what was whole before it stays.

use super::syntax::{Connector, Redirection, Script, ShellCommand, ShellWord};
use super::words::Mode;
use crate::joined::Joined;
use crate::span::Span;

/// How deep commands, substitutions and quotes go into one another.
const DEEPEST: usize = 64;

/// How many words are read, those of nested scripts each for itself.
const MOST_WORDS: usize = 1 << 20;

/// Where reading ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opaque(pub(super) usize);

/// A here-document that was asked for and has not been read.
#[derive(Debug)]
struct Pending {
    /// The command and its redirection; none where it is a compound command's.
    of: Option<(usize, usize)>,
    delimiter: String,
    strip_tabs: bool,
    expand: bool,
}

#[derive(Debug)]
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// Where this part of the text ends.
    pub(super) end: usize,
    /// The commands by where they begin; none while a command is read, or where it turned out to be something else.
    commands: Vec<Option<ShellCommand>>,
    pending: Vec<Pending>,
    /// The bodies of here-documents, by command and redirection.
    bodies: Vec<(usize, usize, Span)>,
    nesting: usize,
    depth: usize,
    conditional: bool,
    connector: Connector,
    opaque: Option<usize>,
    /// How many words may still be read.
    pub(super) words: usize,
    /// What a word's value is made of, where that is asked for.
    pub(super) pieces: Option<Joined>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            end: text.len(),
            commands: Vec::new(),
            pending: Vec::new(),
            bodies: Vec::new(),
            nesting: 0,
            depth: 0,
            conditional: false,
            connector: Connector::First,
            opaque: None,
            words: MOST_WORDS,
            pieces: None,
        }
    }

    /// Reads all of it.
    pub(super) fn script(mut self) -> Script {
        let end = match self.list() {
            Ok(()) if self.at >= self.end => None,
            Ok(()) => Some(self.at),
            Err(Opaque(at)) => Some(at),
        };
        let opaque = self.opaque.into_iter().chain(end).min();
        for (command, redirection, body) in self.bodies {
            let command = self.commands.get_mut(command).and_then(Option::as_mut);
            let redirection = command.and_then(|command| command.redirections.get_mut(redirection));
            if let Some(redirection) = redirection {
                redirection.body = Some(body);
            }
        }
        Script {
            commands: self.commands.into_iter().flatten().collect(),
            opaque: opaque.map(|at| Span::new(at.min(self.end), self.end)),
        }
    }

    /// Reads a text that was made of this one's, and takes its commands over.
    pub(super) fn other(&mut self, joined: &Joined) -> Result<(), Opaque> {
        let script = self.nested(joined)?;
        if let Some(opaque) = script.opaque {
            return Err(Opaque(opaque.start));
        }
        self.commands.extend(script.commands.into_iter().map(Some));
        Ok(())
    }

    /// Reads a text that was made of this one's.
    fn nested(&self, joined: &Joined) -> Result<Script, Opaque> {
        if self.nesting >= DEEPEST {
            return Err(Opaque(self.at));
        }
        let parser = Parser {
            nesting: self.nesting + 1,
            depth: self.depth + 1,
            conditional: self.conditional,
            ..Parser::new(joined.text())
        };
        let mut script = parser.script();
        script.place(joined);
        Ok(script)
    }

    /// What is read one deeper.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Opaque>,
    ) -> Result<T, Opaque> {
        if self.nesting >= DEEPEST {
            return Err(Opaque(self.at));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    /// The commands of a substitution or a subshell, up to its parenthesis, which is passed.
    fn parenthesized(&mut self) -> Result<(), Opaque> {
        let start = self.at;
        self.depth += 1;
        self.list()?;
        self.depth -= 1;
        if self.peek() != Some(b')') {
            return Err(Opaque(if self.at >= self.end { start } else { self.at }));
        }
        self.at += 1;
        Ok(())
    }

    /// A substitution, behind its opening parenthesis.
    pub(super) fn substitution(&mut self) -> Result<(), Opaque> {
        let pieces = self.pieces.take();
        let connector = std::mem::replace(&mut self.connector, Connector::First);
        self.parenthesized()?;
        self.connector = connector;
        self.pieces = pieces;
        Ok(())
    }

    /// The commands between here and an offset, which they have to fill.
    pub(super) fn substitution_up_to(&mut self, end: usize) -> Result<(), Opaque> {
        let pieces = self.pieces.take();
        let connector = std::mem::replace(&mut self.connector, Connector::First);
        let outer = std::mem::replace(&mut self.end, end);
        self.depth += 1;
        self.list()?;
        if self.at < end {
            return Err(Opaque(self.at));
        }
        self.depth -= 1;
        self.end = outer;
        self.connector = connector;
        self.pieces = pieces;
        Ok(())
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        let byte = self.text.as_bytes().get(at).copied();
        byte.filter(|_| at < self.end)
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// The length of a line end here.
    pub(super) fn line_end(&self, at: usize) -> Option<usize> {
        match self.byte(at)? {
            b'\n' => Some(1),
            b'\r' if self.byte(at + 1) == Some(b'\n') => Some(2),
            b'\r' if at + 1 == self.end => Some(1),
            _ => None,
        }
    }

    /// Passes over white space and continued lines.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') => match self.line_end(self.at + 1) {
                    Some(length) => self.at += 1 + length,
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// Passes over a comment, where one is here.
    fn skip_comment(&mut self) {
        if self.peek() == Some(b'#') {
            let length = self.rest().find('\n');
            self.at = length.map_or(self.end, |length| self.at + length);
        }
    }

    /// Passes over a line end, and the here-documents that follow it.
    fn line_ended(&mut self, length: usize) {
        self.at += length;
        for pending in std::mem::take(&mut self.pending) {
            self.heredoc(&pending);
        }
    }

    /// Passes over white space, comments and line ends.
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            self.skip_comment();
            match self.line_end(self.at) {
                Some(length) => self.line_ended(length),
                None => return,
            }
        }
    }

    fn heredoc(&mut self, pending: &Pending) {
        let start = self.at;
        let mut body = Span::new(start, self.end);
        let mut continued = false;
        while self.at < self.end {
            let begins = self.at;
            let rest = self.rest();
            let length = rest.find('\n').map_or(rest.len(), |length| length + 1);
            self.at += length;
            let line = rest.get(..length).unwrap_or_default();
            let line = line.trim_end_matches(['\r', '\n']);
            let line = if pending.strip_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line == pending.delimiter && !continued {
                body = Span::new(start, begins);
                break;
            }
            let backslashes = line.len() - line.trim_end_matches('\\').len();
            continued = pending.expand && backslashes % 2 == 1;
        }
        if let Some((command, redirection)) = pending.of {
            self.bodies.push((command, redirection, body));
        }
        if pending.expand && body.of(self.text).contains(['$', '`']) {
            self.expansions_of_heredoc(body);
        }
    }

    /// Where a body cannot be taken apart, what is behind it can: its end is known.
    fn expansions_of_heredoc(&mut self, body: Span) {
        let (behind, end) = (self.at, self.end);
        let (nesting, depth) = (self.nesting, self.depth);
        let (connector, conditional) = (self.connector, self.conditional);
        let pending = std::mem::take(&mut self.pending);
        self.at = body.start;
        if let Err(Opaque(at)) = self.expansions_up_to(body.end) {
            self.opaque = Some(self.opaque.unwrap_or(at).min(at));
        }
        (self.at, self.end) = (behind, end);
        (self.nesting, self.depth) = (nesting, depth);
        (self.connector, self.conditional) = (connector, conditional);
        self.pending = pending;
    }

    /// The commands in the expansions of a text that has no words.
    pub(super) fn expansions_up_to(&mut self, end: usize) -> Result<(), Opaque> {
        let outer = std::mem::replace(&mut self.end, end);
        let result = self.expansions();
        self.end = outer;
        result
    }

    /// Commands up to what ends a list: a reserved word, a parenthesis, `;;`, the end.
    fn list(&mut self) -> Result<(), Opaque> {
        self.deeper(Self::list_here)
    }

    fn list_here(&mut self) -> Result<(), Opaque> {
        let conditional = self.conditional;
        loop {
            self.skip_lines();
            match self.peek() {
                None | Some(b')' | b';') => break,
                Some(_) if self.ends_list() => break,
                Some(_) => {}
            }
            self.command()?;
            self.skip_blanks();
            self.skip_comment();
            let length = match (self.peek(), self.byte(self.at + 1)) {
                (None | Some(b')'), _) | (Some(b';'), Some(b';' | b'&')) => break,
                (Some(b';'), _) => {
                    self.connector = Connector::Then;
                    1
                }
                (Some(b'&'), Some(b'&')) => {
                    self.connector = Connector::And;
                    2
                }
                (Some(b'&'), _) => {
                    self.connector = Connector::Background;
                    1
                }
                (Some(b'|'), Some(b'|')) => {
                    self.connector = Connector::Or;
                    2
                }
                (Some(b'|'), next) => {
                    self.connector = Connector::Pipe;
                    1 + usize::from(next == Some(b'&'))
                }
                _ => match self.line_end(self.at) {
                    Some(length) => {
                        self.connector = Connector::Then;
                        self.line_ended(length);
                        0
                    }
                    // `fi fi`
                    None if self.ends_list() => break,
                    None => return Err(Opaque(self.at)),
                },
            };
            self.at += length;
            self.conditional = match self.connector {
                Connector::Or => true,
                Connector::Pipe => self.conditional,
                _ => conditional,
            };
        }
        self.conditional = conditional;
        Ok(())
    }

    /// Whether a reserved word is here that ends a list.
    fn ends_list(&self) -> bool {
        matches!(
            self.reserved(),
            "then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}"
        )
    }

    /// The word here, where it may be reserved: letters, a brace, brackets, an exclamation mark.
    pub(super) fn reserved(&self) -> &'a str {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let longest = bytes.len().min(9);
        let length = bytes.iter().take(longest).position(|byte| {
            matches!(
                byte,
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>'
            )
        });
        match length {
            Some(length) => rest.get(..length).unwrap_or_default(),
            None if longest == bytes.len() => rest,
            None => "",
        }
    }

    /// Passes over a reserved word, which has to be here.
    fn expect(&mut self, word: &str) -> Result<(), Opaque> {
        if self.reserved() != word {
            return Err(Opaque(self.at));
        }
        self.at += word.len();
        Ok(())
    }

    fn command(&mut self) -> Result<(), Opaque> {
        loop {
            self.words = self.words.checked_sub(1).ok_or(Opaque(self.at))?;
            self.skip_blanks();
            if self.peek() == Some(b'(') {
                let arithmetic = self.arithmetic(self.at);
                self.at += 1;
                match arithmetic {
                    Some(end) => {
                        self.at += 1;
                        self.expansions_up_to(end)?;
                        self.at = end + 2;
                    }
                    None => self.parenthesized()?,
                }
                return self.redirections();
            }
            let word = self.reserved();
            match word {
                "!" => self.at += 1,
                "{" => {
                    self.at += 1;
                    self.list()?;
                    self.expect("}")?;
                    return self.redirections();
                }
                "if" => return self.branches(),
                "while" | "until" => {
                    self.at += word.len();
                    self.list()?;
                    return self.body();
                }
                "for" | "select" => {
                    self.at += word.len();
                    return self.loop_over_words();
                }
                "case" => return self.cases(),
                "function" => {
                    self.at += word.len();
                    self.skip_blanks();
                    self.word(Mode::Plain)?;
                    self.skip_blanks();
                    if self.rest().starts_with("()") {
                        self.at += 2;
                    }
                    return self.function();
                }
                "[[" => return self.test(),
                "time" if self.times_compound() => {}
                "coproc" => return Err(Opaque(self.at)),
                _ if self.ends_list() => return Err(Opaque(self.at)),
                _ => return self.simple(),
            }
        }
    }

    /// Passes over `time` where a compound command follows it; before another it is a word of that.
    fn times_compound(&mut self) -> bool {
        let start = self.at;
        self.at += "time".len();
        self.skip_blanks();
        if self.reserved() == "-p" {
            self.at += 2;
            self.skip_blanks();
        }
        let compound = self.peek() == Some(b'(')
            || matches!(
                self.reserved(),
                "!" | "{" | "if" | "while" | "until" | "for" | "case" | "[["
            );
        if !compound {
            self.at = start;
        }
        compound
    }

    /// A list that may not run.
    fn conditional_list(&mut self) -> Result<(), Opaque> {
        let before = std::mem::replace(&mut self.conditional, true);
        self.connector = Connector::Then;
        self.list()?;
        self.conditional = before;
        Ok(())
    }

    fn branches(&mut self) -> Result<(), Opaque> {
        self.at += "if".len();
        self.list()?;
        loop {
            self.expect("then")?;
            self.conditional_list()?;
            match self.reserved() {
                "elif" => {
                    self.at += "elif".len();
                    self.conditional_list()?;
                }
                "else" => {
                    self.at += "else".len();
                    self.conditional_list()?;
                    break;
                }
                _ => break,
            }
        }
        self.expect("fi")?;
        self.redirections()
    }

    /// `do …; done`
    fn body(&mut self) -> Result<(), Opaque> {
        self.expect("do")?;
        self.conditional_list()?;
        self.expect("done")?;
        self.redirections()
    }

    fn loop_over_words(&mut self) -> Result<(), Opaque> {
        self.skip_blanks();
        if self.peek() == Some(b'(') {
            let end = self.arithmetic(self.at).ok_or(Opaque(self.at))?;
            self.at += 2;
            self.expansions_up_to(end)?;
            self.at = end + 2;
        } else {
            self.word(Mode::Plain)?;
            self.skip_lines();
            if self.reserved() == "in" {
                self.at += 2;
                loop {
                    self.skip_blanks();
                    if matches!(self.peek(), None | Some(b';' | b'#'))
                        || self.line_end(self.at).is_some()
                    {
                        break;
                    }
                    self.word(Mode::Plain)?;
                }
            }
        }
        self.skip_blanks();
        if self.peek() == Some(b';') {
            self.at += 1;
        }
        self.skip_lines();
        if self.reserved() == "{" {
            self.at += 1;
            self.conditional_list()?;
            self.expect("}")?;
            return self.redirections();
        }
        self.body()
    }

    fn cases(&mut self) -> Result<(), Opaque> {
        self.at += "case".len();
        self.skip_blanks();
        self.word(Mode::Plain)?;
        self.skip_lines();
        self.expect("in")?;
        loop {
            self.skip_lines();
            if self.reserved() == "esac" {
                break;
            }
            if self.peek() == Some(b'(') {
                self.at += 1;
            }
            loop {
                self.skip_blanks();
                self.word(Mode::Case)?;
                self.skip_blanks();
                match self.peek() {
                    Some(b'|') => self.at += 1,
                    Some(b')') => break,
                    _ => return Err(Opaque(self.at)),
                }
            }
            self.at += 1;
            self.conditional_list()?;
            if self.peek() != Some(b';') {
                break;
            }
            self.at += 1;
            if !matches!(self.peek(), Some(b';' | b'&')) {
                return Err(Opaque(self.at));
            }
            self.at += 1;
            if self.byte(self.at - 1) == Some(b';') && self.peek() == Some(b'&') {
                self.at += 1;
            }
        }
        self.expect("esac")?;
        self.redirections()
    }

    /// What a function does, which is nothing yet.
    fn function(&mut self) -> Result<(), Opaque> {
        self.skip_lines();
        let before = std::mem::replace(&mut self.conditional, true);
        self.connector = Connector::Then;
        self.deeper(Self::command)?;
        self.conditional = before;
        Ok(())
    }

    /// The redirections of a compound command.
    fn redirections(&mut self) -> Result<(), Opaque> {
        loop {
            self.skip_blanks();
            if self.redirects().is_none() {
                return Ok(());
            }
            self.redirection(None)?;
        }
    }

    /// The length of a redirection's operator, with its descriptor, where one is here.
    fn redirects(&self) -> Option<usize> {
        let rest = self.rest();
        let descriptor = match rest.as_bytes().first()? {
            b'0'..=b'9' => rest.find(|c: char| !c.is_ascii_digit())?,
            b'{' => {
                let name = rest.get(1..)?;
                let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
                let closed = name.get(length..)?.starts_with('}');
                if length == 0 || !closed {
                    return None;
                }
                length + 2
            }
            b'<' | b'>' | b'&' => 0,
            _ => return None,
        };
        let behind = rest.get(descriptor..)?;
        let operators = [
            "<<<", "<<-", "<<", "<&", "<>", "<(", "<", ">>", ">&", ">|", ">(", ">", "&>>", "&>",
        ];
        let operator = operators
            .into_iter()
            .find(|operator| behind.starts_with(operator))?;
        // `<(…)` is a word; and before `&>` stands no descriptor.
        let none = operator.ends_with('(') || operator.starts_with('&') && descriptor > 0;
        (!none).then_some(descriptor + operator.len())
    }

    fn redirection(&mut self, of: Option<(usize, usize)>) -> Result<Redirection, Opaque> {
        let start = self.at;
        let length = self.redirects().ok_or(Opaque(start))?;
        self.at += length;
        let operator = Span::new(start, self.at).of(self.text).to_owned();
        self.skip_blanks();
        let target = self.word(Mode::Plain)?;
        let name = operator.trim_start_matches(|c| c != '<' && c != '>' && c != '&');
        if matches!(name, "<<" | "<<-") {
            self.pending.push(Pending {
                of,
                delimiter: target.value.clone(),
                strip_tabs: name == "<<-",
                expand: !target.quoted,
            });
        }
        Ok(Redirection {
            span: Span::new(start, self.at),
            operator,
            target,
            body: None,
        })
    }

    /// A command in its making.
    fn begin(&mut self) -> (usize, ShellCommand) {
        self.commands.push(None);
        let command = ShellCommand {
            span: Span::at(self.at),
            assignments: Vec::new(),
            words: Vec::new(),
            redirections: Vec::new(),
            connector: self.connector,
            conditional: self.conditional,
            depth: self.depth,
            script: None,
        };
        (self.commands.len() - 1, command)
    }

    fn simple(&mut self) -> Result<(), Opaque> {
        let (index, mut command) = self.begin();
        loop {
            self.skip_blanks();
            let Some(byte) = self.peek() else {
                break;
            };
            if self.redirects().is_some() {
                let of = Some((index, command.redirections.len()));
                command.redirections.push(self.redirection(of)?);
            } else if byte == b'(' {
                let [name] = command.words.as_slice() else {
                    return Err(Opaque(self.at));
                };
                let named = name.literal && !name.quoted && command.assignments.is_empty();
                self.at += 1;
                self.skip_blanks();
                if !named || self.peek() != Some(b')') {
                    return Err(Opaque(self.at));
                }
                self.at += 1;
                return self.function();
            } else if matches!(byte, b';' | b'&' | b'|' | b')' | b'#')
                || self.line_end(self.at).is_some()
            {
                break;
            } else if !self.assignment(&mut command)? {
                command.words.push(self.word(Mode::Plain)?);
            }
            command.span.end = self.at;
        }
        if command.span.is_empty() {
            return Err(Opaque(self.at));
        }
        if let Some(word) = command.script_word() {
            command.script = self.script_of(&word);
        }
        self.put(index, command);
        Ok(())
    }

    fn put(&mut self, index: usize, command: ShellCommand) {
        if let Some(place) = self.commands.get_mut(index) {
            *place = Some(command);
        }
    }

    /// The script in a word (`sh -c '…'`). It is read from the word's place again, to know where each of its
    /// characters stands; commands in substitutions are known already, and not to be read twice.
    fn script_of(&mut self, word: &ShellWord) -> Option<Box<Script>> {
        let substitutions = ["$(", "`", "<(", ">("];
        if !word.literal && substitutions.iter().any(|sign| word.value.contains(sign)) {
            return None;
        }
        let behind = std::mem::replace(&mut self.at, word.span.start);
        self.pieces = Some(Joined::empty(word.span.end));
        let read = self.word(Mode::Plain);
        self.at = behind;
        let pieces = self.pieces.take()?;
        read.ok()?;
        (pieces.text() == word.value)
            .then(|| self.nested(&pieces).ok())?
            .map(Box::new)
    }

    /// `[[ … ]]`: a command with what stands between as its words, operators too.
    fn test(&mut self) -> Result<(), Opaque> {
        let (index, mut command) = self.begin();
        command.words.push(self.spelled(2));
        let mut mode = Mode::Plain;
        loop {
            self.skip_lines();
            if self.reserved() == "]]" {
                command.words.push(self.spelled(2));
                break;
            }
            let rest = self.rest();
            let operator = ["&&", "||", "(", ")", "<", ">"]
                .into_iter()
                .find(|operator| rest.starts_with(operator));
            let word = match operator {
                Some(operator) if mode == Mode::Plain => self.spelled(operator.len()),
                _ => self.word(mode)?,
            };
            let compares = matches!(word.value.as_str(), "=" | "==" | "!=" | "=~");
            mode = if compares && !word.quoted {
                Mode::Pattern
            } else {
                Mode::Plain
            };
            command.words.push(word);
        }
        command.span.end = self.at;
        self.put(index, command);
        self.redirections()
    }

    /// So many bytes here as a word.
    fn spelled(&mut self, length: usize) -> ShellWord {
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        ShellWord {
            span,
            value: span.of(self.text).to_owned(),
            literal: true,
            pattern: false,
            quoted: false,
        }
    }
}
