use crate::context::Context;
use crate::model::{Build, Stage, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::Flavour;
use liftgate_dockerfile::Kind;

declare_rule! {
    /// the image that is shipped has the whole CUDA toolkit
    ///
    /// ## What it does
    /// Finds Dockerfiles of one stage on a `devel` image that compile something and then run it.
    ///
    /// ## Why
    /// A `devel` image has the compiler, the headers, the static libraries and Nsight Compute: five to nine gigabytes, of
    /// which a program that has been compiled needs a few hundred megabytes. Pulling it is most of the time of a start on a
    /// new machine.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// COPY main.cu .
    /// RUN nvcc -O3 -arch=sm_80 -o /main main.cu
    /// CMD ["/main"]
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -O3 -arch=sm_80 -o /main main.cu
    ///
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// COPY --from=build /main /usr/local/bin/main
    /// CMD ["main"]
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#12, mitulgarg/env-doctor#95.
    DevelImageShipped, "LG111", "devel-image-shipped", Note, Medium
}

impl Rule for DevelImageShipped {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(last) = build.last() else { return };
        let Some(base) = build.cuda_base(last) else {
            return;
        };
        if base.flavour != Some(Flavour::Devel) {
            return;
        }
        let runs = |stage: &Stage<'_>| {
            stage
                .steps
                .iter()
                .any(|step| matches!(step.instruction.kind, Kind::Cmd | Kind::Entrypoint))
        };
        // What compiles when it runs (Triton, flashinfer, torch.compile with extensions) needs the toolkit there; only a
        // program of one's own is known not to.
        let compiles = |stage: &Stage<'_>| {
            stage.steps.iter().any(|step| {
                step.instruction.kind == Kind::Run
                    && step
                        .commands
                        .iter()
                        .any(|command| command.program().and_then(Tool::of) == Some(Tool::Nvcc))
            })
        };
        let is_python = last.packages().any(|package| package.starts_with("pip:"));
        if build.lineage(last).any(compiles) && runs(last) && !is_python {
            let span = build.root(last).image_span;
            let finding = context.report(
                &Self::META,
                span,
                format!(
                    "the image that runs is `{}`, with the compiler in it",
                    base.text
                ),
            );
            finding.because(
                "what nvcc has made needs `base`, or `runtime` where it uses cuBLAS and its like",
            );
            finding.hint("compile in a stage of its own, and copy the program into one `FROM nvidia/cuda:…-base-…`");
        }
    }
}
