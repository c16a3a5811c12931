use crate::context::Context;
use crate::model::CudaFrom;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::TagVerdict;

declare_rule! {
    /// `nvidia/cuda` without a tag, or with `latest`
    ///
    /// ## What it does
    /// Finds `FROM nvidia/cuda` and `FROM nvidia/cuda:latest`, and the same name in compose files, dev containers and command lines.
    ///
    /// ## Why
    /// There is no such tag: NVIDIA has removed it, and says that this is no defect. The pull fails with `manifest unknown`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:13.0.3-base-ubuntu24.04
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: which CUDA and which flavour are wanted cannot be seen.
    CudaImageWithoutTag, "LG104", "cuda-image-without-tag", Error, High
}

impl Rule for CudaImageWithoutTag {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn cuda_image(&self, from: &CudaFrom<'_>, context: &mut Context<'_>) {
    let TagVerdict::Untagged { .. } = from.judgement.verdict else {
        return;
    };
    let sentence = format!("`{}` has no tag `latest`", from.reference.name);
    let finding = from.report(&Self::META, sentence, context);
    finding.because("NVIDIA has removed it: `docker pull` says `manifest unknown`");
    from.suggest(false, finding);
    }
}
