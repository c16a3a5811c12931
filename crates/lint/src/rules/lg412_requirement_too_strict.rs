use crate::context::Context;
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::{Cuda, minor_version_floor};

declare_rule! {
    /// `NVIDIA_REQUIRE_CUDA` refuses drivers that can run the image
    ///
    /// ## What it does
    /// Finds `NVIDIA_REQUIRE_CUDA=cuda>=12.8` and the like: a minor version, and no other condition.
    ///
    /// ## Why
    /// The runtime compares it with the CUDA version that the driver was made with. From CUDA 11 on a driver runs programs of all later minor versions, too: those of 12.8
    /// from driver 525.60.13 on. With the requirement the container does not start there: `unsatisfied condition: cuda>=12.8`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_REQUIRE_CUDA="cuda>=12.8"
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_REQUIRE_CUDA="cuda>=12.0"
    /// ```
    ///
    /// ## Sources
    /// CUDA Compatibility, Minor Version Compatibility; SyneRBI/PETRIC2#27, NVIDIA/nvidia-container-toolkit#152.
    RequirementTooStrict, "LG412", "requirement-too-strict", Note, Medium
}

impl Rule for RequirementTooStrict {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            if pair.name.value != "NVIDIA_REQUIRE_CUDA" {
                continue;
            }
            let (text, certainty) = at.build.expanded(at.stage, at.index, &pair.value.value);
            if certainty == Certainty::Unknown {
                continue;
            }
            // Other conditions, behind a blank, are what lets older drivers in.
            let Some(wanted) = text.trim().strip_prefix("cuda>=").and_then(Cuda::parse) else {
                continue;
            };
            let Some(floor) =
                minor_version_floor(u32::from(wanted.major)).filter(|_| wanted.minor > 0)
            else {
                continue;
            };
            let finding = context.report(
                &Self::META,
                pair.value.span,
                format!("this refuses drivers from {floor} on that run programs of CUDA {wanted}"),
            );
            finding.because(format!("CUDA {}.x runs with every driver from {floor} on, as long as it needs none of the newer features", wanted.major));
            finding.hint(format!("write `cuda>={}.0`, unless the program compiles PTX of CUDA {wanted} when it starts", wanted.major));
        }
    }
}
