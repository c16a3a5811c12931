use crate::context::Context;
use crate::finding::Confidence;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::code::{Loading, loading};
use liftgate_dockerfile::Span;
use liftgate_image::facts::ImageFacts;

declare_rule! {
    /// what is in the image has no code for the GPU
    ///
    /// ## What it does
    /// With GPUs to compare with, reads which code the image's programs and frameworks have in them, and finds those that have neither machine code for one of the GPUs nor
    /// PTX that its driver could compile.
    ///
    /// ## Why
    /// The program starts and fails at its first kernel with error 209: `no kernel image is available for execution on the device`.
    ///
    /// ## Example
    /// ```json,bad,gpu=RTX 5090
    /// {"libraries": [{"path": "/usr/lib/python3/dist-packages/torch/lib/libtorch_cuda.so", "family": "torch",
    ///   "elf": {"class": "elf64", "machine": "x86_64", "code": {"sections": {"sm_80": 900, "sm_90": 900}}}}]}
    /// ```
    ///
    /// ```json,good,gpu=RTX 5090
    /// {"libraries": [{"path": "/usr/lib/python3/dist-packages/torch/lib/libtorch_cuda.so", "family": "torch",
    ///   "elf": {"class": "elf64", "machine": "x86_64", "code": {"sections": {"sm_80": 900, "compute_90": 900}}}}]}
    /// ```
    ///
    /// ## Sources
    /// CUDA C++ Programming Guide, "Binary Compatibility", "PTX Compatibility".
    NoCodeForGpu, "LG804", "no-code-for-gpu", Error, High
}

impl Rule for NoCodeForGpu {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        for group in image::groups(image) {
            let code = group.code();
            if code.is_empty() {
                continue;
            }
            for gpu in context.target.gpus.clone() {
                if loading(&code, gpu.capability) != Loading::No {
                    continue;
                }
                let finding = context.report(&Self::META, Span::at(0), format!("{} has no code for {gpu}, which is {}", group.name, gpu.capability.sm()));
                // A file that could not be read may have it.
                if !image.gaps.is_empty() {
                    finding.at_most(Confidence::Medium);
                }
                let targets: Vec<String> = code.iter().map(ToString::to_string).collect();
                finding.because(format!("it has {}", targets.join(", ")));
                finding.because(format!("it is in {}", image::paths(group.libraries.iter().map(|library| library.path.as_str()))));
                finding.hint("take a build for that GPU: a newer wheel, or one that is compiled with its architecture");
            }
        }
    }
}
