//! What a rule is: facts about it, its page, and the levels on which it looks at things.
//!
//! A rule is a file in `rules/`, and one line in the list there. The doc comment above its declaration is its page
//! (`liftgate rule LG101`, `docs/rules/`), and the examples in it are its tests: what is tagged `bad` has to be found,
//! by this rule alone, what is tagged `good` must not be, and `fixed` is what the fix makes of the bad one before it.

use crate::context::Context;
use crate::finding::{Confidence, Persona, Severity};
use crate::model::{At, Build, CudaFrom, Stage};
use crate::sources::compose::{Compose, Service};
use crate::sources::devcontainer::DevContainer;
use crate::sources::docker_run::Invocation;
use crate::target::Target;
use liftgate_dockerfile::shell::{Script, ShellCommand};
use liftgate_image::facts::ImageFacts;

/// Facts about a rule.
#[derive(Debug)]
pub struct Meta {
    /// Its permanent code. A number is never used again.
    pub code: &'static str,
    /// Its name, in kebab case.
    pub name: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// How sure its findings are.
    pub confidence: Confidence,
    /// Who wants to hear of them.
    pub persona: Persona,
    /// Its page, in Markdown, with a space at the beginning of each line.
    pub docs: &'static str,
}

impl Meta {
    /// Its page, in Markdown.
    pub fn page(&self) -> String {
        let lines = self.docs.lines();
        let lines: Vec<&str> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        lines.join("\n").trim().to_owned()
    }

    /// Whether it can find anything where images are meant for this machine: what its examples need, it needs.
    pub(crate) fn can_find_for(&self, target: &Target) -> bool {
        let mut bad = self
            .docs
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with("```") && line.contains(",bad"))
            .peekable();
        bad.peek().is_none()
            || bad.any(|line| {
                (target.driver.is_some() || !line.contains(",driver="))
                    && (!target.gpus.is_empty() || !line.contains(",gpu="))
            })
    }

    /// What it finds, in one line: the first of its page.
    pub fn summary(&self) -> &'static str {
        self.docs.lines().next().unwrap_or_default().trim()
    }
}

/// A rule. It implements the levels that it looks at.
pub trait Rule: Sync {
    /// Facts about it.
    fn meta(&self) -> &'static Meta;

    /// A whole Dockerfile, after its stages.
    fn dockerfile(&self, _build: &Build<'_>, _context: &mut Context<'_>) {}

    /// A stage, after its steps.
    fn stage(&self, _build: &Build<'_>, _stage: &Stage<'_>, _context: &mut Context<'_>) {}

    /// An instruction other than `FROM`.
    fn step(&self, _at: At<'_>, _context: &mut Context<'_>) {}

    /// A command of a `RUN` instruction.
    fn command(&self, _at: At<'_>, _command: &ShellCommand, _context: &mut Context<'_>) {}

    /// One of NVIDIA's CUDA images, wherever it is named: by a stage, a service, a dev container, a command line.
    fn cuda_image(&self, _image: &CudaFrom<'_>, _context: &mut Context<'_>) {}

    /// A whole compose file, after its services.
    fn compose(&self, _compose: &Compose<'_>, _context: &mut Context<'_>) {}

    /// A service of a compose file.
    fn service(&self, _compose: &Compose<'_>, _service: &Service<'_>, _context: &mut Context<'_>) {}

    /// A `devcontainer.json`.
    fn devcontainer(&self, _devcontainer: &DevContainer<'_>, _context: &mut Context<'_>) {}

    /// A command of a script or a README that calls an engine.
    fn invocation(&self, _invocation: &Invocation<'_>, _context: &mut Context<'_>) {}

    /// A whole script, or the commands of a README's block, after its calls of engines.
    fn script(&self, _script: &Script, _context: &mut Context<'_>) {}

    /// An image.
    fn image(&self, _image: &ImageFacts, _context: &mut Context<'_>) {}
}

/// Declares a rule: its page is the doc comment.
macro_rules! declare_rule {
    (
        $(#[doc = $line:expr])*
        $rule:ident, $code:literal, $name:literal, $severity:ident, $confidence:ident $(, $persona:ident)?
    ) => {
        $(#[doc = $line])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $rule;

        impl $rule {
            /// Facts about it.
            pub(crate) const META: $crate::rule::Meta = $crate::rule::Meta {
                code: $code,
                name: $name,
                severity: $crate::finding::Severity::$severity,
                confidence: $crate::finding::Confidence::$confidence,
                persona: declare_rule!(@persona $($persona)?),
                docs: concat!($($line, "\n"),*),
            };
        }
    };
    (@persona) => { $crate::finding::Persona::Default };
    (@persona $persona:ident) => { $crate::finding::Persona::$persona };
}

pub(crate) use declare_rule;
