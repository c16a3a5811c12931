use crate::context::Context;
use crate::finding::{Confidence, Fix};
use crate::model::{At, Certainty, GpuBase};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// TensorFlow is installed where it finds no CUDA or no cuDNN
    ///
    /// ## What it does
    /// Finds `pip install tensorflow` without `[and-cuda]` in an image for GPUs that has no cuDNN, or has CUDA only inside the wheels of PyTorch.
    ///
    /// ## Why
    /// TensorFlow's wheel has no CUDA libraries in it. It says `Could not find cuda drivers on your machine` or `Cannot dlopen some GPU libraries`, whatever the driver
    /// is, and computes on the processor.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install tensorflow==2.18.0
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:12.9.2-base-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install tensorflow[and-cuda]==2.18.0
    /// ```
    ///
    /// Use instead: from 2.14 on the libraries come along with an extra, and the image needs no CUDA.
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install tensorflow[and-cuda]==2.18.0
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: two gigabytes more are installed.
    ///
    /// ## Sources
    /// tensorflow/tensorflow#66750, tensorflow/tensorflow#62412.
    TensorflowWithoutCuda, "LG504", "tensorflow-without-cuda", Warning, High
}

impl Rule for TensorflowWithoutCuda {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for install in at.tensorflow_installs() {
            let requirement = install.requirement;
            if at.is_conditional(install.command) || install.pip.is_elsewhere || requirement.certainty == Certainty::Unknown || requirement.url.is_some() {
                continue;
            }
            if !requirement.extras.is_empty() || at.brings_cudnn() {
                continue;
            }
            let lack = match at.build.gpu_base(at.stage) {
                Some(GpuBase::Cuda(base)) if !base.has_cudnn && base.flavour.is_some() => "no cuDNN",
                Some(GpuBase::Torch { .. }) => "no CUDA libraries but those in the wheels of PyTorch",
                _ => continue,
            };
            let finding = context.report(&Self::META, requirement.span, format!("TensorFlow computes on the processor here: this image has {lack}"));
            finding.at_most(Confidence::Medium);
            at.blame_base(finding);
            let has_extra = match at.tensorflow_release(&install) {
                Some(release) => release.has_cuda_extra().unwrap_or(false),
                None => requirement.specifier.is_empty(),
            };
            if has_extra && requirement.name == "tensorflow" {
                finding.hint("install `tensorflow[and-cuda]`, which brings them along");
                let at_name = requirement.span.of(at.build.file.text).find("tensorflow").map(|start| requirement.span.start + start + "tensorflow".len());
                if let Some(end) = at_name {
                    finding.fix(Fix::unsafe_("bring CUDA and cuDNN along").insert(end, "[and-cuda]"));
                }
            } else {
                finding.hint("build on the `cudnn` image of the CUDA version that this release was made with");
            }
        }
    }
}
