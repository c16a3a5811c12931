//! What the arguments of each instruction say.

use crate::heredoc;
use crate::instruction::Reader;
use crate::joined::Joined;
use crate::json::{self, List};
use crate::lex::meaning;
use crate::shown::shown;
use crate::span::Span;
use crate::syntax::{Argument, Body, Command, Kind, Pair, Word};
use crate::words;

impl Reader<'_> {
    /// `arguments`: where they stand in the line.
    pub(crate) fn body(
        &mut self,
        line: &Joined,
        kind: Kind,
        keyword: Span,
        arguments: Span,
        later: bool,
    ) -> Body {
        let name = kind.name();
        let text = line.text();
        let whole = line.source(keyword.to(arguments));
        let none = arguments.is_empty();
        match kind {
            Kind::Unknown => {
                let keyword_text = shown(keyword.of(text));
                let message = if keyword.is_empty() {
                    "there is no instruction on this line".to_owned()
                } else {
                    format!("unknown instruction `{keyword_text}`")
                };
                self.error(line.source(keyword), message);
                Body::Words(raw_words(line, words::plain(text, arguments)))
            }
            Kind::From => self.from(line, arguments, whole),
            Kind::Run | Kind::Cmd | Kind::Entrypoint => {
                match self.command(line, arguments, whole) {
                    Some(command) => Body::Command(command),
                    None => Body::Invalid,
                }
            }
            Kind::Healthcheck => self.healthcheck(line, arguments, whole),
            Kind::Onbuild
            | Kind::Expose
            | Kind::Volume
            | Kind::Maintainer
            | Kind::User
            | Kind::Workdir
            | Kind::Stopsignal
                if none =>
            {
                self.needs_argument(whole, name)
            }
            Kind::Onbuild if later => {
                self.error(whole, "an ONBUILD cannot stand in an ONBUILD");
                Body::Invalid
            }
            Kind::Onbuild => {
                let inner = self.line(line, arguments, true);
                if matches!(inner.kind, Kind::From | Kind::Maintainer) {
                    let inner_name = inner.kind.name();
                    let message = format!("{inner_name} cannot stand in an ONBUILD");
                    self.error(inner.keyword, message);
                }
                Body::Onbuild(Box::new(inner))
            }
            Kind::Env | Kind::Label => self.pairs(line, arguments, whole, name),
            Kind::Arg => self.build_arguments(line, arguments, whole),
            Kind::Add | Kind::Copy => self.files(line, arguments, whole, name),
            Kind::Shell => match json::list(arguments.of(text)) {
                List::Strings(strings) if !strings.is_empty() => {
                    Body::Shell(plain_strings(line, arguments, strings))
                }
                _ => {
                    let message = "SHELL needs its words as a list: `[\"/bin/bash\", \"-c\"]`";
                    self.error(whole, message);
                    Body::Invalid
                }
            },
            Kind::Expose => {
                let spans = words::plain(text, arguments);
                Body::Words(self.words(line, spans))
            }
            Kind::Volume => self.volumes(line, arguments, whole),
            Kind::Maintainer => Body::Words(raw_words(line, vec![arguments])),
            Kind::User | Kind::Workdir | Kind::Stopsignal => {
                Body::Words(self.words(line, vec![arguments]))
            }
        }
    }

    fn needs_argument(&mut self, span: Span, name: &str) -> Body {
        self.error(span, format!("{name} needs an argument"));
        Body::Invalid
    }

    fn from(&mut self, line: &Joined, arguments: Span, whole: Span) -> Body {
        let words = words::plain(line.text(), arguments);
        let Some(&image) = words.first() else {
            return self.needs_argument(whole, "FROM");
        };
        let is_as = |word: &Span| word.of(line.text()).eq_ignore_ascii_case("as");
        let name = words.get(2).filter(|_| words.get(1).is_some_and(is_as));
        if words.len() != 1 && (words.len() != 3 || name.is_none()) {
            let message = "FROM needs an image, or an image, `AS` and a name";
            self.error(line.source(arguments), message);
        }
        let name = name.map(|&name| raw_word(line, name));
        if let Some(name) = &name
            && !is_stage_name(&name.value)
        {
            let value = shown(&name.value);
            let message = format!(
                "`{value}` cannot name a stage: a letter first, then letters, digits, `-`, `_`, `.`"
            );
            self.error(name.span, message);
        }
        let image = self.word(line, image);
        Body::From { image, name }
    }

    /// A command: in the JSON form, or for the shell.
    fn command(&mut self, line: &Joined, arguments: Span, whole: Span) -> Option<Command> {
        match json::list(arguments.of(line.text())) {
            List::Strings(strings) => Some(Command::Exec(plain_strings(line, arguments, strings))),
            List::Others(place) => {
                self.not_strings(line.source(place.moved(arguments.start)));
                None
            }
            List::None if arguments.is_empty() => Some(Command::Shell(Joined::empty(whole.end))),
            List::None => Some(Command::Shell(line.part(arguments))),
        }
    }

    fn not_strings(&mut self, span: Span) {
        self.error(span, "a list in the JSON form has strings only");
    }

    fn healthcheck(&mut self, line: &Joined, arguments: Span, whole: Span) -> Body {
        let text = line.text();
        let rest = arguments.of(text);
        let length = rest
            .find(['\t', '\n', '\x0b', '\x0c', '\r', ' '])
            .unwrap_or(rest.len());
        let behind = rest.get(length..).unwrap_or_default().trim_start();
        let behind = Span::new(arguments.end - behind.len(), arguments.end);
        let first = Span::new(arguments.start, arguments.start + length);
        let word = first.of(text).to_ascii_uppercase();
        match word.as_str() {
            "" => self.needs_argument(whole, "HEALTHCHECK"),
            "NONE" if behind.is_empty() => Body::Healthcheck(None),
            "NONE" => {
                self.error(line.source(behind), "HEALTHCHECK NONE takes no arguments");
                Body::Healthcheck(None)
            }
            "CMD" => match self.command(line, behind, whole) {
                Some(Command::Exec(words)) if words.is_empty() => {
                    self.needs_argument(whole, "HEALTHCHECK CMD")
                }
                Some(Command::Shell(_)) if behind.is_empty() => {
                    self.needs_argument(whole, "HEALTHCHECK CMD")
                }
                Some(command) => Body::Healthcheck(Some(command)),
                None => Body::Invalid,
            },
            _ => {
                let span = line.source(first);
                self.error(span, "HEALTHCHECK needs `CMD` and a command, or `NONE`");
                Body::Invalid
            }
        }
    }

    fn pairs(&mut self, line: &Joined, arguments: Span, whole: Span, name: &str) -> Body {
        let text = line.text();
        let spans = words::quoted(text, arguments, self.escape);
        let Some(first) = spans.first() else {
            return self.needs_argument(whole, name);
        };
        if !first.of(text).contains('=') {
            let (key, Some(rest)) = words::first(text, arguments) else {
                let message = format!("{name} needs a name and a value: `{name} NAME=value`");
                self.error(line.source(arguments), message);
                return Body::Invalid;
            };
            let pair = Pair {
                span: line.source(arguments),
                name: self.word(line, key),
                value: self.word(line, rest),
                old: true,
            };
            return Body::Pairs(vec![pair]);
        }
        let mut pairs = Vec::with_capacity(spans.len());
        for span in spans {
            let word = span.of(text);
            let Some(length) = word.find('=') else {
                let message = format!("there is no `=` in `{}`", shown(word));
                self.error(line.source(span), message);
                continue;
            };
            let key = Span::new(span.start, span.start + length);
            if key.is_empty() {
                let message = "there is no name before the `=`";
                self.error(line.source(span), message);
            }
            pairs.push(Pair {
                span: line.source(span),
                name: self.word(line, key),
                value: self.word(line, Span::new(key.end + 1, span.end)),
                old: false,
            });
        }
        Body::Pairs(pairs)
    }

    fn build_arguments(&mut self, line: &Joined, arguments: Span, whole: Span) -> Body {
        let text = line.text();
        let spans = words::quoted(text, arguments, self.escape);
        if spans.is_empty() {
            return self.needs_argument(whole, "ARG");
        }
        let mut found = Vec::with_capacity(spans.len());
        for span in spans {
            let equals = span.of(text).find('=').map(|length| span.start + length);
            let key = Span::new(span.start, equals.unwrap_or(span.end));
            if key.is_empty() {
                let message = "there is no name before the `=`";
                self.error(line.source(span), message);
            }
            let default = equals.map(|equals| Span::new(equals + 1, span.end));
            found.push(Argument {
                span: line.source(span),
                name: self.word(line, key),
                default: default.map(|default| self.word(line, default)),
            });
        }
        Body::Arguments(found)
    }

    fn files(&mut self, line: &Joined, arguments: Span, whole: Span, name: &str) -> Body {
        let text = line.text();
        let (mut words, last) = match json::list(arguments.of(text)) {
            List::Strings(strings) => {
                let last = strings.last().map(|last| last.1.clone());
                (self.strings(line, arguments, strings), last)
            }
            List::Others(place) => {
                self.not_strings(line.source(place.moved(arguments.start)));
                return Body::Invalid;
            }
            List::None => {
                let spans = words::plain(text, arguments);
                let last = spans.last().map(|last| last.of(text).to_owned());
                (self.words(line, spans), last)
            }
        };
        let destination = words.pop();
        let Some(destination) = destination.filter(|_| !words.is_empty()) else {
            self.error(whole, format!("{name} needs a source and a destination"));
            return Body::Invalid;
        };
        if let Ok(Some(_)) = heredoc::one(&last.unwrap_or_default()) {
            let message = format!("{name} cannot write to a here-document");
            self.error(destination.span, message);
        }
        Body::Files {
            sources: words,
            destination,
        }
    }

    fn volumes(&mut self, line: &Joined, arguments: Span, whole: Span) -> Body {
        let text = line.text();
        let words = match json::list(arguments.of(text)) {
            List::Strings(strings) if strings.is_empty() => {
                return self.needs_argument(whole, "VOLUME");
            }
            List::Strings(strings) => {
                let empty = strings.iter().find(|string| string.1.trim().is_empty());
                if let Some((span, _)) = empty {
                    self.empty_volume(line.source(span.moved(arguments.start)));
                }
                self.strings(line, arguments, strings)
            }
            List::Others(place) => {
                self.not_strings(line.source(place.moved(arguments.start)));
                return Body::Invalid;
            }
            List::None => {
                let spans = words::plain(text, arguments);
                // White space that divides no words.
                let empty = spans.iter().find(|span| span.of(text).trim().is_empty());
                if let Some(&span) = empty {
                    self.empty_volume(line.source(span));
                }
                self.words(line, spans)
            }
        };
        Body::Words(words)
    }

    fn empty_volume(&mut self, span: Span) {
        self.error(span, "a volume cannot be an empty word");
    }

    fn words(&mut self, line: &Joined, spans: Vec<Span>) -> Vec<Word> {
        spans
            .into_iter()
            .map(|span| self.word(line, span))
            .collect()
    }

    /// A word that has variables, quotes and escapes.
    fn word(&mut self, line: &Joined, span: Span) -> Word {
        self.meant(line.source(span), span.of(line.text()))
    }

    fn meant(&mut self, span: Span, text: &str) -> Word {
        let value = meaning(text, self.escape).unwrap_or_else(|message| {
            self.error(span, message);
            text.to_owned()
        });
        Word { span, value }
    }

    /// Strings of the JSON form that have variables, too.
    fn strings(
        &mut self,
        line: &Joined,
        arguments: Span,
        strings: Vec<(Span, String)>,
    ) -> Vec<Word> {
        strings
            .into_iter()
            .map(|(span, string)| self.meant(line.source(span.moved(arguments.start)), &string))
            .collect()
    }
}

/// Strings of the JSON form of which nothing is expanded.
fn plain_strings(line: &Joined, arguments: Span, strings: Vec<(Span, String)>) -> Vec<Word> {
    strings
        .into_iter()
        .map(|(span, value)| Word {
            span: line.source(span.moved(arguments.start)),
            value,
        })
        .collect()
}

fn raw_words(line: &Joined, spans: Vec<Span>) -> Vec<Word> {
    spans.into_iter().map(|span| raw_word(line, span)).collect()
}

fn raw_word(line: &Joined, span: Span) -> Word {
    Word {
        span: line.source(span),
        value: span.of(line.text()).to_owned(),
    }
}

/// What a stage may be called, in any case.
fn is_stage_name(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.'))
}
