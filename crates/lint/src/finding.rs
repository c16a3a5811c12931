//! What a rule finds: where, what, how sure, and what to do.
//!
//! How bad a thing is, how sure the rule is of it, and who wants to hear of it are three questions. A tag that is
//! gone stops the build whoever reads the file; whether the tag is the one that is written depends on a build
//! argument; and an image that is not pinned by a digest is the business of those who ask for it.

use crate::rule::Meta;
use liftgate_dockerfile::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works; it could be better.
    Note,
    /// It works on some machines, or not as its author thinks.
    Warning,
    /// The build fails, the container does not start, or it has no GPU.
    Error,
}

/// How sure the rule is that this is so.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It hangs on what the file does not say.
    Low,
    /// It is so unless something unusual makes up for it.
    Medium,
    /// It is so.
    High,
}

/// Who wants to hear of it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Persona {
    /// Everybody.
    Default,
    /// Those who ask for it with `--pedantic`.
    Pedantic,
}

impl Severity {
    /// Its name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Confidence {
    /// Its name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

/// Whether a fix may be applied without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// It changes nothing but what the rule is about.
    Safe,
    /// It may change what the image does in another way, too; or there is more than one way.
    Unsafe,
}

/// A piece of the text, and what is to stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced. Empty: something is put in.
    pub span: Span,
    /// What stands there then.
    pub replacement: String,
}

/// Edits that belong together: all of them, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does: `use …`, `remove …`.
    pub title: String,
    /// Whether it may be applied without being asked for.
    pub applicability: Applicability,
    /// The edits. They do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix that changes nothing but what the rule is about.
    pub fn safe(title: impl Into<String>) -> Self {
        Self::new(title, Applicability::Safe)
    }

    /// A fix that somebody has to want.
    pub fn unsafe_(title: impl Into<String>) -> Self {
        Self::new(title, Applicability::Unsafe)
    }

    fn new(title: impl Into<String>, applicability: Applicability) -> Self {
        Self {
            title: title.into(),
            applicability,
            edits: Vec::new(),
        }
    }

    /// Replaces what stands at `span`.
    #[must_use]
    pub fn replace(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.edits.push(Edit {
            span,
            replacement: replacement.into(),
        });
        self
    }

    /// Puts something in at an offset.
    #[must_use]
    pub fn insert(self, offset: usize, text: impl Into<String>) -> Self {
        self.replace(Span::at(offset), text)
    }

    /// Takes away what stands at `span`.
    #[must_use]
    pub fn delete(self, span: Span) -> Self {
        self.replace(span, "")
    }
}

/// A place that helps to understand a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there: a few words.
    pub text: String,
}

/// What a rule has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's permanent code, `LG101`.
    pub code: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// Who wants to hear of it.
    pub persona: Persona,
    /// Where. A finding about an image has none.
    pub span: Span,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// What stands at `span`, in a few words; may be empty.
    pub label: String,
    /// Other places.
    pub related: Vec<Label>,
    /// Why it is so, and where that can be seen: a line each.
    pub reasons: Vec<String>,
    /// What to do.
    pub hint: String,
    /// The edit that does it.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding of a rule, as bad and as sure as the rule's findings are.
    pub fn new(rule: &'static Meta, span: Span, message: impl Into<String>) -> Self {
        Self {
            code: rule.code,
            name: rule.name,
            severity: rule.severity,
            confidence: rule.confidence,
            persona: rule.persona,
            span,
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            reasons: Vec::new(),
            hint: String::new(),
            fix: None,
        }
    }

    /// Says in a few words what stands there.
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.label = text.into();
        self
    }

    /// Points at another place.
    pub fn related(&mut self, span: Span, text: impl Into<String>) -> &mut Self {
        self.related.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says why.
    pub fn because(&mut self, reason: impl Into<String>) -> &mut Self {
        self.reasons.push(reason.into());
        self
    }

    /// Says what to do.
    pub fn hint(&mut self, text: impl Into<String>) -> &mut Self {
        self.hint = text.into();
        self
    }

    /// Offers an edit that does it.
    pub fn fix(&mut self, fix: Fix) -> &mut Self {
        self.fix = Some(fix);
        self
    }

    /// It is less sure than the rule's findings are.
    pub fn at_most(&mut self, confidence: Confidence) -> &mut Self {
        self.confidence = self.confidence.min(confidence);
        self
    }

    /// It is of another severity than the rule's findings are.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }
}
