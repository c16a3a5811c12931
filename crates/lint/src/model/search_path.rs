//! Lists of directories in a variable of the environment: `LD_LIBRARY_PATH`, `PATH`.

use super::build::At;
use super::environment::{Certainty, Value};
use liftgate_dockerfile::{Body, Pair, Span, variables};

/// An `ENV` that sets a list of directories.
#[derive(Debug)]
pub struct PathSetting<'b> {
    /// The pair of the `ENV`.
    pub pair: &'b Pair,
    /// Its entries, in order.
    pub entries: Vec<PathEntry>,
    /// Whether the variable's own value before is part of the new one.
    pub keeps: bool,
    /// The value before, that of the base image too.
    pub before: Option<Value>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathEntry {
    /// Where it is written; the whole value where that cannot be told.
    pub span: Span,
    /// As it is written.
    pub written: String,
    /// With its variables put in.
    pub text: String,
    /// How sure that is.
    pub certainty: Certainty,
    /// Whether it is the variable's own value before.
    pub is_before: bool,
}

impl<'b> At<'b> {
    /// What an `ENV` instruction sets a list of directories to.
    pub fn path_settings(&self, name: &str) -> Vec<PathSetting<'b>> {
        let Body::Pairs(pairs) = &self.step.instruction.body else {
            return Vec::new();
        };
        if self.step.instruction.kind != liftgate_dockerfile::Kind::Env {
            return Vec::new();
        }
        pairs
            .iter()
            .filter(|pair| pair.name.value == name)
            .map(|pair| self.path_setting(name, pair))
            .collect()
    }

    fn path_setting(&self, name: &str, pair: &'b Pair) -> PathSetting<'b> {
        let value = pair.value.value.as_str();
        let refers = |text: &str| variables(text).iter().any(|variable| variable.name == name);
        // Where the value is written as it means, but for quotes around it, its parts have places of their own.
        let source = pair.value.span.of(self.build.file.text);
        let start = source
            .find(value)
            .filter(|at| *at <= 1)
            .map(|at| pair.value.span.start + at);
        let mut entries = Vec::new();
        let mut at = 0;
        for written in parts(value) {
            let (text, certainty) = self.build.expanded(self.stage, self.index, written);
            entries.push(PathEntry {
                span: start.map_or(pair.value.span, |start| {
                    Span::new(start + at, start + at + written.len())
                }),
                written: written.to_owned(),
                text,
                certainty,
                is_before: refers(written),
            });
            at += written.len() + 1;
        }
        PathSetting {
            pair,
            entries,
            keeps: refers(value),
            before: self.build.environment(self.stage, self.index, name),
        }
    }
}

/// The parts between colons, but for colons within braces: `${A:+$A:}/b` has one part.
fn parts(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    let mut last = ' ';
    for (at, character) in value.char_indices() {
        match character {
            '{' if last == '$' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => {
                parts.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        last = character;
    }
    parts.push(&value[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn colons_of_variables_divide_nothing() {
        assert_eq!(parts("/a:/b"), ["/a", "/b"]);
        assert_eq!(parts("/a${B:+:$B}"), ["/a${B:+:$B}"]);
        assert_eq!(parts("${A:-/x}:/b:"), ["${A:-/x}", "/b", ""]);
        assert_eq!(parts(""), [""]);
        assert_eq!(parts("a}:b"), ["a}", "b"]);
    }
}
