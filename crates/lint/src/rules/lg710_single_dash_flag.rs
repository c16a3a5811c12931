use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::flags::RUN;
use crate::sources::docker_run::{Engine, Invocation, Verb};
use liftgate_dockerfile::Span;

declare_rule! {
    /// an option with one dash in place of two, with a dash of another kind, or misspelt
    ///
    /// ## What it does
    /// Finds `-gpus`, `-rm`, `-name` and their like before the image, `–gpus` with the dash of a word processor, `--gpu` and other spellings of options about GPUs.
    ///
    /// ## Why
    /// Behind one dash stand letters, an option each: `unknown shorthand flag: 'g' in -gpus`. A long dash begins no option at all: Docker takes the word for
    /// the image (`invalid reference format`). Word processors and web pages make such dashes.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run -gpus all example/app:1.0
    /// ```
    ///
    /// ```sh,fixed
    /// docker run --gpus all example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --gpus all example/app:1.0
    /// ```
    ///
    /// ## Fix safety
    /// Safe: nothing is started before.
    ///
    /// ## Sources
    /// Tried with Docker 28.5.
    SingleDashFlag, "LG710", "single-dash-flag", Error, High
}

/// Spellings of options about GPUs, and the right ones.
const MEANT: &[(&str, &str)] = &[
    ("gpu", "gpus"),
    ("GPUS", "gpus"),
    ("gups", "gpus"),
    ("shm_size", "shm-size"),
    ("shmsize", "shm-size"),
    ("run-time", "runtime"),
];

impl Rule for SingleDashFlag {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        let is_docker = matches!(
            invocation.engine,
            Engine::Docker | Engine::NvidiaDocker | Engine::Podman
        );
        if !is_docker || !matches!(invocation.verb, Verb::Run | Verb::Create) {
            return;
        }
        let source = context.text;
        let words = &invocation.command.words;
        let mut seen = usize::MAX;
        for option in &invocation.options {
            let at = option.words.start;
            let Some(word) = words.get(at).filter(|_| at != seen) else {
                continue;
            };
            seen = at;
            let text = word.value.as_str();
            if let Some(name) = text.strip_prefix('-').filter(|name| !name.starts_with('-')) {
                let name = name.split('=').next().unwrap_or(name);
                if is_long(name) {
                    let finding = context.report(
                        &Self::META,
                        word.span,
                        format!("`-{name}` are letters, an option each"),
                    );
                    finding.because("Docker refuses it, or takes it for something else");
                    finding.hint(format!("write `--{name}`"));
                    if word.span.of(source).starts_with('-') {
                        finding
                            .fix(Fix::safe(format!("use `--{name}`")).insert(word.span.start, "-"));
                    }
                }
            } else if let Some((wrong, right)) = MEANT
                .iter()
                .find(|(wrong, _)| !option.is_known && option.dashes == 2 && option.name == *wrong)
            {
                let finding = context.report(
                    &Self::META,
                    word.span,
                    format!("there is no option `--{wrong}`"),
                );
                finding.because(format!("`unknown flag: --{wrong}`"));
                finding.hint(format!("write `--{right}`"));
                if word.span.of(source).starts_with(&format!("--{wrong}")) {
                    let span = Span::new(word.span.start, word.span.start + 2 + wrong.len());
                    finding.fix(
                        Fix::safe(format!("use `--{right}`")).replace(span, format!("--{right}")),
                    );
                }
            }
        }
        let Some(image) = invocation.image() else {
            return;
        };
        let dash = image
            .value
            .chars()
            .next()
            .filter(|sign| matches!(sign, '–' | '—' | '−' | '‐' | '‑' | '―'));
        let Some(dash) = dash else { return };
        let name = image
            .value
            .trim_start_matches(['–', '—', '−', '‐', '‑', '―', '-']);
        let finding = context.report(
            &Self::META,
            image.span,
            format!(
                "`{dash}` is no dash to Docker: it takes `{}` for the image",
                image.value
            ),
        );
        finding.because("`invalid reference format`");
        let option = name.split('=').next().unwrap_or(name);
        let dashes = if is_long(option) { "--" } else { "-" };
        finding.hint(format!("write `{dashes}{name}`"));
        let shown = image.span.of(source);
        if shown == image.value {
            let length = shown.len() - name.len();
            let span = Span::new(image.span.start, image.span.start + length);
            finding.fix(Fix::safe(format!("use `{dashes}{name}`")).replace(span, dashes));
        }
    }
}

/// Whether it is the long name of an option, and no letters that make sense.
fn is_long(name: &str) -> bool {
    let is_known = RUN.split_whitespace().any(|entry| {
        entry
            .rsplit('|')
            .next()
            .unwrap_or(entry)
            .trim_end_matches('=')
            == name
    });
    is_known && (name.len() >= 4 || matches!(name, "rm" | "ipc" | "pid" | "net"))
}
