use crate::context::Context;
use crate::sources::recognise::{Kind, find_template};
use crate::finding::Severity;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;

declare_rule! {
    /// part of the file cannot be understood
    ///
    /// ## What it does
    /// Says what in a Dockerfile, a compose file or a `devcontainer.json` the reader does not understand. The rest of the file
    /// is looked at all the same.
    ///
    /// ## Why
    /// The engine does not understand it either, or it is a template that is made into such a file later.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM ubuntu:22.04
    /// RUNN apt-get update
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:22.04
    /// RUN apt-get update
    /// ```
    NotUnderstood, "LG901", "not-understood", Error, High
}

impl Rule for NotUnderstood {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }
}

/// More mistakes than these are of one cause, and only counted.
const MOST: usize = 3;

/// Reports what a reader has not understood.
pub(crate) fn report<'e>(errors: impl IntoIterator<Item = (Span, &'e str)>, context: &mut Context<'_>) {
    let mut errors = errors.into_iter().peekable();
    let is_template = errors.peek().is_some() && [Kind::Dockerfile, Kind::Compose].into_iter().any(|kind| find_template(kind, context.text).is_some());
    let mut left = 0;
    for (number, (span, message)) in errors.enumerate() {
        if is_template {
            if number == 0 {
                context
                    .report(&NotUnderstood::META, span, "this is a template, and what is made of it cannot be seen")
                    .severity(Severity::Note)
                    .because(message.to_owned())
                    .hint("look at the file that is made of it");
            }
        } else if number < MOST {
            context
                .report(&NotUnderstood::META, span, message.to_owned())
                .hint("correct it: the engine does not understand it either");
        } else {
            left += 1;
        }
    }
    if left > 0 {
        let sentence = format!("{left} more places are not understood");
        context
            .report(&NotUnderstood::META, Span::at(context.text.len()), sentence)
            .hint("correct the first ones: the others may come of them");
    }
}
