use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{At, Build, Certainty, GpuBase, Manager, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::TorchFlavour;
use liftgate_dockerfile::Span;

declare_rule! {
    /// PyTorch for the processor is installed in an image for GPUs
    ///
    /// ## What it does
    /// Finds `torch` from the index `whl/cpu`, with the label `+cpu`, from uv's `--torch-backend cpu`, and conda's `cpuonly`, in an image that
    /// is built on CUDA.
    ///
    /// ## Why
    /// `torch.cuda.is_available()` is `False`, `nvidia-smi` shows the GPU, and everything runs on the processor without a word.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install torch==2.8.0 --index-url https://download.pytorch.org/whl/cpu
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-base-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install torch==2.8.0 --index-url https://download.pytorch.org/whl/cu128
    /// ```
    ///
    /// Where the processor is meant, an image without CUDA is a gigabyte smaller:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.8.0 --index-url https://download.pytorch.org/whl/cpu
    /// ```
    ///
    /// ## Sources
    /// pytorch/pytorch#18690, pytorch/pytorch#21259, pytorch/serve#478.
    CpuOnlyTorch, "LG501", "cpu-only-torch", Warning, High
}

impl Rule for CpuOnlyTorch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Some(base) = build.gpu_base(stage) else {
            return;
        };
        // The last one stays. One before it was replaced, or is what its author compares with.
        let mut last: Option<(At<'_>, Option<(Span, Certainty)>)> = None;
        for at in build.steps_of(stage) {
            for install in at.torch_installs() {
                if at.is_conditional(install.command) || install.pip.is_elsewhere {
                    return;
                }
                let choice = install.choice();
                let cpu = choice.filter(|choice| choice.flavour == TorchFlavour::Cpu);
                last = Some((at, cpu.map(|choice| (choice.span, choice.certainty))));
            }
            for (number, install) in &at.step.installs {
                if install.manager != Manager::Conda || at.is_conditional(*number) {
                    continue;
                }
                if let Some(package) = install.packages.iter().find(|package| package.name == "cpuonly") {
                    last = Some((at, Some((package.span, package.certainty))));
                } else if install.packages.iter().any(|package| matches!(package.name.as_str(), "pytorch" | "pytorch-gpu" | "pytorch-cuda")) {
                    last = Some((at, None));
                }
            }
        }
        let Some((at, Some((span, certainty)))) = last else {
            return;
        };
        let finding = context.report(&Self::META, span, "this PyTorch computes on the processor, in an image for GPUs");
        if certainty != Certainty::Written || base == GpuBase::Asked {
            finding.at_most(Confidence::Medium);
        }
        at.blame_base(finding);
        finding.because("`torch.cuda.is_available()` is False there, whatever GPU the container has");
        finding.hint("take a wheel for CUDA (`--index-url https://download.pytorch.org/whl/cu128`), or build on an image without CUDA");
    }
}
