use crate::context::Context;
use crate::finding::{Confidence, Fix};
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::{Span, variables};

declare_rule! {
    /// a variable is used in the `ENV` that sets it
    ///
    /// ## What it does
    /// Finds values in an `ENV` that name a variable which an earlier pair of the same `ENV` sets, where that was not its value before.
    ///
    /// ## Why
    /// All values of an instruction are taken from the variables as they were before it. So `ENV CUDA_HOME=/usr/local/cuda LD_LIBRARY_PATH=${CUDA_HOME}/lib64` gives the
    /// loader `/lib64`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM ubuntu:24.04
    /// ENV CUDA_HOME=/usr/local/cuda \
    ///     CUDA_BIN=${CUDA_HOME}/bin
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM ubuntu:24.04
    /// ENV CUDA_HOME=/usr/local/cuda
    /// ENV CUDA_BIN=${CUDA_HOME}/bin
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:24.04
    /// ENV CUDA_HOME=/usr/local/cuda
    /// ENV CUDA_BIN=${CUDA_HOME}/bin
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the variable gets another value than before, which is the purpose.
    ///
    /// ## Sources
    /// Dockerfile reference, Environment replacement.
    VariableOfSameInstruction, "LG215", "variable-of-same-instruction", Warning, High
}

impl Rule for VariableOfSameInstruction {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let pairs = at.environment_pairs();
        for (number, pair) in pairs.iter().enumerate().skip(1) {
            let named = variables(&pair.value.value);
            let earlier = pairs[..number].iter().find(|earlier| {
                named
                    .iter()
                    .any(|variable| variable.name == earlier.name.value)
            });
            let Some(earlier) = earlier else { continue };
            let name = earlier.name.value.as_str();
            let before = at.variable(name);
            let (now, certainty) = at.build.expanded(at.stage, at.index, &earlier.value.value);
            // What it is set to is what it was: `ARG A=1`, `ENV A=$A B=$A`.
            let is_same = before.as_ref().is_some_and(|before| before.text == now)
                || certainty == Certainty::Unknown && earlier.value.value.contains(name);
            if is_same {
                continue;
            }
            let finding = context.report(
                &Self::META,
                pair.value.span,
                format!(
                    "`{}` takes `{name}` as it was before this `ENV`",
                    pair.name.value
                ),
            );
            finding.related(earlier.span, "it is set here, in the same instruction");
            match &before {
                Some(before) => finding.because(format!("it was `{}` there", before.text)),
                None if at.build.base(at.stage).is_some()
                    && at.build.provided(at.stage).is_known() =>
                {
                    finding.because("it was not set there: nothing stands for it")
                }
                None => finding
                    .because("unless the base image sets it, nothing stands for it")
                    .at_most(Confidence::Medium),
            };
            finding.hint(format!(
                "set `{}` in an `ENV` of its own, behind this one",
                pair.name.value
            ));
            let gap = Span::new(pairs[number - 1].span.end, pair.span.start);
            let is_plain = gap
                .of(at.build.file.text)
                .chars()
                .all(|character| character.is_whitespace() || character == at.build.file.escape);
            if is_plain && !pair.old {
                finding.fix(Fix::unsafe_("begin a new `ENV`").replace(gap, "\nENV "));
            }
        }
    }
}
