use crate::context::Context;
use crate::finding::Severity;
use crate::model::{At, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::shell::{Connector, ShellCommand};
use liftgate_dockerfile::{Body, Kind, Span};

declare_rule! {
    /// a step of the build asks for a GPU
    ///
    /// ## What it does
    /// Finds `RUN` steps that run `nvidia-smi`, assert that CUDA is there, or compile for the GPU of the machine that builds (`-arch=native`,
    /// `CMAKE_CUDA_ARCHITECTURES=native`).
    ///
    /// ## Why
    /// There is no GPU and no driver while an image is built: `BuildKit` knows nothing of the engine's default runtime, and `--gpus` is for `docker run`. So
    /// `nvidia-smi` is not found, `torch.cuda.is_available()` is false, and what is compiled for the GPU at hand is compiled for none in particular.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN nvidia-smi
    /// ```
    ///
    /// Use instead: ask when the container runs.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// HEALTHCHECK CMD nvidia-smi
    /// ```
    ///
    /// or give the step the GPU, where the builder has one (`BuildKit` 0.20, with CDI and the entitlement `device`):
    /// ```dockerfile,good
    /// # syntax=docker/dockerfile:1-labs
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN --device=nvidia.com/gpu=all nvidia-smi
    /// ```
    ///
    /// ## Sources
    /// moby/buildkit#1436, docker/compose#9681, NVIDIA/nvidia-container-toolkit#351.
    GpuAtBuild, "LG206", "gpu-at-build", Error, High
}

/// Programs that need the driver.
const PROGRAMS: &[&str] = &[
    "nvidia-smi",
    "nvidia-debugdump",
    "deviceQuery",
    "bandwidthTest",
    "p2pBandwidthLatencyTest",
    "dcgmi",
];

/// What asks Python whether there is a GPU.
const QUESTIONS: &[&str] = &[
    "cuda.is_available()",
    "is_built_with_cuda() and",
    "list_physical_devices('GPU')",
    "list_physical_devices(\"GPU\")",
    "cuda.device_count()",
];

impl Rule for GpuAtBuild {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let Body::Pairs(pairs) = &at.step.instruction.body else {
            return;
        };
        if at.step.instruction.kind != Kind::Env {
            return;
        }
        for pair in pairs {
            let is_native = matches!(
                (pair.name.value.as_str(), pair.value.value.as_str()),
                ("CUDAARCHS" | "CMAKE_CUDA_ARCHITECTURES", "native")
                    | ("CUPY_NVCC_GENERATE_CODE", "current")
            );
            if is_native {
                native(context, pair.span, &pair.value.value);
            }
        }
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let instruction = at.step.instruction;
        if instruction.kind != Kind::Run
            || instruction.flag("device").is_some()
            || command.conditional
        {
            return;
        }
        for word in &command.words {
            let value = word.value.as_str();
            let is_native = match value.strip_prefix("-D") {
                Some(definition) => {
                    let (name, value) = definition.split_once('=').unwrap_or((definition, ""));
                    name.split(':').next() == Some("CMAKE_CUDA_ARCHITECTURES") && value == "native"
                }
                None => {
                    command.program().and_then(Tool::of) == Some(Tool::Nvcc)
                        && matches!(
                            value,
                            "-arch=native" | "--gpu-architecture=native" | "-arch=all-major-native"
                        )
                }
            };
            if is_native {
                native(context, word.span, "native");
            }
        }
        let Some(program) = command.program() else {
            return;
        };
        let word = command.words.get(command.place().unwrap_or(0));
        if PROGRAMS.contains(&program) {
            // A program of that name may have been built or copied for the sake of a test.
            let is_own = word
                .is_some_and(|word| word.value.contains('/') && !word.value.starts_with("/usr/"));
            if is_own && program == "nvidia-smi" {
                return;
            }
            let is_help = command
                .arguments()
                .iter()
                .any(|word| matches!(word.value.as_str(), "--help" | "-h" | "--version"));
            if program != "nvidia-smi" && is_help {
                return;
            }
            let span = word.map_or(command.span, |word| word.span);
            report(
                &at,
                command,
                context,
                span,
                &format!("`{program}` runs while the image is built, and there is no driver then"),
            );
        } else if matches!(Tool::of(program), Some(Tool::Python)) {
            let asserts = |text: &str| {
                text.contains("assert ") && QUESTIONS.iter().any(|question| text.contains(question))
            };
            if let Some(word) = command.arguments().iter().find(|word| asserts(&word.value)) {
                report(
                    &at,
                    command,
                    context,
                    word.span,
                    "this asserts that there is a GPU while the image is built",
                );
            }
        }
    }
}

fn report(
    at: &At<'_>,
    command: &ShellCommand,
    context: &mut Context<'_>,
    span: Span,
    sentence: &str,
) {
    let number = at.number_of(command).unwrap_or_default();
    let next = at
        .step
        .commands
        .get(number + 1)
        .filter(|next| next.depth == command.depth);
    // With `|| true`, `;` or in a pipe it may fail without ending the build.
    let ends_build = command.depth == 0 && next.is_none_or(|next| next.connector == Connector::And);
    let finding = context.report(&GpuAtBuild::META, span, sentence);
    if ends_build {
        finding.because("the step fails, and the build with it");
    } else {
        finding
            .severity(Severity::Warning)
            .because("it fails, and what hangs on its answer goes wrong");
    }
    finding.hint("ask when the container starts, or give the step a GPU: `RUN --device=nvidia.com/gpu=all …` (BuildKit 0.20, CDI)");
}

fn native(context: &mut Context<'_>, span: Span, word: &str) {
    let finding = context.report(
        &GpuAtBuild::META,
        span,
        format!("`{word}` means the GPU of the machine that builds, and a build sees none"),
    );
    finding.severity(Severity::Warning);
    finding.because("the compiler takes its default then: an old architecture, and PTX that is compiled when the program starts");
    finding.hint("name the architectures: `80;86;89;90`, or `-arch=sm_90`");
}
