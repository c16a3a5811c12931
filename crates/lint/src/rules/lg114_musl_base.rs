use crate::context::Context;
use crate::finding::Severity;
use crate::model::{Build, Stage};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// an image on Alpine for something that needs a GPU
    ///
    /// ## What it does
    /// Finds stages on Alpine whose Dockerfile asks for GPUs (`NVIDIA_VISIBLE_DEVICES`, `NVIDIA_DRIVER_CAPABILITIES`), or that install CUDA's wheels
    /// or packages.
    ///
    /// ## Why
    /// NVIDIA's driver and CUDA are built for glibc. Alpine has musl: its loader cannot load them, `nvidia-smi` is `not found` although the file
    /// is there, and pip finds no wheel of PyTorch.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-alpine
    /// ENV NVIDIA_VISIBLE_DEVICES=all
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=all
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-container-toolkit#1526, #270.
    MuslBase, "LG114", "musl-base", Error, Medium
}

/// Packages whose wheels are for glibc alone.
const WHEELS: &[&str] = &["pip:torch", "pip:tensorflow", "pip:tensorflow-gpu", "pip:onnxruntime-gpu", "pip:vllm", "pip:xformers"];

impl Rule for MuslBase {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Some((reference, _)) = build.base(stage) else {
            return;
        };
        let is_alpine = reference.repository == "alpine" || reference.tag_or_latest().split('-').any(|part| part.starts_with("alpine"));
        if !is_alpine || stage.packages().any(|package| matches!(package, "gcompat" | "libc6-compat")) {
            return;
        }
        let variable = ["NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"]
            .into_iter()
            .find(|name| {
                // What the base image has set is not this author's wish; `void` and `none` are for no GPU.
                let value = build.final_environment(stage, name).filter(|value| value.span.is_some());
                value.is_some_and(|value| !matches!(value.text.as_str(), "" | "void" | "none"))
            });
        let wheel = WHEELS.iter().find(|wheel| stage.installs(wheel).is_some());
        let reason = match (variable, wheel) {
            (Some(variable), _) => format!("`{variable}` says that it is to have GPUs"),
            (None, Some(wheel)) => format!("it installs `{}`, whose wheels are for glibc", wheel.trim_start_matches("pip:")),
            (None, None) => return,
        };
        let span = build.root(stage).image_span;
        let finding = context.report(&Self::META, span, "Alpine has musl, and NVIDIA's driver and CUDA need glibc");
        finding.because(reason);
        if wheel.is_none() {
            // A program that is linked statically, or brings a C library of its own, may be what runs.
            finding.severity(Severity::Warning);
        }
        finding.hint("use an image on Debian or Ubuntu (`-slim` ones are small, too)");
    }
}
