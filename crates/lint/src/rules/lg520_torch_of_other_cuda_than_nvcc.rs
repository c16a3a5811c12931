use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{At, Build, Certainty, GpuBase, PipInstall, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::Cuda;
use liftgate_cuda::image::Flavour;
use liftgate_dockerfile::Span;

declare_rule! {
    /// an extension of PyTorch is compiled with the `nvcc` of another CUDA than PyTorch's
    ///
    /// ## What it does
    /// Follows the PyTorch that is installed in a `devel` image, and finds extensions that are compiled afterwards (flash-attn, apex, detectron2, pytorch3d, tiny-cuda-nn and
    /// others) where the major versions of the wheel's CUDA and of the image's differ.
    ///
    /// ## Why
    /// PyTorch refuses it: `The detected CUDA version (12.2) mismatches the version that was used to compile PyTorch (11.7)`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.4.1-devel-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends git python3-dev python3-pip
    /// RUN pip install torch==2.1.2 --index-url https://download.pytorch.org/whl/cu118
    /// ENV FORCE_CUDA=1 TORCH_CUDA_ARCH_LIST=8.0
    /// RUN pip install --no-build-isolation git+https://github.com/facebookresearch/pytorch3d.git@v0.7.8
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.4.1-devel-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends git python3-dev python3-pip
    /// RUN pip install torch==2.1.2 --index-url https://download.pytorch.org/whl/cu121
    /// ENV FORCE_CUDA=1 TORCH_CUDA_ARCH_LIST=8.0
    /// RUN pip install --no-build-isolation git+https://github.com/facebookresearch/pytorch3d.git@v0.7.8
    /// ```
    ///
    /// ## Sources
    /// pytorch/pytorch, `torch/utils/cpp_extension.py`.
    TorchOfOtherCudaThanNvcc, "LG520", "torch-of-other-cuda-than-nvcc", Error, High
}

/// Parts of the addresses of extensions with CUDA code in them.
const REPOSITORIES: &[&str] = &[
    "facebookresearch/pytorch3d",
    "facebookresearch/detectron2",
    "nvidia/apex",
    "dao-ailab/flash-attention",
    "hazyresearch/flash-attention",
    "nvlabs/tiny-cuda-nn",
    "nvlabs/nvdiffrast",
    "diff-gaussian-rasterization",
    "simple-knn",
    "state-spaces/mamba",
    "dao-ailab/causal-conv1d",
    "rusty1s/pytorch_scatter",
    "mit-han-lab/torchsparse",
    "nvidia/minkowskiengine",
    "facebookresearch/xformers",
];
/// Packages that PyPI has as sources alone.
const PACKAGES: &[&str] = &[
    "flash-attn",
    "mamba-ssm",
    "causal-conv1d",
    "torch-scatter",
    "torch-sparse",
    "torch-cluster",
    "mmcv-full",
];

impl Rule for TorchOfOtherCudaThanNvcc {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Some(GpuBase::Cuda(base)) = build.gpu_base(stage) else {
            return;
        };
        if base.flavour != Some(Flavour::Devel) || build.root(stage).index != stage.index {
            return;
        }
        let mut torch: Option<(Cuda, Span, bool)> = None;
        for at in build.steps_of(stage) {
            // Another toolkit may come: `cuda-nvcc-11-8`, conda's, an installer.
            let brings = |name: &str| {
                name.starts_with("cuda")
                    || name == "cudatoolkit-dev"
                    || name.starts_with("pip:nvidia-cuda-nvcc")
            };
            if at
                .step
                .installs
                .iter()
                .any(|(_, install)| install.packages.iter().any(|package| brings(&package.name)))
                || at
                    .step
                    .instruction
                    .span
                    .of(build.file.text)
                    .contains(".run")
            {
                return;
            }
            for (number, pip) in &at.step.pip {
                if at.is_conditional(*number) {
                    continue;
                }
                if let Some((cuda, span, is_sure)) = torch
                    && let Some((place, name)) = compiled(at, *number, pip)
                {
                    let finding = context.report(&Self::META, place, format!("{name} is compiled with CUDA {}, and this PyTorch is made for CUDA {cuda}", base.cuda));
                    if !is_sure || base.certainty != Certainty::Written {
                        finding.at_most(Confidence::Medium);
                    }
                    finding.related(span, "this PyTorch");
                    finding.because(
                        "PyTorch refuses to compile with another major version than its own",
                    );
                    at.blame_base(finding);
                    finding.hint(format!(
                        "take a wheel of PyTorch for CUDA {}, or the `devel` image of CUDA {cuda}",
                        base.cuda.major
                    ));
                    return;
                }
                if let Some(install) = at
                    .torch_installs()
                    .find(|install| install.command == *number)
                {
                    torch = install
                        .wheel()
                        .filter(|_| install.release().is_some() || install.pip.index.is_some())
                        .and_then(|wheel| wheel.cuda())
                        .filter(|cuda| cuda.major != base.cuda.major)
                        .map(|cuda| {
                            (
                                cuda,
                                install.requirement.span,
                                install.requirement.certainty == Certainty::Written,
                            )
                        });
                }
            }
        }
    }
}

/// What a command compiles, if it compiles CUDA code.
fn compiled(at: At<'_>, command: usize, pip: &PipInstall) -> Option<(Span, String)> {
    let has_wheels = !pip.find_links.is_empty() || pip.index.is_some();
    let skips = ["SKIP_CUDA_BUILD", "CUDA_HOME"];
    let assignments = &at.step.commands.get(command)?.assignments;
    if assignments.iter().any(|assignment| {
        skips.contains(&assignment.name.as_str()) || assignment.name.ends_with("_SKIP_CUDA_BUILD")
    }) {
        return None;
    }
    let by_name = pip.requirements.iter().find(|requirement| {
        PACKAGES.contains(&requirement.name.as_str()) && requirement.url.is_none() && !has_wheels
    });
    if let Some(requirement) = by_name {
        return Some((requirement.span, requirement.name.clone()));
    }
    pip.sources.iter().find_map(|source| {
        let text = source.text.to_lowercase();
        let name = REPOSITORIES
            .iter()
            .find(|name| text.contains(*name) && text.starts_with("git+"))?;
        Some((source.span, name.rsplit('/').next()?.to_owned()))
    })
}
