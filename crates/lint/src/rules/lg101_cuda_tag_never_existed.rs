use crate::context::Context;
use crate::finding::{Confidence, Fix};
use crate::model::{Build, Certainty, Origin, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::{Reference, TagVerdict};

declare_rule! {
    /// a tag of `nvidia/cuda` that has never existed
    ///
    /// ## What it does
    /// Finds `FROM` lines whose tag NVIDIA has never published: one without an operating system, with two numbers where
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
    CudaTagNeverExisted, "LG101", "cuda-tag-never-existed", Error, High
}

impl Rule for CudaTagNeverExisted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Origin::Image { text, certainty, .. } = &stage.origin else {
            return;
        };
        let Some(reference) = Reference::parse(text) else {
            return;
        };
        let judgement = reference.judge();
        let TagVerdict::NeverExisted { problems } = &judgement.verdict else {
            return;
        };
        let sentence = format!("`{text}` has never existed");
        let finding = context.report(&Self::META, stage.image_span, sentence);
        for problem in problems {
            finding.because(problem.to_string());
        }
        if *certainty == Certainty::Default {
            finding.at_most(Confidence::Medium);
        }
        if let Some(suggestion) = judgement.suggestion {
            let whole = reference.with_tag(&suggestion.to_string());
            finding.hint(format!("use `{whole}`"));
            if let Some(span) = build.literal_image(stage) {
                finding.fix(Fix::unsafe_(format!("use `{whole}`")).replace(span, whole));
            }
        }
    }
}
