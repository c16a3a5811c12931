use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{Build, CudaBase, Stage, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::Flavour;
use liftgate_dockerfile::{Body, Kind, Span};

declare_rule! {
    /// the image that runs lacks a library of CUDA that its programs need
    ///
    /// ## What it does
    /// Finds programs that are linked with cuBLAS, cuFFT, NCCL, cuDNN or another of CUDA's libraries in one stage and copied into an image without it; and
    /// `faster-whisper` and `ctranslate2` in CUDA images without cuDNN.
    ///
    /// ## Why
    /// The program does not start: `error while loading shared libraries: libcublas.so.12`. `ctranslate2` ends when it is first
    /// used: `Unable to load any of {libcudnn_ops.so.9…}`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -o /main main.cu -lcublas
    ///
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// COPY --from=build /main /usr/local/bin/main
    /// ```
    ///
    /// Use instead: `runtime`, which has CUDA's libraries; cuDNN is in `cudnn-runtime`.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -o /main main.cu -lcublas
    ///
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// COPY --from=build /main /usr/local/bin/main
    /// ```
    ///
    /// `onnxruntime-gpu` is the business of LG517.
    RuntimeLibraryMissing, "LG213", "runtime-library-missing", Error, Medium
}

/// Libraries of the flavour `runtime`, as the linker is told of them.
const RUNTIME: &[&str] = &[
    "cublas",
    "cublasLt",
    "cufft",
    "curand",
    "cusparse",
    "cusolver",
    "nppc",
    "nppig",
    "nppif",
    "nvjpeg",
    "nccl",
    "nvrtc",
    "nvJitLink",
    "cufile",
];

/// Packages of pip that load cuDNN.
const WITH_CUDNN: &[&str] = &["faster-whisper", "ctranslate2"];

impl Rule for RuntimeLibraryMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        if build.last().is_some_and(|last| last.index == stage.index) {
            copied(build, stage, context);
        }
        cudnn(build, stage, context);
    }
}

/// Programs that are copied from a stage that links them with what is not here.
fn copied(build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
    let base = build.cuda_base(stage).filter(|base| base.flavour.is_some());
    // A plain distribution has none of CUDA's libraries; of other images nothing is known.
    let is_plain = build.base(stage).is_some_and(|(reference, _)| {
        matches!(
            reference.repository.as_str(),
            "ubuntu" | "debian" | "rockylinux" | "almalinux"
        )
    });
    if base.is_none() && !is_plain || may_have_libraries(build, stage) {
        return;
    }
    let lacks = |library: &str| match &base {
        Some(base) if library == "cudnn" => !base.has_cudnn,
        Some(base) => RUNTIME.contains(&library) && base.flavour == Some(Flavour::Base),
        None => library == "cudart" || library == "cudnn" || RUNTIME.contains(&library),
    };
    let mut told = Vec::new();
    let mut seen = Vec::new();
    for at in build.steps_of(stage) {
        let flag = at
            .step
            .instruction
            .flag("from")
            .filter(|_| at.step.instruction.kind == Kind::Copy);
        let Some(from) = flag.and_then(|flag| flag.value.as_ref()) else {
            continue;
        };
        let Some(other) = build.stage_named(&from.value, stage.index) else {
            continue;
        };
        if seen.contains(&other.index) {
            continue;
        }
        seen.push(other.index);
        for (span, library) in linked(build, other) {
            if !lacks(&library) || told.contains(&library) {
                continue;
            }
            let finding = context.report(
                &RuntimeLibraryMissing::META,
                at.step.instruction.span,
                format!(
                    "what is copied here is linked with `{library}`, which this image does not have"
                ),
            );
            finding.related(span, "it is linked here");
            at.blame_base(finding);
            finding.because(format!("it does not start: `lib{library}.so` is not found"));
            finding.hint(match &base {
                Some(base) => format!("build on `{}`", runtime_of(base, library == "cudnn")),
                None => format!(
                    "build on `nvidia/cuda:…-{}runtime-…`, or link statically",
                    if library == "cudnn" { "cudnn-" } else { "" }
                ),
            });
            told.push(library);
        }
    }
}

/// The libraries that commands of a stage link, and where.
fn linked(build: &Build<'_>, stage: &Stage<'_>) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    for at in build.lineage(stage).flat_map(|stage| build.steps_of(stage)) {
        let commands = at
            .step
            .commands
            .iter()
            .filter(|_| at.step.instruction.kind == Kind::Run);
        for command in commands {
            let is_linker = matches!(
                command.program().and_then(Tool::of),
                Some(Tool::Nvcc | Tool::Compiler)
            );
            let is_static = command
                .arguments()
                .iter()
                .any(|word| word.value == "-static");
            if !is_linker || is_static {
                continue;
            }
            let libraries = command
                .arguments()
                .iter()
                .filter_map(|word| Some((word.span, word.value.strip_prefix("-l")?.to_owned())));
            found.extend(libraries.filter(|(_, name)| !name.ends_with("_static")));
        }
    }
    found
}

/// Whether a stage, or what it is built on, may get CUDA's libraries in some way.
fn may_have_libraries(build: &Build<'_>, stage: &Stage<'_>) -> bool {
    build.lineage(stage).any(|stage| {
        let is_package = |name: &str| {
            name.starts_with("cuda")
                || name.starts_with("libcu")
                || name.starts_with("libnccl")
                || name.starts_with("pip:nvidia")
                || name.contains("cudnn")
                || name.starts_with("pip:torch")
                || name.contains('$')
        };
        stage.packages().any(is_package)
            || stage.steps.iter().any(|step| {
                let copies = match &step.instruction.body {
                    Body::Files { sources, .. } => sources.iter().any(|source| {
                        let source = source.value.as_str();
                        [".so", "lib", "cuda", "*", "$"]
                            .iter()
                            .any(|part| source.contains(part))
                            || source.ends_with('/')
                            || source == "."
                            || source == "/opt"
                            || source == "/usr"
                    }),
                    _ => false,
                };
                copies || step.opaque && step.instruction.kind == Kind::Run
            })
    })
}

/// What loads cuDNN, in a CUDA image without it.
fn cudnn(build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
    let Some(base) = build
        .cuda_base(stage)
        .filter(|base| !base.has_cudnn && base.flavour.is_some())
    else {
        return;
    };
    if !build.is_shipped(stage) || may_have_cudnn(build, stage) {
        return;
    }
    for at in build.steps_of(stage) {
        let requirements = at
            .step
            .pip
            .iter()
            .flat_map(|(_, install)| &install.requirements);
        let found = requirements.into_iter().find(|requirement| {
            WITH_CUDNN.contains(&requirement.name.as_str()) && requirement.extras.is_empty()
        });
        let Some(requirement) = found else { continue };
        let finding = context.report(
            &RuntimeLibraryMissing::META,
            requirement.span,
            format!(
                "`{}` needs cuDNN, which this image does not have",
                requirement.name
            ),
        );
        finding
            .severity(Severity::Warning)
            .at_most(Confidence::Medium);
        at.blame_base(finding);
        finding.because("it ends when it is first used: `libcudnn_ops.so.9` is not found");
        finding.hint(format!(
            "build on `{}`, or install `nvidia-cudnn-cu{}`",
            runtime_of(&base, true),
            base.cuda.major
        ));
        return;
    }
}

/// Whether cuDNN may come in some way: as a package, with PyTorch or TensorFlow, with requirements that are not seen, as a copy.
fn may_have_cudnn(build: &Build<'_>, stage: &Stage<'_>) -> bool {
    build.lineage(stage).any(|stage| {
        stage.packages().any(|name| {
            name.contains("cudnn")
                || name.contains('$')
                || [
                    "pip:torch",
                    "pip:tensorflow",
                    "pip:vllm",
                    "pip:paddlepaddle-gpu",
                    "pip:tensorrt",
                ]
                .iter()
                .any(|start| name.starts_with(start))
        }) || stage.steps.iter().any(|step| {
            step.opaque && step.instruction.kind == Kind::Run
                || step.instruction.flag("from").is_some()
                || step.pip.iter().any(|(_, install)| {
                    !install.files.is_empty()
                        || install
                            .sources
                            .iter()
                            .any(|source| source.text.starts_with(['.', '/', '$']))
                })
                || step
                    .commands
                    .iter()
                    .flat_map(|command| &command.words)
                    .any(|word| word.value.to_lowercase().contains("cudnn"))
        })
    })
}

/// The image of the same CUDA that has the libraries.
fn runtime_of(base: &CudaBase, with_cudnn: bool) -> String {
    let os = base.os.map_or("…", |os| os.tag());
    let cudnn = if with_cudnn { "cudnn-" } else { "" };
    let version = base
        .nearest
        .map_or_else(|| base.cuda.to_string(), |tag| tag.release.to_string());
    format!("nvidia/cuda:{version}-{cudnn}runtime-{os}")
}
