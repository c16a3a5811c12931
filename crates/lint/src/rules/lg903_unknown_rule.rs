use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// a comment ignores a rule that does not exist, or names none
    ///
    /// ## What it does
    /// Finds `# liftgate: …` comments that cannot be understood, and codes and names in them that no rule has. With
    /// `--pedantic` it also wants a reason behind the brackets.
    ///
    /// ## Why
    /// A misspelt comment silences nothing, and its author thinks it does.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// # liftgate: ignore[LG9999]
    /// FROM ubuntu:22.04
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:22.04
    /// ```
    UnknownRule, "LG903", "unknown-rule", Warning, High
}

impl Rule for UnknownRule {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }
}
