//! Parser directives: comments at the head of a file that say how it is read.
//!
//! They end with the first line that is none, be it blank. `BuildKit` takes each name once, and refuses the second.

use crate::shown::shown;
use crate::span::Span;
use crate::syntax::{Directive, SyntaxError};

/// What has been seen at the head of the file.
#[derive(Debug, Default)]
pub(crate) struct Head {
    ended: bool,
}

impl Head {
    /// Looks at a line, which begins behind its white space; a directive where it is one, or the mistake in it.
    pub(crate) fn line(
        &mut self,
        text: &str,
        line: Span,
        before: &[Directive],
    ) -> Result<Option<Directive>, SyntaxError> {
        if self.ended {
            return Ok(None);
        }
        let Some(directive) = directive(text, line) else {
            self.ended = true;
            return Ok(None);
        };
        if before.iter().any(|other| other.name == directive.name) {
            let message = format!("the directive `{}` stands here twice", directive.name);
            let span = line;
            return Err(SyntaxError { span, message });
        }
        Ok(Some(directive))
    }
}

/// `# name = value`, with a name that there is.
fn directive(text: &str, line: Span) -> Option<Directive> {
    let rest = line.of(text).strip_prefix('#')?.trim_start();
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, behind) = rest.split_at_checked(length)?;
    let value = behind
        .trim_start_matches(is_space)
        .strip_prefix('=')?
        .trim_start_matches(is_space);
    let start = line.end - value.len();
    let value = value.trim_end_matches(is_space);
    let name = name.to_ascii_lowercase();
    let known = matches!(name.as_str(), "syntax" | "escape" | "check");
    // `# escape= ` has a value: the space at the end of the line, which is no escape character.
    let spaces = behind.ends_with(is_space);
    let value = if !value.is_empty() {
        Span::new(start, start + value.len())
    } else if spaces {
        Span::new(line.end - 1, line.end)
    } else {
        return None;
    };
    known.then_some(Directive {
        span: line,
        name,
        value,
    })
}

/// What a regular expression of Go has for white space.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

/// The escape character that a directive sets.
pub(crate) fn escape(text: &str, directive: &Directive) -> Result<Option<char>, SyntaxError> {
    match (directive.name.as_str(), directive.value.of(text)) {
        ("escape", "\\") => Ok(Some('\\')),
        ("escape", "`") => Ok(Some('`')),
        ("escape", other) => Err(SyntaxError {
            span: directive.value,
            message: format!(
                "the escape character is `\\` or a backtick, not `{}`",
                shown(other)
            ),
        }),
        _ => Ok(None),
    }
}
