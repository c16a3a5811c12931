use crate::context::Context;
use crate::model::{Build, CudaFrom, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use crate::sources::devcontainer::DevContainer;
use crate::sources::docker_run::Invocation;
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
    let TagVerdict::Superseded { by } = from.judgement.verdict else {
        return;
    };
    // A copy in another registry is deleted by others, if at all.
    if matches!(from.reference.registry, Registry::Other(_)) {
        return;
    }
    let sentence = format!("`{}` has been superseded by CUDA {}", from.text, by.release);
    let finding = from.report(&CudaTagSuperseded::META, sentence, context);
    finding.because("NVIDIA deletes an image six months after a newer patch release has come");
    from.suggest(true, finding);
}
