//! Wheels: whether there is such a one, whether the driver runs its CUDA, and whether it has code for the GPU.

use super::answer::{Answer, Outcome};
use super::cuda::{driven, driver, label, unlisted};
use super::target::Target;
use crate::error::CliError;
use liftgate_cuda::code::Loading;
use liftgate_cuda::framework::{
    TensorFlow, TorchFlavour, TorchWheel, WheelJudgement, WheelPresence,
};
use liftgate_cuda::gpu::Gpu;
use liftgate_cuda::image::Reference;
use liftgate_cuda::{CudaError, DriverVerdict, Mark};

/// A wheel of PyTorch.
pub(super) fn torch(text: &str, images: &[String], target: &Target) -> Result<Answer, CliError> {
    let wheel = TorchWheel::parse(text).ok_or_else(|| CliError::Usage {
        sentence: format!("`{text}` is no version of PyTorch"),
        hint: "write --torch 2.4.1 or --torch 2.4+cu118".to_owned(),
    })?;
    let has_compat = has_compat(images);
    let judge = |gpu: Option<&Gpu>| wheel.judge(target.driver.as_ref(), gpu, has_compat);
    let brought = match (wheel.flavour, wheel.cuda()) {
        (TorchFlavour::Default, Some(cuda)) => Some(format!(
            "the wheel on PyPI brings CUDA {cuda}; the CUDA of the image does not matter"
        )),
        (_, Some(cuda)) => Some(format!(
            "the wheel brings CUDA {cuda}; the CUDA of the image does not matter"
        )),
        _ => None,
    };
    Ok(framework(
        &wheel.to_string(),
        judge,
        brought.as_deref(),
        images,
        target,
        wheel.glibc(),
    ))
}

/// A release of TensorFlow.
pub(super) fn tensorflow(
    text: &str,
    images: &[String],
    target: &Target,
) -> Result<Answer, CliError> {
    let release = TensorFlow::parse(text).ok_or_else(|| CliError::Usage {
        sentence: format!("`{text}` is no version of TensorFlow"),
        hint: "write --tensorflow 2.15".to_owned(),
    })?;
    let has_compat = has_compat(images);
    let judge = |gpu: Option<&Gpu>| release.judge(target.driver.as_ref(), gpu, has_compat);
    let brought = release.cuda().zip(release.cudnn()).map(|(cuda, cudnn)| match release.has_cuda_extra() {
        Some(true) => format!("tensorflow[and-cuda] brings CUDA {cuda} and cuDNN {cudnn}; without the extra the image has to have them"),
        _ => format!("it needs CUDA {cuda} and cuDNN {cudnn} in the image"),
    });
    Ok(framework(
        &release.to_string(),
        judge,
        brought.as_deref(),
        images,
        target,
        (2, 17),
    ))
}

/// Whether the image below has newer libraries than the driver's: `nvidia/cuda` does.
fn has_compat(images: &[String]) -> bool {
    !images.is_empty() && images.iter().all(|image| Reference::parse(image).is_some())
}

fn framework(
    subject: &str,
    judge: impl Fn(Option<&Gpu>) -> WheelJudgement,
    brought: Option<&str>,
    images: &[String],
    target: &Target,
    glibc: (u16, u16),
) -> Answer {
    let answers = target.each_gpu().into_iter().map(|gpu| {
        let judgement = judge(gpu);
        let mut answer = Answer::about(subject);
        answer.is_known_by(if gpu.is_some() {
            judgement.mark
        } else {
            Mark::Verified
        });
        if images.iter().any(|image| image.contains("alpine")) {
            answer.becomes(
                Outcome::DoesNotRun,
                "cannot be installed: there is no wheel for Alpine's musl",
            );
            answer.because(format!("its wheels need glibc {}.{}", glibc.0, glibc.1));
            answer.hint("use an image with glibc: python:3.12-slim");
            return (label(gpu), answer);
        }
        presence(&judgement.presence, &mut answer);
        if answer.outcome == Outcome::DoesNotRun {
            return (label(gpu), answer);
        }
        if let Some(brought) = brought {
            answer.because(brought);
        }
        driven(target.driver.as_ref(), gpu, &mut answer);
        if let Some(cuda) = judgement.cuda {
            driver(
                cuda,
                target.driver.as_ref(),
                judgement.driver.as_ref(),
                &mut answer,
            );
        }
        code(&judgement, gpu, &mut answer);
        (label(gpu), answer)
    });
    Answer::of_each(answers.collect()).unwrap_or_else(|| Answer::about(subject))
}

fn presence(presence: &WheelPresence, answer: &mut Answer) {
    match presence {
        WheelPresence::Exists => {}
        WheelPresence::NoSuchFlavour { flavours } => {
            let names: Vec<String> = flavours
                .iter()
                .map(|cuda| format!("cu{}{}", cuda.major, cuda.minor))
                .collect();
            answer.becomes(
                Outcome::DoesNotRun,
                "cannot be installed: there is no such wheel",
            );
            answer.because(format!("this release has wheels for {}", names.join(", ")));
        }
        WheelPresence::UnknownRelease => {
            answer.becomes(
                Outcome::Perhaps,
                "cannot be judged: the release is not known",
            );
        }
        WheelPresence::NoCuda => {
            answer.becomes(
                Outcome::DoesNotRun,
                "runs on no NVIDIA GPU: it is not made with CUDA",
            );
            answer.hint("leave the flavour out, or name one: --torch 2.4+cu121");
        }
    }
}

/// How the code gets onto the GPU.
fn code(judgement: &WheelJudgement, gpu: Option<&Gpu>, answer: &mut Answer) {
    let Some((gpu, loading)) = gpu.zip(judgement.code) else {
        return;
    };
    // Code that would run does not matter any more.
    if answer.outcome == Outcome::DoesNotRun && loading != Loading::No {
        return;
    }
    match loading {
        Loading::Native(target) => answer.because(format!("its code for {target} runs on {gpu}")),
        Loading::Jit(target)
            if matches!(judgement.driver, Some(DriverVerdict::MinorVersion { .. })) =>
        {
            answer.fails(CudaError::of(222).unwrap_or_else(unlisted), format!("for {gpu} it has only {target}, which a driver of an older CUDA version cannot compile"));
            answer.hint(
                "use a driver that has this CUDA version fully, or a wheel with code for this GPU",
            );
        }
        Loading::Jit(target) => answer.because(format!(
            "for {gpu} it has only {target}, which the driver compiles at the first start: minutes"
        )),
        Loading::No => {
            answer.fails(
                CudaError::of(209).unwrap_or_else(unlisted),
                format!("it has no code for {gpu}"),
            );
            answer.hint("`liftgate compat --what-runs-here` with the same --driver and --gpu lists wheels that run");
        }
    }
}
