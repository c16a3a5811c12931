use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Certainty, GpuBase};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// JAX is installed without its CUDA plugin in an image for GPUs
    ///
    /// ## What it does
    /// Finds `pip install jax` (and `jaxlib`) without `[cuda12]` or `[cuda13]` in an image that is built on CUDA, and extras that no longer exist
    /// (`cuda11_pip`, `cuda111`).
    ///
    /// ## Why
    /// `jaxlib` on PyPI computes on the processor; the GPU's part is a package of its own. pip only warns of an extra that does not exist, and installs the rest.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install jax
    /// ```
    ///
    /// Use instead: the plugin brings CUDA along.
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install "jax[cuda12]"
    /// ```
    ///
    /// or take the image's:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install "jax[cuda12-local]"
    /// ```
    ///
    /// ## Sources
    /// JAX, "Installing JAX"; the extras of https://pypi.org/project/jax/
    JaxWithoutCuda, "LG508", "jax-without-cuda", Warning, High
}

/// Extras of releases that have long been replaced.
const GONE: &[&str] = &["cuda11-pip", "cuda11-local", "cuda11-cudnn82", "cuda11-cudnn805", "cuda11-cudnn86", "cuda11", "cuda110", "cuda111", "cuda102", "cuda101", "cuda92"];

impl Rule for JaxWithoutCuda {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for (number, pip) in &at.step.pip {
            for requirement in pip.requirements.iter().filter(|requirement| requirement.name == "jax") {
                if at.is_conditional(*number) || pip.is_elsewhere || requirement.certainty == Certainty::Unknown || requirement.url.is_some() {
                    continue;
                }
                let extras: Vec<String> = requirement.extras.iter().map(|extra| extra.replace(['_', '.'], "-")).collect();
                let gone = extras.iter().find(|extra| GONE.contains(&extra.as_str()));
                // Python 3.8 gets a release of 2023, which has them.
                let python = at.python(*number);
                let is_new = python.is_none_or(|python| python >= (3, 9));
                if let Some(extra) = gone.filter(|_| requirement.specifier.is_empty() && is_new) {
                    let finding = context.report(&Self::META, requirement.span, format!("JAX has no extra `{extra}` any more: what comes computes on the processor"));
                    if python.is_none() {
                        finding.at_most(Confidence::Medium);
                    }
                    finding.because("pip warns of an extra that does not exist, and installs the rest");
                    finding.hint("take `jax[cuda12]` or `jax[cuda13]`, or pin the release that had it (0.4.25 was the last for CUDA 11)");
                    continue;
                }
                if !extras.is_empty() || !matches!(at.build.gpu_base(at.stage), Some(GpuBase::Cuda(_) | GpuBase::Torch { .. })) {
                    continue;
                }
                if self.has_plugin(at) {
                    continue;
                }
                let finding = context.report(&Self::META, requirement.span, "this JAX computes on the processor, in an image for GPUs");
                finding.at_most(Confidence::Medium).severity(Severity::Warning);
                at.blame_base(finding);
                finding.because("`jaxlib` on PyPI has no code for GPUs: that is in a plugin, `jax-cuda12-plugin`");
                finding.hint("install `jax[cuda12]`, or `jax[cuda12-local]` with the image's CUDA and cuDNN");
            }
        }
    }
}

impl JaxWithoutCuda {
    /// Whether the GPU's part comes in another way: a `jaxlib` with a label, a plugin, a link to Google's wheels.
    fn has_plugin(self, at: At<'_>) -> bool {
        at.build.lineage(at.stage).any(|stage| {
            stage.steps.iter().any(|step| {
                let text = step.instruction.span.of(at.build.file.text);
                text.contains("jax-cuda") || text.contains("jax_cuda") || text.contains("jax[cuda") || text.contains("jaxlib") && (text.contains("+cuda") || text.contains("+cudnn") || text.contains("jax-releases") || text.contains("jax/cuda"))
                    || text.contains("jax-releases") || text.contains(".whl")
            })
        })
    }
}
