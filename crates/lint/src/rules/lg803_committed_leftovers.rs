use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::ImageFacts;

declare_rule! {
    /// the image has empty files where the driver's were mounted
    ///
    /// ## What it does
    /// Finds files of no length with the names of the driver's libraries and programs.
    ///
    /// ## Why
    /// They are what `docker commit` has left of the mounts in a container with GPUs. On another version of the driver they stay empty: `nvidia-smi` does nothing,
    /// `libcuda.so.1` leads to an empty file, and `ldconfig` complains of each.
    ///
    /// ## Example
    /// ```json,bad
    /// {"empty_driver_files": [{"path": "/usr/lib/x86_64-linux-gnu/libcuda.so.535.183.06"}]}
    /// ```
    ///
    /// Use instead: build the image from a Dockerfile; a build sees no GPU.
    /// ```json,good
    /// {"empty_driver_files": []}
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1551.
    CommittedLeftovers, "LG803", "committed-leftovers", Warning, High
}

impl Rule for CommittedLeftovers {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        if image.empty_driver_files.is_empty() {
            return;
        }
        let paths = image::paths(image.empty_driver_files.iter().map(|file| file.path.as_str()));
        let finding = context.report(&Self::META, Span::at(0), format!("files of the driver are empty: {paths}"));
        finding.because("a `docker commit` in a container with GPUs leaves them behind");
        finding.hint("remove them, or build the image from a Dockerfile");
    }
}
