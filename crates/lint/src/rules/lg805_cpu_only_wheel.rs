use crate::context::Context;
use crate::finding::Severity;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::ImageFacts;

declare_rule! {
    /// the image is for GPUs, and its framework is for the processor
    ///
    /// ## What it does
    /// Finds a PyTorch that was built without CUDA, and `onnxruntime`, `tensorflow-cpu` and `faiss-cpu` without their siblings, in an image that asks for GPUs or has CUDA.
    ///
    /// ## Why
    /// `torch.cuda.is_available()` is `False` while `nvidia-smi` shows the GPU: often a later `pip install` has replaced the right wheel.
    ///
    /// ## Example
    /// ```json,bad
    /// {"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]},
    ///  "torch": [{"path": "/usr/lib/python3/dist-packages/torch/version.py", "version": "2.4.1+cpu"}]}
    /// ```
    ///
    /// ```json,good
    /// {"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]},
    ///  "torch": [{"path": "/usr/lib/python3/dist-packages/torch/version.py", "version": "2.4.1+cu121", "cuda": "12.1"}]}
    /// ```
    ///
    /// ## Sources
    /// pytorch/pytorch#18690, pytorch/pytorch#21259.
    CpuOnlyWheel, "LG805", "cpu-only-wheel", Warning, High
}

/// Packages for the processor, and the beginning of the names of their siblings.
const PACKAGES: &[(&str, &str)] = &[("onnxruntime", "onnxruntime-gpu"), ("tensorflow-cpu", "tensorflow-gpu"), ("faiss-cpu", "faiss-gpu"), ("paddlepaddle", "paddlepaddle-gpu")];

impl Rule for CpuOnlyWheel {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        if !image::is_for_gpus(image) {
            return;
        }
        for torch in &image.torch {
            let version = torch.version.as_deref().unwrap_or_default();
            // One without a version could not be read; one with `+rocm` is for other GPUs.
            if torch.cuda.is_some() || version.is_empty() || ["+rocm", "+xpu", "+git"].iter().any(|label| version.contains(label)) {
                continue;
            }
            let finding = context.report(&Self::META, Span::at(0), format!("PyTorch {version} was built without CUDA"));
            finding.because(format!("`{}` says so", torch.path));
            if let Some(step) = image.layers.get(torch.layer).and_then(|layer| layer.created_by.as_deref()) {
                finding.because(format!("it came with the step `{}`", step.chars().take(120).collect::<String>()));
            }
            finding.hint("install a wheel for CUDA, `--index-url https://download.pytorch.org/whl/cu128`, in the last command that installs PyTorch");
        }
        for (name, sibling) in PACKAGES {
            let has_sibling = image.python.iter().any(|package| package.name.starts_with(sibling));
            let Some(package) = image.python(name).filter(|_| !has_sibling) else {
                continue;
            };
            let finding = context.report(&Self::META, Span::at(0), format!("`{name}` {} has no code for GPUs", package.version));
            finding.severity(Severity::Note).because(format!("it lies in `{}`", package.directory));
            finding.hint(format!("take `{sibling}` if the GPU is to do the work"));
        }
    }
}
