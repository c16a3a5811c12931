use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{Build, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::Mark;
use liftgate_cuda::code::Loading;
use liftgate_cuda::framework::TorchWheel;
use liftgate_dockerfile::Span;

declare_rule! {
    /// the PyTorch wheel has no code for the GPU
    ///
    /// ## What it does
    /// With GPUs to compare with, finds wheels of PyTorch, and images of PyTorch's, that have neither machine code nor PTX for one of them.
    ///
    /// ## Why
    /// `torch.cuda.is_available()` is `True`, and the first kernel fails with error 209, `no kernel image is available for execution on the device`.
    ///
    /// ## Example
    /// ```dockerfile,bad,gpu=RTX 5090
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.6.0
    /// ```
    ///
    /// Use instead: Blackwell came with PyTorch 2.7 and its wheels for CUDA 12.8.
    /// ```dockerfile,good,gpu=RTX 5090
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.7.1 --index-url https://download.pytorch.org/whl/cu128
    /// ```
    ///
    /// The other way round, wheels for CUDA 12.8 and later leave out old GPUs:
    /// ```dockerfile,bad,gpu=GTX 1080
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.8.0
    /// ```
    ///
    /// ```dockerfile,good,gpu=GTX 1080
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.8.0 --index-url https://download.pytorch.org/whl/cu126
    /// ```
    ///
    /// ## Sources
    /// pytorch/pytorch, RELEASE.md and `build_cuda.sh`.
    TorchLacksGpu, "LG503", "torch-lacks-gpu", Error, High
}

impl Rule for TorchLacksGpu {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        if context.target.gpus.is_empty() {
            return;
        }
        for (wheel, span, is_sure) in build.torch_wheels(stage) {
            judge(wheel, span, is_sure, context);
        }
    }
}

fn judge(wheel: TorchWheel, span: Span, is_sure: bool, context: &mut Context<'_>) {
    for gpu in context.target.gpus.clone() {
        let judgement = wheel.judge(None, Some(&gpu), false);
        let Some(code) = wheel.code().filter(|_| judgement.code == Some(Loading::No)) else {
            continue;
        };
        let sm = gpu.capability.sm();
        let finding = context.report(
            &TorchLacksGpu::META,
            span,
            format!("{wheel} has no code for {gpu}, which is {sm}"),
        );
        if !is_sure || judgement.mark == Mark::Unverified {
            finding.at_most(Confidence::Medium);
        }
        let code: Vec<String> = code.iter().map(ToString::to_string).collect();
        finding.because(format!("it has {}", code.join(", ")));
        finding.because("the first kernel fails with error 209, no kernel image is available");
        let fitting: Vec<TorchWheel> = TorchWheel::all()
            .map(|(wheel, _)| wheel)
            .filter(|other| {
                matches!(
                    other.judge(None, Some(&gpu), false).code,
                    Some(Loading::Native(_))
                )
            })
            .collect();
        let same = fitting
            .iter()
            .copied()
            .rfind(|other| other.release == wheel.release);
        finding.hint(
            match (
                same,
                fitting
                    .into_iter()
                    .min_by_key(|other| (other.release < wheel.release, other.release))
                    .and_then(|other| Some((other, other.cuda()?))),
            ) {
                (Some(other), _) => format!("use `{}`", shown(other)),
                (None, Some((other, _))) => format!("use `{}` or a later release", shown(other)),
                (None, None) => "build PyTorch for it, with `TORCH_CUDA_ARCH_LIST`".to_owned(),
            },
        );
    }
}

fn shown(wheel: TorchWheel) -> String {
    let (major, minor) = wheel.release;
    let index = wheel.cuda().map_or_else(String::new, |cuda| {
        format!(
            " --index-url https://download.pytorch.org/whl/cu{}{}",
            cuda.major, cuda.minor
        )
    });
    format!("torch=={major}.{minor}.*{index}")
}
