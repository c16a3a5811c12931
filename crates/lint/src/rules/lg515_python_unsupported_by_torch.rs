use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::torch_pythons;

declare_rule! {
    /// this release of PyTorch has no wheel for the Python that is there
    ///
    /// ## What it does
    /// Compares a pinned `torch` with the Python of the image: that of `python:3.13`, or of the distribution.
    ///
    /// ## Why
    /// `Could not find a version that satisfies the requirement torch==2.1.0`: the build fails.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.13-slim
    /// RUN pip install torch==2.1.0
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.11-slim
    /// RUN pip install torch==2.1.0
    /// ```
    ///
    /// ## Sources
    /// The files of https://pypi.org/project/torch/
    PythonUnsupportedByTorch, "LG515", "python-unsupported-by-torch", Error, High
}

impl Rule for PythonUnsupportedByTorch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for install in at.torch_installs() {
            let (Some(release), Some(python)) = (install.release(), at.python(install.command)) else {
                continue;
            };
            // Wheels that are found elsewhere may be anybody's.
            if !install.pip.find_links.is_empty() || install.pip.prereleases || install.requirement.url.is_some() {
                continue;
            }
            let Some((first, last)) = torch_pythons(release) else {
                continue;
            };
            if (first..=last).contains(&python) {
                continue;
            }
            let finding = context.report(&Self::META, install.requirement.span, format!("torch {}.{} has no wheel for Python {}.{}", release.0, release.1, python.0, python.1));
            if at.is_conditional(install.command) || install.requirement.certainty != Certainty::Written {
                finding.at_most(Confidence::Medium).severity(Severity::Warning);
            }
            at.blame_base(finding);
            finding.because(format!("it has some for {}.{} to {}.{}", first.0, first.1, last.0, last.1));
            let is_newer = python > last;
            finding.hint(if is_newer { "take a newer release, or an older Python" } else { "take a newer Python, or an older release" });
        }
    }
}
