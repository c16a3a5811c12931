use crate::context::Context;
use crate::model::{At, Certainty, Manager};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// conda is asked for PyTorch, and not for its CUDA
    ///
    /// ## What it does
    /// Finds `conda install pytorch` without `pytorch-cuda`, `pytorch-gpu`, `cudatoolkit` or `cuda-version` in an image for GPUs.
    ///
    /// ## Why
    /// Conda chooses between builds for the processor and for CUDA by the driver that it sees, and a build sees none. So the one for the processor may come, or one of
    /// another CUDA than the rest of the image.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvcr.io/nvidia/rapidsai/base:24.04-cuda12.2-py3.11
    /// RUN conda install -y -c pytorch pytorch
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvcr.io/nvidia/rapidsai/base:24.04-cuda12.2-py3.11
    /// RUN conda install -y -c conda-forge pytorch-gpu cuda-version=12.2
    /// ```
    ///
    /// ## Sources
    /// conda, "Virtual packages": `__cuda` is there only where a driver is.
    CondaPytorchWithoutCuda, "LG518", "conda-pytorch-without-cuda", Warning, Medium
}

impl Rule for CondaPytorchWithoutCuda {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for (number, install) in &at.step.installs {
            if install.manager != Manager::Conda || at.is_conditional(*number) {
                continue;
            }
            let Some(package) = install.packages.iter().find(|package| package.name.rsplit("::").next() == Some("pytorch")) else {
                continue;
            };
            // `=*=cuda*`, `[build=cuda]`: the build is named.
            let names_build = package.version.as_deref().is_some_and(|version| version.contains("cuda") || version.matches('=').count() > 2);
            let is_unknown = install.packages.iter().any(|package| package.certainty == Certainty::Unknown);
            let names_cuda = |name: &str| name.contains("cuda") || name.contains("pytorch-gpu") || name == "cpuonly" || name.contains("cudnn") || name.contains("pytorch-mutex");
            if names_build || is_unknown || install.packages.iter().any(|package| names_cuda(&package.name)) {
                continue;
            }
            let overridden = at.variable("CONDA_OVERRIDE_CUDA").is_some()
                || at.step.commands.get(*number).is_some_and(|command| command.assignments.iter().any(|assignment| assignment.name == "CONDA_OVERRIDE_CUDA"))
                || at.step.instruction.span.of(at.build.file.text).contains("CONDA_OVERRIDE_CUDA");
            if overridden || at.build.gpu_base(at.stage).is_none() || at.build.lineage(at.stage).any(|stage| stage.packages().any(|name| matches!(name, "cudatoolkit" | "cuda-version" | "pytorch-cuda"))) {
                continue;
            }
            let finding = context.report(&Self::META, package.span, "conda chooses the build of PyTorch by the driver, and a build of an image has none");
            at.blame_base(finding);
            finding.because("the build for the processor may come, or one of another CUDA than the image's");
            finding.hint("name its CUDA: `pytorch-gpu cuda-version=12.8` of conda-forge; PyTorch's own channel has ended with 2.5");
        }
    }
}
