use crate::context::Context;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// the image chooses GPUs by `CUDA_VISIBLE_DEVICES`
    ///
    /// ## What it does
    /// Finds `ENV CUDA_VISIBLE_DEVICES=…` with numbers.
    ///
    /// ## Why
    /// In a container the GPUs that it was given are counted from 0 on, whatever their numbers are on the host. With `CUDA_VISIBLE_DEVICES=1` a
    /// container that was given one GPU has none, and works on the processor; with `0` one that was given four uses one.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// ENV CUDA_VISIBLE_DEVICES=1
    /// ```
    ///
    /// Use instead: choose when the container is started, `docker run --gpus '"device=1"'`.
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=all
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#907, NVIDIA/nvidia-container-toolkit#73.
    CudaVisibleDevicesBaked, "LG405", "cuda-visible-devices-baked", Warning, High
}

impl Rule for CudaVisibleDevicesBaked {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            if pair.name.value != "CUDA_VISIBLE_DEVICES" || pair.value.value.contains('$') {
                continue;
            }
            let value = pair.value.value.trim();
            let sentence = match value {
                // Who hides them all wants the processor, and says so.
                "" | "-1" | "none" | "NoDevFiles" => continue,
                "all" => "`CUDA_VISIBLE_DEVICES=all` hides every GPU from CUDA: it takes numbers and UUIDs".to_owned(),
                _ => format!("the image chooses GPU {value} of those that the container is given"),
            };
            let finding = context.report(&Self::META, pair.span, sentence);
            finding.because("in a container its GPUs are counted from 0 on, whatever their numbers are on the host");
            finding.hint("leave it out, and choose when the container is started: `docker run --gpus '\"device=…\"'`");
        }
    }
}
