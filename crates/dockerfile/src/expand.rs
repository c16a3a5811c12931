//! Variables put in, as `BuildKit` does it.
//!
//! What is put in is not looked at again, so a variable that refers to itself ends nothing; and the result is bounded,
//! so thirty variables of which each has the one before twice are an error and not a gigabyte.

use crate::lex::{Dollar, Lexer, Operator, Variable};
use crate::pattern::Pattern;
use crate::shown::shown;
use crate::span::Span;

/// How long a result may be, in bytes.
const LONGEST: usize = 1 << 20;
/// How many steps the patterns of one value may take.
const STEPS: usize = 1 << 24;

/// A value with its variables put in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text. What is not known is empty in it.
    pub text: String,
    /// The variables that nobody knew and that have no default.
    pub unknown: Vec<String>,
    /// The variables that nobody knew, where the text has their default, or what stands for an unset variable.
    pub defaulted: Vec<String>,
    /// Why a build ends here, one sentence: lower case, no full stop.
    pub error: Option<String>,
}

/// The variables in a [`crate::Word`]'s value, those in defaults too, in the order in which they are written.
pub fn variables(value: &str) -> Vec<Variable<'_>> {
    let mut found = Vec::new();
    if !value.contains('$') {
        return found;
    }
    let mut lexer = Lexer {
        variables: Some(&mut found),
        ..Lexer::new(value, '\\')
    };
    while let Some(part) = part(&mut lexer) {
        if part.is_err() {
            break;
        }
    }
    found
}

/// A part of a value on its outermost level.
enum Part {
    Literal(Span),
    Dollar(Dollar),
}

/// The next part; none at the end. Backslashes before a dollar sign are an escape or pairs of them.
fn part(lexer: &mut Lexer<'_, '_>) -> Option<Result<Part, String>> {
    let start = lexer.at;
    match lexer.next()? {
        '$' => return Some(lexer.dollar().map(Part::Dollar)),
        '\\' => {
            let rest = lexer.text.get(start..).unwrap_or_default();
            let count = rest.len() - rest.trim_start_matches('\\').len();
            let behind = rest.get(count..).unwrap_or_default();
            if behind.starts_with('$') {
                // One of each pair, then the dollar sign where one is left.
                lexer.at = start + count + count % 2;
                let literal = Span::new(start + count - count / 2, lexer.at);
                return Some(Ok(Part::Literal(literal)));
            }
            lexer.at = start + count;
        }
        _ => {
            let rest = lexer.text.get(start..).unwrap_or_default();
            lexer.at = start + rest.find(['$', '\\']).unwrap_or(rest.len());
        }
    }
    Some(Ok(Part::Literal(Span::new(start, lexer.at))))
}

/// Puts the variables into a [`crate::Word`]'s value. `lookup` gives what a variable has been set to, if it was.
pub fn expand(value: &str, mut lookup: impl FnMut(&str) -> Option<String>) -> Expanded {
    let mut expander = Expander {
        lookup: &mut lookup,
        steps: STEPS,
        done: Expanded::default(),
    };
    let mut text = String::new();
    let mut lexer = Lexer::new(value, '\\');
    while let Some(part) = part(&mut lexer) {
        let added = match part {
            Ok(Part::Literal(span)) => {
                // Of `\\$A` the first backslash is left out, of `\$` the only one.
                push(&mut text, span.of(value))
            }
            Ok(Part::Dollar(dollar)) => expander.dollar(value, dollar, &mut text),
            Err(message) => Err(message),
        };
        if let Err(message) = added {
            expander.done.error = Some(message);
            break;
        }
    }
    Expanded {
        text,
        ..expander.done
    }
}

fn push(text: &mut String, more: &str) -> Result<(), String> {
    if text.len() + more.len() > LONGEST {
        return Err(format!("it grows longer than {LONGEST} bytes"));
    }
    text.push_str(more);
    Ok(())
}

struct Expander<'f> {
    lookup: &'f mut dyn FnMut(&str) -> Option<String>,
    steps: usize,
    done: Expanded,
}

impl Expander<'_> {
    /// A text within braces: quotes and escapes count. `keep`: escapes stay, a pattern needs them.
    fn text(&mut self, text: &str, keep: bool) -> Result<String, String> {
        let mut lexer = Lexer::new(text, '\\');
        let mut result = String::new();
        let mut quoted = false;
        while let Some(c) = lexer.next() {
            match c {
                '\'' if !quoted => push(&mut result, lexer.single_quoted()?.of(text))?,
                '"' => quoted = !quoted,
                '$' => {
                    let dollar = lexer.dollar()?;
                    self.dollar(text, dollar, &mut result)?;
                }
                '\\' => {
                    let start = lexer.at;
                    if quoted {
                        lexer.double_quoted_escape();
                    } else {
                        lexer.next();
                    }
                    let escaped = Span::new(start, lexer.at).of(text);
                    if keep {
                        push(&mut result, "\\")?;
                    }
                    // Between double quotes a backslash that escapes nothing is one.
                    let lone = quoted && escaped.is_empty();
                    push(&mut result, if lone { "\\" } else { escaped })?;
                }
                c => push(&mut result, c.encode_utf8(&mut [0; 4]))?,
            }
        }
        Ok(result)
    }

    fn dollar(&mut self, text: &str, dollar: Dollar, into: &mut String) -> Result<(), String> {
        let Dollar::Variable {
            name,
            operator,
            argument,
            replacement,
        } = dollar
        else {
            return push(into, "$");
        };
        let name = name.of(text);
        let keep = matches!(
            operator,
            Some(Operator::WithoutPrefix | Operator::WithoutSuffix | Operator::Replace { .. })
        );
        let argument = self.text(argument.of(text), keep)?;
        let replacement = self.text(replacement.of(text), true)?;
        let value = (self.lookup)(name);
        let present = |empty: bool| {
            let value = value.as_deref();
            value.filter(|value| !(empty && value.is_empty()))
        };
        match operator {
            Some(Operator::Default { empty }) => {
                self.defaulted(name, value.is_none());
                push(into, present(empty).unwrap_or(&argument))
            }
            Some(Operator::Alternative { empty }) => {
                self.defaulted(name, value.is_none());
                push(into, present(empty).map_or("", |_| &argument))
            }
            Some(Operator::Required { empty }) => match present(empty) {
                Some(value) => push(into, value),
                None if argument.is_empty() => Err(format!("`{}` has to be set", shown(name))),
                None => Err(format!("{}: {}", shown(name), shown(&argument))),
            },
            None | Some(_) => {
                if value.is_none() {
                    push_once(&mut self.done.unknown, name);
                }
                let value = value.as_deref().unwrap_or_default();
                let changed;
                let value = match operator {
                    Some(Operator::WithoutPrefix) => self.trimmed(value, &argument, '#')?,
                    Some(Operator::WithoutSuffix) => self.trimmed(value, &argument, '%')?,
                    Some(Operator::Replace { all }) => {
                        let pattern = Pattern::new(&argument)?;
                        changed =
                            pattern.replaced(value, &replacement, all, LONGEST, &mut self.steps)?;
                        &changed
                    }
                    _ => value,
                };
                push(into, value)
            }
        }
    }

    /// Without the beginning or the end that matches; the longest with a second sign.
    fn trimmed<'v>(
        &mut self,
        value: &'v str,
        pattern: &str,
        sign: char,
    ) -> Result<&'v str, String> {
        let longest = pattern.strip_prefix(sign);
        let pattern = Pattern::new(longest.unwrap_or(pattern))?;
        let longest = longest.is_some();
        Ok(if sign == '#' {
            let length = pattern.prefix(value, longest, &mut self.steps)?;
            value.get(length.unwrap_or_default()..).unwrap_or_default()
        } else {
            let length = pattern.suffix(value, longest, &mut self.steps)?;
            let end = value.len() - length.unwrap_or_default();
            value.get(..end).unwrap_or_default()
        })
    }

    fn defaulted(&mut self, name: &str, unknown: bool) {
        if unknown {
            push_once(&mut self.done.defaulted, name);
        }
    }
}

/// Names are few; where somebody writes thousands, the first ones do.
fn push_once(names: &mut Vec<String>, name: &str) {
    if names.len() < 256 && !names.iter().any(|other| other == name) {
        names.push(name.to_owned());
    }
}
