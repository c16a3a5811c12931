use crate::context::Context;
use crate::model::Build;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::{Branch, EndOfLife};

declare_rule! {
    /// the driver's branch is no longer maintained
    ///
    /// ## What it does
    /// With a driver to compare with (`--driver`, `--here`), says that NVIDIA no longer maintains its branch. It says so once a file, of an image that
    /// needs that driver.
    ///
    /// ## Why
    /// A branch that has ended gets no more fixes, also none for security; and new images of CUDA ask for branches that are maintained.
    ///
    /// ## Example
    /// ```dockerfile,bad,driver=550.54.14,pedantic
    /// FROM nvidia/cuda:12.4.1-base-ubuntu22.04@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    /// ```
    ///
    /// Use instead: a driver of a branch that is maintained for long.
    /// ```dockerfile,good,driver=580.95.05,pedantic
    /// FROM nvidia/cuda:12.4.1-base-ubuntu22.04@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    /// ```
    ///
    /// ## Sources
    /// NVIDIA Data Center Drivers, "Supported Drivers and CUDA Toolkit Versions".
    DriverBranchEol, "LG110", "driver-branch-eol", Note, High, Pedantic
}

impl Rule for DriverBranchEol {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let version = context.target.driver.as_ref().and_then(|driver| driver.version());
        let number = version.and_then(|version| version.split('.').next()?.parse().ok());
        let Some(branch) = number.and_then(Branch::of) else { return };
        let Some(root) = build.last().map(|last| build.root(last)) else {
            return;
        };
        if build.cuda_from(root).is_none() {
            return;
        }
        let when = match branch.end {
            EndOfLife::Past => String::new(),
            EndOfLife::In(year, month) if context.target.month.is_some_and(|now| (year, month) < now) => format!(" since {year}-{month:02}"),
            EndOfLife::In(..) => return,
        };
        let finding = context.report(&Self::META, root.image_span, format!("the driver that this is for is of branch {}, which is not maintained{when}", branch.number));
        finding.because("it gets no more fixes, also none for security");
        finding.hint("install a driver of a branch that is maintained for long: 580, on Maxwell and newer");
    }
}
