use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{Build, Certainty};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::{DriverVerdict, NoForward, judge_driver};

declare_rule! {
    /// the image's CUDA is too new for the driver
    ///
    /// ## What it does
    /// With a driver to compare with (`--driver`, `--here`), finds images of NVIDIA's whose CUDA that driver does not run: neither by itself, nor by
    /// minor-version compatibility, nor with the forward compatibility libraries of the image.
    ///
    /// ## Why
    /// Every program fails with error 35, `CUDA driver version is insufficient for CUDA runtime version`, or does its work on the processor.
    ///
    /// ## Example
    /// ```dockerfile,bad,driver=535.183.01,gpu=RTX 4090
    /// FROM nvidia/cuda:13.0.3-base-ubuntu24.04
    /// ```
    ///
    /// ```dockerfile,bad,driver=535.183.01
    /// FROM nvidia/cuda:13.0.3-base-ubuntu24.04
    /// ```
    ///
    /// Use instead: an image of a CUDA version that the driver runs; 535 runs every 12.x.
    /// ```dockerfile,good,driver=535.183.01,gpu=A100
    /// FROM nvidia/cuda:12.2.2-base-ubuntu22.04
    /// ```
    ///
    /// ## Sources
    /// CUDA Compatibility, "Minor Version Compatibility" and "Forward Compatibility".
    DriverTooOld, "LG105", "driver-too-old", Error, High
}

impl Rule for DriverTooOld {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(stage) = build.base_that_runs() else {
            return;
        };
        let Some(driver) = context.target.driver.clone() else {
            return;
        };
        // Only what runs needs a driver: what is copied from, does not.
        let Some(base) = build.cuda_base(stage) else {
            return;
        };
        let classes: Vec<_> = match context.target.gpus.as_slice() {
            [] => vec![None],
            gpus => gpus.iter().map(|gpu| gpu.class).collect(),
        };
        let refusal = classes
            .iter()
            .map(|class| judge_driver(base.cuda, &driver, *class))
            .find(|verdict| matches!(verdict, DriverVerdict::Refused { .. }));
        let Some(DriverVerdict::Refused {
            error,
            with_compat,
            floor,
            no_forward,
        }) = refusal
        else {
            return;
        };
        let sentence = format!("CUDA {} does not run on {driver}", base.cuda);
        let finding = context.report(&Self::META, stage.image_span, sentence);
        finding.because(format!(
            "it needs driver {floor} or newer, and programs fail with error {error}"
        ));
        match (no_forward, with_compat) {
            (NoForward::UnknownGpu, _) => {
                finding.severity(Severity::Warning).at_most(Confidence::Medium).because("on GPUs of the data centre the image's forward compatibility may help: say which GPU it is");
            }
            (_, Some(compat)) => {
                finding.because(format!(
                    "forward compatibility does not help: it fails with error {compat}"
                ));
            }
            (_, None) => {}
        }
        if base.certainty == Certainty::Default {
            finding.at_most(Confidence::Medium);
        }
        finding.hint(match driver.cuda() {
            Some(cuda) => format!(
                "use an image of CUDA {}.x, or a driver from {floor} on",
                cuda.major
            ),
            None => format!("use a driver from {floor} on"),
        });
    }
}
