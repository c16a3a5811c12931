use crate::context::Context;
use crate::model::{Build, Certainty, Origin};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::gpu::Class;

declare_rule! {
    /// an image for another kind of machine than the one that it is meant for
    ///
    /// ## What it does
    /// With GPUs to compare with, finds images for Jetson (`l4t-…`, `-igpu`) where the GPU is none of a Jetson, and `FROM --platform=linux/amd64` where it is one.
    ///
    /// ## Why
    /// `exec format error`, or no code for the GPU: a Jetson's CUDA is compiled for other GPUs than that of Arm servers, though both are `arm64`.
    ///
    /// ## Example
    /// ```dockerfile,bad,gpu=H100
    /// FROM nvcr.io/nvidia/l4t-pytorch:r35.2.1-pth2.0-py3
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good,gpu=H100
    /// FROM nvcr.io/nvidia/pytorch:24.05-py3
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1116, remsky/Kokoro-FastAPI#401.
    PlatformMismatch, "LG115", "platform-mismatch", Error, Medium
}

impl Rule for PlatformMismatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(stage) = build.base_that_runs() else {
            return;
        };
        let Origin::Image { text, reference, certainty } = &stage.origin else {
            return;
        };
        if *certainty == Certainty::Unknown || context.target.gpus.is_empty() {
            return;
        }
        let classes: Vec<Option<Class>> = context.target.gpus.iter().map(|gpu| gpu.class).collect();
        let name = reference.repository.rsplit('/').next().unwrap_or_default();
        let is_for_jetson = name.starts_with("l4t-") || name == "l4t" || reference.tag_or_latest().ends_with("-igpu");
        let platform = stage.from.flag("platform").and_then(|flag| flag.value.as_ref());
        let is_for_amd64 = platform.is_some_and(|platform| platform.value == "linux/amd64");
        let is_jetson = |class: &Option<Class>| *class == Some(Class::Jetson);
        if is_for_jetson && classes.iter().all(|class| class.is_some_and(|class| class != Class::Jetson)) {
            let finding = context.report(&Self::META, stage.image_span, format!("`{text}` is for a Jetson"));
            finding.hint("use the image for servers and workstations: `nvcr.io/nvidia/pytorch`, `nvidia/cuda`");
        } else if is_for_amd64 && classes.iter().any(is_jetson) {
            let span = platform.map_or(stage.image_span, |platform| platform.span);
            let finding = context.report(&Self::META, span, "a Jetson is `arm64`, and this image is for `amd64`");
            finding.hint("leave `--platform` out, and use an image of `nvcr.io/nvidia/l4t-…` or one with `-igpu` in its tag");
        }
    }
}
