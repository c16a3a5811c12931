use crate::context::Context;
use crate::model::{Build, Certainty, GpuBase, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::TorchFlavour;
use liftgate_cuda::image::Flavour;

declare_rule! {
    /// the wheels bring their own CUDA, and the image's is never used
    ///
    /// ## What it does
    /// Finds `runtime` images of CUDA in which nothing but wheels of PyTorch needs CUDA.
    ///
    /// ## Why
    /// A wheel of PyTorch has its own cuBLAS, cuDNN and NCCL. Those of the image below, two gigabytes, are dead weight.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04@sha256:0f6bfcbf267e65123bcc2287e2153dedfc0f24772fb5ce84afe16ac4b2fada95
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install torch==2.8.0
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim@sha256:47ae396f09c1303b8653019811a8498470603d7ffefc29cb07c88f1f8cb3d19f
    /// RUN pip install torch==2.8.0
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
    /// ```
    WheelBringsItsOwnCuda, "LG509", "wheel-brings-its-own-cuda", Note, Medium, Pedantic
}

/// Packages that take CUDA from the image.
const USERS: &[&str] = &["cupy", "onnxruntime", "tensorflow", "jax", "ctranslate2", "faster-whisper", "paddlepaddle", "tensorrt", "mxnet", "faiss", "deepspeed", "flash-attn", "apex", "numba", "pycuda", "cudf", "dali"];

impl Rule for WheelBringsItsOwnCuda {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Some(GpuBase::Cuda(base)) = build.gpu_base(stage) else {
            return;
        };
        if base.flavour != Some(Flavour::Runtime) || base.certainty == Certainty::Unknown || build.root(stage).index != stage.index {
            return;
        }
        let mut wheels = None;
        for at in build.steps_of(stage) {
            let brings = |install: &crate::model::TorchInstall<'_>| install.choice().is_some_and(|choice| matches!(choice.flavour, TorchFlavour::Cuda(_) | TorchFlavour::Default));
            wheels = wheels.or_else(|| at.torch_installs().find(brings).map(|install| install.requirement.span));
            let builds = at.step.pip.iter().any(|(_, pip)| !pip.sources.is_empty() || !pip.files.is_empty());
            let makes = at.step.commands.iter().any(|command| matches!(command.program(), Some("make" | "cmake" | "nvcc" | "git" | "ninja")));
            if builds || makes || at.step.opaque || at.step.instruction.flag("from").is_some() {
                return;
            }
        }
        let Some(span) = wheels else { return };
        if stage.packages().any(|name| USERS.iter().any(|user| name.contains(user))) {
            return;
        }
        let finding = context.report(&Self::META, span, "these wheels bring their own CUDA: the libraries of the image are not used");
        finding.related(stage.image_span, "this image has cuBLAS and its like, too");
        finding.hint("build on `python:3.12-slim` with `NVIDIA_VISIBLE_DEVICES=all`, or on the `base` image");
    }
}
