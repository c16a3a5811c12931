use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::flags::RUN;
use crate::sources::docker_run::{Engine, Invocation, Verb};
use liftgate_dockerfile::Span;

declare_rule! {
    /// an option of `run` that stands before it
    ///
    /// ## What it does
    /// Finds `docker --rm run`, `docker --gpus all run` and their like.
    ///
    /// ## Why
    /// Before the command stand options of `docker` itself, and it has no others there: `unknown flag: --gpus`.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker --rm run --gpus all example/app:1.0
    /// ```
    ///
    /// ```sh,fixed
    /// docker run --rm --gpus all example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --rm --gpus all example/app:1.0
    /// ```
    ///
    /// ## Fix safety
    /// Safe: nothing is started before.
    ///
    /// ## Sources
    /// Tried with Docker 28.5.
    RunOptionBeforeVerb, "LG716", "run-option-before-verb", Error, High
}

impl Rule for RunOptionBeforeVerb {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if matches!(
            invocation.engine,
            Engine::DockerCompose | Engine::PodmanCompose
        ) {
            return;
        }
        // In prose the option alone is named: `docker --gpus all`.
        if !invocation
            .command
            .words
            .iter()
            .any(|word| matches!(word.value.as_str(), "run" | "create"))
        {
            return;
        }
        let source = context.text;
        let is_option = |name: &str| {
            RUN.split_whitespace().find(|entry| {
                entry
                    .rsplit('|')
                    .next()
                    .unwrap_or(entry)
                    .trim_end_matches('=')
                    == name
            })
        };
        for option in invocation
            .global
            .iter()
            .filter(|option| !option.is_known && option.dashes == 2)
        {
            let Some(entry) = is_option(&option.name) else {
                continue;
            };
            let shown = format!("--{}", option.name);
            let finding = context.report(
                &Self::META,
                option.span,
                format!("`{shown}` is an option of `run`, and stands before it"),
            );
            finding.because(format!("`unknown flag: {shown}`"));
            finding.hint(format!("move `{shown}` behind `run`"));
            let words = &invocation.command.words;
            let (Some(next), Some(verb)) = (
                words.get(option.words.end),
                words.get(invocation.verb_words.end.wrapping_sub(1)),
            ) else {
                continue;
            };
            // One with a value of its own makes a verb of that.
            let is_whole = !entry.ends_with('=') || option.value.is_some();
            if matches!(invocation.verb, Verb::Run | Verb::Create) && is_whole {
                let text = option.span.of(source);
                finding.fix(
                    Fix::safe(format!("move `{shown}`"))
                        .delete(Span::new(option.span.start, next.span.start))
                        .insert(verb.span.end, format!(" {text}")),
                );
            }
        }
    }
}
