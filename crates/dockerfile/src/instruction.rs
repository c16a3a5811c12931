//! One instruction: its keyword, flags, arguments and here-documents.

use crate::flags::{self, Found, Takes};
use crate::heredoc::{self, Asked};
use crate::joined::Joined;
use crate::json::{self, List};
use crate::lines::Logical;
use crate::shown::shown;
use crate::span::Span;
use crate::syntax::{Body, Command, Flag, Heredoc, Instruction, Kind, SyntaxError, Word};
use crate::words;

/// What is known while a file is read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) text: &'a str,
    pub(crate) escape: char,
    /// Whether flags that Docker's frontend does not have are mistakes.
    pub(crate) check_flags: bool,
    pub(crate) errors: Vec<SyntaxError>,
    /// How many bytes of arguments may still be divided into words.
    words: usize,
}

/// How many mistakes are told. A file with more is no Dockerfile.
const MOST_ERRORS: usize = 1000;
/// How many bytes of arguments are divided into words, commands for a shell not counted.
const MOST_WORDS: usize = 1 << 22;

impl<'a> Reader<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self {
            text,
            escape: '\\',
            check_flags: true,
            errors: Vec::new(),
            words: MOST_WORDS,
        }
    }

    pub(crate) fn instruction(&mut self, logical: Logical) -> Instruction {
        let line = logical.line;
        let all = Span::new(0, line.text().len());
        let mut instruction = self.line(&line, all, false);
        let asked = self.asked(&line, &instruction);
        let (heredocs, end) = heredoc::bodies(self.text, &line, asked, logical.whole.end);
        for heredoc in heredocs.iter().filter(|heredoc| !heredoc.closed) {
            let delimiter = shown(&heredoc.delimiter);
            let message = format!("no line `{delimiter}` ends this here-document");
            self.error(heredoc.operator, message);
        }
        instruction.whole = Span::new(logical.whole.start, end);
        instruction.comments = logical.comments;
        if let Body::Onbuild(inner) = &mut instruction.body {
            inner.whole.end = end;
            self.heredocs_of(inner, heredocs.clone());
            instruction.heredocs = heredocs;
        } else {
            self.heredocs_of(&mut instruction, heredocs);
        }
        instruction
    }

    /// Reads a part of a line; `later`: as the instruction of an `ONBUILD`.
    pub(crate) fn line(&mut self, line: &Joined, span: Span, later: bool) -> Instruction {
        let text = line.text();
        let trimmed = trim(text, span);
        let (keyword, rest) = words::first(text, trimmed);
        let kind = Kind::of(keyword.of(text));
        let rest = rest.unwrap_or(Span::at(trimmed.end));
        let (found, from) = flags::flags(text, rest, self.escape);
        if found.len() == flags::MOST {
            let message = format!("only {} flags are read", flags::MOST);
            self.error(line.source(keyword), message);
        }
        let arguments = trim(text, Span::new(from.min(trimmed.end), trimmed.end));
        if let Some(known) = flags::known(kind).filter(|_| self.check_flags) {
            self.check(line, &found, known, kind);
        }
        let flags = found.iter().map(|flag| of_found(line, flag)).collect();
        let body = match self.words.checked_sub(arguments.len()) {
            None => {
                let message = format!("only {MOST_WORDS} bytes of arguments are read");
                self.error(line.source(keyword), message);
                Body::Invalid
            }
            Some(words) => {
                if !matches!(
                    kind,
                    Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Onbuild
                ) {
                    self.words = words;
                }
                self.body(line, kind, keyword, arguments, later)
            }
        };
        Instruction {
            whole: line.source(trimmed),
            span: line.source(trimmed),
            keyword: line.source(keyword),
            kind,
            flags,
            json: is_json(kind, arguments.of(text), &body),
            arguments: line.part(arguments),
            body,
            heredocs: Vec::new(),
            comments: Vec::new(),
        }
    }

    /// Flags that the instruction does not have, or not so.
    fn check(&mut self, line: &Joined, found: &[Found], known: &[(&str, Takes)], kind: Kind) {
        for (index, flag) in found.iter().enumerate() {
            let (name, value) = name_and_value(&flag.text);
            let shown_name = shown(name);
            let takes = known.iter().find(|known| known.0 == name);
            let twice = found
                .iter()
                .take(index)
                .any(|other| name_and_value(&other.text).0 == name);
            let message = match (takes.map(|takes| takes.1), value) {
                (None, _) => format!("{} has no flag `--{shown_name}`", kind.name()),
                (Some(Takes::Value | Takes::Values), None) => {
                    format!("the flag `--{name}` needs a value: `--{name}=…`")
                }
                (Some(Takes::Switch), Some(value))
                    if !["true", "false"].contains(&value.to_ascii_lowercase().as_str()) =>
                {
                    format!(
                        "the flag `--{name}` is `true` or `false`, not `{}`",
                        shown(value)
                    )
                }
                (Some(Takes::Switch | Takes::Value), _) if twice => {
                    format!("the flag `--{name}` stands here twice")
                }
                _ => continue,
            };
            self.error(line.source(flag.span), message);
            // A list of the same mistake is no help, and its length is somebody else's choice.
            if index > 16 {
                break;
            }
        }
    }

    /// The here-documents that an instruction asks for.
    fn asked(&mut self, line: &Joined, instruction: &Instruction) -> Vec<Asked> {
        let instruction = match &instruction.body {
            Body::Onbuild(inner) => inner,
            _ => instruction,
        };
        let may = matches!(instruction.kind, Kind::Add | Kind::Copy | Kind::Run);
        if !may || instruction.json || !line.text().contains("<<") {
            return Vec::new();
        }
        match heredoc::asked(line.text()) {
            Ok(asked) => asked,
            Err((span, message)) => {
                self.error(line.source(span), message);
                Vec::new()
            }
        }
    }

    /// Gives an instruction its here-documents; the command of a `RUN` has them.
    fn heredocs_of(&self, instruction: &mut Instruction, heredocs: Vec<Heredoc>) {
        if let (Body::Command(command), Kind::Run, Some(first)) =
            (&mut instruction.body, instruction.kind, heredocs.first())
            && matches!(command, Command::Shell(_))
        {
            let arguments = instruction.arguments.text();
            *command = match heredoc::one(arguments) {
                Ok(Some(_)) => script(self.text, first),
                _ => Command::Shell(with_heredocs(
                    self.text,
                    instruction.arguments.clone(),
                    &heredocs,
                )),
            };
        }
        instruction.heredocs = heredocs;
    }

    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>) {
        let message = message.into();
        self.mistake(SyntaxError { span, message });
    }

    pub(crate) fn mistake(&mut self, mistake: SyntaxError) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(mistake);
        }
    }
}

/// The command of a `RUN` that is nothing but a here-document: its lines go to the shell, but where they begin with
/// `#!`, a file with them is run.
fn script(text: &str, heredoc: &Heredoc) -> Command {
    let mut lines = Joined::of(text, Span::at(heredoc.body.start));
    if heredoc.strip_tabs {
        let mut at = heredoc.body.start;
        for line in heredoc.body.of(text).split_inclusive('\n') {
            let end = at + line.len();
            let tabs = line.len() - line.trim_start_matches('\t').len();
            lines.push(text, Span::new(at + tabs, end));
            at = end;
        }
    } else {
        lines = Joined::of(text, heredoc.body);
    }
    let Some(interpreter) = lines.text().strip_prefix("#!") else {
        return Command::Shell(lines);
    };
    let length = interpreter.find('\n').unwrap_or(interpreter.len());
    let all = Span::new(2, 2 + length);
    let line = words::plain(lines.text(), trim(lines.text(), all));
    let names = line.iter().map(|word| word.of(lines.text()));
    if is_shell(names) {
        return Command::Shell(lines);
    }
    let words = line.iter().map(|&word| Word {
        span: lines.source(word),
        value: word.of(lines.text()).to_owned(),
    });
    Command::Exec(words.collect())
}

/// Whether what stands behind `#!` is a shell.
fn is_shell<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    let mut names = words.map(|word| word.rsplit('/').next().unwrap_or(word));
    let name = names.next().unwrap_or_default();
    let name = match name {
        "env" => names.find(|name| !name.starts_with('-')),
        "busybox" => names.next(),
        name => Some(name),
    };
    matches!(name, Some("sh" | "bash" | "dash" | "ash" | "ksh" | "zsh"))
}

/// What the shell gets where a command has here-documents: the line, then all of them.
fn with_heredocs(text: &str, arguments: Joined, heredocs: &[Heredoc]) -> Joined {
    let mut joined = arguments;
    for heredoc in heredocs {
        let start = heredoc.body.start;
        // The end of the line before.
        if text
            .get(..start)
            .is_some_and(|before| before.ends_with('\n'))
        {
            joined.push(text, Span::new(start - 1, start));
        }
        joined.push(text, heredoc.body);
        if heredoc.closed {
            let end = heredoc.body.end;
            let line = text.get(end..).unwrap_or_default();
            let tabs = line.len() - line.trim_start_matches('\t').len();
            let start = end + if heredoc.strip_tabs { tabs } else { 0 };
            joined.push(text, Span::new(start, start + heredoc.delimiter.len()));
        }
    }
    joined
}

/// Whether arguments are in the JSON form, where there is one.
fn is_json(kind: Kind, arguments: &str, body: &Body) -> bool {
    match body {
        Body::Command(command) | Body::Healthcheck(Some(command)) => {
            matches!(command, Command::Exec(_))
        }
        Body::Shell(_) => true,
        Body::Files { .. } | Body::Words(_) => {
            matches!(kind, Kind::Add | Kind::Copy | Kind::Volume)
                && arguments.starts_with('[')
                && matches!(json::list(arguments), List::Strings(_))
        }
        _ => false,
    }
}

/// The part without white space around it.
pub(crate) fn trim(text: &str, span: Span) -> Span {
    let behind = span.of(text).trim_start();
    let start = span.end - behind.len();
    Span::new(start, start + behind.trim_end().len())
}

fn name_and_value(flag: &str) -> (&str, Option<&str>) {
    let flag = flag.strip_prefix("--").unwrap_or(flag);
    match flag.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (flag, None),
    }
}

fn of_found(line: &Joined, flag: &Found) -> Flag {
    let (name, value) = name_and_value(&flag.text);
    let value = value.zip(flag.value).map(|(value, start)| Word {
        span: line.source(Span::new(start, flag.span.end)),
        value: value.to_owned(),
    });
    Flag {
        span: line.source(flag.span),
        name: name.to_owned(),
        value,
    }
}
