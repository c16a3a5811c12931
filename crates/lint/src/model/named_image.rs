//! NVIDIA's CUDA images, named by compose files, dev containers and command lines.

use super::cuda::CudaFrom;
use super::environment::Certainty;
use crate::sources::compose::Service;
use crate::sources::devcontainer::DevContainer;
use crate::sources::docker_run::{Invocation, Verb};
use crate::sources::yaml::Style;
use liftgate_dockerfile::shell::ShellWord;

impl Service<'_> {
    /// Looks at the CUDA image that is pulled for this service.
    pub fn look_at_cuda_image(&self, look: impl FnOnce(&CudaFrom<'_>)) {
        // Beside `build`, it is the name that the result gets.
        if self.build.is_some() {
            return;
        }
        let Some((name, is_written, value)) = self.known_image() else {
            return;
        };
        let certainty = if is_written {
            Certainty::Written
        } else {
            Certainty::Default
        };
        let around = match value.style() {
            Some(Style::Plain) => Some(""),
            Some(Style::SingleQuoted) => Some("'"),
            Some(Style::DoubleQuoted) => Some("\""),
            _ => None,
        };
        let written = around
            .filter(|_| is_written && !value.is_shared())
            .map(|around| (value.written(), around));
        look_at(
            &name,
            CudaFrom::of(&name, certainty, value.used(), written),
            look,
        );
    }
}

impl DevContainer<'_> {
    /// Looks at the CUDA image that is pulled for it.
    pub fn look_at_cuda_image(&self, look: impl FnOnce(&CudaFrom<'_>)) {
        let Some(image) = &self.image else { return };
        let written = Some((image.span, "\""));
        look_at(
            &image.text,
            CudaFrom::of(&image.text, Certainty::Written, image.span, written),
            look,
        );
    }
}

impl<'c> Invocation<'c> {
    /// The word that names the image that is run, created or pulled, if it is written out.
    pub fn literal_image(&self) -> Option<&'c ShellWord> {
        let word = match self.verb {
            Verb::Run | Verb::Create => self.image()?,
            Verb::Other => {
                let words = self.command.words.get(self.verb_words.clone())?;
                let is_pull = words.first().is_some_and(|word| word.value == "pull");
                let operands = self.command.words.get(self.operands.clone())?;
                operands
                    .iter()
                    .find(|word| is_pull && !word.value.starts_with('-'))?
            }
            Verb::Build | Verb::Compose => return None,
        };
        word.literal.then_some(word)
    }

    /// Looks at the CUDA image that is run or pulled.
    pub fn look_at_cuda_image(&self, text: &str, look: impl FnOnce(&CudaFrom<'_>)) {
        let Some(word) = self.literal_image() else {
            return;
        };
        let written = (word.span.of(text) == word.value).then_some((word.span, ""));
        look_at(
            &word.value,
            CudaFrom::of(&word.value, Certainty::Written, word.span, written),
            look,
        );
    }
}

fn look_at(name: &str, image: Option<CudaFrom<'_>>, look: impl FnOnce(&CudaFrom<'_>)) {
    if let Some(image) = image.filter(|_| !is_placeholder(name)) {
        look(&image);
    }
}

/// Whether a name has something in it that is there to be replaced: `nvidia/cuda:<tag>`, `{TAG}`, `…:xx.x-py3`, `YY.MM`.
pub fn is_placeholder(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    name.ends_with([':', '-', '@'])
        || name.contains(['<', '>', '{', '}', '[', ']', '*', '…', '(', ')'])
        || has(&[
            "...",
            "x.x",
            ":xx",
            ":x-",
            "yy.",
            ".mm",
            ":tag",
            "your",
            "some-",
            "version",
            "placeholder",
            "todo",
        ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        for (name, expected) in [
            ("nvidia/cuda:12.4.1-base-ubuntu22.04", false),
            ("nvidia/cuda", false),
            ("nvidia/cuda:<tag>", true),
            ("nvidia/cuda:{TAG}", true),
            ("nvcr.io/nvidia/pytorch:YY.MM-py3", true),
            ("nvcr.io/nvidia/pytorch:xx.xx-py3", true),
            ("nvidia/cuda:12.x.x-base-ubuntu22.04", true),
            ("nvidia/cuda:", true),
            ("...", true),
        ] {
            assert_eq!(is_placeholder(name), expected, "{name}");
        }
    }
}
