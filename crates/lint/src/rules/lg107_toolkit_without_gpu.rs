use crate::context::Context;
use crate::model::{Build, Certainty, Stage};
use crate::finding::{Confidence, Severity};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::code;
use liftgate_cuda::image::Flavour;

declare_rule! {
    /// the image's CUDA toolkit makes no code for the GPU
    ///
    /// ## What it does
    /// With GPUs to compare with (`--gpu`, `--here`), finds images of NVIDIA's whose toolkit does not know one of them yet, or no longer.
    ///
    /// ## Why
    /// What is compiled with it, and the libraries in it, have no code for that GPU: error 209, `no kernel image is available for execution on the
    /// device`. CUDA 13 has dropped Maxwell, Pascal and Volta; Blackwell needs CUDA 12.8.
    ///
    /// ## Example
    /// ```dockerfile,bad,gpu=V100
    /// FROM nvidia/cuda:13.0.3-devel-ubuntu24.04
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good,gpu=V100
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ```
    ///
    /// ## Sources
    /// Release notes of CUDA 13.0 and 12.8.
    ToolkitWithoutGpu, "LG107", "toolkit-without-gpu", Error, High
}

impl Rule for ToolkitWithoutGpu {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Some(base) = build.cuda_base(stage).filter(|_| build.cuda_from(stage).is_some()) else {
            return;
        };
        for gpu in &context.target.gpus.clone() {
            let own = code::Target::sass(gpu.capability);
            let Some((first, last)) = own.toolkits() else {
                continue;
            };
            let (sentence, hint) = if let Some(last) = last.filter(|last| base.cuda > *last) {
                (format!("CUDA {} no longer has code for {gpu}", base.cuda), format!("use CUDA {last}, the last that has"))
            } else if base.cuda < first && code::nearest_target(base.cuda, gpu.capability).is_none() {
                (format!("CUDA {} does not know {gpu} yet", base.cuda), format!("use CUDA {first} or newer"))
            } else {
                continue;
            };
            let finding = context.report(&Self::META, stage.image_span, sentence);
            finding.because(format!("it is {}, and without code for it programs fail with error 209", own));
            finding.hint(hint);
            if base.cuda < first {
                finding.severity(Severity::Warning).because("a driver may compile PTX for it, of programs that bring some");
            }
            // What a program of one's own brings as PTX may still be compiled by a driver; only `devel` says that it is compiled here.
            if base.flavour != Some(Flavour::Devel) && base.cuda < first || base.certainty == Certainty::Default {
                finding.at_most(Confidence::Medium);
            }
        }
    }
}
