use crate::context::Context;
use crate::model::image_for_gpus;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::devcontainer::DevContainer;

declare_rule! {
    /// a dev container that is made for GPUs, and gets none
    ///
    /// ## What it does
    /// Finds a `devcontainer.json` with the feature `nvidia-cuda`, or with an image that is made for GPUs by its name, in which neither `runArgs` nor `hostRequirements.gpu` asks
    /// for one. With a compose file that is the compose file's business.
    ///
    /// ## Why
    /// The feature and the image bring CUDA, and not the driver: the container starts, `nvidia-smi` is not found, and frameworks work on the processor.
    ///
    /// ## Example
    /// ```jsonc,bad
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "features": {
    ///     "ghcr.io/devcontainers/features/nvidia-cuda:1": {}
    ///   }
    /// }
    /// ```
    ///
    /// Use instead:
    /// ```jsonc,good
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "features": {
    ///     "ghcr.io/devcontainers/features/nvidia-cuda:1": {}
    ///   },
    ///   "hostRequirements": {
    ///     "gpu": "optional"
    ///   }
    /// }
    /// ```
    ///
    /// ## Sources
    /// <https://containers.dev/implementors/json_reference/#min-host-reqs>, <https://github.com/devcontainers/features/tree/main/src/nvidia-cuda>.
    DevcontainerGpuNotPassed, "LG620", "devcontainer-gpu-not-passed", Note, Medium
}

impl Rule for DevcontainerGpuNotPassed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn devcontainer(&self, devcontainer: &DevContainer<'_>, context: &mut Context<'_>) {
        if devcontainer.wishes_gpu()
            || devcontainer.gpu.is_some()
            || devcontainer.gpu_argument().is_some()
            || !devcontainer.compose_files.is_empty()
        {
            return;
        }
        let feature = devcontainer
            .features
            .iter()
            .find(|feature| feature.name.text.contains("/nvidia-cuda"));
        let image = devcontainer
            .image
            .as_ref()
            .and_then(|image| Some((image.span, image_for_gpus(&image.text)?)));
        let (span, reason) = match (feature, image) {
            (Some(feature), _) => (
                feature.name.span,
                "the feature brings CUDA, and not the driver".to_owned(),
            ),
            (None, Some(image)) => image,
            (None, None) => return,
        };
        let finding = context.report(&Self::META, span, "the dev container gets no GPU");
        finding.because(reason);
        finding.hint("add `\"hostRequirements\": {\"gpu\": \"optional\"}`, or `\"runArgs\": [\"--gpus\", \"all\"]`");
    }
}
