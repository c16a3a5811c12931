use crate::context::Context;
use crate::finding::Severity;
use crate::model::{At, Build};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::{Kind, Span};

declare_rule! {
    /// the image runs `nvidia-smi`, and does not ask for the driver's tools
    ///
    /// ## What it does
    /// Finds images whose `CMD`, `ENTRYPOINT` or `HEALTHCHECK` runs `nvidia-smi`, or that install what asks NVML (`gpustat`, `nvitop`, `pynvml`), and whose `NVIDIA_DRIVER_CAPABILITIES` has neither `utility` nor `all`.
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
        let runs = build.steps_of(last).find_map(|at| {
            let kind = at.step.instruction.kind;
            let runs = matches!(kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
            let mut commands = at.step.commands.iter().enumerate();
            // With `|| true` it is asked whether there is one.
            let (_, command) = commands.find(|(number, command)| {
                runs && command.program() == Some("nvidia-smi") && !at.may_fail(*number)
            })?;
            Some((command.span, "nvidia-smi".to_owned()))
        });
        let found = runs.clone().or_else(|| {
            build
                .lineage(last)
                .flat_map(|stage| build.steps_of(stage))
                .find_map(|at| asks_nvml(&at))
        });
        let Some((span, name)) = found else { return };
        if build.asks_for(last, "utility") != Some(false) {
            return;
        }
        let Some(value) = build.capabilities(last) else {
            return;
        };
        let sentence = if runs.is_some() {
            format!("`{name}` will not be there")
        } else {
            format!("`{name}` finds no GPU: NVML will not be there")
        };
        let finding = context.report(&Self::META, span, sentence);
        if runs.is_none() {
            finding.severity(Severity::Warning);
        }
        finding.related(
            value.span.unwrap_or(Span::at(span.start)),
            "only this part of the driver is asked for",
        );
        finding.because("it belongs to the driver's part `utility`");
        finding.hint(format!(
            "set `NVIDIA_DRIVER_CAPABILITIES={},utility`",
            value.text.trim_end_matches(',')
        ));
    }
}

/// A package that asks NVML of the GPUs.
fn asks_nvml(at: &At<'_>) -> Option<(Span, String)> {
    let requirements = at
        .step
        .pip
        .iter()
        .flat_map(|(_, install)| &install.requirements);
    let names = [
        "nvidia-ml-py",
        "pynvml",
        "gpustat",
        "nvitop",
        "nvidia-ml-py3",
        "py3nvml",
    ];
    let requirement = requirements
        .into_iter()
        .find(|requirement| names.contains(&requirement.name.as_str()));
    let packages = at
        .step
        .installs
        .iter()
        .flat_map(|(_, install)| &install.packages);
    let package = packages.into_iter().find(|package| package.name == "nvtop");
    requirement
        .map(|requirement| (requirement.span, requirement.name.clone()))
        .or_else(|| package.map(|package| (package.span, package.name.clone())))
}
