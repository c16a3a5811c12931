//! Flags of instructions (`--from=build`), and which of them there are.

use crate::span::Span;
use crate::syntax::Kind;

/// A flag as it stands in a line.
#[derive(Debug)]
pub(crate) struct Found {
    /// All of it.
    pub(crate) span: Span,
    /// Without quotes and escapes.
    pub(crate) text: String,
    /// Where its value begins, behind the first equals sign.
    pub(crate) value: Option<usize>,
}

/// How many flags are read; nothing is read behind them.
pub(crate) const MOST: usize = 1 << 12;

/// The flags at the beginning of a part of a line, and where the rest begins. `--` alone ends them.
///
/// White space is `BuildKit`'s for bytes. (It also takes bytes of longer characters for white space, which breaks
/// these; here they stay whole.)
pub(crate) fn flags(line: &str, span: Span, escape: char) -> (Vec<Found>, usize) {
    let mut flags = Vec::new();
    let mut at = span.start;
    loop {
        let rest = Span::new(at, span.end).of(line);
        let rest = rest.trim_start_matches(is_space);
        at = span.end - rest.len();
        if !rest.starts_with("--") {
            return (flags, at);
        }
        if flags.len() == MOST {
            return (flags, span.end);
        }
        let flag = flag(rest, at, escape);
        at = flag.span.end;
        if flag.text == "--" {
            return (flags, at);
        }
        flags.push(flag);
    }
}

fn flag(rest: &str, start: usize, escape: char) -> Found {
    let mut text = String::new();
    let mut quote = None;
    let mut value = None;
    let mut length = rest.len();
    let mut characters = rest.char_indices();
    while let Some((at, c)) = characters.next() {
        match quote {
            None if is_space(c) => {
                length = at;
                break;
            }
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {
                let meant = if c == escape {
                    characters.next()
                } else {
                    Some((at, c))
                };
                let Some((at, c)) = meant else {
                    break;
                };
                if c == '=' && value.is_none() {
                    value = Some(start + at + 1);
                }
                text.push(c);
            }
        }
    }
    Found {
        span: Span::new(start, start + length),
        text,
        value,
    }
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0b' | '\x0c' | '\r' | ' ')
}

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing, or `true`, `false`.
    Switch,
    /// A value, once.
    Value,
    /// A value, as often as one likes.
    Values,
}

/// The flags that an instruction has; none where it does not look at them.
pub(crate) const fn known(kind: Kind) -> Option<&'static [(&'static str, Takes)]> {
    use Takes::{Switch, Value, Values};
    Some(match kind {
        Kind::Add => &[
            ("chown", Value),
            ("chmod", Value),
            ("link", Switch),
            ("keep-git-dir", Switch),
            ("checksum", Value),
            ("unpack", Switch),
            ("exclude", Values),
        ],
        Kind::Copy => &[
            ("from", Value),
            ("chown", Value),
            ("chmod", Value),
            ("link", Switch),
            ("parents", Switch),
            ("exclude", Values),
        ],
        Kind::From => &[("platform", Value)],
        Kind::Healthcheck => &[
            ("interval", Value),
            ("timeout", Value),
            ("start-period", Value),
            ("start-interval", Value),
            ("retries", Value),
        ],
        Kind::Run => &[
            ("mount", Values),
            ("network", Value),
            ("security", Value),
            ("device", Values),
        ],
        Kind::Arg | Kind::Stopsignal | Kind::Unknown => return None,
        _ => &[],
    })
}
