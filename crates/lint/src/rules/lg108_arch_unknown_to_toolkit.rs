use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::Flavour;
use liftgate_dockerfile::Body;

declare_rule! {
    /// code is to be made for a GPU that the image's toolkit does not know
    ///
    /// ## What it does
    /// Holds `nvcc -arch` and `-gencode`, `CMAKE_CUDA_ARCHITECTURES` and `TORCH_CUDA_ARCH_LIST` against the CUDA toolkit of the image.
    ///
    /// ## Why
    /// The build fails: `nvcc fatal : Unsupported gpu architecture 'compute_120'`. CUDA 12.8 is the first that knows Blackwell, and CUDA 13 has dropped
    /// Maxwell, Pascal and Volta.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.4.1-devel-ubuntu22.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -arch=sm_120 -o main main.cu
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -arch=sm_120 -o main main.cu
    /// ```
    ///
    /// ## Sources
    /// Release notes of CUDA 13.0, 12.8, 11.0.
    ArchUnknownToToolkit, "LG108", "arch-unknown-to-toolkit", Error, High
}

impl Rule for ArchUnknownToToolkit {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let Some(base) = at.build.cuda_base(at.stage).filter(|base| base.flavour == Some(Flavour::Devel)) else {
            return;
        };
        for list in at.code_lists() {
            let mut unknown: Vec<_> = list.targets.iter().filter(|target| !target.is_made_by(base.cuda)).collect();
            unknown.dedup_by_key(|target| target.capability);
            let Some(first) = unknown.first() else { continue };
            let names: Vec<String> = unknown.iter().map(|target| format!("`{target}`")).collect();
            let sentence = format!("CUDA {} makes no code for {}", base.cuda, names.join(", "));
            let finding = context.report(&Self::META, list.span, sentence);
            at.blame_base(finding);
            finding.hint(match first.toolkits() {
                Some((from, None)) => format!("use CUDA {from} or newer, or leave it out"),
                Some((from, Some(to))) => format!("use CUDA {from} to {to}, or leave it out"),
                None => "leave it out".to_owned(),
            });
            // Who installs another toolkit has another one.
            let is_other = at.installed_like(|package| package.starts_with("cuda-") || package == "cuda");
            // A variable is for whoever compiles something; an option is given to who does.
            if matches!(at.step.instruction.body, Body::Pairs(_) | Body::Arguments(_)) {
                finding.severity(Severity::Warning);
            }
            if is_other || base.certainty == Certainty::Default || list.what == "TORCH_CUDA_ARCH_LIST" {
                finding.at_most(Confidence::Medium);
            }
        }
    }
}
