use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::ImageFacts;

declare_rule! {
    /// the image has CUDA, and does not ask for the driver's part of it
    ///
    /// ## What it does
    /// Finds `NVIDIA_DRIVER_CAPABILITIES` without `compute` in the environment of an image with CUDA's libraries.
    ///
    /// ## Why
    /// `libcuda.so.1` is not put into the container then: `nvidia-smi` works, and CUDA does not.
    ///
    /// ## Example
    /// ```json,bad
    /// {"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"], ["NVIDIA_DRIVER_CAPABILITIES", "utility"]]},
    ///  "libraries": [{"path": "/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127", "family": "runtime", "version": "12.4.127"}]}
    /// ```
    ///
    /// ```json,good
    /// {"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"], ["NVIDIA_DRIVER_CAPABILITIES", "compute,utility"]]},
    ///  "libraries": [{"path": "/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127", "family": "runtime", "version": "12.4.127"}]}
    /// ```
    CapabilitiesOfImage, "LG814", "capabilities-of-image", Error, High
}

impl Rule for CapabilitiesOfImage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        let Some(value) = image.variable("NVIDIA_DRIVER_CAPABILITIES").filter(|value| !value.trim().is_empty()) else {
            return;
        };
        if value.split(',').any(|word| matches!(word.trim(), "compute" | "all")) || !image::has_cuda(image) {
            return;
        }
        let shown: String = value.chars().take(80).collect();
        let finding = context.report(&Self::META, Span::at(0), format!("`NVIDIA_DRIVER_CAPABILITIES` is `{shown}`, without `compute`, and the image has CUDA"));
        finding.because("`libcuda.so.1` is not put into the container then");
        finding.hint("add `compute`");
    }
}
