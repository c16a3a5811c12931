use crate::context::Context;
use crate::finding::{Confidence, Fix};
use crate::model::{At, Certainty, GpuBase};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::python_package;
use liftgate_cuda::image::Flavour;

declare_rule! {
    /// `onnxruntime-gpu` does not find its CUDA or its cuDNN in this image
    ///
    /// ## What it does
    /// Compares the CUDA and cuDNN of NVIDIA's image with those that the release of `onnxruntime-gpu` needs. One without version is the newest for the Python that is there.
    ///
    /// ## Why
    /// The wheel brings no CUDA libraries. It says `Failed to create CUDAExecutionProvider`, or `libcublasLt.so.12: cannot open shared object file`, and computes on the
    /// processor.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install onnxruntime-gpu==1.20.1
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install onnxruntime-gpu==1.20.1
    /// ```
    ///
    /// or, from 1.22 on, let it bring its own:
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install onnxruntime-gpu==1.22.0
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install onnxruntime-gpu[cuda,cudnn]==1.22.0
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a gigabyte more is installed.
    ///
    /// ## Sources
    /// ONNX Runtime, "CUDA Execution Provider, Requirements"; microsoft/onnxruntime#22968, microsoft/onnxruntime#21264.
    OnnxruntimeGpuWithoutLibraries, "LG517", "onnxruntime-gpu-without-libraries", Warning, High
}

impl Rule for OnnxruntimeGpuWithoutLibraries {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for (number, pip) in &at.step.pip {
            for requirement in pip.requirements.iter().filter(|requirement| requirement.name == "onnxruntime-gpu") {
                let Some(GpuBase::Cuda(base)) = at.build.gpu_base(at.stage) else {
                    return;
                };
                if requirement.certainty == Certainty::Unknown || requirement.url.is_some() || !requirement.extras.is_empty() || at.is_conditional(*number) || pip.is_elsewhere {
                    continue;
                }
                // Builds for another CUDA come from other indices; libraries come in wheels and packages.
                if pip.index.is_some() || !pip.extra_indices.is_empty() && !pip.requirements.iter().any(|other| other.name == "torch") || brings(at) {
                    continue;
                }
                let version = match requirement.public() {
                    Some(version) => Some(version),
                    None if requirement.specifier.is_empty() => newest_for(at.python(*number)),
                    None => None,
                };
                let needs = version.and_then(|version| python_package("onnxruntime-gpu", Some(version)));
                // Every release needs cuDNN, and of `base` nothing is there.
                let lack = match needs {
                    Some(needs) if needs.cuda_major != base.cuda.major => format!("CUDA {}, and the image has {}", needs.cuda_major, base.cuda),
                    _ if !base.has_cudnn && base.flavour == Some(Flavour::Base) => "cuBLAS and cuDNN, and a `base` image has neither".to_owned(),
                    _ if !base.has_cudnn => "cuDNN, and this image has none".to_owned(),
                    Some(needs) => match (needs.cudnn_major, base.cudnn()) {
                        (Some(wants), Some((has, _))) if wants != has => format!("cuDNN {wants}, and the image has cuDNN {has}"),
                        _ => continue,
                    },
                    None => continue,
                };
                let shown = version.map_or_else(String::new, |version| format!(" {version}"));
                let finding = context.report(&Self::META, requirement.span, format!("`onnxruntime-gpu`{shown} needs {lack}"));
                if requirement.public().is_none() || base.certainty != Certainty::Written || at.build.stages.len() > 1 {
                    finding.at_most(Confidence::Medium);
                }
                at.blame_base(finding);
                finding.because("it says that it cannot create the CUDAExecutionProvider, and computes on the processor");
                match needs.filter(|needs| !needs.extras.is_empty()) {
                    Some(needs) => {
                        finding.hint(format!("install `onnxruntime-gpu[{}]`, which brings them along", needs.extras));
                        let text = requirement.span.of(at.build.file.text);
                        if let Some(start) = text.find("onnxruntime-gpu") {
                            let end = requirement.span.start + start + "onnxruntime-gpu".len();
                            finding.fix(Fix::unsafe_("bring CUDA and cuDNN along").insert(end, format!("[{}]", needs.extras)));
                        }
                    }
                    None => {
                        finding.hint("build on the `cudnn` image of the CUDA version that this release needs");
                    }
                }
            }
        }
    }
}

/// The newest release for a Python.
fn newest_for(python: Option<(u16, u16)>) -> Option<&'static str> {
    match python? {
        (3, 8 | 9) => Some("1.19.2"),
        (3, 10) => Some("1.23.2"),
        (3, 11..=14) => Some("1.31.1"),
        _ => None,
    }
}

/// Whether CUDA's libraries or cuDNN come from elsewhere than the base image.
fn brings(at: At<'_>) -> bool {
    let is_library = |name: &str| name.contains("cudnn") || name.contains("cudatoolkit") || name.starts_with("pip:nvidia-") || name.starts_with("cuda-") || name == "cuda" || name.starts_with("libcublas") || name == "pip:tensorrt";
    at.build.lineage(at.stage).any(|stage| {
        stage.packages().any(is_library)
            || stage.steps.iter().any(|step| {
                let text = step.instruction.span.of(at.build.file.text);
                text.to_lowercase().contains("cudnn") || text.contains("onda ")
            })
    })
}
