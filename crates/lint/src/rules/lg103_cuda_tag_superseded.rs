use crate::context::Context;
use crate::model::CudaFrom;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::{Registry, TagVerdict};

declare_rule! {
    /// a tag of `nvidia/cuda` that a newer patch release has superseded
    ///
    /// ## What it does
    /// Finds `FROM` lines, services, dev containers and command lines whose image has a newer patch release of the same CUDA version, on the same operating system.
    ///
    /// ## Why
    /// NVIDIA supports only the latest patch release of each CUDA version, and deletes the others six months later: the
    /// build works today, and does not one day.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.4.0-devel-ubuntu22.04
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:12.4.1-devel-ubuntu22.04
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.4.1-devel-ubuntu22.04
    /// ```
    ///
    /// ## Fix safety
    /// Safe: a patch release of the same CUDA version runs on the same drivers and links the same libraries.
    ///
    /// ## Sources
    /// `doc/support-policy.md` of <https://gitlab.com/nvidia/container-images/cuda>.
    CudaTagSuperseded, "LG103", "cuda-tag-superseded", Note, High
}

impl Rule for CudaTagSuperseded {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn cuda_image(&self, from: &CudaFrom<'_>, context: &mut Context<'_>) {
    let TagVerdict::Superseded { by } = from.judgement.verdict else {
        return;
    };
    // A copy in another registry is deleted by others, if at all.
    if matches!(from.reference.registry, Registry::Other(_)) {
        return;
    }
    let sentence = format!("`{}` has been superseded by CUDA {}", from.text, by.release);
    let finding = from.report(&Self::META, sentence, context);
    finding.because("NVIDIA deletes an image six months after a newer patch release has come");
    from.suggest(true, finding);
    }
}
