//! Reading a Dockerfile.

use crate::directives::{self, Head};
use crate::instruction::Reader;
use crate::lines::{Line, Logical};
use crate::span::Span;
use crate::syntax::{Dockerfile, Item};

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
    while let Some(line) = Line::at(text, at) {
        let trimmed = line.trimmed(text);
        at = line.whole.end;
        match head.line(text, trimmed, &directives) {
            Ok(None) => {}
            Ok(Some(directive)) => {
                match directives::escape(text, &directive) {
                    Ok(escape) => reader.escape = escape.unwrap_or(reader.escape),
                    Err(error) => reader.errors.push(error),
                }
                let ours =
                    directive.name != "syntax" || is_standard_syntax(directive.value.of(text));
                reader.check_flags &= ours;
                directives.push(directive);
            }
            Err(error) => reader.errors.push(error),
        }
        if trimmed.is_empty() {
            match items.last_mut() {
                Some(Item::Blank(blank)) if line.whole.start > first => blank.end = at,
                _ => items.push(Item::Blank(line.whole)),
            }
        } else if trimmed.of(text).starts_with('#') {
            items.push(Item::Comment(line.whole));
        } else {
            let logical = Logical::read(text, line, reader.escape);
            let instruction = reader.instruction(logical);
            at = instruction.whole.end;
            items.push(Item::Instruction(instruction));
        }
    }
    Dockerfile {
        text,
        directives,
        escape: reader.escape,
        items,
        errors: reader.errors,
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
