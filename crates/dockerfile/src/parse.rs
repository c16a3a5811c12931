//! Reading a Dockerfile.

use crate::directives::{self, Head};
use crate::instruction::Reader;
use crate::joined::Joined;
use crate::lines::{Line, Logical};
use crate::span::Span;
use crate::syntax::{Body, Dockerfile, Instruction, Item, Kind, SyntaxError};

/// How long a line may be for `BuildKit`, without its end.
const LONGEST_LINE: usize = 65_535;
/// How many instructions are read. No image has as many layers; what follows them is kept as one.
const MOST_INSTRUCTIONS: usize = 1 << 15;

/// Reads a Dockerfile. It never fails: see [`Dockerfile::errors`].
pub fn parse(text: &str) -> Dockerfile<'_> {
    let mut items = Vec::new();
    let mut directives = Vec::new();
    let mut head = Head::default();
    let mut reader = Reader::new(text);
    let mut at = 0;
    if text.starts_with('\u{feff}') {
        at = '\u{feff}'.len_utf8();
        items.push(Item::Blank(Span::new(0, at)));
    }
    let first = at;
    let mut instructions = 0;
    while let Some(line) = Line::at(text, at) {
        let trimmed = line.trimmed(text);
        at = line.whole.end;
        match head.line(text, trimmed, &directives) {
            Ok(None) => {}
            Ok(Some(directive)) => {
                match directives::escape(text, &directive) {
                    Ok(escape) => reader.escape = escape.unwrap_or(reader.escape),
                    Err(error) => reader.mistake(error),
                }
                let ours =
                    directive.name != "syntax" || is_standard_syntax(directive.value.of(text));
                reader.check_flags &= ours;
                directives.push(directive);
            }
            Err(error) => reader.mistake(error),
        }
        if trimmed.is_empty() {
            match items.last_mut() {
                Some(Item::Blank(blank)) if line.whole.start > first => blank.end = at,
                _ => items.push(Item::Blank(line.whole)),
            }
        } else if trimmed.of(text).starts_with('#') {
            items.push(Item::Comment(line.whole));
        } else {
            let instruction = if instructions < MOST_INSTRUCTIONS {
                reader.instruction(Logical::read(text, line, reader.escape))
            } else {
                let span = Span::new(line.whole.start, text.len());
                let message = format!("only {MOST_INSTRUCTIONS} instructions are read");
                reader.errors.push(SyntaxError { span, message });
                unread(span)
            };
            instructions += 1;
            at = instruction.whole.end;
            items.push(Item::Instruction(Box::new(instruction)));
        }
    }
    if text.len() > LONGEST_LINE {
        long_lines(text, &mut reader);
    }
    Dockerfile {
        text,
        directives,
        escape: reader.escape,
        items,
        errors: reader.errors,
    }
}

/// A part of the text that is not read.
fn unread(span: Span) -> Instruction {
    Instruction {
        whole: span,
        span,
        keyword: Span::at(span.start),
        kind: Kind::Unknown,
        flags: Vec::new(),
        arguments: Joined::empty(span.end),
        json: false,
        body: Body::Invalid,
        heredocs: Vec::new(),
        comments: Vec::new(),
    }
}

/// Lines that `BuildKit` does not read, be they comments.
fn long_lines(text: &str, reader: &mut Reader<'_>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end_matches('\n').len() > LONGEST_LINE {
            let span = Span::new(at, at + line.len());
            let message = format!("a line may have {LONGEST_LINE} bytes");
            reader.mistake(SyntaxError { span, message });
        }
        at += line.len();
    }
}

/// Whether a `# syntax=` names Docker's own frontend, of whatever version: others may have other flags.
fn is_standard_syntax(value: &str) -> bool {
    let image = value.split(' ').next().unwrap_or_default();
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    image
        .strip_prefix("docker/dockerfile")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@', '-']))
}
