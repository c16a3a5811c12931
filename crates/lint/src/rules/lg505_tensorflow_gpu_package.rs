use crate::context::Context;
use crate::finding::{Fix, Severity};
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// `tensorflow-gpu` is a package that no longer installs
    ///
    /// ## What it does
    /// Finds `pip install tensorflow-gpu` without a version, or of 2.12 and later.
    ///
    /// ## Why
    /// Since December 2022 the package is an empty one whose installation fails on purpose. `tensorflow` has had the GPU code in it since 2.1. Pythons before 3.7 still
    /// get an old release, which has to fit the image's CUDA by chance.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install tensorflow-gpu
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install tensorflow[and-cuda]
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install "tensorflow[and-cuda]==2.18.0"
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: another package, and its CUDA, are installed.
    ///
    /// ## Sources
    /// https://pypi.org/project/tensorflow-gpu/
    TensorflowGpuPackage, "LG505", "tensorflow-gpu-package", Error, High
}

impl Rule for TensorflowGpuPackage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for install in at.tensorflow_installs() {
            let requirement = install.requirement;
            if requirement.name != "tensorflow-gpu" || requirement.certainty == Certainty::Unknown {
                continue;
            }
            let python = at.python(install.command);
            let is_gone = match requirement.public() {
                Some(version) => liftgate_cuda::framework::TensorFlow::parse(version).is_some_and(|tensorflow| tensorflow.release >= (2, 12)),
                None => requirement.specifier.is_empty() || requirement.specifier.starts_with(">=") && !requirement.specifier.contains(','),
            };
            if !is_gone {
                continue;
            }
            let finding = context.report(&Self::META, requirement.span, "`tensorflow-gpu` is an empty package whose installation fails");
            if requirement.public().is_none() && python.is_none_or(|python| python < (3, 7)) {
                // An old Python gets an old release.
                finding.severity(Severity::Warning);
                finding.because("only a Python before 3.7 gets an old release, which fits one version of CUDA and cuDNN");
            }
            finding.hint("install `tensorflow[and-cuda]`, or an old release by its version");
            if requirement.specifier.is_empty() && python.is_some_and(|python| python >= (3, 9)) {
                finding.fix(Fix::unsafe_("install `tensorflow[and-cuda]`").replace(requirement.span, "tensorflow[and-cuda]"));
            }
        }
    }
}
