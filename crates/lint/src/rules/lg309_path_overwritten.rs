use crate::context::Context;
use crate::finding::Fix;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// `PATH` is set without what the image has in it
    ///
    /// ## What it does
    /// Finds `ENV PATH=…` that leaves out the value of NVIDIA's CUDA image that it is built on.
    ///
    /// ## Why
    /// `nvcc` is in `/usr/local/cuda/bin`, and `nvidia-smi` is put into `/usr/bin` when the container starts. Without the image's
    /// directories they are not found.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV PATH=/opt/conda/bin
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV PATH=/opt/conda/bin:${PATH}
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV PATH=/opt/conda/bin:${PATH}
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: programs that were hidden are found then.
    PathOverwritten, "LG309", "path-overwritten", Warning, High
}

impl Rule for PathOverwritten {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for setting in at.path_settings("PATH") {
            let is_of_cuda = setting.before.as_ref().is_some_and(|before| before.span.is_none() && before.text.contains("/usr/local/cuda/bin"));
            let has = |part: &str| setting.entries.iter().any(|entry| entry.text.trim_end_matches('/').starts_with(part));
            if setting.keeps || !is_of_cuda || has("/usr/local/cuda") {
                continue;
            }
            let value = &setting.pair.value;
            let finding = context.report(&Self::META, value.span, "`PATH` loses `/usr/local/cuda/bin`");
            finding.because("the image has it there, and `nvcc` is in it");
            finding.hint("write `:${PATH}` behind the new directories");
            if value.span.of(at.build.file.text) == value.value {
                finding.fix(Fix::unsafe_("keep the image's directories").insert(value.span.end, ":${PATH}"));
            }
        }
    }
}
