use crate::context::Context;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// `LD_LIBRARY_PATH` names the toolkit's directory of stubs
    ///
    /// ## What it does
    /// Finds entries of `LD_LIBRARY_PATH` that end in `stubs`.
    ///
    /// ## Why
    /// The libraries there are for the linker: `libcuda.so` without anything in it. Where the loader finds it before the driver's,
    /// every call fails with error 34, `CUDA_ERROR_STUB_LIBRARY`; and programs that only look whether there is a driver take it for one.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// Use instead: the linker's own variable, which `devel` images have set already, or `-L`.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LIBRARY_PATH=/usr/local/cuda/lib64/stubs:${LIBRARY_PATH}
    /// ```
    ///
    /// ## Sources
    /// CUDA Driver API, `CUDA_ERROR_STUB_LIBRARY`; NVIDIA/nvidia-docker#1644.
    LibraryPathHasStubs, "LG303", "library-path-has-stubs", Warning, High
}

impl Rule for LibraryPathHasStubs {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for setting in at.path_settings("LD_LIBRARY_PATH") {
            for entry in setting.entries {
                if !entry.text.trim_end_matches('/').ends_with("/stubs") {
                    continue;
                }
                let finding = context.report(&Self::META, entry.span, "`LD_LIBRARY_PATH` names stubs, which are for the linker");
                finding.because("a program that loads the stub of `libcuda.so` fails with error 34, CUDA_ERROR_STUB_LIBRARY");
                finding.hint("take it out here; the linker finds stubs by `LIBRARY_PATH` or `-L`");
            }
        }
    }
}
