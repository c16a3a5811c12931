use crate::context::Context;
use crate::model::{Build, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::{Body, variables};

declare_rule! {
    /// what the image asks of the container runtime is only a build argument
    ///
    /// ## What it does
    /// Finds `ARG NVIDIA_VISIBLE_DEVICES=…` and `ARG NVIDIA_DRIVER_CAPABILITIES=…` that no `ENV` takes up.
    ///
    /// ## Why
    /// Arguments are for the build. The container runtime reads the image's environment, and finds nothing there.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// ARG NVIDIA_VISIBLE_DEVICES=all
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=all
    /// ```
    ContractInBuildArgument, "LG413", "contract-in-build-argument", Note, High
}

impl Rule for ContractInBuildArgument {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        for at in build.steps_of(stage) {
            let Body::Arguments(arguments) = &at.step.instruction.body else {
                continue;
            };
            for argument in arguments {
                let name = argument.name.value.as_str();
                if !matches!(
                    name,
                    "NVIDIA_VISIBLE_DEVICES" | "NVIDIA_DRIVER_CAPABILITIES"
                ) || argument.default.is_none()
                {
                    continue;
                }
                let is_taken_up = build
                    .steps_of(stage)
                    .flat_map(|at| at.environment_pairs())
                    .any(|pair| {
                        pair.name.value == name
                            || variables(&pair.value.value)
                                .iter()
                                .any(|variable| variable.name == name)
                    });
                if is_taken_up {
                    continue;
                }
                let finding = context.report(
                    &Self::META,
                    argument.span,
                    format!("`{name}` is a build argument, and not in the container's environment"),
                );
                if let Some(value) = build
                    .final_environment(stage, name)
                    .filter(|value| value.span.is_none())
                {
                    finding.because(format!(
                        "the base image sets it to `{}`, and so it stays",
                        value.text
                    ));
                }
                finding.hint(format!("write `ENV {name}=…`"));
            }
        }
    }
}
