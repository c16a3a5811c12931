//! Rules, applied to a text.

use crate::context::Context;
use crate::finding::Finding;
use crate::model::{Build, CudaFrom};
use crate::rule::Rule;
use crate::rules::{self, RULES, lg901_not_understood, lg904_too_large};
use crate::settings::Settings;
use crate::sources::compose::Compose;
use crate::sources::devcontainer::DevContainer;
use crate::sources::docker_run::{Invocation, Verb};
use crate::sources::markdown;
use crate::sources::yaml::Yaml;
use crate::{Language, suppress};
use liftgate_dockerfile::shell::{self, Script};
use liftgate_dockerfile::{Dockerfile, Joined, Kind, Span};
use liftgate_image::facts::ImageFacts;

/// A larger text is not looked at.
pub const LARGEST: usize = 1 << 20;

/// A Dockerfile with more commands is not looked at. Rules hold commands against one another, and who writes
/// more than these wants to keep a reader busy.
const MOST_COMMANDS: usize = 4000;

/// What the rules find in a text, in the order of the places.
pub fn lint(text: &str, language: Language, settings: &Settings) -> Vec<Finding> {
    let mut findings = if text.len() > LARGEST {
        let sentence = format!("more than 1 MiB is more than a {} has", language.name());
        let mut finding = Finding::new(&lg904_too_large::TooLarge::META, Span::at(0), sentence);
        finding.hint("files of more than 1 MiB are not looked at: name the file that is meant");
        vec![finding]
    } else {
        understood(text, language, settings)
    };
    finish(&mut findings, settings);
    findings
}

/// What the rules find in an image.
pub fn lint_image(image: &ImageFacts, settings: &Settings) -> Vec<Finding> {
    let mut context = Context::new("", &settings.target);
    for rule in applied(settings) {
        rule.image(image, &mut context);
    }
    let mut findings = context.into_findings();
    finish(&mut findings, settings);
    findings
}

fn understood(text: &str, language: Language, settings: &Settings) -> Vec<Finding> {
    let dockerfile = (language == Language::Dockerfile).then(|| liftgate_dockerfile::parse(text));
    let mut context = Context::new(text, &settings.target);
    match (&dockerfile, language) {
        (Some(file), _) => {
            let errors = file
                .errors
                .iter()
                .map(|error| (error.span, error.message.as_str()));
            // Another front end than Docker's may have instructions of its own.
            if is_of_docker(file) {
                lg901_not_understood::report(errors, &mut context);
            }
            of_dockerfile(&Build::new(file), settings, &mut context);
        }
        (None, Language::Compose) => of_compose(text, settings, &mut context),
        (None, Language::Devcontainer) => of_devcontainer(text, settings, &mut context),
        (None, Language::Shell) => of_script(&shell::parse(text), settings, &mut context),
        (None, Language::Markdown) => return of_markdown(text, settings),
        (None, Language::Dockerfile) => {}
    }
    let suppressions = suppress::find(text, language, dockerfile.as_ref());
    suppress::apply(&suppressions, context.into_findings(), settings)
}

/// Whether a Dockerfile is read by Docker's own front end.
fn is_of_docker(file: &Dockerfile<'_>) -> bool {
    let syntax = file
        .directives
        .iter()
        .find(|directive| directive.name == "syntax");
    syntax.is_none_or(|syntax| {
        let front_end = syntax.value.of(file.text);
        front_end
            .trim_start_matches("docker.io/")
            .starts_with("docker/dockerfile")
    })
}

fn applied(settings: &Settings) -> impl Iterator<Item = &'static dyn Rule> {
    RULES
        .iter()
        .copied()
        .filter(|rule| settings.applies(rule.meta()))
}

fn of_dockerfile(build: &Build<'_>, settings: &Settings, context: &mut Context<'_>) {
    let commands: usize = build.steps().map(|at| at.step.commands.len()).sum();
    if commands > MOST_COMMANDS {
        let sentence = format!("{commands} commands are more than a Dockerfile has");
        context
            .report(&lg904_too_large::TooLarge::META, Span::at(0), sentence)
            .hint("a Dockerfile of more than 4000 commands is not looked at: run a script");
        return;
    }
    let images: Vec<_> = build
        .stages
        .iter()
        .flat_map(|stage| build.cuda_images(stage))
        .collect();
    for rule in applied(settings) {
        for image in &images {
            rule.cuda_image(image, context);
        }
        for stage in &build.stages {
            for at in build.steps_of(stage) {
                rule.step(at, context);
                if at.step.instruction.kind == Kind::Run {
                    for command in &at.step.commands {
                        rule.command(at, command, context);
                    }
                }
            }
            rule.stage(build, stage, context);
        }
        rule.dockerfile(build, context);
    }
}

fn of_cuda_image(image: &CudaFrom<'_>, settings: &Settings, context: &mut Context<'_>) {
    for rule in applied(settings) {
        rule.cuda_image(image, context);
    }
}

fn of_compose(text: &str, settings: &Settings, context: &mut Context<'_>) {
    let yaml = Yaml::read(text);
    let compose = Compose::of(&yaml, text);
    let of_yaml = yaml
        .errors()
        .iter()
        .map(|error| (error.span, error.message.as_str()));
    let of_compose = compose
        .errors
        .iter()
        .map(|error| (error.span, error.message.as_str()));
    lg901_not_understood::report(of_yaml.chain(of_compose), context);
    apply_to_compose(&compose, settings, context);
}

fn apply_to_compose(compose: &Compose<'_>, settings: &Settings, context: &mut Context<'_>) {
    for service in &compose.services {
        service.look_at_cuda_image(|image| of_cuda_image(image, settings, context));
    }
    for rule in applied(settings) {
        for service in &compose.services {
            rule.service(compose, service, context);
        }
        rule.compose(compose, context);
    }
}

fn of_devcontainer(text: &str, settings: &Settings, context: &mut Context<'_>) {
    match DevContainer::read(text) {
        Ok(devcontainer) => {
            devcontainer.look_at_cuda_image(|image| of_cuda_image(image, settings, context));
            for rule in applied(settings) {
                rule.devcontainer(&devcontainer, context);
            }
        }
        Err(error) => {
            lg901_not_understood::report([(error.span, error.message.as_str())], context);
        }
    }
}

fn of_script(script: &Script, settings: &Settings, context: &mut Context<'_>) {
    let commands = script.all();
    let invocations: Vec<_> = commands
        .into_iter()
        .filter_map(|command| Invocation::of(command, context.text))
        .collect();
    for invocation in &invocations {
        invocation.look_at_cuda_image(context.text, |image| {
            of_cuda_image(image, settings, context);
        });
    }
    for rule in applied(settings) {
        for invocation in &invocations {
            rule.invocation(invocation, context);
        }
        rule.script(script, context);
    }
}

/// Markdown: each block as what it is, its findings where it stands.
fn of_markdown(text: &str, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for block in markdown::blocks(text) {
        let mut found = of_block(&block.text, block.language, settings);
        for finding in &mut found {
            moved(finding, &block.text);
        }
        findings.append(&mut found);
    }
    for piece in markdown::commands_in_lines(text) {
        if is_mention(piece.text()) {
            continue;
        }
        let mut found = of_block(&piece, markdown::Language::Shell, settings);
        for finding in &mut found {
            moved(finding, &piece);
        }
        findings.append(&mut found);
    }
    let suppressions = suppress::find(text, Language::Markdown, None);
    suppress::apply(&suppressions, findings, settings)
}

/// Whether a command in a sentence is only spoken of: `docker run --gpus`, with neither an image nor a value, is nothing that
/// anybody runs.
fn is_mention(command: &str) -> bool {
    let script = shell::parse(command);
    let invocations = script
        .commands
        .iter()
        .filter_map(|one| Invocation::of(one, command));
    invocations.into_iter().all(|invocation| {
        matches!(invocation.verb, Verb::Run | Verb::Create)
            && invocation.image().is_none()
            && invocation
                .options
                .iter()
                .all(|option| option.value.is_none())
    })
}

/// What is found in a block, at its own places. Comments that ignore rules are those of the whole.
fn of_block(block: &Joined, language: markdown::Language, settings: &Settings) -> Vec<Finding> {
    let text = block.text();
    let mut context = Context::new(text, &settings.target);
    match language {
        markdown::Language::Dockerfile => {
            let file = liftgate_dockerfile::parse(text);
            // A few lines of a Dockerfile, as READMEs have them, are no mistake, and say little about the whole.
            let first = file.instructions().next();
            if file.errors.is_empty()
                && first.is_some_and(|first| matches!(first.kind, Kind::From | Kind::Arg))
            {
                of_dockerfile(&Build::new(&file), settings, &mut context);
            }
        }
        markdown::Language::Yaml => {
            let text = &without_ellipses(text);
            let yaml = Yaml::read(text);
            let compose = Compose::of(&yaml, text);
            if yaml.errors().is_empty() && compose.errors.is_empty() {
                apply_to_compose(&compose, settings, &mut context);
            }
        }
        markdown::Language::Shell => of_script(&shell::parse(text), settings, &mut context),
        markdown::Language::Json | markdown::Language::Other => {}
    }
    context.into_findings()
}

/// YAML whose lines of three dots are comments of the same length: READMEs leave out by them what does not matter.
fn without_ellipses(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines
        .map(|line| {
            if line.trim() == "..." {
                line.replacen("...", "#..", 1)
            } else {
                line.to_owned()
            }
        })
        .collect()
}

/// Moves a finding of a piece to its place in the whole.
fn moved(finding: &mut Finding, piece: &Joined) {
    finding.span = piece.source(finding.span);
    for related in &mut finding.related {
        related.span = piece.source(related.span);
    }
    if let Some(fix) = &mut finding.fix {
        for edit in &mut fix.edits {
            edit.span = piece.source(edit.span);
        }
    }
}

/// In order, each once, graded as the settings say.
fn finish(findings: &mut Vec<Finding>, settings: &Settings) {
    // Those about the file and about comments are nobody's: they were not asked whether they are applied.
    findings.retain(|finding| {
        rules::find(finding.code).is_none_or(|rule| settings.applies(rule.meta()))
    });
    for finding in findings.iter_mut() {
        settings.grade(finding);
    }
    findings.sort_by(|one, other| {
        (one.span.start, one.code, one.span.end).cmp(&(
            other.span.start,
            other.code,
            other.span.end,
        ))
    });
    findings.dedup();
}
