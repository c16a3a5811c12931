//! Findings for programs. `docs/schema/lint.json` is the schema of what is written here.

use super::{Lines, Linted, counts};
use crate::finding::{Applicability, Confidence, Finding, Severity};
use liftgate_dockerfile::Span;
use schemars::JsonSchema;
use serde::Serialize;

/// What `liftgate lint --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LintReport {
    /// The version of this format.
    pub format: u32,
    /// What was looked at, and what was found in it.
    pub files: Vec<FileReport>,
    /// How much was found.
    pub summary: Summary,
}

/// How much was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

/// A file or an image, and what was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileReport {
    /// Its path as it was given, or the image's name.
    pub path: String,
    /// What was found, in the order of the places.
    pub findings: Vec<FindingReport>,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingReport {
    /// The rule's permanent code.
    pub code: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// One sentence.
    pub message: String,
    /// Where; absent for an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Other places, and what is there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedReport>,
    /// Why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// An edit that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<FixReport>,
}

/// Another place.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RelatedReport {
    /// Where.
    pub place: Place,
    /// What is there.
    pub text: String,
}

/// An edit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FixReport {
    /// What it does.
    pub title: String,
    /// Whether `--fix` makes it alone.
    pub applicability: Applicability,
    /// The edits; they do not overlap.
    pub edits: Vec<EditReport>,
}

/// A piece of the text, and what is to stand there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EditReport {
    /// What is replaced.
    pub place: Place,
    /// What stands there then.
    pub replacement: String,
}

/// A range of a text.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Place {
    /// The first line, from 1 on.
    pub line: usize,
    /// The first column, from 1 on, in characters.
    pub column: usize,
    /// The line behind which it ends.
    pub end_line: usize,
    /// The column behind the last character.
    pub end_column: usize,
    /// The first byte, from 0 on.
    pub offset: usize,
    /// Its length in bytes.
    pub length: usize,
}

impl Place {
    pub(crate) fn of(lines: &Lines<'_>, span: Span) -> Self {
        let (line, column) = lines.place(span.start);
        let (end_line, end_column) = lines.place(span.end);
        Self {
            line,
            column,
            end_line,
            end_column,
            offset: span.start,
            length: span.len(),
        }
    }
}

/// The report about all files.
pub fn json(linted: &[Linted<'_>]) -> LintReport {
    let (errors, warnings, notes) = counts(linted.iter().flat_map(|linted| linted.findings));
    LintReport {
        format: 1,
        files: linted.iter().map(file).collect(),
        summary: Summary {
            errors,
            warnings,
            notes,
        },
    }
}

fn file(linted: &Linted<'_>) -> FileReport {
    let lines = Lines::of(linted.text);
    FileReport {
        path: linted.path.to_owned(),
        findings: linted
            .findings
            .iter()
            .map(|finding| of_finding(linted, &lines, finding))
            .collect(),
    }
}

fn of_finding(linted: &Linted<'_>, lines: &Lines<'_>, finding: &Finding) -> FindingReport {
    FindingReport {
        code: finding.code,
        name: finding.name,
        severity: finding.severity,
        confidence: finding.confidence,
        message: finding.message.clone(),
        place: (!linted.text.is_empty()).then(|| Place::of(lines, finding.span)),
        related: finding
            .related
            .iter()
            .map(|related| RelatedReport {
                place: Place::of(lines, related.span),
                text: related.text.clone(),
            })
            .collect(),
        reasons: finding.reasons.clone(),
        hint: finding.hint.clone(),
        fix: finding.fix.as_ref().map(|fix| FixReport {
            title: fix.title.clone(),
            applicability: fix.applicability,
            edits: fix
                .edits
                .iter()
                .map(|edit| EditReport {
                    place: Place::of(lines, edit.span),
                    replacement: edit.replacement.clone(),
                })
                .collect(),
        }),
    }
}
