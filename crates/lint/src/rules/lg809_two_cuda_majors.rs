use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_image::facts::{Family, ImageFacts};

declare_rule! {
    /// the image has two major versions of CUDA
    ///
    /// ## What it does
    /// Finds `libcudart` of more than one major version.
    ///
    /// ## Why
    /// It works as long as each program finds its own. It costs gigabytes, and comes of a wheel that brings another CUDA than the image has.
    ///
    /// ## Example
    /// ```json,bad
    /// {"libraries": [
    ///   {"path": "/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127", "family": "runtime", "version": "12.4.127"},
    ///   {"path": "/usr/lib/python3/dist-packages/nvidia/cuda_runtime/lib/libcudart.so.11.0", "family": "runtime", "version": "11.0"}]}
    /// ```
    ///
    /// ```json,good
    /// {"libraries": [{"path": "/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127", "family": "runtime", "version": "12.4.127"}]}
    /// ```
    TwoCudaMajors, "LG809", "two-cuda-majors", Note, High
}

impl Rule for TwoCudaMajors {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        image::report_majors(
            &Self::META,
            "CUDA",
            (image, Family::Runtime),
            "take wheels for the image's CUDA, or an image without CUDA where the wheels bring it",
            context,
        );
    }
}
