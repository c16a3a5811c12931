use crate::context::Context;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::code::{Loading, loading};

declare_rule! {
    /// code is made for other GPUs than the one that is there
    ///
    /// ## What it does
    /// With GPUs to compare with, finds `nvcc -arch` and `-gencode`, `CMAKE_CUDA_ARCHITECTURES` and `TORCH_CUDA_ARCH_LIST` that make no code for one of them, and no PTX
    /// that its driver could compile.
    ///
    /// ## Why
    /// The program starts, and fails with error 209: `no kernel image is available for execution on the device`.
    ///
    /// ## Example
    /// ```dockerfile,bad,gpu=A100
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -gencode arch=compute_90,code=sm_90 -o main main.cu
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good,gpu=A100
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -o main main.cu
    /// ```
    ///
    /// ## Sources
    /// CUDA C++ Programming Guide, "Binary Compatibility", "PTX Compatibility".
    ArchListMissesGpu, "LG109", "arch-list-misses-gpu", Error, High
}

impl Rule for ArchListMissesGpu {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        if context.target.gpus.is_empty() {
            return;
        }
        for list in at.code_lists() {
            for gpu in context.target.gpus.clone() {
                if loading(&list.targets, gpu.capability) != Loading::No {
                    continue;
                }
                let sm = gpu.capability.sm();
                let finding = context.report(&Self::META, list.span, format!("`{}` makes no code for {gpu}, which is {sm}", list.what));
                finding.because("without it the program fails with error 209, no kernel image is available");
                let numbers = gpu.capability.to_string();
                finding.hint(match list.what {
                    "nvcc" => format!("add `-gencode arch={},code={sm}`", sm.replace("sm_", "compute_")),
                    "TORCH_CUDA_ARCH_LIST" => format!("add `{numbers}`"),
                    _ => format!("add `{}`", sm.trim_start_matches("sm_")),
                });
            }
        }
    }
}
