use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_image::facts::{Family, ImageFacts};

declare_rule! {
    /// the image has two major versions of cuDNN
    ///
    /// ## What it does
    /// Finds `libcudnn` of more than one major version, as of the image and of a wheel.
    ///
    /// ## Why
    /// cuDNN 8 and 9 do not go together in one program: `Could not load library libcudnn_cnn_infer.so.8`, or a crash, where two frameworks of one process ask for each.
    ///
    /// ## Example
    /// ```json,bad
    /// {"libraries": [
    ///   {"path": "/usr/lib/x86_64-linux-gnu/libcudnn.so.9.1.0", "family": "cudnn", "version": "9.1.0"},
    ///   {"path": "/usr/lib/python3/dist-packages/nvidia/cudnn/lib/libcudnn.so.8", "family": "cudnn", "version": "8"}]}
    /// ```
    ///
    /// ```json,good
    /// {"libraries": [{"path": "/usr/lib/x86_64-linux-gnu/libcudnn.so.9.1.0", "family": "cudnn", "version": "9.1.0"}]}
    /// ```
    TwoCudnnMajors, "LG810", "two-cudnn-majors", Note, High
}

impl Rule for TwoCudnnMajors {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        image::report_majors(
            &Self::META,
            "cuDNN",
            (image, Family::Cudnn),
            "have one: an image without cuDNN where the wheels bring it, and frameworks that were made with the same",
            context,
        );
    }
}
