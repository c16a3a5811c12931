use crate::context::Context;
use crate::model::{Choice, beyond};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use crate::sources::docker_run::Invocation;
use liftgate_dockerfile::Span;

declare_rule! {
    /// `CUDA_VISIBLE_DEVICES` with a number that the container's GPUs do not have
    ///
    /// ## What it does
    /// Finds containers that are given a number of GPUs, and an index in `CUDA_VISIBLE_DEVICES` that is not below that number.
    ///
    /// ## Why
    /// In the container its GPUs are counted from 0 on. One that was given GPU 1 of the host has one GPU, which is 0 there; with `CUDA_VISIBLE_DEVICES=1` CUDA
    /// has none, and frameworks work on the processor.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - device_ids: ["1"]
    ///     environment:
    ///       CUDA_VISIBLE_DEVICES: "1"
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - device_ids: ["1"]
    /// ```
    ///
    /// ```sh,bad
    /// docker run --gpus device=1 -e CUDA_VISIBLE_DEVICES=1 example/app:1.0
    /// ```
    ///
    /// ```sh,good
    /// docker run --gpus device=1 example/app:1.0
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#907, NVIDIA/nvidia-container-toolkit#73.
    CudaVisibleDevicesRenumbered, "LG628", "cuda-visible-devices-renumbered", Warning, High
}

const NAME: &str = "CUDA_VISIBLE_DEVICES";

impl Rule for CudaVisibleDevicesRenumbered {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let (Some(variable), Some(choice)) = (service.variable(NAME), service.choice()) else {
            return;
        };
        let span = variable.name_place.used.to(variable.value_place.used);
        // A privileged container has all of them.
        if service
            .privileged
            .is_none_or(|entry| entry.value.as_bool() == Some(false))
        {
            look(variable.value, &choice, span, context);
        }
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if invocation.named("privileged").next().is_some() {
            return;
        }
        // `-e CUDA_VISIBLE_DEVICES`: the value is the shell's, and the device is of the same.
        let passed_on = invocation
            .named("env")
            .filter_map(|option| option.value.as_ref())
            .find(|value| value.text == NAME);
        let by_it = invocation.value("gpus").is_some_and(|gpus| {
            !gpus.literal && gpus.text.contains("device=") && gpus.text.contains(NAME)
        });
        if let Some(passed_on) = passed_on.filter(|_| by_it) {
            same_number(passed_on.span, context);
            return;
        }
        let Some((value, whole)) = invocation.assignment("env", NAME) else {
            return;
        };
        let written = invocation.value("gpus");
        // `--gpus device=$X -e CUDA_VISIBLE_DEVICES=$X`: the same number, whatever it is.
        let same = written
            .and_then(|gpus| gpus.text.trim_matches('"').strip_prefix("device="))
            .filter(|id| value.starts_with('$') && *id == value);
        if same.is_some() {
            same_number(whole.span, context);
            return;
        }
        if let Some(choice) = invocation.choice() {
            look(Some(value), &choice, whole.span, context);
        }
    }
}

fn same_number(span: Span, context: &mut Context<'_>) {
    let finding = context.report(
        &CudaVisibleDevicesRenumbered::META,
        span,
        format!("`{NAME}` is the number that the GPU has on the host"),
    );
    finding.because("in the container its GPUs are counted from 0 on");
    finding.hint("leave it out: CUDA sees the GPUs that the container was given, and no others");
}

fn look(value: Option<&str>, choice: &Choice, span: Span, context: &mut Context<'_>) {
    let (Some(value), Some(granted)) = (value, choice.number()) else {
        return;
    };
    let Some(index) = beyond(value, granted) else {
        return;
    };
    let sentence = format!(
        "`{NAME}` names GPU {index}, and the container's are counted from 0 to {}",
        granted - 1
    );
    let finding = context.report(&CudaVisibleDevicesRenumbered::META, span, sentence);
    finding.because(format!(
        "it is given {}, whatever numbers they have on the host",
        choice.text()
    ));
    finding.hint("leave it out: CUDA sees the GPUs that the container was given, and no others");
}
