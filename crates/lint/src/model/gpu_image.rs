//! Whether an image is meant for GPUs of NVIDIA's, as far as its file says so.
//!
//! Packages that compute on the processor are right in an image for the processor, and many projects have a file for
//! each. So a rule about them asks here first: only what is built on an image with CUDA, or asks the runtime for GPUs, is
//! meant for them, and not where a stage says `cpu` in its name.

use super::build::{Build, Stage};
use super::cuda::CudaBase;
use super::environment::Certainty;
use liftgate_cuda::Cuda;

/// What a stage for GPUs is built on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GpuBase {
    /// `nvidia/cuda`
    Cuda(CudaBase),
    /// `pytorch/pytorch`, with what its tag says: `2.4.0-cuda12.1-cudnn9-runtime`.
    Torch {
        /// The release.
        release: Option<(u16, u16)>,
        /// The CUDA of its wheel.
        cuda: Option<Cuda>,
        /// How sure that is.
        certainty: Certainty,
    },
    /// `nvcr.io/nvidia/pytorch`: a build of PyTorch of NVIDIA's own.
    NgcTorch,
    /// Another image of NVIDIA's, RAPIDS's or `TensorFlow`'s with CUDA in it.
    Other,
    /// None of these, but the image asks the runtime for GPUs.
    Asked,
}

impl<'a> Build<'a> {
    /// What a stage is built on, if it is meant for GPUs.
    pub fn gpu_base(&self, stage: &Stage<'a>) -> Option<GpuBase> {
        if self.is_for_cpu(stage) {
            return None;
        }
        if let Some(base) = self.cuda_base(stage) {
            return Some(GpuBase::Cuda(base));
        }
        let Some((reference, certainty)) = self.base(stage) else {
            return self.asks_for_gpus(stage).then_some(GpuBase::Asked);
        };
        let tag = reference.tag_or_latest();
        match reference.repository.as_str() {
            "pytorch/pytorch" => {
                let cuda = tag.split('-').find_map(|word| Cuda::parse(word.strip_prefix("cuda")?));
                // Old tags and `latest` do not say it, but all of them have CUDA.
                let release = tag.split(['-', '_']).next().and_then(Cuda::parse).map(|release| (release.major, release.minor));
                Some(GpuBase::Torch { release, cuda, certainty })
            }
            "nvcr.io/nvidia/pytorch" => Some(GpuBase::NgcTorch),
            "tensorflow/tensorflow" if tag.contains("gpu") => Some(GpuBase::Other),
            name if name.starts_with("nvcr.io/nvidia/") || name.starts_with("rapidsai/") || name.starts_with("nvidia/cuda") => Some(GpuBase::Other),
            _ => self.asks_for_gpus(stage).then_some(GpuBase::Asked),
        }
    }

    /// The CUDA that an image has for programs to use, by its name: NVIDIA's, and others that say `cuda12.6` in their tags.
    pub fn image_cuda(&self, stage: &Stage<'a>) -> Option<Cuda> {
        if let Some(base) = self.cuda_base(stage) {
            return Some(base.cuda);
        }
        let (reference, _) = self.base(stage)?;
        if !reference.repository.starts_with("nvcr.io/nvidia/") || reference.repository.contains("pytorch") {
            return None;
        }
        reference.tag.as_deref()?.split('-').find_map(|word| Cuda::parse(word.strip_prefix("cuda")?))
    }

    /// Whether the stage, what it is built on, or the image's tag has `cpu` in its name.
    pub fn is_for_cpu(&self, stage: &Stage<'a>) -> bool {
        let has = |name: &str| name.split(|one: char| !one.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("cpu"));
        self.lineage(stage).any(|stage| stage.name.as_deref().is_some_and(has))
            || self.base(stage).is_some_and(|(reference, _)| has(&reference.repository) || reference.tag.as_deref().is_some_and(has))
    }

    fn asks_for_gpus(&self, stage: &Stage<'a>) -> bool {
        self.lineage(stage).any(|stage| stage.names_set_here("NVIDIA_VISIBLE_DEVICES"))
            && self
                .final_environment(stage, "NVIDIA_VISIBLE_DEVICES")
                .is_some_and(|value| !matches!(value.text.as_str(), "" | "void" | "none"))
    }
}
