use crate::context::Context;
use crate::model::Build;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::{DriverVerdict, judge_driver};

declare_rule! {
    /// the image's CUDA runs on the driver by minor-version compatibility only
    ///
    /// ## What it does
    /// With a driver to compare with, says which images of NVIDIA's have a newer CUDA version than the driver, of the same major.
    ///
    /// ## Why
    /// They run, with two limits: code that is there as PTX only cannot be compiled (error 222, `the provided PTX was compiled with an unsupported
    /// toolchain`), and functions that the driver does not have fail (error 36). And NVIDIA's own runtime refuses some of them (`unsatisfied
    /// condition: cuda>=12.8`) by the letter of the image; liftgate does not.
    ///
    /// ## Example
    /// ```dockerfile,bad,driver=535.183.01
    /// FROM nvidia/cuda:12.8.2-base-ubuntu24.04
    /// ```
    ///
    /// Use instead: the driver's own version, or compile for the GPU that is there (`-arch=sm_86`), and not to PTX.
    /// ```dockerfile,good,driver=535.183.01
    /// FROM nvidia/cuda:12.2.2-base-ubuntu22.04
    /// ```
    ///
    /// ## Sources
    /// CUDA Compatibility, "Minor Version Compatibility"; SyneRBI/PETRIC2#27.
    MinorVersionLimits, "LG106", "minor-version-limits", Note, High
}

impl Rule for MinorVersionLimits {
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
        let Some(base) = build.cuda_base(stage) else {
            return;
        };
        let DriverVerdict::MinorVersion { driver_cuda, .. } = judge_driver(base.cuda, &driver, None) else {
            return;
        };
        let own = driver_cuda.map_or_else(String::new, |cuda| format!(", which has CUDA {cuda}"));
        let driver = driver.version().unwrap_or("of that version").to_owned();
        let sentence = format!("CUDA {} runs on driver {driver} by minor-version compatibility", base.cuda);
        let finding = context.report(&Self::META, stage.image_span, sentence);
        finding.because(format!("it is newer than the driver{own}"));
        finding.hint("compile for the GPU (`-arch=sm_…`), not to PTX alone, which fails there with error 222");
    }
}
