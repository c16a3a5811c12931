use crate::context::Context;
use crate::model::{At, Certainty, is_requirement};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::{Facts, Reading, judge};

declare_rule! {
    /// `NVIDIA_REQUIRE_…` that cannot be read
    ///
    /// ## What it does
    /// Reads `NVIDIA_REQUIRE_CUDA` and its like as the container runtime does, and finds what it cannot read.
    ///
    /// ## Why
    /// The container does not start: `requirement error: invalid expression`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// ENV NVIDIA_REQUIRE_CUDA=12.0
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// ENV NVIDIA_REQUIRE_CUDA=cuda>=12.0
    /// ```
    RequirementMalformed, "LG407", "requirement-malformed", Error, High
}

impl Rule for RequirementMalformed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            if !is_requirement(&pair.name.value) {
                continue;
            }
            let (text, certainty) = at.build.expanded(at.stage, at.index, &pair.value.value);
            if certainty == Certainty::Unknown {
                continue;
            }
            if let Err(error) = judge(&text, &Facts::default(), Reading::Strict) {
                let finding = context.report(
                    &Self::META,
                    pair.value.span,
                    format!("`{}` cannot be read: {error}", pair.name.value),
                );
                finding.because("the container runtime refuses to start such a container");
                finding.hint("write conditions such as `cuda>=12.0` or `driver>=535`: a comma is `and`, a blank is `or`");
            }
        }
    }
}
