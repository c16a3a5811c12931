use crate::context::Context;
use crate::finding::Confidence;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::{TorchFlavour, TorchWheel};
use liftgate_cuda::minor_version_floor;

declare_rule! {
    /// a PyTorch without version brings a newer CUDA than the image has, and needs a newer driver
    ///
    /// ## What it does
    /// Finds `pip install torch` without a version and without an index in an image of an older CUDA major version than the newest wheel brings.
    ///
    /// ## Why
    /// The wheel brings its own CUDA, and only the driver counts. The newest one is for CUDA 13 and needs driver 580, though an image of CUDA 12 says that 525 is enough. On
    /// a driver between them PyTorch warns once, and computes on the processor. And it changes with every build.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install torch
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install torch --index-url https://download.pytorch.org/whl/cu126
    /// ```
    ///
    /// ## Sources
    /// The requirements of torch on PyPI; CUDA Compatibility, "Minor Version Compatibility".
    OpenTorchRaisesDriver, "LG519", "open-torch-raises-driver", Warning, High
}

impl Rule for OpenTorchRaisesDriver {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for install in at.torch_installs() {
            if !install.is_open() || at.is_conditional(install.command) || install.pip.is_elsewhere || !install.pip.extra_indices.is_empty() {
                continue;
            }
            let (Some(_), Some(image)) = (at.build.gpu_base(at.stage), at.build.image_cuda(at.stage)) else {
                return;
            };
            // One that is there already stays.
            if at.installed(install.command, &["pip:torch", "pytorch", "pytorch-gpu"]) && !install.pip.upgrades || install.choice().is_none_or(|choice| choice.flavour != TorchFlavour::Default) {
                continue;
            }
            // Other packages of the command may ask for an older one.
            let bounds = |name: &str| matches!(name, "vllm" | "sglang" | "xformers" | "lmdeploy" | "tensorrt-llm" | "torchtext" | "fairseq" | "torchvision" | "torchaudio");
            let is_bound = install.pip.requirements.iter().any(|other| bounds(&other.name) && (!other.specifier.is_empty() || !other.name.starts_with("torch") || other.name == "torchtext"))
                || !install.pip.files.is_empty()
                || !install.pip.sources.is_empty();
            let newest = TorchWheel::all().filter(|(_, is_default)| *is_default).map(|(wheel, _)| wheel).max_by_key(|wheel| wheel.release);
            let python = at.python(install.command);
            let (Some(wheel), false) = (install.wheel().or(newest.filter(|_| python.is_none())), is_bound) else {
                continue;
            };
            let Some(cuda) = wheel.cuda().filter(|cuda| cuda.major > image.major) else {
                continue;
            };
            let finding = context.report(&Self::META, install.requirement.span, format!("`torch` without a version brings CUDA {cuda} into an image of CUDA {}", image));
            if python.is_none() {
                finding.at_most(Confidence::Low);
            }
            at.blame_base(finding);
            if let (Some(wheel), Some(own)) = (minor_version_floor(u32::from(cuda.major)), minor_version_floor(u32::from(image.major))) {
                finding.because(format!("it needs driver {wheel} or newer, where the image would do with {own}"));
            }
            finding.hint(if image.major == 12 {
                "name the index of the CUDA that is meant (`--index-url https://download.pytorch.org/whl/cu126`), or pin a version"
            } else {
                "name the index of the CUDA that is meant, `--index-url https://download.pytorch.org/whl/cu118`, or pin a version"
            });
        }
    }
}
