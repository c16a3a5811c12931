use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{Build, Origin};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// what the image asks of the container runtime is set in a stage that it is not built on
    ///
    /// ## What it does
    /// Finds `ENV NVIDIA_VISIBLE_DEVICES` and `ENV NVIDIA_DRIVER_CAPABILITIES` in a stage that the last one is not built on, where the last one is made from a plain
    /// image and sets neither.
    ///
    /// ## Why
    /// `COPY --from` takes files along, and no variables. The image asks for nothing: with `--runtime=nvidia` it gets no GPU, and with `--gpus` only `compute` and
    /// `utility`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM ubuntu:24.04 AS build
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,video,utility
    /// COPY . /app
    ///
    /// FROM ubuntu:24.04
    /// COPY --from=build /app /app
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:24.04 AS build
    /// COPY . /app
    ///
    /// FROM ubuntu:24.04
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,video,utility
    /// COPY --from=build /app /app
    /// ```
    ContractInOtherStage, "LG414", "contract-in-other-stage", Warning, Medium
}

const VARIABLES: &[&str] = &["NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"];

impl Rule for ContractInOtherStage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(last) = build.last() else { return };
        let asks = VARIABLES
            .iter()
            .any(|name| build.final_environment(last, name).is_some());
        // An empty image is not one that runs.
        let is_empty = build.root(last).origin == Origin::Scratch;
        if asks || is_empty || !build.provided(last).is_known() || build.cuda_base(last).is_some() {
            return;
        }
        let is_below = |index: usize| build.lineage(last).any(|stage| stage.index == index);
        let found = build
            .steps()
            .filter(|at| !is_below(at.stage.index))
            .find_map(|at| {
                let pair = at
                    .environment_pairs()
                    .iter()
                    .find(|pair| VARIABLES.contains(&pair.name.value.as_str()))?;
                Some((at, pair))
            });
        let Some((at, pair)) = found else { return };
        // Which stage the last one is built on may be chosen by an argument.
        let is_chosen = build
            .lineage(last)
            .any(|stage| stage.image_span.of(build.file.text).contains('$'));
        if is_chosen && !build.is_reached(at.stage) {
            return;
        }
        let finding = context.report(
            &Self::META,
            pair.span,
            format!(
                "`{}` does not come along into the image that is built last",
                pair.name.value
            ),
        );
        finding.related(last.image_span, "it begins anew here");
        if !build.is_reached(at.stage) {
            // It may be a target of its own.
            finding.severity(Severity::Note).at_most(Confidence::Low);
        }
        finding.hint("set it in the last stage");
    }
}
