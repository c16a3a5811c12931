//! What a rule may ask, and where it puts what it has found.

use crate::finding::{Finding, Fix};
use crate::rule::Meta;
use crate::target::Target;
use liftgate_dockerfile::Span;

/// The surroundings of a rule at work.
#[derive(Debug)]
pub struct Context<'a> {
    /// The text that is looked at; empty where it is an image.
    pub text: &'a str,
    /// The machine that the image is meant for, as far as anybody has said.
    pub target: &'a Target,
    findings: Vec<Finding>,
}

impl<'a> Context<'a> {
    /// The surroundings of rules that look at `text`.
    pub const fn new(text: &'a str, target: &'a Target) -> Self {
        Self {
            text,
            target,
            findings: Vec::new(),
        }
    }

    /// Reports a finding, which may be added to: `context.report(…).because(…).hint(…);`
    pub fn report(
        &mut self,
        rule: &'static Meta,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.findings.push(Finding::new(rule, span, message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Offers an edit for what was reported last, where the text had to be looked at for it.
    pub fn report_fix(&mut self, fix: Fix) {
        if let Some(last) = self.findings.last_mut() {
            last.fix(fix);
        }
    }

    /// What has been found.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
