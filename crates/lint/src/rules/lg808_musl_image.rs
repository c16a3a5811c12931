use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::{ImageFacts, LibcKind};

declare_rule! {
    /// the image has musl, and the driver's programs need glibc
    ///
    /// ## What it does
    /// Finds images that ask for GPUs and have musl as their only C library, as Alpine does.
    ///
    /// ## Why
    /// The driver's libraries and `nvidia-smi` are made for glibc: `nvidia-smi: not found`, though the file is there. No wheel of CUDA is made for musl.
    ///
    /// ## Example
    /// ```json,bad
    /// {"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]},
    ///  "libc": [{"path": "/lib/ld-musl-x86_64.so.1", "kind": "musl"}]}
    /// ```
    ///
    /// ```json,good
    /// {"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]},
    ///  "libc": [{"path": "/lib/x86_64-linux-gnu/libc.so.6", "kind": {"glibc": "2.36"}}]}
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-container-toolkit#1526, NVIDIA/libnvidia-container#21.
    MuslImage, "LG808", "musl-image", Warning, High
}

impl Rule for MuslImage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        let musl = image.libc.iter().find(|libc| libc.kind == LibcKind::Musl);
        let has_glibc = image.libc.iter().any(|libc| matches!(libc.kind, LibcKind::Glibc(_)));
        let Some(musl) = musl.filter(|_| !has_glibc && image::is_for_gpus(image)) else {
            return;
        };
        // gcompat stands in for glibc's loader.
        if image.present.keys().any(|name| name.starts_with("libgcompat")) {
            return;
        }
        let finding = context.report(&Self::META, Span::at(0), "this image for GPUs has musl, and the driver's files need glibc");
        finding.because(format!("its C library is `{}`", musl.path));
        finding.hint("build on Debian, Ubuntu or another system with glibc");
    }
}
