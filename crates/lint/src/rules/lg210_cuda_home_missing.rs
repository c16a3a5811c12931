use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Has, Tool, WithoutGpu};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::{Kind, variables};

declare_rule! {
    /// `CUDA_HOME` is empty, or a CUDA extension is built where there is no toolkit
    ///
    /// ## What it does
    /// Finds `ENV CUDA_HOME=$CONDA_PREFIX` and the like, whose variable is not set in the image, and builds of CUDA extensions (with `FORCE_CUDA=1`, tiny-cuda-nn) in images
    /// without `nvcc`.
    ///
    /// ## Why
    /// `CONDA_PREFIX` is set when an environment is activated in a shell, and Docker activates none: `CUDA_HOME` is empty, and `nvcc` is looked for in `/bin`. Without a toolkit the
    /// build ends: `CUDA_HOME environment variable is not set`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM continuumio/miniconda3:24.9.2-0
    /// ENV CUDA_HOME=$CONDA_PREFIX
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM continuumio/miniconda3:24.9.2-0
    /// ENV CUDA_HOME=/opt/conda
    /// ```
    ///
    /// ## Sources
    /// Dao-AILab/flash-attention#1229, #447.
    CudaHomeMissing, "LG210", "cuda-home-missing", Warning, High
}

/// The variables by which builds find the toolkit.
const VARIABLES: &[&str] = &[
    "CUDA_HOME",
    "CUDA_PATH",
    "CUDA_ROOT",
    "CUDACXX",
    "CUDA_TOOLKIT_ROOT_DIR",
];

impl Rule for CudaHomeMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            if !VARIABLES.contains(&pair.name.value.as_str()) {
                continue;
            }
            let value = pair.value.value.as_str();
            let named = variables(value);
            // Only where the variable is all of the value, or begins it.
            let Some(first) = named.first().filter(|_| value.starts_with('$')) else {
                continue;
            };
            // What this `ENV` sets itself is LG215's.
            let is_of_same = at
                .environment_pairs()
                .iter()
                .any(|other| other.name.value == first.name);
            if is_of_same || value.contains(":-") || at.is_set(0, first.name) {
                continue;
            }
            let is_activation = first.name == "CONDA_PREFIX";
            let is_known = at
                .build
                .cuda_base(at.stage)
                .is_some_and(|base| base.tag.is_some());
            if !is_activation && !is_known {
                continue;
            }
            let finding = context.report(
                &Self::META,
                pair.span,
                format!(
                    "`{}` begins with `${}`, which is not set",
                    pair.name.value, first.name
                ),
            );
            if is_activation {
                finding.because(
                    "it is set when an environment is activated in a shell, and not in the image",
                );
                finding.hint(format!(
                    "write the directory: `{}=/opt/conda`, or that of the environment",
                    pair.name.value
                ));
            } else {
                finding.hint(format!(
                    "write the directory: `{}=/usr/local/cuda`",
                    pair.name.value
                ));
            }
        }
        if at.step.instruction.kind != Kind::Run {
            return;
        }
        for extension in at.extensions() {
            let needs = match extension.without_gpu {
                WithoutGpu::LeavesOut => at
                    .variable("FORCE_CUDA")
                    .is_some_and(|value| value.text == "1"),
                WithoutGpu::Ends(_) => true,
                WithoutGpu::Asks => false,
            };
            let Some(name) = extension
                .name
                .filter(|_| needs && at.has(extension.command, Tool::Nvcc) == Has::No)
            else {
                continue;
            };
            let finding = context.report(
                &Self::META,
                extension.span,
                format!("`{name}` is compiled with nvcc, and this image has none"),
            );
            finding
                .severity(Severity::Error)
                .at_most(Confidence::Medium);
            at.blame_base(finding);
            finding.because("the build ends: `CUDA_HOME environment variable is not set`");
            finding.hint(match at.build.cuda_base(at.stage) {
                Some(base) => format!("build it in a stage `FROM {}`", base.devel()),
                None => "build it in a stage with the toolkit: `nvidia/cuda:…-devel-…`, or `pytorch/pytorch:…-devel`".to_owned(),
            });
        }
    }
}
