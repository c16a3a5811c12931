use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// a comment ignores a rule that finds nothing there
    ///
    /// ## What it does
    /// Finds `# liftgate: ignore[…]` comments that silence nothing.
    ///
    /// ## Why
    /// What it was written for has been mended, or the comment stands in another place than its author thinks. It would
    /// hide the next mistake of that kind.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// # liftgate: ignore[LG103] the cluster's mirror has only this one
    /// FROM ubuntu:22.04
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM ubuntu:22.04
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:22.04
    /// ```
    UnusedSuppression, "LG902", "unused-suppression", Warning, High
}

impl Rule for UnusedSuppression {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }
}
