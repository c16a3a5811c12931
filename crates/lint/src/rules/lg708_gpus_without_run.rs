use crate::context::Context;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Invocation, Verb};
use liftgate_dockerfile::Span;

declare_rule! {
    /// `--gpus` of a command that has no such option
    ///
    /// ## What it does
    /// Finds `--gpus` of `docker build`, `docker exec`, `docker start` and `docker compose`.
    ///
    /// ## Why
    /// `unknown flag: --gpus`. A build has no GPU, unless its steps ask for one by CDI (`RUN --device=nvidia.com/gpu=all`) or the daemon's default runtime is `nvidia`; code
    /// for a GPU compiles without one. `exec` and `start` have what the container was made with, and Compose has what the file says.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker build --gpus all -t example/app:1.0 .
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker build -t example/app:1.0 .
    /// ```
    ///
    /// ## Sources
    /// Tried with Docker 28.5; moby/buildkit#1800, docker/buildx#239.
    GpusWithoutRun, "LG708", "gpus-without-run", Error, High
}

impl Rule for GpusWithoutRun {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        let Some((span, name, hint)) = found(invocation) else {
            return;
        };
        let finding = context.report(&Self::META, span, format!("`{name}` has no `--gpus`"));
        finding.because("`unknown flag: --gpus`");
        finding.hint(hint);
    }
}

fn found(invocation: &Invocation<'_>) -> Option<(Span, String, &'static str)> {
    match invocation.verb {
        Verb::Build => {
            let option = invocation
                .options
                .iter()
                .find(|option| option.name == "gpus")?;
            Some((
                option.span,
                "docker build".to_owned(),
                "leave it out: code for a GPU compiles without one",
            ))
        }
        Verb::Compose => {
            let words = invocation.command.words.get(invocation.operands.clone())?;
            let verb = words.first()?.value.as_str();
            // Behind `run` and `exec` there is a service, and then its command.
            let end = words
                .iter()
                .skip(1)
                .position(|word| !word.value.starts_with('-'))
                .map_or(words.len(), |at| at + 1);
            let end = if matches!(verb, "run" | "exec") {
                end
            } else {
                words.len()
            };
            let word = words
                .get(1..end)?
                .iter()
                .find(|word| is_gpus(&word.value))?;
            Some((
                word.span,
                format!("docker compose {verb}"),
                "write `gpus: all` into the service",
            ))
        }
        Verb::Other => {
            let verb = invocation
                .command
                .words
                .get(invocation.verb_words.clone())?
                .first()?
                .value
                .as_str();
            let hint = match verb {
                "exec" | "start" | "restart" | "attach" => {
                    "make the container anew: it has the GPUs that it was made with"
                }
                _ => return None,
            };
            let words = invocation.command.words.get(invocation.operands.clone())?;
            let mut options = words.iter().take_while(|word| word.value.starts_with('-'));
            let word = options.find(|word| is_gpus(&word.value))?;
            Some((word.span, format!("docker {verb}"), hint))
        }
        Verb::Run | Verb::Create => None,
    }
}

fn is_gpus(word: &str) -> bool {
    word == "--gpus" || word.starts_with("--gpus=")
}
