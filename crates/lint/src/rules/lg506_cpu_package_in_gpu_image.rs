use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// a package for the processor is installed in an image for GPUs, and there is one for GPUs
    ///
    /// ## What it does
    /// Finds `onnxruntime`, `faiss-cpu`, `tensorflow-cpu` and `paddlepaddle` in an image that is built on CUDA and does not install their siblings for GPUs.
    ///
    /// ## Why
    /// They have no code for GPUs: `CUDAExecutionProvider` is not among the providers, and nothing says so. Where that is meant, it is well.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime
    /// RUN pip install onnxruntime==1.22.0
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime
    /// RUN pip install onnxruntime-gpu==1.22.0
    /// ```
    ///
    /// ## Sources
    /// microsoft/onnxruntime#12540, danielgatis/rembg#668.
    CpuPackageInGpuImage, "LG506", "cpu-package-in-gpu-image", Note, Medium
}

/// The package, the beginning of the names of its siblings for GPUs, and the one to take.
const PACKAGES: &[(&str, &[&str], &str)] = &[
    ("onnxruntime", &["pip:onnxruntime-gpu"], "onnxruntime-gpu"),
    ("faiss-cpu", &["pip:faiss-gpu", "faiss-gpu"], "faiss-gpu-cu12"),
    ("tensorflow-cpu", &["pip:tensorflow"], "tensorflow[and-cuda]"),
    ("paddlepaddle", &["pip:paddlepaddle-gpu"], "paddlepaddle-gpu"),
    ("jaxlib-cpu", &[], "jax[cuda12]"),
];

impl Rule for CpuPackageInGpuImage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        if at.step.pip.is_empty() || at.build.gpu_base(at.stage).is_none() {
            return;
        }
        for (number, pip) in &at.step.pip {
            for requirement in &pip.requirements {
                let Some((name, siblings, instead)) = PACKAGES.iter().find(|(name, ..)| *name == requirement.name) else {
                    continue;
                };
                if at.is_conditional(*number) || requirement.certainty == Certainty::Unknown || !requirement.extras.is_empty() {
                    continue;
                }
                let is_sibling = |package: &str| siblings.iter().any(|start| package.starts_with(start)) && package != format!("pip:{name}");
                // Its sibling may come later, in another stage's file, or be taken away again.
                let has_sibling = at.build.stages.iter().any(|stage| stage.packages().any(is_sibling));
                if has_sibling {
                    continue;
                }
                let finding = context.report(&Self::META, requirement.span, format!("`{name}` has no code for GPUs"));
                finding.at_most(Confidence::Medium);
                at.blame_base(finding);
                finding.hint(format!("take `{instead}` if the GPU is to do the work"));
            }
        }
    }
}
