use crate::context::Context;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::ImageFacts;

declare_rule! {
    /// the image chooses the GPU
    ///
    /// ## What it does
    /// Finds `CUDA_VISIBLE_DEVICES`, and an index or a UUID in `NVIDIA_VISIBLE_DEVICES`, in the environment of an image.
    ///
    /// ## Why
    /// Which GPU it is, is said where the container is started. The GPUs that it gets are counted from 0 inside: `CUDA_VISIBLE_DEVICES=1` in a container with one GPU is none.
    ///
    /// ## Example
    /// ```json,bad
    /// {"configuration": {"environment": [["CUDA_VISIBLE_DEVICES", "1"]]}}
    /// ```
    ///
    /// ```json,good
    /// {"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]}}
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-container-toolkit#73.
    GpuChoiceBaked, "LG815", "gpu-choice-baked", Warning, High
}

impl Rule for GpuChoiceBaked {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        if let Some(value) = image.variable("CUDA_VISIBLE_DEVICES").filter(|value| !value.is_empty()) {
            let shown: String = value.chars().take(80).collect();
            let finding = context.report(&Self::META, Span::at(0), format!("`CUDA_VISIBLE_DEVICES` is `{shown}` in the image"));
            finding.because("the GPUs of a container are counted from 0 inside, whichever they are");
            finding.hint("leave it out, and choose with `--gpus` where the container is started");
        }
        let is_choice = |value: &str| value.starts_with("GPU-") || value.starts_with("MIG-") || value.starts_with(|one: char| one.is_ascii_digit());
        if let Some(value) = image.variable("NVIDIA_VISIBLE_DEVICES").filter(|value| is_choice(value)) {
            let shown: String = value.chars().take(80).collect();
            let finding = context.report(&Self::META, Span::at(0), format!("`NVIDIA_VISIBLE_DEVICES` is `{shown}` in the image"));
            finding.because("it means a GPU of one machine");
            finding.hint("write `all`, and choose where the container is started");
        }
    }
}
