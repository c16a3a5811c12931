//! The variables by which an image tells runtime and driver what it wants.

use super::build::{At, Build, Stage};
use super::environment::Value;
use liftgate_dockerfile::{Body, Kind, Pair};

/// The words of `NVIDIA_DRIVER_CAPABILITIES`, and what the container gets by each.
pub const CAPABILITIES: &[(&str, &str)] = &[
    ("compute", "CUDA and OpenCL"),
    ("utility", "`nvidia-smi` and NVML"),
    ("video", "the encoder and decoder of video"),
    ("graphics", "OpenGL, EGL and Vulkan"),
    ("display", "X11"),
    ("compat32", "32-bit libraries"),
    ("ngx", "NGX"),
];

impl<'b> At<'b> {
    /// The `ENV` pairs of this step.
    pub fn environment_pairs(&self) -> &'b [Pair] {
        match &self.step.instruction.body {
            Body::Pairs(pairs) if self.step.instruction.kind == Kind::Env => pairs,
            _ => &[],
        }
    }
}

impl<'a> Build<'a> {
    /// What the image of a stage asks of the driver's parts: `NVIDIA_DRIVER_CAPABILITIES`, written here or in the base image;
    /// `None` where it is not known.
    pub fn capabilities(&self, stage: &Stage<'a>) -> Option<Value> {
        self.final_environment(stage, "NVIDIA_DRIVER_CAPABILITIES")
            .filter(|value| value.certainty != super::Certainty::Unknown)
    }

    /// Whether the image that is built last asks for a capability; `None`: it does not say.
    pub fn asks_for(&self, stage: &Stage<'a>, capability: &str) -> Option<bool> {
        let value = self.capabilities(stage)?;
        Some(
            value
                .text
                .split(',')
                .any(|word| matches!(word.trim(), word if word == capability || word == "all")),
        )
    }
}

/// Whether a variable is a requirement: those of `JetPack` say what is mounted, and are none.
pub fn is_requirement(name: &str) -> bool {
    name.starts_with("NVIDIA_REQUIRE_") && !name.starts_with("NVIDIA_REQUIRE_JETPACK")
}
