use crate::context::Context;
use crate::model::{Certainty, CudaFrom};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::{Problem, TagVerdict};

declare_rule! {
    /// a tag of `nvidia/cuda` that has never existed
    ///
    /// ## What it does
    /// Finds `FROM` lines, services, dev containers and command lines whose tag NVIDIA has never published: one without an operating system, with two numbers where
    /// there are three, with its words in another order, of a CUDA that has no toolkit.
    ///
    /// ## Why
    /// The pull fails with `manifest unknown`, which says nothing of what would be right.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:11.8.0-base
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:11.8.0-base-ubuntu22.04
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:11.8.0-base-ubuntu22.04
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the nearest tag that exists is a guess at what was meant.
    ///
    /// ## Sources
    /// `doc/supported-tags.md` and `doc/unsupported-tags.md` of <https://gitlab.com/nvidia/container-images/cuda>.
    CudaTagNeverExisted, "LG101", "cuda-tag-never-existed", Error, High
}

impl Rule for CudaTagNeverExisted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn cuda_image(&self, from: &CudaFrom<'_>, context: &mut Context<'_>) {
    let TagVerdict::NeverExisted { problems } = &from.judgement.verdict else {
        return;
    };
    // A default such as `notset` is there to be replaced.
    if from.certainty == Certainty::Default && problems.contains(&Problem::NoVersion) {
        return;
    }
    let sentence = format!("there is no image `{}`, and never was", from.text);
    let finding = from.report(&Self::META, sentence, context);
    for problem in problems {
        finding.because(problem.to_string());
    }
    from.suggest(false, finding);
    }
}
