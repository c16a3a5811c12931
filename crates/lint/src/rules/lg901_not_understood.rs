use crate::rule::{Meta, Rule, declare_rule};

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
