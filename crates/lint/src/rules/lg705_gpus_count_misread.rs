use super::lg701_gpus_quoting::takes_csv;
use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{Choice, GpusProblem, GpusValue};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::Invocation;
use liftgate_dockerfile::shell::Script;

declare_rule! {
    /// a number behind `--gpus` that is meant as an index
    ///
    /// ## What it does
    /// Finds `--gpus 0`, `--gpus 0,1`, and `--gpus` with the value of `CUDA_VISIBLE_DEVICES` or `NVIDIA_VISIBLE_DEVICES`.
    ///
    /// ## Why
    /// A number is how many, and not which. `--gpus 0` asks for no GPU: the container has none, or all of them, where the image's own `NVIDIA_VISIBLE_DEVICES` is read; of
    /// `--gpus 0,1` the last number stays, and the container has the first GPU.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --rm --gpus 0 example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --rm --gpus device=0 example/app:1.0
    /// ```
    ///
    /// ## Sources
    /// `opts/gpus.go` of <https://github.com/docker/cli>, NVIDIA/nvidia-docker#1506.
    GpusCountMisread, "LG705", "gpus-count-misread", Warning, High
}

impl Rule for GpusCountMisread {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if !takes_csv(invocation.engine) {
            return;
        }
        for option in invocation.named("gpus") {
            let Some(value) = &option.value else { continue };
            if let Some(name) = visible_devices(&value.text) {
                indexed(name, value.span, context);
                continue;
            }
            let gpus = GpusValue::of(&value.text, !value.literal);
            if gpus.problem == Some(GpusProblem::SeveralCounts) {
                let sentence = match gpus.count {
                    Some(count) if !gpus.is_open => {
                        let count = usize::try_from(count).unwrap_or(usize::MAX);
                        let choice = if count == 0 {
                            Choice::None
                        } else {
                            Choice::First(count)
                        };
                        format!(
                            "`--gpus {}` are counts, of which the last one stays: {}",
                            value.text,
                            choice.text()
                        )
                    }
                    _ => format!(
                        "`--gpus {}` are counts, of which the last one stays",
                        value.text
                    ),
                };
                let finding = context.report(&Self::META, value.span, sentence);
                finding.hint(format!("write `--gpus '\"device={}\"'`", value.text));
            } else if gpus.problem.is_none() && gpus.count == Some(0) && gpus.ids.is_empty() {
                let finding = context.report(
                    &Self::META,
                    value.span,
                    "`--gpus 0` asks for no GPU, and not for GPU 0",
                );
                finding.because(
                    "an image with `NVIDIA_VISIBLE_DEVICES=all` may have all of them nevertheless",
                );
                finding.hint("write `--gpus device=0`; for none, leave it out");
            }
        }
    }

    fn script(&self, script: &Script, context: &mut Context<'_>) {
        for command in script.all() {
            for assignment in &command.assignments {
                let text = &assignment.value.value;
                let Some(at) = text.find("--gpus") else {
                    continue;
                };
                let behind = text[at + "--gpus".len()..].trim_start_matches([' ', '=']);
                let word = behind.split_whitespace().next().unwrap_or_default();
                if let Some(name) = visible_devices(word) {
                    indexed(name, assignment.span, context);
                }
            }
        }
    }
}

/// The variable with indices that a value is, and nothing else.
fn visible_devices(text: &str) -> Option<&'static str> {
    let name = text
        .trim_matches(['"', '\''])
        .strip_prefix('$')?
        .trim_matches(['{', '}']);
    ["CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"]
        .into_iter()
        .find(|known| *known == name)
}

fn indexed(name: &str, span: liftgate_dockerfile::Span, context: &mut Context<'_>) {
    let finding = context.report(
        &GpusCountMisread::META,
        span,
        format!("`{name}` holds indices, and `--gpus` takes a count"),
    );
    finding
        .at_most(Confidence::Medium)
        .because("1 is one GPU there, 0 is none, and of 0,1 the last number stays");
    finding.hint(format!("write `--gpus \"\\\"device=${name}\\\"\"`"));
}
