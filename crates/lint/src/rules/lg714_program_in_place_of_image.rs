use crate::context::Context;
use crate::finding::Confidence;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Invocation, Verb};

declare_rule! {
    /// a program that stands where the image belongs
    ///
    /// ## What it does
    /// Finds `docker run … nvidia-smi`, and the name of a shell or an interpreter followed by the name of an image.
    ///
    /// ## Why
    /// The first word that is no option is the image: `Unable to find image 'nvidia-smi:latest' locally`. There are images called `bash` and `python`, so
    /// `docker run bash example/app:1.0` starts one of those, with the image's name as a script that does not exist.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --rm --gpus all nvidia-smi
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --rm --gpus all ubuntu:24.04 nvidia-smi
    /// ```
    ///
    /// ## Sources
    /// <https://docs.docker.com/reference/cli/docker/container/run/>, docker/docs#11010.
    ProgramInPlaceOfImage, "LG714", "program-in-place-of-image", Error, High
}

impl Rule for ProgramInPlaceOfImage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if !matches!(invocation.verb, Verb::Run | Verb::Create) {
            return;
        }
        let Some(image) = invocation.image().filter(|image| image.literal) else {
            return;
        };
        // A variable before it may hold the image.
        if !invocation.opaque.is_empty() {
            return;
        }
        let name = image.value.as_str();
        if matches!(name, "nvidia-smi" | "nvcc" | "nvtop") {
            let finding = context.report(
                &Self::META,
                image.span,
                format!("`{name}` stands where the image belongs"),
            );
            finding.because(format!("`Unable to find image '{name}:latest' locally`"));
            finding.hint(format!("name an image before it: `ubuntu:24.04 {name}`"));
            return;
        }
        let is_shell = matches!(
            name,
            "bash" | "sh" | "zsh" | "/bin/bash" | "/bin/sh" | "python" | "python3"
        );
        let Some(next) = invocation
            .arguments()
            .first()
            .filter(|next| is_shell && next.literal)
        else {
            return;
        };
        let text = next.value.as_str();
        let is_image = text.contains('/')
            && text.contains(':')
            && !text.starts_with(['/', '.', '-'])
            && !text.contains("://");
        if is_image {
            let finding = context.report(
                &Self::META,
                image.span,
                format!("`{name}` stands where the image belongs, and `{text}` is its argument"),
            );
            finding.at_most(Confidence::Medium);
            finding.hint(format!("write `{text} {name}`"));
        }
    }
}
