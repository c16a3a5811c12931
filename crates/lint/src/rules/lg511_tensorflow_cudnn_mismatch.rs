use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{At, Certainty, GpuBase};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// this TensorFlow was made with another CUDA or cuDNN than the image has
    ///
    /// ## What it does
    /// Compares the CUDA and cuDNN of NVIDIA's image with those that the release of TensorFlow looks for. A `tensorflow` without version is the newest one for the Python
    /// that is there.
    ///
    /// ## Why
    /// TensorFlow opens `libcudnn.so.8` and `libcudart.so.11.0` by these names. If the image has other ones it says `Cannot dlopen some GPU libraries` and computes on the
    /// processor. No image of CUDA 12.3 or later has cuDNN 8.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install tensorflow==2.15.0
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install tensorflow==2.15.0
    /// ```
    ///
    /// or let it bring its own:
    /// ```dockerfile,good
    /// FROM python:3.11-slim
    /// RUN pip install tensorflow[and-cuda]==2.15.0
    /// ```
    ///
    /// ## Sources
    /// TensorFlow, "Tested build configurations".
    TensorflowCudnnMismatch, "LG511", "tensorflow-cudnn-mismatch", Warning, High
}

impl Rule for TensorflowCudnnMismatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for install in at.tensorflow_installs() {
            let requirement = install.requirement;
            let Some(GpuBase::Cuda(base)) = at.build.gpu_base(at.stage) else {
                return;
            };
            if !requirement.extras.is_empty() || install.pip.is_elsewhere || at.is_conditional(install.command) || at.brings_cudnn_beside(&base) {
                continue;
            }
            // The newest `tensorflow-gpu` is an empty package.
            if requirement.name == "tensorflow-gpu" && requirement.public().is_none() {
                continue;
            }
            let Some(release) = at.tensorflow_release(&install) else {
                continue;
            };
            let (Some(cuda), Some(wanted), Some((has, has_minor))) = (release.cuda(), release.cudnn(), base.cudnn()) else {
                continue;
            };
            let mut numbers = wanted.split('.').filter_map(|number| number.parse::<u16>().ok());
            let (Some(wants), wants_minor) = (numbers.next(), numbers.next()) else {
                continue;
            };
            // Until CUDA 10 the libraries had the minor version in their names.
            let is_other_cuda = cuda.major != base.cuda.major || cuda.major <= 10 && cuda != base.cuda;
            let is_older_cudnn = wants == has && has_minor.zip(wants_minor).is_some_and(|(has, wants)| has < wants);
            let lack = if is_other_cuda {
                format!("{release} looks for CUDA {cuda}, and the image has {}", base.cuda)
            } else if wants != has {
                format!("{release} looks for cuDNN {wants}, and the image has cuDNN {has}")
            } else if is_older_cudnn {
                format!("{release} was made with cuDNN {wanted}, which is newer than the image's")
            } else {
                continue;
            };
            let finding = context.report(&Self::META, requirement.span, lack);
            if requirement.public().is_none() || base.certainty != Certainty::Written || requirement.certainty != Certainty::Written || is_older_cudnn && !is_other_cuda {
                finding.at_most(Confidence::Medium);
            }
            at.blame_base(finding);
            finding.because("it says that it cannot open some GPU libraries, and computes on the processor");
            finding.hint(if release.has_cuda_extra() == Some(true) {
                format!("install `tensorflow[and-cuda]=={}.{}.*`, or build on an image of CUDA {cuda} with cuDNN {wants}", release.release.0, release.release.1)
            } else {
                format!("build on an image of CUDA {cuda} with cuDNN {wants}, or take a release that was made for this one")
            });
        }
    }
}
