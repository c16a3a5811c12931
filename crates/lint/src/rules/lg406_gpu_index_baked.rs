use crate::context::Context;
use crate::model::{At, Certainty, Origin, is_jetson};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// the image chooses a GPU of the host by `NVIDIA_VISIBLE_DEVICES`
    ///
    /// ## What it does
    /// Finds `ENV NVIDIA_VISIBLE_DEVICES=…` with an index or a UUID.
    ///
    /// ## Why
    /// Which GPU a number or a UUID means is a matter of the machine. On one that has no such GPU the container does not start, and on the others
    /// every container of the image is on the same one.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=0
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=all
    /// ```
    GpuIndexBaked, "LG406", "gpu-index-baked", Warning, High
}

impl Rule for GpuIndexBaked {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            if pair.name.value != "NVIDIA_VISIBLE_DEVICES" {
                continue;
            }
            // A Jetson has one GPU, and its number is 0.
            let is_jetson = matches!(&at.build.root(at.stage).origin, Origin::Image { text, .. } if is_jetson(text));
            if is_jetson {
                continue;
            }
            let (text, certainty) = at.build.expanded(at.stage, at.index, &pair.value.value);
            let is_choice = |word: &str| {
                let word = word.trim();
                word.starts_with("GPU-")
                    || word.starts_with("MIG-")
                    || !word.is_empty()
                        && word
                            .bytes()
                            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
            };
            if certainty == Certainty::Unknown || !text.split(',').any(is_choice) {
                continue;
            }
            let finding = context.report(
                &Self::META,
                pair.span,
                format!("the image asks for the GPU `{text}` of whatever machine it runs on"),
            );
            finding.hint("write `all`, and choose when the container is started: `docker run --gpus '\"device=…\"'`");
        }
    }
}
