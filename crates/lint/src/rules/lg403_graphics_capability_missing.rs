use crate::context::Context;
use crate::model::Build;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// the image installs Vulkan or EGL, and does not ask for that part of the driver
    ///
    /// ## What it does
    /// Finds images that install Vulkan's or glvnd's libraries, that are built on NVIDIA's CUDA images, and whose
    /// `NVIDIA_DRIVER_CAPABILITIES` has neither `graphics` nor `display` nor `all`.
    ///
    /// ## Why
    /// OpenGL, EGL and Vulkan are the driver's part `graphics`, which CUDA images do not ask for. Programs find only `llvmpipe`, and draw on the
    /// processor.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN apt-get update && apt-get install -y libvulkan1
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN apt-get update && apt-get install -y libvulkan1
    /// ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-container-toolkit#16, #767, #1952.
    GraphicsCapabilityMissing, "LG403", "graphics-capability-missing", Warning, Medium
}

/// Packages that are there to draw with a GPU. `libgl1` is not among them: OpenCV wants it, and draws nothing.
const PACKAGES: &[&str] = &["libvulkan1", "vulkan-tools", "vulkan-utils", "vulkan-loader", "virtualgl", "vulkan"];

impl Rule for GraphicsCapabilityMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(last) = build.last() else { return };
        if build.asks_for(last, "graphics") != Some(false) || build.asks_for(last, "display") != Some(false) {
            return;
        }
        let Some(value) = build.capabilities(last) else { return };
        let packages = build
            .steps_of(last)
            .flat_map(|at| at.step.installs.iter().flat_map(|(_, install)| &install.packages));
        let Some(package) = packages.into_iter().find(|package| PACKAGES.contains(&package.name.as_str())) else {
            return;
        };
        let sentence = format!("`{}` needs the driver's part `graphics`, which the image does not ask for", package.name);
        let finding = context.report(&Self::META, package.span, sentence);
        match value.span {
            Some(at) => finding.related(at, "it asks for these"),
            None => finding.related(build.root(last).image_span, format!("its base image asks for `{}`", value.text)),
        };
        finding.hint(format!("set `ENV NVIDIA_DRIVER_CAPABILITIES={},graphics`", value.text));
    }
}
