use crate::context::Context;
use crate::model::{Build, CudaFrom, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use crate::sources::devcontainer::DevContainer;
use crate::sources::docker_run::Invocation;
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

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        for from in build.cuda_images(stage) {
            look(&from, context);
        }
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        service.look_at_cuda_image(|from| look(from, context));
    }

    fn devcontainer(&self, devcontainer: &DevContainer<'_>, context: &mut Context<'_>) {
        devcontainer.look_at_cuda_image(|from| look(from, context));
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        invocation.look_at_cuda_image(context.text, |from| look(from, context));
    }
}

fn look(from: &CudaFrom<'_>, context: &mut Context<'_>) {
    let TagVerdict::Untagged { .. } = from.judgement.verdict else {
        return;
    };
    let sentence = format!("`{}` has no tag `latest`", from.reference.name);
    let finding = from.report(&CudaImageWithoutTag::META, sentence, context);
    finding.because("NVIDIA has removed it: `docker pull` says `manifest unknown`");
    from.suggest(false, finding);
}
