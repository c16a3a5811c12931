//! Which release of `TensorFlow` a command installs, and which cuDNN is there for it.

use super::build::At;
use super::cuda::CudaBase;
use super::environment::Certainty;
use super::pip::{PipInstall, Requirement};
use liftgate_cuda::framework::TensorFlow;

/// A command that installs `TensorFlow` for GPUs.
#[derive(Debug, Clone, Copy)]
pub struct TensorFlowInstall<'b> {
    /// The number of the command.
    pub command: usize,
    /// All that is installed.
    pub pip: &'b PipInstall,
    /// `tensorflow`, `tensorflow[and-cuda]`
    pub requirement: &'b Requirement,
}

impl<'b> At<'b> {
    /// The commands of this step that install `TensorFlow`.
    pub fn tensorflow_installs(self) -> impl Iterator<Item = TensorFlowInstall<'b>> {
        self.step.pip.iter().flat_map(|(command, pip)| {
            let of_it = pip.requirements.iter().filter(|requirement| matches!(requirement.name.as_str(), "tensorflow" | "tensorflow-gpu"));
            of_it.map(|requirement| TensorFlowInstall {
                command: *command,
                pip,
                requirement,
            })
        })
    }

    /// The release that is pinned, or the newest one for the Python that is there.
    pub fn tensorflow_release(self, install: &TensorFlowInstall<'_>) -> Option<TensorFlow> {
        let requirement = install.requirement;
        if requirement.certainty == Certainty::Unknown || requirement.url.is_some() {
            return None;
        }
        if let Some(version) = requirement.public() {
            return TensorFlow::parse(version);
        }
        if !requirement.specifier.is_empty() {
            return None;
        }
        let release = match self.python(install.command)? {
            (3, 6) => (2, 6),
            (3, 7) => (2, 11),
            (3, 8) => (2, 13),
            (3, 9 | 10 | 11 | 12) => (2, 20),
            _ => return None,
        };
        Some(TensorFlow { release })
    }

    /// Whether cuDNN comes from elsewhere than the base image: packages, wheels, conda.
    pub fn brings_cudnn(self) -> bool {
        let brings = |name: &str| name.contains("cudnn") || name.contains("cudatoolkit") || name == "torch" || name == "pip:torch" || name.starts_with("pip:nvidia-") || name.contains("and-cuda");
        self.build.lineage(self.stage).any(|stage| {
            stage.packages().any(brings)
                || stage.steps.iter().any(|step| {
                    let text = step.instruction.span.of(self.build.file.text);
                    text.to_lowercase().contains("cudnn") || text.contains("and-cuda") || text.contains("onda ") || text.contains("--from=")
                })
        })
    }
}

impl CudaBase {
    /// The version of its cuDNN: the major number, and the minor one where it is known.
    pub fn cudnn(&self) -> Option<(u16, Option<u16>)> {
        let tag = self.tag.or(self.nearest)?;
        if let Some(version) = tag.cudnn_version() {
            let mut numbers = version.split('.').map(str::parse);
            return Some((numbers.next()?.ok()?, numbers.next().and_then(Result::ok)));
        }
        tag.cudnn_major().map(|major| (major, None))
    }
}

impl At<'_> {
    /// Whether another cuDNN than that of the base image comes in.
    pub fn brings_cudnn_beside(self, base: &CudaBase) -> bool {
        let text = |span: liftgate_dockerfile::Span| span.of(self.build.file.text);
        !base.has_cudnn
            || self.build.lineage(self.stage).any(|stage| {
                stage.packages().any(|name| name.contains("cudnn") || name.contains("cudatoolkit") || name == "pip:torch" || name.starts_with("pip:nvidia-") || name.starts_with("cuda-"))
                    || stage.steps.iter().any(|step| text(step.instruction.span).contains("onda ") || text(step.instruction.span).contains("and-cuda"))
            })
    }
}
