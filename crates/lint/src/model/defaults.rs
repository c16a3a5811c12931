//! Defaults of build arguments that an image's name is made of: where they stand, and what they would have to be.

use super::build::{Build, Origin};
use super::environment::Certainty;
use liftgate_cuda::image::{Reference, TagVerdict};
use liftgate_dockerfile::{Argument, Body, Kind, Span, expand, variables};
use std::collections::HashMap;

/// Defaults that hang on one another: more of them in a row are not looked through.
const DEEPEST: usize = 8;
/// Names of images are no longer, and more arguments than these are not for a name.
const MOST_ARGUMENTS: usize = 64;

/// Another default of a build argument, with which an image has the wanted name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherDefault {
    /// The argument.
    pub name: String,
    /// Where its default is written, without quotes.
    pub span: Span,
    /// What is to stand there.
    pub value: String,
    /// Whether it is for the names of images alone, and each of these is one that there is then.
    pub is_for_images: bool,
}

impl<'a> Build<'a> {
    /// The arguments before the first `FROM`, in order.
    fn arguments(&self) -> Vec<&'a Argument> {
        let before = self.file.instructions().take_while(|instruction| instruction.kind != Kind::From);
        let arguments = before.filter_map(|instruction| match &instruction.body {
            Body::Arguments(arguments) => Some(arguments),
            _ => None,
        });
        arguments.flatten().take(MOST_ARGUMENTS).collect()
    }

    /// The defaults that the name of an image is made of, with the arguments' names, in the order of their places.
    pub fn defaults_of(&self, word: &str) -> Vec<(String, Span)> {
        let arguments = self.arguments();
        let mut found: Vec<(String, Span)> = Vec::new();
        let mut words = vec![word];
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for variable in words.iter().flat_map(|word| variables(word)) {
                let argument = arguments.iter().rev().find(|argument| argument.name.value == variable.name);
                let Some(default) = argument.and_then(|argument| argument.default.as_ref()) else {
                    continue;
                };
                if !found.iter().any(|(_, span)| *span == default.span) {
                    found.push((variable.name.to_owned(), default.span));
                    next.push(default.value.as_str());
                }
            }
            words = next;
        }
        found.sort_by_key(|(_, span)| *span);
        found
    }

    /// A word of a `FROM`, where one argument's default is another than the one that is written.
    fn with_default(&self, arguments: &[&'a Argument], word: &str, at: Span, value: &str) -> Option<String> {
        let mut values: HashMap<&str, String> = HashMap::new();
        for argument in arguments {
            let Some(default) = &argument.default else { continue };
            let text = if default.span == at {
                value.to_owned()
            } else {
                let expanded = expand(&default.value, |name| values.get(name).cloned());
                expanded.unknown.is_empty().then_some(expanded.text)?
            };
            values.insert(&argument.name.value, text);
        }
        let expanded = expand(word, |name| values.get(name).cloned());
        (expanded.unknown.is_empty() && expanded.error.is_none()).then_some(expanded.text)
    }

    /// The one default that has to be another one, so that a word of a `FROM` means the wanted name.
    pub fn other_default(&self, word: &str, wanted: &str) -> Option<OtherDefault> {
        const MARK: &str = "\u{1}";
        let arguments = self.arguments();
        self.defaults_of(word).into_iter().find_map(|(name, at)| {
            let argument = arguments.iter().find(|argument| argument.default.as_ref().is_some_and(|default| default.span == at))?;
            let default = argument.default.as_ref()?;
            let source = at.of(self.file.text);
            let span = match source.find(&default.value)? {
                start if start <= 1 && source.len() - default.value.len() == 2 * start => Span::new(at.start + start, at.end - start),
                _ => return None,
            };
            // What stands around it in the name, and what would therefore have to stand there.
            let marked = self.with_default(&arguments, word, at, MARK)?;
            let (before, behind) = marked.split_once(MARK).filter(|(_, behind)| !behind.contains(MARK))?;
            let value = wanted.strip_prefix(before)?.strip_suffix(behind)?.to_owned();
            let is_plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte));
            if !is_plain || self.with_default(&arguments, word, at, &value).as_deref() != Some(wanted) {
                return None;
            }
            let is_for_images = self.is_for_images(&arguments, &name, at, &value);
            Some(OtherDefault {
                name,
                span,
                value,
                is_for_images,
            })
        })
    }

    /// Whether an argument is named in `FROM`s alone, each of which has an image that there is with the other default.
    fn is_for_images(&self, arguments: &[&'a Argument], name: &str, at: Span, value: &str) -> bool {
        let mut uses = 0;
        for stage in &self.stages {
            let Body::From { image, .. } = &stage.from.body else { continue };
            let own = variables(&image.value).iter().filter(|variable| variable.name == name).count();
            if own == 0 {
                continue;
            }
            uses += own;
            let is_there = matches!(stage.origin, Origin::Image { certainty, .. } if certainty != Certainty::Unknown)
                && self.with_default(arguments, &image.value, at, value).is_some_and(|text| {
                    Reference::parse(&text).is_some_and(|reference| reference.judge().verdict == TagVerdict::Exists)
                });
            if !is_there {
                return false;
            }
        }
        // Its declaration, and nothing else but these.
        words(self.file.text, name) == uses + 1
    }
}

/// How often a name stands in a text as a word of its own.
fn words(text: &str, name: &str) -> usize {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.match_indices(name)
        .filter(|(at, _)| !text[..*at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
        .count()
}
