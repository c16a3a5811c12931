use crate::context::Context;
use crate::model::{Build, Stage};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// a CUDA image that is named by its tag alone
    ///
    /// ## What it does
    /// Finds `FROM` lines with NVIDIA's CUDA images that have no digest.
    ///
    /// ## Why
    /// NVIDIA builds its tags anew. A rebuilt image had a stricter `NVIDIA_REQUIRE_CUDA`, and containers that had run the day
    /// before were refused (`unsatisfied condition: cuda>=11.8`).
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:13.0.3-base-ubuntu24.04
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:13.0.3-base-ubuntu24.04@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-container-toolkit#152, NVIDIA/nvidia-docker#1796.
    ImageNotPinned, "LG112", "image-not-pinned", Note, High, Pedantic
}

impl Rule for ImageNotPinned {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Some(from) = build.cuda_from(stage) else {
            return;
        };
        if from.reference.digest.is_some() || !build.is_pullable(stage) {
            return;
        }
        let finding = context.report(&Self::META, stage.image_span, format!("`{}` is not pinned by a digest", from.text));
        finding.because("NVIDIA builds its tags anew, and a rebuilt image may ask for a newer driver");
        finding.hint(format!("`docker buildx imagetools inspect {}` prints the digest: write `@sha256:…` behind the tag", from.text));
    }
}
