use crate::context::Context;
use crate::model::{At, Manager};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::SigningKey;
use liftgate_dockerfile::shell::ShellCommand;

declare_rule! {
    /// `apt-get update` in an image with NVIDIA's old signing key
    ///
    /// ## What it does
    /// Finds `apt-get update` in CUDA images from before April 2022 that were not built anew since.
    ///
    /// ## Why
    /// NVIDIA changed the key of its repositories then. With the old one the build ends: `NO_PUBKEY A4B469963BF863CC`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// # liftgate: ignore[LG102] the cluster's mirror still has it
    /// FROM nvidia/cuda:10.2-devel-ubuntu18.04
    /// RUN apt-get update
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:11.8.0-devel-ubuntu22.04
    /// RUN apt-get update
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1632, NVIDIA/cuda-repo-management#1.
    OldSigningKey, "LG116", "old-signing-key", Error, Medium
}

impl Rule for OldSigningKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let is_update = command.program().and_then(Manager::of) == Some(Manager::Apt)
            && command.arguments().iter().any(|word| word.value == "update");
        let Some(base) = at.build.cuda_base(at.stage).filter(|_| is_update) else {
            return;
        };
        let key = base.tag.map_or_else(|| SigningKey::of_cuda(base.cuda), |tag| tag.signing_key());
        if key != SigningKey::MaybeOld {
            return;
        }
        // The usual cures: the lists taken away, the new key fetched. And once a stage is enough.
        let mut earlier = at.stage.steps.iter().take(at.index + 1).flat_map(|step| &step.commands);
        let is_cured = at.stage.steps.iter().take(at.index + 1).flat_map(|step| &step.commands).any(|one| {
            one.words.iter().any(|word| {
                ["cuda.list", "nvidia-ml.list", "cuda-keyring", "3bf863cc", "sources.list.d", "A4B469963BF863CC"]
                    .iter()
                    .any(|cure| word.value.to_lowercase().contains(&cure.to_lowercase()))
            })
        });
        let first = earlier.find(|one| one.program().and_then(Manager::of) == Some(Manager::Apt));
        if is_cured || !first.is_some_and(|first| std::ptr::eq(first, command)) {
            return;
        }
        let finding = context.report(&Self::META, command.span, "`apt-get update` fails here: the image has NVIDIA's old signing key");
        at.blame_base(finding);
        finding.because("NVIDIA changed the key in April 2022: `NO_PUBKEY A4B469963BF863CC`");
        finding.hint("use a newer image, or before it `rm -f /etc/apt/sources.list.d/cuda.list /etc/apt/sources.list.d/nvidia-ml.list`");
    }
}
