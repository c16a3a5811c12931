use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::CudaFrom;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::{Gone, Registry, TagVerdict};

declare_rule! {
    /// a tag of `nvidia/cuda` that has been deleted
    ///
    /// ## What it does
    /// Finds `FROM` lines, services, dev containers and command lines whose image NVIDIA has deleted, or has announced to delete: CUDA 10 and older, most of what came before
    /// 11.3.1, and the repositories `nvidia/cudagl`, `nvidia/cuda-arm64` and `nvidia/cuda-ppc64le`.
    ///
    /// ## Why
    /// The pull fails with `manifest unknown`, also where it worked last year: NVIDIA deletes images six months after they have
    /// lost their support, layers too, so that images built on them may no longer be pulled either.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:10.2-cudnn7-devel-ubuntu18.04
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:11.8.0-cudnn8-devel-ubuntu22.04
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: another CUDA may need another compiler, other packages, another driver.
    ///
    /// ## Sources
    /// `doc/support-policy.md` and `manifests/cuda.yaml` of <https://gitlab.com/nvidia/container-images/cuda>.
    CudaTagGone, "LG102", "cuda-tag-gone", Error, High
}

impl Rule for CudaTagGone {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn cuda_image(&self, from: &CudaFrom<'_>, context: &mut Context<'_>) {
    let TagVerdict::Gone(gone) = from.judgement.verdict else {
        return;
    };
    let sentence = if gone.is_certain() {
        format!("the image `{}` has been deleted", from.text)
    } else {
        format!("the image `{}` may have been deleted", from.text)
    };
    let finding = from.report(&Self::META, sentence, context);
    finding.because(match gone {
        Gone::Repository => "its repository is no longer built, and its images were deleted",
        Gone::Delisted => "NVIDIA's list of images that still exist no longer has it",
        Gone::Policy => "NVIDIA keeps nothing that is older than CUDA 11.0.3",
        Gone::Announced => "NVIDIA has announced its deletion for May 2024",
    });
    if !gone.is_certain() {
        finding
            .severity(finding.severity.min(Severity::Warning))
            .at_most(Confidence::Medium);
    }
    if matches!(from.reference.registry, Registry::Other(_)) {
        finding
            .severity(Severity::Note)
            .at_most(Confidence::Low)
            .because("a copy in another registry may still be there");
    }
    from.suggest(false, finding);
    }
}
