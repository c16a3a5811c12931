use crate::context::Context;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// `LD_LIBRARY_PATH` names the directory of CUDA's forward compatibility
    ///
    /// ## What it does
    /// Finds entries of `LD_LIBRARY_PATH` that are a `compat` directory of a CUDA toolkit.
    ///
    /// ## Why
    /// It has another driver's `libcuda.so.1`. On a host whose driver is newer it is the older one, and CUDA fails with error 803; on a
    /// GeForce it fails with error 804; only on GPUs of the data centre with an older driver is it what is wanted. The container runtime
    /// knows which it is, and puts the directory in front where it helps.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/usr/local/cuda/compat:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/opt/lib:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// ## Sources
    /// CUDA Compatibility, "Forward Compatibility"; NVIDIA/nvidia-docker#1256, #1294, ai-dynamo/nixl#441.
    LibraryPathHasCompat, "LG304", "library-path-has-compat", Warning, High
}

impl Rule for LibraryPathHasCompat {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for setting in at.path_settings("LD_LIBRARY_PATH") {
            for entry in setting.entries {
                let text = entry.text.trim_end_matches('/');
                if !(text.contains("cuda") && text.ends_with("/compat")) {
                    continue;
                }
                let finding = context.report(&Self::META, entry.span, format!("`LD_LIBRARY_PATH` names `{text}`, which has another driver's libcuda"));
                finding.because("on a host with a newer driver CUDA fails with error 803, on a GeForce with 804");
                finding.hint("take it out: the container runtime uses it where it helps");
            }
        }
    }
}
