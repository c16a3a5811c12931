use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Engine, Invocation, Verb};

declare_rule! {
    /// the command `nvidia-docker`, which most machines no longer have
    ///
    /// ## What it does
    /// Finds calls of `nvidia-docker`.
    ///
    /// ## Why
    /// It was a script around `docker` that added `--runtime=nvidia`, and came with the package `nvidia-docker2`, which has no successor: since Docker 19.03
    /// `--gpus` does that. On a machine that was set up later the command is not found, but where liftgate is installed, which answers to the name.
    ///
    /// ## Example
    /// ```sh,bad
    /// nvidia-docker run --rm example/app:1.0
    /// ```
    ///
    /// ```sh,fixed
    /// docker run --gpus all --rm example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --rm --gpus all example/app:1.0
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: which GPUs the container gets was the image's business, and `NV_GPU`'s.
    ///
    /// ## Sources
    /// <https://github.com/NVIDIA/nvidia-docker> (archived): its README.
    NvidiaDockerCommand, "LG704", "nvidia-docker-command", Warning, High
}

impl Rule for NvidiaDockerCommand {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if invocation.engine != Engine::NvidiaDocker {
            return;
        }
        let Some(program) = invocation.command.words.get(invocation.program) else {
            return;
        };
        let is_run = matches!(invocation.verb, Verb::Run | Verb::Create);
        let chosen = invocation
            .command
            .assignments
            .iter()
            .find(|assignment| assignment.name == "NV_GPU");
        let text = context.text;
        let finding = context.report(&Self::META, program.span, "`nvidia-docker` is not there on most machines");
        finding.because(
            "NVIDIA's package has no successor, and only liftgate still answers to the name: since Docker 19.03 `docker run --gpus` does what it did",
        );
        if let Some(chosen) = chosen {
            finding.hint(format!(
                "write `docker run --gpus '\"device={}\"'`",
                chosen.value.value
            ));
            return;
        }
        finding.hint(if is_run {
            "write `docker run --gpus all`"
        } else {
            "write `docker`"
        });
        let is_plain = program.span.of(text) == "nvidia-docker";
        let verb = invocation
            .command
            .words
            .get(invocation.verb_words.end.wrapping_sub(1))
            .filter(|_| is_run);
        let has_gpus = ["gpus", "runtime"]
            .iter()
            .any(|name| invocation.named(name).next().is_some());
        let mut fix = Fix::unsafe_("use `docker`").replace(program.span, "docker");
        if let Some(verb) = verb.filter(|_| !has_gpus) {
            fix = fix.insert(verb.span.end, " --gpus all");
        }
        // What stands between is a mistake of another kind.
        if is_plain && invocation.global.iter().all(|option| option.is_known) {
            finding.fix(fix);
        }
    }
}
