//! Variables in a compose file: `$A`, `${A}`, `${A:-default}`, `$$`.
//!
//! Which values they have is known to whoever runs compose, from the environment, `.env` and `--env-file`; here only defaults are.
//! What has none stays as it is written. As docker compose has it (template/template.go): names are `[_a-zA-Z][_a-zA-Z0-9]*`, the
//! operators `:-`, `-`, `:?`, `?`, `:+`, `+`; anything else behind a dollar sign is refused (`invalid interpolation format for
//! services.a.image.\nYou may need to escape any $ with another $.`). An unset variable without a default is empty, with a warning:
//! `The "A" variable is not set. Defaulting to a blank string.`; with `:?`, `required variable A is missing a value: …`.

use std::collections::HashMap;
use std::ops::Range;

/// The deepest nesting of variables in defaults.
const MAX_DEPTH: usize = 8;

/// A text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<'t> {
    /// Its parts, in order.
    pub parts: Vec<Part<'t>>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'t> {
    /// Text as it is.
    Text(&'t str),
    /// `$$`: a dollar sign.
    Dollar,
    /// A variable.
    Variable {
        /// Where in the text.
        range: Range<usize>,
        /// All of it, as it is written.
        written: &'t str,
        /// Its name.
        name: &'t str,
        /// What stands behind its name, in braces.
        operator: Option<(Operator, &'t str)>,
    },
    /// A dollar sign with something behind it that is no variable. Docker compose refuses it.
    Invalid {
        /// Where in the text.
        range: Range<usize>,
        /// The sign.
        written: &'t str,
    },
}

/// What stands behind a variable's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `:-` or `-`: the value where there is none.
    Default,
    /// `:?` or `?`: the message where there is none.
    Required,
    /// `:+` or `+`: the value where there is one.
    Alternative,
}

/// A text with the defaults of its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The text. Variables without a default are as they are written.
    pub text: String,
    /// Whether there is no variable in it any more.
    pub is_known: bool,
}

impl<'t> Template<'t> {
    /// Takes a text apart.
    pub fn of(text: &'t str) -> Self {
        let mut parts = Vec::new();
        let braces = braces(text);
        let (mut at, mut start) = (0, 0);
        while let Some(offset) = text[at..].find('$') {
            let dollar = at + offset;
            if start < dollar {
                parts.push(Part::Text(&text[start..dollar]));
            }
            let (part, length) = variable(text, dollar, &braces);
            parts.push(part);
            at = dollar + length;
            start = at;
        }
        if start < text.len() {
            parts.push(Part::Text(&text[start..]));
        }
        Self { parts }
    }

    /// Whether there is a variable in it.
    pub fn has_variables(&self) -> bool {
        let is_variable =
            |part: &Part<'_>| matches!(part, Part::Variable { .. } | Part::Invalid { .. });
        self.parts.iter().any(is_variable)
    }

    /// The text with the defaults of its variables.
    pub fn resolved(&self) -> Resolved {
        self.resolved_within(MAX_DEPTH)
    }

    fn resolved_within(&self, depth: usize) -> Resolved {
        let mut resolved = Resolved {
            text: String::new(),
            is_known: true,
        };
        for part in &self.parts {
            match part {
                Part::Text(text) => resolved.text += text,
                Part::Dollar => resolved.text.push('$'),
                Part::Variable {
                    operator: Some((Operator::Default, default)),
                    ..
                } if depth > 0 => {
                    let inner = Template::of(default).resolved_within(depth - 1);
                    resolved.text += &inner.text;
                    resolved.is_known &= inner.is_known;
                }
                Part::Variable { written, .. } | Part::Invalid { written, .. } => {
                    resolved.text += written;
                    resolved.is_known = false;
                }
            }
        }
        resolved
    }
}

/// What a dollar sign begins, and its length.
fn variable<'t>(text: &'t str, dollar: usize, braces: &HashMap<usize, usize>) -> (Part<'t>, usize) {
    let rest = &text[dollar + 1..];
    let part = |name, operator, length| {
        let range = dollar..dollar + length;
        let written = &text[range.clone()];
        let part = Part::Variable {
            range,
            written,
            name,
            operator,
        };
        (part, length)
    };
    if rest.starts_with('$') {
        return (Part::Dollar, 2);
    }
    if let Some(length) = name_length(rest) {
        return part(&rest[..length], None, length + 1);
    }
    let invalid = Part::Invalid {
        range: dollar..dollar + 1,
        written: "$",
    };
    let Some(inner) = rest.strip_prefix('{') else {
        return (invalid, 1);
    };
    let (Some(length), Some(closing)) = (name_length(inner), braces.get(&(dollar + 1))) else {
        return (invalid, 1);
    };
    let end = closing - (dollar + 2);
    let name = &inner[..length];
    let Some(behind) = inner.get(length..end) else {
        return (invalid, 1);
    };
    let sign = behind.strip_prefix(':').unwrap_or(behind);
    let operator = match sign.chars().next() {
        None if behind.is_empty() => None,
        Some('-') => Some(Operator::Default),
        Some('?') => Some(Operator::Required),
        Some('+') => Some(Operator::Alternative),
        _ => return (invalid, 1),
    };
    part(
        name,
        operator.map(|operator| (operator, &sign[1..])),
        end + 3,
    )
}

fn name_length(text: &str) -> Option<usize> {
    let begins = text.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_');
    let end = text.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    begins.then(|| end.unwrap_or(text.len()))
}

/// Where braces open, and where these are closed. Found at once: to look anew from each brace would take for ever.
fn braces(text: &str) -> HashMap<usize, usize> {
    let mut open = Vec::new();
    let mut closed = HashMap::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open.push(at),
            b'}' => {
                if let Some(begin) = open.pop() {
                    closed.insert(begin, at);
                }
            }
            _ => {}
        }
    }
    closed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_known() {
        for (text, resolved, is_known) in [
            ("plain", "plain", true),
            ("", "", true),
            ("${A:-b}", "b", true),
            ("${A-b}", "b", true),
            ("x/${A:-b}:${C:-d}", "x/b:d", true),
            ("${A:-${B:-c}}", "c", true),
            ("${A:-${B}}", "${B}", false),
            ("${A:-}", "", true),
            ("$A", "$A", false),
            ("$A-b", "$A-b", false),
            ("${A}", "${A}", false),
            ("${A:?set it}", "${A:?set it}", false),
            ("${A:+b}", "${A:+b}", false),
            ("a $$b $${c}", "a $b ${c}", true),
            ("$", "$", false),
            ("$1", "$1", false),
            ("${", "${", false),
            ("${A", "${A", false),
            ("${A b}", "${A b}", false),
            ("${-b}", "${-b}", false),
            ("${A:b}", "${A:b}", false),
            ("${A:-é}ü", "éü", true),
            ("{{.Node}}", "{{.Node}}", true),
        ] {
            let expected = Resolved {
                text: resolved.to_owned(),
                is_known,
            };
            assert_eq!(Template::of(text).resolved(), expected, "{text}");
        }
    }

    #[test]
    fn parts_have_their_places() {
        let text = "a${GPU:-all}$$x$Y";
        let template = Template::of(text);
        let places: Vec<_> = template
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Variable { range, name, .. } => Some((&text[range.clone()], *name)),
                _ => None,
            })
            .collect();
        assert_eq!(places, [("${GPU:-all}", "GPU"), ("$Y", "Y")]);
        assert!(template.has_variables() && !Template::of("$$x").has_variables());
    }

    #[test]
    fn it_is_quick() {
        for text in [
            "${A:-".repeat(20_000),
            "$".repeat(100_001),
            "{".repeat(100_000),
        ] {
            assert!(!Template::of(&text).resolved().text.is_empty());
        }
    }
}
