//! Rules for what a GPU container is made of and started with: Dockerfiles, compose files, dev containers, command
//! lines, images.
//!
//! Pure: a text goes in ([`lint`]), or facts about an image ([`lint_image`]), and findings come out. Nothing is
//! fetched and nothing is run; which tags exist and what a driver runs is in `liftgate-cuda`. What hangs on something that
//! the text does not say is not guessed at.
//!
//! - [`rules`] has them all, a file each; [`rule`] is what one is made of.
//! - [`model`] and [`sources`] are what rules ask.
//! - [`suppress`], [`settings`] and [`configuration`] are what people may say to them.
//! - [`mod@fix`] carries fixes out, [`output`] shows findings.

#![forbid(unsafe_code)]
#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "names of files in images are those of Linux: `x.SO` is no library"
)]

pub mod configuration;
mod context;
mod engine;
mod finding;
pub mod fix;
pub mod model;
pub mod output;
pub mod rule;
pub mod rules;
mod settings;
pub mod sources;
mod suppress;
mod target;

pub use context::Context;
pub use engine::{LARGEST, lint, lint_image};
pub use finding::{Applicability, Confidence, Edit, Finding, Fix, Label, Persona, Severity};
pub use settings::Settings;
pub use target::{Target, TargetError};

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// A Dockerfile.
    Dockerfile,
    /// A compose file.
    Compose,
    /// A `devcontainer.json`.
    Devcontainer,
    /// A shell script.
    Shell,
    /// Markdown, with commands in it.
    Markdown,
}

impl Language {
    /// What it is called in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dockerfile => "Dockerfile",
            Self::Compose => "compose file",
            Self::Devcontainer => "devcontainer.json",
            Self::Shell => "shell script",
            Self::Markdown => "Markdown file",
        }
    }
}
