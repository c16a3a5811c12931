use crate::context::Context;
use crate::model::{At, Certainty, is_requirement};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::{Facts, Reading, judge};

declare_rule! {
    /// the driver does not have what the image requires
    ///
    /// ## What it does
    /// With a driver to compare with, holds `NVIDIA_REQUIRE_CUDA` and its like against it, as liftgate does when the container is started.
    ///
    /// ## Why
    /// The container is refused: `requirement-not-met`.
    ///
    /// ## Example
    /// ```dockerfile,bad,driver=535.183.01
    /// FROM python:3.12-slim
    /// ENV NVIDIA_REQUIRE_CUDA=cuda>=13.0
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good,driver=535.183.01
    /// FROM python:3.12-slim
    /// ENV NVIDIA_REQUIRE_CUDA=cuda>=12.0
    /// ```
    RequirementNotMet, "LG410", "requirement-not-met", Error, High
}

impl Rule for RequirementNotMet {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let Some(driver) = context.target.driver.clone() else {
            return;
        };
        let facts = Facts {
            cuda: driver
                .cuda()
                .map(|cuda| (cuda.major.into(), cuda.minor.into())),
            driver: driver.version(),
            ..Facts::default()
        };
        for pair in at.environment_pairs() {
            if !is_requirement(&pair.name.value) {
                continue;
            }
            let (text, certainty) = at.build.expanded(at.stage, at.index, &pair.value.value);
            if certainty == Certainty::Unknown {
                continue;
            }
            if judge(&text, &facts, Reading::MinorVersion).is_ok_and(|verdict| verdict.is_unmet()) {
                let finding = context.report(
                    &Self::META,
                    pair.value.span,
                    format!("{driver} does not have what `{}` requires", pair.name.value),
                );
                finding.because(format!("the image asks for `{text}`"));
                finding.hint("ask for less, or use a newer driver");
            }
        }
    }
}
