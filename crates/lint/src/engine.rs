//! Rules, applied to a text.

use crate::context::Context;
use crate::finding::Finding;
use crate::model::Build;
use crate::rule::Rule;
use crate::rules::{RULES, lg901_not_understood, lg904_too_large};
use crate::settings::Settings;
use crate::sources::compose::Compose;
use crate::sources::yaml::Yaml;
use crate::{Language, suppress};
use liftgate_dockerfile::{Kind, Span};
use liftgate_image::facts::ImageFacts;

/// A larger text is not looked at.
pub const LARGEST: usize = 1 << 20;

/// What the rules find in a text, in the order of the places.
pub fn lint(text: &str, language: Language, settings: &Settings) -> Vec<Finding> {
    let mut findings = if text.len() > LARGEST {
        let sentence = format!("{} bytes are more than a {} has", text.len(), language.name());
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
            let errors = file.errors.iter().map(|error| (error.span, error.message.as_str()));
            lg901_not_understood::report(errors, &mut context);
            of_dockerfile(&Build::new(file), settings, &mut context);
        }
        (None, Language::Compose) => of_compose(text, settings, &mut context),
        (None, _) => {}
    }
    let suppressions = suppress::find(text, language, dockerfile.as_ref());
    suppress::apply(&suppressions, context.into_findings(), settings.pedantic)
}

fn applied(settings: &Settings) -> impl Iterator<Item = &'static dyn Rule> {
    RULES
        .iter()
        .copied()
        .filter(|rule| settings.applies(rule.meta()))
}

fn of_dockerfile(build: &Build<'_>, settings: &Settings, context: &mut Context<'_>) {
    for rule in applied(settings) {
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

fn of_compose(text: &str, settings: &Settings, context: &mut Context<'_>) {
    let yaml = Yaml::read(text);
    let compose = Compose::of(&yaml, text);
    let of_yaml = yaml.errors().iter().map(|error| (error.span, error.message.as_str()));
    let of_compose = compose.errors.iter().map(|error| (error.span, error.message.as_str()));
    lg901_not_understood::report(of_yaml.chain(of_compose), context);
    for rule in applied(settings) {
        for service in &compose.services {
            rule.service(&compose, service, context);
        }
        rule.compose(&compose, context);
    }
}

/// In order, each once, graded as the settings say.
fn finish(findings: &mut Vec<Finding>, settings: &Settings) {
    for finding in findings.iter_mut() {
        settings.grade(finding);
    }
    findings.sort_by(|one, other| {
        (one.span.start, one.code, one.span.end).cmp(&(other.span.start, other.code, other.span.end))
    });
    findings.dedup();
}
