use crate::context::Context;
use crate::model::{At, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::shell::ShellCommand;

declare_rule! {
    /// `nvcc` runs in an image that does not have it
    ///
    /// ## What it does
    /// Finds commands that run `nvcc` in a stage whose image has no compiler for CUDA (`base` and `runtime` of NVIDIA's CUDA images, plain
    /// distributions, Python's images) and where none was installed before.
    ///
    /// ## Why
    /// The build fails: `nvcc: not found`. Only images whose name has `devel` in it have the compiler.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// COPY main.cu .
    /// RUN nvcc -o main main.cu
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -o /main main.cu
    ///
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// COPY --from=build /main /usr/local/bin/main
    /// ```
    ///
    /// ## Sources
    /// Dao-AILab/flash-attention#1229, sgl-project/sglang#3952.
    NvccMissing, "LG201", "nvcc-missing", Error, High
}

impl Rule for NvccMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let Some((Tool::Nvcc, word)) = at.number_of(command).and_then(|number| at.lacks(number, command)) else {
            return;
        };
        let finding = at.report_missing(&Self::META, word, context);
        finding.hint(match at.build.cuda_base(at.stage) {
            Some(base) => format!(
                "build in a stage `FROM {}`, and copy what is built from there",
                base.devel()
            ),
            None => {
                "build in a stage `FROM nvidia/cuda:…-devel-…`, and copy what is built from there"
                    .to_owned()
            }
        });
    }
}
