//! Findings as SARIF 2.1.0 (OASIS, 2020), which code hosts show beside a change.
//!
//! Only what is read by those that show it: rules with their pages, results with places, and fixes.

use super::json::Place;
use super::{Lines, Linted};
use crate::finding::{Confidence, Finding, Severity};
use crate::rules::RULES;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The log of a run. `version` is that of the program.
pub fn sarif(linted: &[Linted<'_>], version: &str) -> Value {
    let used: BTreeSet<&str> = linted
        .iter()
        .flat_map(|linted| linted.findings.iter().map(|finding| finding.code))
        .collect();
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| rule.meta())
        .filter(|meta| used.contains(meta.code))
        .map(|meta| {
            json!({
                "id": meta.code,
                "name": meta.name,
                "shortDescription": { "text": meta.summary() },
                "help": { "text": meta.page(), "markdown": meta.page() },
                "defaultConfiguration": { "level": level(meta.severity) },
            })
        })
        .collect();
    let results: Vec<Value> = linted
        .iter()
        .flat_map(|linted| {
            let lines = Lines::of(linted.text);
            linted
                .findings
                .iter()
                .map(move |finding| result(linted, &lines, finding))
        })
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "liftgate", "version": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(linted: &Linted<'_>, lines: &Lines<'_>, finding: &Finding) -> Value {
    let mut text = finding.message.clone();
    for reason in &finding.reasons {
        text.push_str("; ");
        text.push_str(reason);
    }
    if !finding.hint.is_empty() {
        text.push_str(". Hint: ");
        text.push_str(&finding.hint);
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|related| {
            let mut location = location(linted, &Place::of(lines, related.span));
            location["message"] = json!({ "text": related.text });
            location
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [location(linted, &Place::of(lines, finding.span))],
        "rank": rank(finding.confidence),
    });
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(fix) = &finding.fix {
        let replacements: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| {
                json!({
                    "deletedRegion": region(&Place::of(lines, edit.span)),
                    "insertedContent": { "text": edit.replacement },
                })
            })
            .collect();
        result["fixes"] = json!([{
            "description": { "text": fix.title },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(linted.path) },
                "replacements": replacements,
            }],
        }]);
    }
    result
}

fn location(linted: &Linted<'_>, place: &Place) -> Value {
    let mut location = json!({ "artifactLocation": { "uri": uri(linted.path) } });
    if !linted.text.is_empty() {
        location["region"] = region(place);
    }
    json!({ "physicalLocation": location })
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

/// A path as a relative address: what is no plain character is a percent sign and its bytes.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@!$&'()*+,;=".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

const fn level(severity: Severity) -> &'static str {
    severity.text()
}

/// How sure a result is, of 100.
const fn rank(confidence: Confidence) -> f64 {
    match confidence {
        Confidence::High => 90.0,
        Confidence::Medium => 60.0,
        Confidence::Low => 30.0,
    }
}
