use crate::context::Context;
use crate::model::{At, Manager, Step};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::{Registry, SigningKey, TagVerdict};
use liftgate_dockerfile::Body;
use liftgate_dockerfile::shell::ShellCommand;

declare_rule! {
    /// `apt-get update` in an image with NVIDIA's old signing key
    ///
    /// ## What it does
    /// Finds `apt-get update` in images that have NVIDIA's repository and its key of before April 2022: `pytorch/pytorch:…-devel` up to 1.11,
    /// `tensorflow/tensorflow:…-gpu` up to 2.8.0, and copies of CUDA images that NVIDIA itself has deleted.
    ///
    /// ## Why
    /// NVIDIA changed the key of its repositories then. With the old one the build ends: `NO_PUBKEY A4B469963BF863CC`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM pytorch/pytorch:1.9.0-cuda11.1-cudnn8-devel
    /// RUN apt-get update
    /// ```
    ///
    /// Use instead: an image that was made since, or without NVIDIA's repository.
    /// ```dockerfile,good
    /// FROM pytorch/pytorch:1.9.0-cuda11.1-cudnn8-devel
    /// RUN rm -f /etc/apt/sources.list.d/cuda.list /etc/apt/sources.list.d/nvidia-ml.list && apt-get update
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1632, NVIDIA/cuda-repo-management#1, tensorflow/tensorflow#56085; the images' own build files.
    OldSigningKey, "LG116", "old-signing-key", Error, Medium
}

impl Rule for OldSigningKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let is_update = command.program().and_then(Manager::of) == Some(Manager::Apt)
            && command.arguments().iter().any(|word| word.value == "update");
        let Some(number) = at.number_of(command).filter(|_| is_update) else {
            return;
        };
        // Once a stage is enough.
        if !at.stage.is_first_call(Manager::Apt, (at.index, number)) || !has_old_key(&at) {
            return;
        }
        // The usual cures: the lists taken away, the new key fetched.
        let is_cured = CURES.iter().any(|cure| at.build.lineage(at.stage).any(|stage| {
            let end = if stage.index == at.stage.index { at.index + 1 } else { usize::MAX };
            stage.steps.iter().take(end).any(|step| says(step, cure))
        }));
        if is_cured {
            return;
        }
        let finding = context.report(&Self::META, command.span, "`apt-get update` fails here: the image has NVIDIA's old signing key");
        at.blame_base(finding);
        finding.because("NVIDIA changed the key in April 2022: `NO_PUBKEY A4B469963BF863CC`");
        finding.hint("use a newer image, or before it `rm -f /etc/apt/sources.list.d/cuda.list /etc/apt/sources.list.d/nvidia-ml.list`");
    }
}

/// What takes the old key's repositories away, or brings the new key.
const CURES: &[&str] = &["cuda.list", "nvidia-ml.list", "cuda-keyring", "3bf863cc", "sources.list.d", "cuda*.list", "*.list"];

fn says(step: &Step<'_>, text: &str) -> bool {
    let has = |word: &str| word.to_ascii_lowercase().contains(text);
    let files = match &step.instruction.body {
        Body::Files { destination, .. } => Some(destination),
        _ => None,
    };
    files.is_some_and(|destination| has(&destination.value))
        || step.commands.iter().any(|command| command.words.iter().any(|word| has(&word.value)))
}

/// Whether a stage's image has NVIDIA's repository with the old key, and can be pulled.
fn has_old_key(at: &At<'_>) -> bool {
    if let Some(from) = at.build.cuda_from(at.build.root(at.stage)) {
        // Of one that cannot be pulled there is nothing more to say.
        let is_copy = matches!(from.reference.registry, Registry::Other(_));
        let is_gone = matches!(from.judgement.verdict, TagVerdict::Gone(_));
        let cuda = from.judgement.parts.as_ref().and_then(|parts| parts.cuda());
        let key = from.judgement.tag.map(|tag| tag.signing_key()).or(cuda.map(SigningKey::of_cuda));
        return (is_copy || !is_gone) && key == Some(SigningKey::MaybeOld);
    }
    let Some((reference, _)) = at.build.base(at.stage) else {
        return false;
    };
    let Some(tag) = reference.tag.as_deref() else { return false };
    let mut numbers = tag.split(['.', '-', '_']).map_while(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(u32::MAX), numbers.next().unwrap_or(u32::MAX), numbers.next().unwrap_or(0));
    match reference.repository.as_str() {
        // Those of `runtime` are made on Ubuntu's own image.
        "pytorch/pytorch" => tag.contains("-devel") && version < (1, 12, 0),
        "tensorflow/tensorflow" => tag.contains("-gpu") && (version <= (2, 8, 0) || version.0 == 2 && version.1 < 8),
        _ => false,
    }
}
