//! How `BuildKit` reads a word: quotes, escapes, variables.
//!
//! It is nearly the shell's way, but not quite: within `${A:-…}` quotes count even where double quotes are around, and
//! a name may be made of any letters. Nesting is bounded here; nobody nests variables in variables so deep.

use crate::shown::shown;
use crate::span::Span;

/// How deep `${A:-${B:-…}}` goes.
const DEEPEST: usize = 32;

/// A variable that is used, in a [`crate::Word`]'s value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable<'a> {
    /// All of it, `$A` or `${A:-b}`, within the value.
    pub span: Span,
    /// Its name.
    pub name: &'a str,
    /// What is done with it.
    pub operator: Option<Operator>,
    /// What stands behind the operator: the default, the pattern, with its own variables.
    pub argument: Option<&'a str>,
    /// How many other variables' arguments it stands in.
    pub depth: usize,
}

/// What is done with a variable. `empty`: an empty variable is as one that is not set (`:`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `-`: the argument where it is not set.
    Default {
        /// `:-`
        empty: bool,
    },
    /// `+`: the argument where it is set.
    Alternative {
        /// `:+`
        empty: bool,
    },
    /// `?`: an error where it is not set.
    Required {
        /// `:?`
        empty: bool,
    },
    /// `#`: without the beginning that matches; `##`, a second `#` in the argument: the longest.
    WithoutPrefix,
    /// `%`: without the end that matches; `%%`, a second `%` in the argument: the longest.
    WithoutSuffix,
    /// `/`: with the first match replaced; the argument has both, `pattern/replacement`.
    Replace {
        /// `//`: every match.
        all: bool,
    },
}

/// What stands behind a dollar sign.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dollar {
    /// Nothing that makes a variable.
    Lone,
    /// A variable.
    Variable {
        name: Span,
        operator: Option<Operator>,
        argument: Span,
        /// Of [`Operator::Replace`].
        replacement: Span,
    },
}

/// A place in a text that is read by `BuildKit`'s rules.
#[derive(Debug)]
pub(crate) struct Lexer<'a, 'v> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
    pub(crate) escape: char,
    /// The variables that were met, where they are asked for.
    pub(crate) variables: Option<&'v mut Vec<Variable<'a>>>,
    pub(crate) depth: usize,
}

impl<'a> Lexer<'a, '_> {
    pub(crate) const fn new(text: &'a str, escape: char) -> Self {
        Self {
            text,
            at: 0,
            escape,
            variables: None,
            depth: 0,
        }
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// A single-quoted text, behind its first quote; its content.
    pub(crate) fn single_quoted(&mut self) -> Result<Span, String> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.find('\'').ok_or_else(unclosed_single)?;
        self.at = start + length + 1;
        Ok(Span::new(start, start + length))
    }

    /// Passes over a double-quoted text, behind its first quote.
    fn double_quoted(&mut self) -> Result<(), String> {
        loop {
            match self.next().ok_or_else(unclosed_double)? {
                '"' => return Ok(()),
                '$' => drop(self.dollar()?),
                c if c == self.escape => self.double_quoted_escape(),
                _ => {}
            }
        }
    }

    /// Behind an escape character between double quotes: it escapes three characters only.
    pub(crate) fn double_quoted_escape(&mut self) {
        if let Some(c) = self.peek()
            && (matches!(c, '"' | '$') || c == self.escape)
        {
            self.next();
        }
    }

    /// Passes over what ends with a character; the content.
    fn until(&mut self, stop: char) -> Result<Span, String> {
        let start = self.at;
        loop {
            let before = self.at;
            match self.next().ok_or("a `${` is not closed")? {
                c if c == stop => return Ok(Span::new(start, before)),
                '\'' => drop(self.single_quoted()?),
                '"' => self.double_quoted()?,
                '$' => drop(self.dollar()?),
                c if c == self.escape => drop(self.next()),
                _ => {}
            }
        }
    }

    /// Passes over what is behind a dollar sign.
    pub(crate) fn dollar(&mut self) -> Result<Dollar, String> {
        let start = self.at - 1;
        let index = self.variables.as_ref().map(|variables| variables.len());
        let braces = self.peek() == Some('{');
        let (name, operator, argument, replacement);
        if braces {
            self.next();
            if matches!(self.peek(), Some('{' | '}' | ':')) {
                return Err("`${` needs the name of a variable behind it".to_owned());
            }
            if self.depth == DEEPEST {
                return Err(format!("variables are nested deeper than {DEEPEST}"));
            }
            self.depth += 1;
            name = self.name();
            (operator, argument, replacement) = self.operation(start, name, index)?;
            self.depth -= 1;
        } else {
            name = self.name();
            if name.is_empty() {
                return Ok(Dollar::Lone);
            }
            (operator, argument) = (None, Span::at(self.at));
            replacement = argument;
            self.found(start, name, index);
        }
        if let (Some(variables), Some(index)) = (&mut self.variables, index)
            && let Some(variable) = variables.get_mut(index)
        {
            variable.span.end = self.at;
            variable.operator = operator;
            let argument = argument.to(replacement);
            variable.argument = operator.is_some().then(|| argument.of(self.text));
        }
        Ok(Dollar::Variable {
            name,
            operator,
            argument,
            replacement,
        })
    }

    /// Notes a variable before those in its argument.
    fn found(&mut self, start: usize, name: Span, index: Option<usize>) {
        if let (Some(variables), Some(_)) = (&mut self.variables, index) {
            variables.push(Variable {
                span: Span::new(start, name.end),
                name: name.of(self.text),
                operator: None,
                argument: None,
                depth: self.depth - usize::from(name.start > start + 1),
            });
        }
    }

    /// Behind the name in braces, up to the brace that closes.
    fn operation(
        &mut self,
        start: usize,
        name: Span,
        index: Option<usize>,
    ) -> Result<(Option<Operator>, Span, Span), String> {
        self.found(start, name, index);
        let sign = self.at;
        let mut operator = self.next().ok_or("a `${` is not closed")?;
        if operator == '}' {
            return Ok((None, Span::at(sign), Span::at(sign)));
        }
        let empty = operator == ':';
        if empty {
            operator = self.next().ok_or("a `${` is not closed")?;
        }
        let spelled = Span::new(sign, self.at).of(self.text);
        let operator = match operator {
            '-' => Operator::Default { empty },
            '+' => Operator::Alternative { empty },
            '?' => Operator::Required { empty },
            '#' if !empty => Operator::WithoutPrefix,
            '%' if !empty => Operator::WithoutSuffix,
            '/' if !empty => {
                let all = self.peek() == Some('/');
                self.at += usize::from(all);
                let pattern = self.until('/')?;
                let replacement = self.until('}')?;
                return Ok((Some(Operator::Replace { all }), pattern, replacement));
            }
            _ => {
                return Err(format!(
                    "`{}` is nothing that can be done with a variable",
                    shown(spelled)
                ));
            }
        };
        let argument = self.until('}')?;
        Ok((Some(operator), argument, Span::at(argument.end)))
    }

    fn name(&mut self) -> Span {
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
        Span::new(start, self.at)
    }
}

fn unclosed_single() -> String {
    "a single quote is not closed".to_owned()
}

fn unclosed_double() -> String {
    "a double quote is not closed".to_owned()
}

/// What a word means, by the rules of [`crate::Word::value`].
pub(crate) fn meaning(word: &str, escape: char) -> Result<String, String> {
    let mut value = Value {
        text: String::with_capacity(word.len()),
        bare: None,
    };
    if !word.contains(['\'', '"', '$', escape]) {
        value.text.push_str(word);
        return Ok(value.text);
    }
    let mut lexer = Lexer::new(word, escape);
    let mut quoted = false;
    while let Some(c) = lexer.next() {
        match c {
            '\'' if !quoted => {
                for c in lexer.single_quoted()?.of(word).chars() {
                    value.literal(c);
                }
            }
            '"' => quoted = !quoted,
            '$' => {
                let start = lexer.at - 1;
                match lexer.dollar()? {
                    Dollar::Lone => value.literal('$'),
                    Dollar::Variable { .. } => {
                        value.variable(Span::new(start, lexer.at).of(word), escape);
                    }
                }
            }
            c if c == escape && quoted => {
                // At the end of a word nothing is left of it; an error follows, the quote is open.
                let start = lexer.at;
                lexer.double_quoted_escape();
                let escaped = Span::new(start, lexer.at).of(word).chars().next();
                value.literal(escaped.unwrap_or(c));
            }
            c if c == escape => {
                if let Some(escaped) = lexer.next() {
                    value.literal(escaped);
                }
            }
            c => value.literal(c),
        }
    }
    if quoted {
        return Err(unclosed_double());
    }
    Ok(value.text)
}

/// A value in the making.
#[derive(Debug, Default)]
struct Value {
    text: String,
    /// Where a variable without braces is at the end of it.
    bare: Option<usize>,
}

impl Value {
    fn literal(&mut self, c: char) {
        if let Some(dollar) = self.bare.take()
            && (c.is_alphanumeric() || c == '_')
        {
            // `"$A"b` is no variable `Ab`.
            self.text.insert(dollar + 1, '{');
            self.text.push('}');
        }
        if c == '$' {
            self.double_backslashes();
            self.text.push('\\');
        }
        self.text.push(c);
    }

    fn variable(&mut self, spelled: &str, escape: char) {
        self.double_backslashes();
        let bare = !spelled.starts_with("${");
        self.bare = bare.then_some(self.text.len());
        if escape == '\\' {
            self.text.push_str(spelled);
            return;
        }
        // In a value it is always the backslash that escapes.
        let mut characters = spelled.chars();
        while let Some(c) = characters.next() {
            match c {
                c if c == escape => {
                    self.text.push('\\');
                    self.text.extend(characters.next());
                }
                '\\' => self.text.push_str("\\\\"),
                c => self.text.push(c),
            }
        }
    }

    /// Backslashes before a dollar sign count; here they are doubled.
    fn double_backslashes(&mut self) {
        let count = self.text.len() - self.text.trim_end_matches('\\').len();
        self.text.extend(std::iter::repeat_n('\\', count));
    }
}
