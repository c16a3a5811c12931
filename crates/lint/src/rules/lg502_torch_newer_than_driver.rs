use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{Build, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::TorchWheel;
use liftgate_cuda::{Cuda, Driver, DriverVerdict};
use liftgate_dockerfile::Span;

declare_rule! {
    /// the CUDA of the PyTorch wheel is too new for the driver
    ///
    /// ## What it does
    /// With a driver to compare with (`--driver`, `--here`), finds wheels of PyTorch, and images of PyTorch's, whose CUDA that driver does not run. A `torch` without
    /// version or index is the newest one for the Python that is there.
    ///
    /// ## Why
    /// A wheel brings its own CUDA: the image's does not matter, the driver does. PyTorch warns that the driver is too old, and goes on with the processor.
    ///
    /// ## Example
    /// ```dockerfile,bad,driver=550.54.14
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.12.0
    /// ```
    ///
    /// Use instead: a wheel of a CUDA that the driver runs; every driver from 525 on runs CUDA 12.
    /// ```dockerfile,good,driver=550.54.14
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.12.0 --index-url https://download.pytorch.org/whl/cu126
    /// ```
    ///
    /// ## Sources
    /// pytorch/pytorch, RELEASE.md; CUDA Compatibility, "Minor Version Compatibility".
    TorchNewerThanDriver, "LG502", "torch-newer-than-driver", Error, High
}

impl Rule for TorchNewerThanDriver {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Some(driver) = context.target.driver.clone() else {
            return;
        };
        let has_compat = build.cuda_base(stage).is_some();
        for (wheel, span, is_sure) in build.torch_wheels(stage) {
            judge(wheel, &driver, has_compat, span, is_sure, context);
        }
    }
}

fn judge(
    wheel: TorchWheel,
    driver: &Driver,
    has_compat: bool,
    span: Span,
    is_sure: bool,
    context: &mut Context<'_>,
) {
    let gpus = context.target.gpus.clone();
    let gpus: Vec<_> = if gpus.is_empty() {
        vec![None]
    } else {
        gpus.into_iter().map(Some).collect()
    };
    let refused = gpus.iter().find_map(|gpu| {
        match wheel.judge(Some(driver), gpu.as_ref(), has_compat).driver {
            Some(DriverVerdict::Refused { floor, .. }) => Some(floor),
            _ => None,
        }
    });
    let (Some(floor), Some(cuda)) = (refused, wheel.cuda()) else {
        return;
    };
    let finding = context.report(
        &TorchNewerThanDriver::META,
        span,
        format!("{wheel} brings CUDA {cuda}, which does not run on {driver}"),
    );
    if !is_sure {
        finding.at_most(Confidence::Medium);
    }
    finding.because(format!("it needs driver {floor} or newer; with this one PyTorch warns once and computes on the processor"));
    let fitting = TorchWheel::all()
        .map(|(wheel, _)| wheel)
        .filter(|other| other.release == wheel.release)
        .filter(|other| {
            !matches!(
                other.judge(Some(driver), None, has_compat).driver,
                Some(DriverVerdict::Refused { .. })
            )
        })
        .filter_map(|other| other.cuda())
        .max();
    finding.hint(match fitting {
        Some(Cuda { major, minor }) => format!("add `--index-url https://download.pytorch.org/whl/cu{major}{minor}`, or use a driver from {floor} on"),
        None => format!("use an older release, or a driver from {floor} on"),
    });
}
