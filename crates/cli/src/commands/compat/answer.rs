//! An answer: a verdict, the reasons for it, and what to do.

use crate::ui::Ui;
use liftgate_cuda::{CudaError, Mark};
use schemars::JsonSchema;
use serde::Serialize;

/// Whether it runs; the worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// Nothing of what is known speaks against it.
    Runs,
    /// Something that it depends on is not known, or it runs on some of the GPUs only.
    Perhaps,
    /// It does not.
    DoesNotRun,
}

/// An answer to a question.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Answer {
    /// What was asked about.
    pub(super) subject: String,
    /// In one word.
    pub(super) outcome: Outcome,
    /// In a sentence.
    pub(super) verdict: String,
    /// The error that one would see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorView>,
    /// Why.
    pub(super) reasons: Vec<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
    /// How well that is known.
    pub(super) certainty: Certainty,
}

/// An error of CUDA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct ErrorView {
    /// Its number, such as 35.
    number: u32,
    /// Its name in the runtime library.
    name: &'static str,
}

impl From<CudaError> for ErrorView {
    fn from(error: CudaError) -> Self {
        Self {
            number: error.number.into(),
            name: error.runtime_name,
        }
    }
}

/// How well something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Certainty {
    /// From NVIDIA's or the framework's own documents and files, or it follows from them.
    Documented,
    /// From others who use or quote them.
    Reported,
    /// Common knowledge.
    Assumed,
}

impl From<Mark> for Certainty {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Verified | Mark::Derived => Self::Documented,
            Mark::Secondary => Self::Reported,
            Mark::Unverified => Self::Assumed,
        }
    }
}

impl Answer {
    /// One that nothing speaks against, as yet.
    pub(super) fn about(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            outcome: Outcome::Runs,
            verdict: "runs".to_owned(),
            error: None,
            reasons: Vec::new(),
            hint: None,
            certainty: Certainty::Documented,
        }
    }

    pub(super) fn because(&mut self, reason: impl Into<String>) {
        let reason = reason.into();
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// The verdict becomes this one, unless there is a worse one already.
    pub(super) fn becomes(&mut self, outcome: Outcome, verdict: &str) {
        if outcome > self.outcome || self.outcome == Outcome::Runs {
            self.outcome = outcome;
            verdict.clone_into(&mut self.verdict);
        }
    }

    /// It does not run, and ends with an error.
    pub(super) fn fails(&mut self, error: CudaError, reason: impl Into<String>) {
        self.becomes(Outcome::DoesNotRun, &format!("does not run: error {error}"));
        self.error.get_or_insert(error.into());
        self.because(reason);
    }

    pub(super) fn hint(&mut self, hint: impl Into<String>) {
        self.hint.get_or_insert(hint.into());
    }

    pub(super) fn is_known_by(&mut self, mark: Mark) {
        self.certainty = self.certainty.max(mark.into());
    }

    /// The answers for each of several GPUs as one.
    pub(super) fn of_each(answers: Vec<(String, Self)>) -> Option<Self> {
        let worst = answers.iter().map(|(_, answer)| answer.outcome).max()?;
        let best = answers.iter().map(|(_, answer)| answer.outcome).min()?;
        let is_one = answers.len() == 1;
        let mut together: Option<Self> = None;
        for (gpu, mut answer) in answers {
            if !is_one {
                for reason in &mut answer.reasons {
                    *reason = format!("{gpu}: {reason}");
                }
                answer
                    .reasons
                    .insert(0, format!("{gpu}: {}", answer.verdict));
            }
            match &mut together {
                None => together = Some(answer),
                Some(together) => {
                    together.reasons.extend(answer.reasons);
                    if answer.outcome > together.outcome {
                        together.outcome = answer.outcome;
                        together.verdict = answer.verdict;
                        together.error = answer.error;
                        together.hint = answer.hint;
                    }
                    together.certainty = together.certainty.max(answer.certainty);
                }
            }
        }
        if let Some(together) = together
            .as_mut()
            .filter(|_| best == Outcome::Runs && worst == Outcome::DoesNotRun)
        {
            together.outcome = Outcome::Perhaps;
            "runs on some of the GPUs only".clone_into(&mut together.verdict);
        }
        together
    }

    pub(super) fn print(&self, ui: &mut Ui) {
        ui.gap();
        ui.heading(&format!("{}: {}", self.subject, self.verdict));
        for reason in &self.reasons {
            ui.line(format!("  because  {reason}"));
        }
        if let Some(hint) = &self.hint {
            ui.line(format!("  hint     {hint}"));
        }
        match self.certainty {
            Certainty::Documented => {}
            Certainty::Reported => ui.line("  note     part of this is from others who use it, not from NVIDIA's or the framework's own documents"),
            Certainty::Assumed => ui.line("  note     part of this is common knowledge, which nobody has looked up"),
        }
    }
}
