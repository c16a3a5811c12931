use crate::context::Context;
use crate::finding::Fix;
use crate::model::{GpusProblem, GpusValue};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::devcontainer::{DevContainer, Text};
use crate::sources::docker_run::Invocation;

declare_rule! {
    /// `runArgs` that do not bring the GPU that they ask for
    ///
    /// ## What it does
    /// Finds `"--gpus all"` as one word, values of `--gpus` that Docker refuses, and `runArgs` beside `dockerComposeFile`.
    ///
    /// ## Why
    /// Each item of `runArgs` is a word of `docker run`, and no shell takes it apart: `unknown flag: --gpus all`. Nor does one take quotes away: those of
    /// `'"device=0,1"'` are there for a shell, here `"\"device=0,1\""` is right. A dev container of a compose file is started by Compose, which gets
    /// none of these arguments.
    ///
    /// ## Example
    /// ```jsonc,bad
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "runArgs": ["--gpus all"]
    /// }
    /// ```
    ///
    /// ```jsonc,fixed
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "runArgs": ["--gpus=all"]
    /// }
    /// ```
    ///
    /// Use instead:
    /// ```jsonc,good
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "runArgs": ["--gpus", "all"]
    /// }
    /// ```
    ///
    /// ## Fix safety
    /// Safe: nothing is started before.
    ///
    /// ## Sources
    /// `src/spec-node/singleContainer.ts` and `src/spec-node/dockerCompose.ts` of <https://github.com/devcontainers/cli>; tried with Docker 28.5.
    DevcontainerRunArguments, "LG621", "devcontainer-run-arguments", Error, High
}

impl Rule for DevcontainerRunArguments {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn devcontainer(&self, devcontainer: &DevContainer<'_>, context: &mut Context<'_>) {
        if !devcontainer.compose_files.is_empty() {
            let (Some(argument), Some(key)) =
                (devcontainer.gpu_argument(), devcontainer.run_args_key)
            else {
                return;
            };
            if devcontainer.wishes_gpu() {
                return;
            }
            let finding = context.report(
                &Self::META,
                argument.span,
                "Compose starts the container, and gets no `runArgs`",
            );
            finding.related(key, "they are for a container of an image or a Dockerfile");
            finding.hint("ask for the GPU in the compose file, or by `\"hostRequirements\": {\"gpu\": \"optional\"}`");
            return;
        }
        for argument in &devcontainer.run_args {
            one_word(argument, context);
        }
        let Some(command) = devcontainer.run_command() else {
            return;
        };
        let Some(invocation) = Invocation::of(&command, context.text) else {
            return;
        };
        for option in invocation.named("gpus") {
            let Some(value) = &option.value else { continue };
            // The quotes of a shell around the quotes of CSV.
            let has_quotes = value.text.contains(['\'', '\\']);
            let gpus = GpusValue::of(&value.text, !value.literal);
            let problem = gpus
                .problem
                .filter(|problem| *problem != GpusProblem::SeveralCounts);
            let Some(problem) = problem else { continue };
            let sentence = match problem {
                GpusProblem::CountAndDevices => {
                    format!("`{}` is a device and a count to Docker", value.text)
                }
                GpusProblem::DroppedDevice => {
                    format!("of `{}` Docker takes the first device alone", value.text)
                }
                _ => format!("Docker refuses `{}` as a value of `--gpus`", value.text),
            };
            let finding = context.report(&Self::META, value.span, sentence);
            finding.because(if has_quotes {
                "no shell takes the quotes away"
            } else {
                "the value is CSV: a list in it needs quotes"
            });
            finding.hint("write `\"--gpus\", \"all\"`, or `\"--gpus\", \"\\\"device=0,1\\\"\"`");
        }
    }
}

/// An option and its value in one word.
fn one_word(argument: &Text<'_>, context: &mut Context<'_>) {
    let text = argument.text.trim();
    let Some((option, value)) = text.split_once(char::is_whitespace) else {
        return;
    };
    let is_option = option.starts_with("--")
        && !option.contains('=')
        && option[2..]
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if !is_option {
        return;
    }
    let finding = context.report(
        &DevcontainerRunArguments::META,
        argument.span,
        format!("`{text}` is one word to Docker"),
    );
    finding.because(format!("no shell takes it apart: `unknown flag: {text}`"));
    let value = value.trim();
    finding.hint(format!(
        "write `\"{option}\", \"{value}\"`, or `\"{option}={value}\"`"
    ));
    if !value.contains(['"', '\'', '\\', ' ']) {
        finding.fix(
            Fix::safe(format!("use `{option}={value}`"))
                .replace(argument.span, format!("\"{option}={value}\"")),
        );
    }
}
