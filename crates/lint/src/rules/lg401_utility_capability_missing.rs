use crate::context::Context;
use crate::model::Build;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::{Kind, Span};

declare_rule! {
    /// the image runs `nvidia-smi`, and does not ask for the driver's tools
    ///
    /// ## What it does
    /// Finds images whose `CMD`, `ENTRYPOINT` or `HEALTHCHECK` runs `nvidia-smi`, and whose `NVIDIA_DRIVER_CAPABILITIES` has neither `utility` nor `all`.
    ///
    /// ## Why
    /// `nvidia-smi` and NVML are the driver's part `utility`. Without it the container starts, and says `nvidia-smi: not found`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM ubuntu:24.04
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute
    /// HEALTHCHECK CMD nvidia-smi
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:24.04
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
    /// HEALTHCHECK CMD nvidia-smi
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1382, NVIDIA/nvidia-container-toolkit#718.
    UtilityCapabilityMissing, "LG401", "utility-capability-missing", Error, High
}

impl Rule for UtilityCapabilityMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(last) = build.last() else { return };
        let Some((at, span)) = build.steps_of(last).find_map(|at| {
            let kind = at.step.instruction.kind;
            let runs = matches!(kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
            let command = at.step.commands.iter().find(|command| runs && command.program() == Some("nvidia-smi"))?;
            Some((at, command.span))
        }) else {
            return;
        };
        if build.asks_for(last, "utility") != Some(false) {
            return;
        }
        let Some(value) = build.capabilities(last) else { return };
        let finding = context.report(&Self::META, span, "`nvidia-smi` will not be there");
        finding.related(value.span.unwrap_or(Span::at(at.step.instruction.span.start)), "only this part of the driver is asked for");
        finding.because("it belongs to the driver's part `utility`");
        finding.hint(format!("set `NVIDIA_DRIVER_CAPABILITIES={},utility`", value.text.trim_end_matches(',')));
    }
}
