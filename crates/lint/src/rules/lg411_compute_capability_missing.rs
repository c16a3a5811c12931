use crate::context::Context;
use crate::model::{Build, Certainty};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// `NVIDIA_DRIVER_CAPABILITIES` without `compute`
    ///
    /// ## What it does
    /// Finds images that are built on NVIDIA's CUDA images, or have PyTorch, TensorFlow or JAX, and whose `NVIDIA_DRIVER_CAPABILITIES` leaves `compute` out.
    ///
    /// ## Why
    /// `libcuda.so.1` is the driver's part `compute`. Without it `nvidia-smi` works and CUDA does not: frameworks go on with the processor.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// ENV NVIDIA_DRIVER_CAPABILITIES=utility
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
    /// ```
    ///
    /// ## Sources
    /// pytorch/pytorch#18690.
    ComputeCapabilityMissing, "LG411", "compute-capability-missing", Warning, High
}

impl Rule for ComputeCapabilityMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(last) = build.last() else { return };
        let Some(value) = build
            .capabilities(last)
            .filter(|value| value.certainty != Certainty::Unknown && !value.text.trim().is_empty())
        else {
            return;
        };
        let Some(span) = value
            .span
            .filter(|_| build.asks_for(last, "compute") == Some(false))
        else {
            return;
        };
        let frameworks = ["pip:torch", "pip:tensorflow", "pip:jax", "pip:vllm"];
        let framework = build.lineage(last).find_map(|stage| {
            frameworks
                .iter()
                .find(|name| stage.installs(name).is_some())
        });
        let is_cuda = build.cuda_base(last).is_some();
        if !is_cuda && framework.is_none() {
            return;
        }
        let finding = context.report(
            &Self::META,
            span,
            "without `compute` there is no `libcuda.so.1`, and CUDA does not work",
        );
        if let Some(framework) = framework {
            finding.because(format!(
                "the image has `{}`, which goes on with the processor then",
                framework.trim_start_matches("pip:")
            ));
        }
        finding.hint(format!("write `compute,{}`", value.text));
    }
}
